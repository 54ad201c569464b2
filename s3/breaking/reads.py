"""Reads that are behind, and a prefix that is too hot.

    eventual-cache   front ends with a cache, as before December 2020: the checker finds the stale read
    stale-listing    put, then list at another front end: with the cache, and without
    hot-prefix       one prefix takes all the load: before and after its range is split

Page: docs/s3/breaking.md
"""

from random import Random

from chapters.sim.clock import MS, S, VirtualClock
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Series, Verdict
from s3.consistency.histories import Recorded, record
from s3.metadata.partitions import HALF_LIFE_NS, LN_2, RATE_MAX, Partitions
from s3.scene.store import BUCKET, Store

EACH = 20  # requests that one request of the simulation stands for


def eventual_cache(*, operations: int = 160, ttl_ms: int = 500, seed: int = 7) -> Outcome:
    """Record what clients of two front ends saw, with a cache in each and without; judge both."""
    at_least(4, operations=operations)
    at_least(1, ttl_ms=ttl_ms)
    cached = record(seed, operations=operations, faults=0, cache_ns=ttl_ms * MS)
    strong = record(seed, operations=operations, faults=0)
    return Outcome(
        title=f"two front ends that remember answers for {ttl_ms} ms, then two that do not",
        verdicts=(
            Verdict(
                "with the cache, the checker finds a stale answer",
                bool(cached.verdict.counterexample),
                _seen(cached),
            ),
            Verdict(
                "without it, an order explains everything", strong.verdict.holds, _seen(strong)
            ),
        ),
        lines=tuple(cached.verdict.lines()[-8:]),
        next_commands=("kit run s3/consistency", "kit run linearizability"),
        replay=f"kit break s3 eventual-cache --operations {operations} --ttl-ms {ttl_ms} --seed {seed}",
    )


def _seen(recorded: Recorded) -> str:
    verdict = recorded.verdict
    what = str(verdict.culprit) if verdict.culprit else verdict.outcome.value
    return f"{len(recorded.history)} operations: {what}"


def stale_listing(*, rounds: int = 40, ttl_ms: int = 500, seed: int = 7) -> Outcome:
    """Put at one front end and list at the other, right after; count what the listing lacks."""
    at_least(1, rounds=rounds, ttl_ms=ttl_ms)
    cached, strong = _missed(seed, rounds, ttl_ms * MS), _missed(seed, rounds, 0)
    return Outcome(
        title=f"put here, list there, {rounds} times",
        verdicts=(
            Verdict("a listing shows every write before it", not strong, f"{strong} missed"),
            Verdict(
                "with a cache it does not",
                cached > 0,
                f"{cached} of {rounds} listings lack the object",
            ),
        ),
        lines=("before December 2020 programs had to be ready for this; many were not",),
        next_commands=("kit break s3 eventual-cache",),
        replay=f"kit break s3 stale-listing --rounds {rounds} --ttl-ms {ttl_ms} --seed {seed}",
    )


def _missed(seed: int, rounds: int, cache_ns: int) -> int:
    with Store(seed, replicas=3, fronts=2).with_bucket() as store:
        if cache_ns:
            store.remember(cache_ns)
        here, there, missed = store.client(0), store.client(1), 0
        for number in range(rounds):
            here.put(f"/{BUCKET}/{number:04}", b"new")
            listing = there.ask("GET", f"/{BUCKET}", query={"list-type": "2"})
            missed += f"<Key>{number:04}</Key>".encode() not in listing.body
            store.clock.advance(50 * MS)
    return missed


def hot_prefix(*, per_second: int = 14_000, seconds: int = 16, seed: int = 7) -> Outcome:
    """Send all requests under one prefix; let its range be split, second by second."""
    at_least(EACH * 10, per_second=per_second)
    at_least(4, seconds=seconds)
    refused, ranges = _pressed(per_second, seconds, seed)
    first, last = refused[0], refused[-1]
    return Outcome(
        title=f"{per_second:,} requests a second under one prefix; a range takes {RATE_MAX:,.0f}",
        verdicts=(
            Verdict(
                "one range refuses some of it",
                max(refused) > 0,
                f"up to {max(refused):.0%} refused",
            ),
            Verdict(
                "after the splits nothing is refused", last == 0, f"{last:.0%} in the last second"
            ),
            Verdict(
                "there are ranges enough, and not many more",
                per_second / RATE_MAX <= ranges[-1] <= 8 * per_second / RATE_MAX,
                f"{ranges[-1]} ranges",
            ),
        ),
        lines=(f"refused in the first second: {first:.0%}; a client that backs off gets through",),
        next_commands=("kit run s3/metadata/partitions",),
        replay=f"kit break s3 hot-prefix --per-second {per_second} --seconds {seconds} --seed {seed}",
        series=(
            Series("refused", "%", tuple((n + 1, share * 100) for n, share in enumerate(refused))),
            Series("ranges", "", tuple((n + 1, float(count)) for n, count in enumerate(ranges))),
        ),
    )


def _pressed(per_second: int, seconds: int, seed: int) -> tuple[list[float], list[int]]:
    """Return the share refused and the number of ranges, for each second."""
    clock, rng = VirtualClock(), Random(seed)
    found = Partitions(clock=clock, rng=rng)
    count = per_second // EACH
    refused, ranges = [], []
    for _ in range(seconds):
        over = 0
        for _ in range(count):
            hot = found.note(b"photos/2026/%08x" % rng.getrandbits(32))
            hot.heat += (EACH - 1) * LN_2 / (HALF_LIFE_NS / S)  # it stands for `EACH` of them
            over += hot.heat > RATE_MAX
            clock.advance(S // count)
        found.rebalance()
        refused.append(over / count)
        ranges.append(len(found.ranges))
    return refused, ranges
