"""Many rounds, each seed with its own weather; a failing one, as small as it gets.

Page: docs/exchange/standby.md
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random

from chapters.errors import UsageError
from chapters.sim import mistakes
from chapters.sim.chance import Chance
from chapters.sim.clock import MS
from chapters.sim.faults import Fault, Schedule, ddmin, storm
from chapters.sim.simulation import replay_command
from exchange.standby.primary import GIVER
from exchange.storm.broken import BROKEN
from exchange.storm.world import MACHINES, TRADERS, WEATHER_NS, Trial, World

FAULTS_MAX = 6  # episodes, besides the special ones
STRIKES_NS = WEATHER_NS * 3 // 4


@dataclass(frozen=True, slots=True)
class Round:
    """How a round went: what was wrong, orders acknowledged, epochs begun, and a fingerprint."""

    broken: tuple[str, ...]
    acknowledged: int
    epochs: int
    digest: str
    transcript: tuple[str, ...]


def trial(seed: int) -> Trial:
    """Return a seed's round: two machines or three, and its weather."""
    rng = Chance(seed).stream("weather")
    machines = rng.choice((2, 3))
    copies_min = rng.choice((1, machines - 1))
    return Trial(seed, weather(rng, MACHINES[:machines]), machines, copies_min)


def read(seed: int, schedule: str | None, machines: int, copies_min: int) -> Trial:
    """Return the trial that a command line describes. Raises `BadSchedule`, `UsageError`."""
    drawn = trial(seed)
    wanted = replace(
        drawn,
        schedule=drawn.schedule if schedule is None else Schedule.parse(schedule),
        machines=machines or drawn.machines,
        copies_min=copies_min or drawn.copies_min,
    )
    if wanted.machines < 2:
        raise UsageError(f"machines is {machines}; say 2 or 3, or leave it out for the seed's")
    if wanted.copies_min > wanted.machines:
        raise UsageError(
            f"copies is {copies_min}; say {wanted.machines} at most: a machine has one disk"
        )
    return wanted


def weather(rng: Random, machines: tuple[str, ...]) -> Schedule:
    """Return faults, each of which begins and ends in time."""
    struck, peers = (*machines, GIVER), TRADERS
    count = rng.randint(1, FAULTS_MAX)
    usual = storm(rng=rng, names=struck, peers=peers, until_ns=STRIKES_NS, faults=count)
    special = [each for each in _special(rng, machines) if rng.random() < 0.4]
    return Schedule.of([*usual, *(fault for each in special for fault in each)])


def _special(rng: Random, machines: tuple[str, ...]) -> list[list[Fault]]:
    """A disk burns, a sync fails, a clock jumps; a machine sleeps for a while; two hear nobody."""

    def at() -> int:
        return rng.randrange(200, STRIKES_NS // MS) * MS

    begun, one, other = at(), *rng.sample((*machines, GIVER), 2)
    asleep = rng.choice(machines)
    woken = Fault(begun + rng.randrange(100, 900) * MS, "resume", (asleep,))
    return [
        [Fault(at(), "burn", (rng.choice(machines),))],
        [Fault(at(), "fsync", (rng.choice((*machines, GIVER)),))],
        [
            Fault(
                at(), "step", (rng.choice((*machines, GIVER)), rng.choice(("+2s", "-2s", "-300ms")))
            )
        ],
        [Fault(begun, "pause", (asleep,)), woken],
        [Fault(begun, "cut", (one, other)), Fault(begun + 700 * MS, "heal", (one, other))],
        [Fault(begun, "kill", (machines[0],)), Fault(begun + 40 * MS, "restart", (machines[0],))],
    ]


def played(tried: Trial, mistake: str = "") -> Round:
    """Let a round pass, with the machines as they are, or with one of the mistakes of `broken`."""
    with mistakes.making(mistake, BROKEN):
        world = World(tried)
        broken = world.run()
    simulation = world.simulation
    return Round(
        tuple(broken), len(world.watch.acknowledged), len(world.firsts), simulation.digest(),
        tuple(simulation.transcript),
    )  # fmt: skip


def first_broken(seeds: Iterable[int], mistake: str = "") -> tuple[int, Round] | None:
    """Return the first seed whose round goes wrong, with how it went; None if all hold."""
    return mistakes.first_broken(seeds, lambda seed: played(trial(seed), mistake))


def smallest(tried: Trial, mistake: str = "") -> Trial:
    """Return the trial with the fewest faults that still goes wrong."""

    def part(faults: Iterable[Fault]) -> Trial:
        return replace(tried, schedule=Schedule.of(list(faults)))

    return part(ddmin(list(tried.schedule), lambda some: bool(played(part(some), mistake).broken)))


def command(tried: Trial, mistake: str = "") -> str:
    """Return the one command that shows this round again."""
    more = {"mistake": mistake} if mistake else {}
    return replay_command(
        "kit exchange takeover", seed=tried.seed, schedule=tried.schedule,
        machines=tried.machines, copies=tried.copies_min, **more,
    )  # fmt: skip
