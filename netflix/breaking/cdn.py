"""Edges that die, rot and are stormed; addresses whose clocks are off. All in virtual time.

Page: docs/netflix/breaking.md
"""

from dataclasses import dataclass, field

from chapters.cache.s3fifo import S3Fifo
from chapters.sim.chance import Chance
from chapters.sim.clock import MS, S, VirtualClock
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Verdict
from netflix.cdn.body import Body
from netflix.cdn.edge import Answer, Edge
from netflix.cdn.signing import SKEW_S, Signer
from netflix.cdn.steering import DEAD_AFTER_S, EdgeState, rank
from netflix.errors import Refused

CAPACITY_BYTES = 64 * 1024 * 1024
SEGMENT = Body.of(b"two seconds of film" * 8_000)
TRIP_MS = 60  # from an edge to the origin and back
SECRET = b"the secret of a fault"


def _edge(name: str = "edge-1") -> Edge:
    return Edge(name, lambda on_evict: S3Fifo(CAPACITY_BYTES, on_evict))


@dataclass(slots=True)
class _Crowd:
    """Viewers who ask one edge; what they were told, and what the edge asked the origin for."""

    clock: VirtualClock
    edge: Edge
    together: bool = True  # whether the edge lets who asks for the same wait for one fetch
    answers: list[Answer] = field(default_factory=list)
    fetches: int = 0

    def ask(self, path: str) -> None:
        """Ask now; what must be fetched arrives a round trip later."""
        is_here = self.edge.holds(path)
        if self.edge.ask(path, self.answers.append) or not (self.together or is_here):
            self.fetches += 1
            self.clock.call_later(TRIP_MS * MS, lambda: self.edge.arrived(path, SEGMENT))


def flash_crowd(*, seed: int = 7, viewers: int = 1_000, coalescing: bool = True) -> Outcome:
    """Let everybody ask for a new episode's first segment within a second."""
    at_least(1, viewers=viewers)
    rng, clock = Chance(seed).stream("crowd"), VirtualClock()
    crowd = _Crowd(clock, _edge(), together=coalescing)
    for _ in range(viewers):
        clock.call_later(rng.randrange(S), lambda: crowd.ask("/new/v360/1.m4s"))
    clock.run()
    whole = sum(isinstance(each, Body) and each.is_whole for each in crowd.answers)
    flag = "" if coalescing else " --no-coalescing"
    return Outcome(
        title=f"{viewers:,} viewers ask for the same cold segment within a second",
        verdicts=(
            Verdict("everybody is answered, whole", whole == viewers, f"{whole:,} of {viewers:,}"),
            Verdict("the origin is asked once", crowd.fetches == 1, f"{crowd.fetches:,} fetches"),
        ),
        lines=(f"{crowd.edge.counters.joined:,} waited for somebody else's fetch",),
        next_commands=(
            "kit break netflix flash-crowd --no-coalescing",
            "kit start netflix/coalescing",
        ),
        replay=f"kit break netflix flash-crowd --viewers {viewers}{flag} --seed {seed}",
    )


def corrupt_segment(*, seed: int = 7, reads: int = 1_000, every: int = 50) -> Outcome:
    """Flip a bit of a cached segment now and then, and count what is sent."""
    at_least(1, reads=reads, every=every)
    rng, clock = Chance(seed).stream("rot"), VirtualClock()
    crowd, path = _Crowd(clock, _edge()), "/film/v360/1.m4s"
    flips = 0
    for number in range(reads):
        if number and rng.randrange(every) == 0:
            crowd.edge.damage(path)
            flips += 1
        crowd.ask(path)
        clock.run()
    wrong = sum(not (isinstance(each, Body) and each.is_whole) for each in crowd.answers)
    return Outcome(
        title=f"{flips} bits flip in an edge's cache during {reads:,} reads",
        verdicts=(
            Verdict(
                "no wrong byte is sent", not wrong, f"{wrong} of {len(crowd.answers):,} answers"
            ),
            Verdict(
                "each damaged copy is fetched again, once",
                crowd.edge.counters.mended == flips == crowd.fetches - 1,
                f"{crowd.edge.counters.mended} mended",
            ),
        ),
        lines=("an edge compares with the digest that the file had at the origin",),
        next_commands=("kit break netflix flash-crowd",),
        replay=f"kit break netflix corrupt-segment --reads {reads} --every {every} --seed {seed}",
    )


