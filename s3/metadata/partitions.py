"""The key space cut into ranges by heat: hot ranges are split, cold neighbours are merged.

    before   [ ················ photos/2026/ ██████ ········ ]      one range takes all the load
    after    [ ········ ][ photos/2026/0 ██ ][ …/5 ██ ][ ··· ]      each could be served by another machine

S3 says that a prefix takes 3,500 writes and 5,500 reads a second, and more as it grows hot: this is how.
Invariant: the ranges cover every key once, in order. A range splits at the median of the keys that were
asked for lately, so that half of the *load* moves, not half of the keys. Heat halves every `HALF_LIFE_NS`;
a range that is split must cool to `COLD` of the limit before it is merged, or it would flap.
O(log ranges) a request. Source: Amazon S3 user guide, "Optimizing performance"; Warfield, FAST 2023.
Page: docs/s3/metadata.md
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from math import log
from random import Random
from statistics import median_low

from chapters.sim.clock import Clock, S, VirtualClock

RATE_MAX = 3_500.0  # requests a second that one range takes
COLD = 0.2  # two neighbours that together stay under this share of the limit are merged
HALF_LIFE_NS = 3 * S
LN_2 = log(2)
SAMPLES_MAX = 64  # keys asked for lately, of each range
RANGES_MAX = 1_024


@dataclass(slots=True)
class Range:
    """Keys from `start` up to the next range's; `heat` is requests a second, decaying."""

    start: bytes
    heat: float = 0.0
    since_ns: int = 0
    asked: int = 0  # requests ever, for the sampling
    samples: list[bytes] = field(default_factory=list)

    def cool(self, now_ns: int) -> float:
        """Let the heat decay to `now_ns` and return it."""
        self.heat *= 0.5 ** ((now_ns - self.since_ns) / HALF_LIFE_NS)
        self.since_ns = now_ns
        return self.heat


class Partitions:
    """The ranges, in order."""

    def __init__(
        self,
        *,
        clock: Clock,
        rng: Random,
        rate_max: float = RATE_MAX,
    ) -> None:
        self._clock = clock
        self._rng = rng
        self._rate_max = rate_max
        self.ranges = [Range(b"", since_ns=clock.now_ns())]
        self._starts = [b""]

    def find(self, key: bytes) -> Range:
        """Return the range that `key` is in."""
        return self.ranges[bisect_right(self._starts, key) - 1]

    def note(self, key: bytes) -> Range:
        """Count a request for `key`; return its range."""
        found = self.find(key)
        found.cool(self._clock.now_ns())
        # A constant load of r a second settles at a heat of r.
        found.heat += LN_2 / (HALF_LIFE_NS / S)
        found.asked += 1
        if len(found.samples) < SAMPLES_MAX:
            found.samples.append(key)
        else:
            found.samples[self._rng.randrange(SAMPLES_MAX)] = key
        return found

    def rebalance(self) -> int:
        """Split what is too hot and merge what is cold; return how many ranges that changed."""
        now_ns = self._clock.now_ns()
        for each in self.ranges:
            each.cool(now_ns)
        before = list(self._starts)
        self._split()
        self._merge()
        self._starts = [each.start for each in self.ranges]
        return len(set(before) ^ set(self._starts))

    def _split(self) -> None:
        kept: list[Range] = []
        for each in self.ranges:
            place = split_point(each)
            if each.heat <= self._rate_max or place is None or len(self.ranges) >= RANGES_MAX:
                kept.append(each)
                continue
            low = [key for key in each.samples if key < place]
            high = [key for key in each.samples if key >= place]
            kept.append(Range(each.start, each.heat / 2, each.since_ns, each.asked, low))
            kept.append(Range(place, each.heat / 2, each.since_ns, 0, high))
        self.ranges = kept

    def _merge(self) -> None:
        kept = self.ranges[:1]
        for each in self.ranges[1:]:
            if kept[-1].heat + each.heat < self._rate_max * COLD:
                kept[-1].heat += each.heat
                kept[-1].samples = (kept[-1].samples + each.samples)[-SAMPLES_MAX:]
            else:
                kept.append(each)
        self.ranges = kept


def split_point(hot: Range) -> bytes | None:
    """Return the key at which half of the recent requests lie on each side, or None.

    A single hot *key* cannot be split: its range stays as it is, and caching has to help.
    """
    if not hot.samples:
        return None
    middle = median_low(hot.samples)
    above = [key for key in hot.samples if key > middle]
    return middle if middle > min(hot.samples) else min(above, default=None)


def demo(*, seed: int = 7, per_second: int = 12_000, seconds: int = 20) -> None:
    """A burst of requests under one prefix: the ranges before, while and after it."""
    clock, rng = VirtualClock(), Random(seed)
    found = Partitions(clock=clock, rng=rng)
    print(f"{per_second:,} requests a second under photos/2026/; a range takes {RATE_MAX:,.0f}\n")
    print("  second   ranges   hottest range   refused")
    for second in range(seconds):
        refused = sum(_tenth_of_a_second(found, clock, rng, per_second) for _ in range(10))
        found.rebalance()
        hottest = max(each.heat for each in found.ranges)
        share = refused / per_second
        print(f"  {second + 1:6}   {len(found.ranges):6}   {hottest:11,.0f}/s   {share:7.0%}")
    clock.advance(120 * S)
    found.rebalance()
    print(f"\n  ranges after two quiet minutes: {len(found.ranges)}")


def _tenth_of_a_second(found: Partitions, clock: VirtualClock, rng: Random, per_second: int) -> int:
    """Let requests come in, each drawn one standing for ten; return how many were too many."""
    refused = 0
    for _ in range(per_second // 100):
        hot = found.note(b"photos/2026/%08x" % rng.getrandbits(32))
        hot.heat += 9 * LN_2 / (HALF_LIFE_NS / S)
        refused += 10 * (hot.heat > RATE_MAX)
    clock.advance(S // 10)
    return refused
