"""The weather that a group must survive: what the network does, what strikes, how hurried all are.

    FAIR     now and then a crash, a pause, a cut in one direction; messages lost and doubled
    ROUGH    partitions too, slow and lossy links, and timeouts so short that elections abound

Most mistakes in a consensus algorithm need an unlucky leader change, so rough weather is weather
with many of them. Invariant: each blow is followed by its mending; what is still wrong a second
later is the group's own fault. Page: docs/chapters/raft.md
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from random import Random

from chapters.raft.cluster import Cluster
from chapters.raft.limits import ELECTION_TIMEOUT_NS, HEARTBEAT_NS
from chapters.sim.chance import Chance
from chapters.sim.clock import MS, S
from chapters.sim.faults import Fault, Schedule, storm
from chapters.sim.latency import LogNormal
from chapters.sim.network import Link

CALM_NS = S  # some elections, even unlucky ones
PARTITION_NS_MAX = 600 * MS
BLINK_NS_MAX = 60 * MS


@dataclass(frozen=True, slots=True)
class Weather:
    """How a run is disturbed, and for how long."""

    link: Link
    storms: int  # crashes, kills, pauses, one-way cuts; of any length
    partitions: int  # into two groups that do not hear each other
    blinks: int  # a crash with a restart right behind: what was not on disk is forgotten
    election_timeout_ns: int = ELECTION_TIMEOUT_NS
    heartbeat_ns: int = HEARTBEAT_NS
    until_ns: int = 4 * S

    def lasting(self, until_ns: int) -> "Weather":
        """Return the same weather for another time, as many faults to the second."""
        return replace(
            self,
            until_ns=until_ns,
            storms=self.storms * until_ns // self.until_ns,
            partitions=self.partitions * until_ns // self.until_ns,
            blinks=self.blinks * until_ns // self.until_ns,
        )

    def schedule(self, seed: int, members: Sequence[str]) -> Schedule:
        """Return the faults of the run `seed`."""
        rng = Chance(seed).stream("weather")
        faults = list(storm(rng=rng, names=members, until_ns=self.until_ns, faults=self.storms))
        for _ in range(self.partitions if len(members) > 1 else 0):
            faults += partition(rng, members, self.until_ns)
        for _ in range(self.blinks):
            faults += blink(rng, members, self.until_ns)
        return Schedule.of(faults)


FAIR = Weather(Link(loss=0.03, duplication=0.05), storms=8, partitions=0, blinks=0)
ROUGH = Weather(
    Link(LogNormal(2 * MS, 40 * MS), loss=0.1, duplication=0.1),
    storms=6,
    partitions=8,
    blinks=12,
    election_timeout_ns=40 * MS,
    heartbeat_ns=15 * MS,
    until_ns=3 * S,
)


def partition(rng: Random, members: Sequence[str], until_ns: int) -> list[Fault]:
    """Cut the members into two groups, for a while."""
    start_ns, length_ns = _span(rng, until_ns, PARTITION_NS_MAX)
    group = set(rng.sample(members, rng.randrange(1, len(members))))
    pairs = [(a, b) for a, b in permutations(members, 2) if (a in group) != (b in group)]
    cuts = [Fault(start_ns, "cut", pair) for pair in pairs]
    return cuts + [Fault(start_ns + length_ns, "heal", pair) for pair in pairs]


def blink(rng: Random, members: Sequence[str], until_ns: int) -> list[Fault]:
    """Let a member lose power, and be back at once."""
    start_ns, length_ns = _span(rng, until_ns, BLINK_NS_MAX)
    name = (rng.choice(members),)
    return [Fault(start_ns, "crash", name), Fault(start_ns + length_ns, "restart", name)]


def _span(rng: Random, until_ns: int, length_ns_max: int) -> tuple[int, int]:
    length_ns = rng.randrange(1, length_ns_max // MS) * MS
    return rng.randrange(1, (until_ns - length_ns) // MS) * MS, length_ns


def survive(
    seed: int, *, count: int = 3, weather: Weather = FAIR, schedule: Schedule | None = None
) -> Cluster:
    """Run a group through its weather and three calm seconds; judge what is left.

    In the calm everything must come to rest: a leader, new writes acknowledged, all members equal.
    """
    cluster = Cluster(
        seed,
        count=count,
        link=weather.link,
        election_timeout_ns=weather.election_timeout_ns,
        heartbeat_ns=weather.heartbeat_ns,
    )
    cluster.simulation.apply(
        weather.schedule(seed, cluster.members) if schedule is None else schedule
    )
    cluster.run(weather.until_ns)
    for pair in permutations(cluster.simulation.processes.names(), 2):
        cluster.simulation.network.set_link(*pair, Link())
    cluster.run(weather.until_ns + 2 * CALM_NS)
    for client in cluster.clients:
        client.is_done = True
    cluster.run(weather.until_ns + 3 * CALM_NS)
    cluster.judge(calm_ns=weather.until_ns + CALM_NS)
    return cluster