def stale_steering(*, seed: int = 7, viewers: int = 200, look_every_s: float = 1.0) -> Outcome:
    """Let the nearest edge die between two looks; count who is sent to it, and who finds another."""
    at_least(1, viewers=viewers)
    rng = Chance(seed).stream("viewers")
    died_s = 100.0
    found = wasted = 0
    late_s = 0.0
    for _ in range(viewers):
        now_s = died_s + rng.random() * 2 * DEAD_AFTER_S
        order = rank(
            _seen(died_s, now_s, look_every_s), "film", distance_ms=DISTANCE_MS, now_s=now_s
        )
        if order[0].name == "edge-1":
            wasted += 1
            late_s = max(late_s, now_s - died_s)
        found += any(edge.name != "edge-1" for edge in order)
    options = f"--viewers {viewers} --look-every-s {look_every_s:g}"
    return Outcome(
        title=f"the nearest edge dies, and {viewers} press play in the next {2 * DEAD_AFTER_S:g} s",
        verdicts=(
            Verdict(
                "everybody has a living edge in the list", found == viewers, f"{found} of {viewers}"
            ),
            Verdict(
                f"nobody is sent to the dead one after {DEAD_AFTER_S:g} s",
                late_s <= DEAD_AFTER_S,
                f"{wasted} were, the last after {late_s:.1f} s",
            ),
        ),
        lines=("who is sent to a dead edge loses one round trip, and asks the next in the list",),
        next_commands=("kit serve netflix", "kit start netflix/steering-rank"),
        replay=f"kit break netflix stale-steering {options} --seed {seed}",
    )


DISTANCE_MS = {"edge-1": 4.0, "edge-2": 11.0, "edge-3": 24.0}


def _seen(died_s: float, now_s: float, every_s: float) -> list[EdgeState]:
    """What the control plane knows at `now_s` of edges that it looks at so often."""
    last_look_s = now_s - now_s % every_s
    heard = dict.fromkeys(DISTANCE_MS, last_look_s)
    heard["edge-1"] = min(last_look_s, died_s - died_s % every_s)
    return [EdgeState(name, "", 0.1, heard_s) for name, heard_s in heard.items()]


def clock_skew(*, seed: int = 7, skew_s: float = 20.0, addresses: int = 1_000) -> Outcome:
    """Sign with one clock and check with another; good addresses pass, expired ones do not."""
    at_least(1, addresses=addresses)
    rng, signer = Chance(seed).stream("addresses"), Signer(SECRET)
    refused_good = passed_old = 0
    for _ in range(addresses):
        now_s, left_s = rng.randrange(10**6, 10**9), rng.randrange(1, 600)
        refused_good += not _passes(signer, now_s + left_s, now_s + skew_s)
        passed_old += _passes(signer, now_s - left_s - 2 * SKEW_S, now_s - skew_s)
    return Outcome(
        title=f"an edge's clock is {skew_s:g} s off, one way and the other",
        verdicts=(
            Verdict(
                "no good address is refused", not refused_good, f"{refused_good} of {addresses:,}"
            ),
            Verdict(
                "none a minute too old passes", not passed_old, f"{passed_old} of {addresses:,}"
            ),
        ),
        lines=(f"an address passes for {SKEW_S} s longer than it says, for clocks that differ",),
        next_commands=(
            "kit break netflix clock-skew --skew-s 120",
            "kit start netflix/signed-address",
        ),
        replay=f"kit break netflix clock-skew --skew-s {skew_s:g} --addresses {addresses} --seed {seed}",
    )


def _passes(signer: Signer, expires_s: int, now_s: float) -> bool:
    path = signer.sign("film", expires_s=expires_s) + "/v360/1.m4s"
    try:
        return bool(signer.check(path, now_s=now_s))
    except Refused:
        return False
