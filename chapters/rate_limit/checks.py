"""What the exercises on rate limits check: tokens that drip, debts, and one number a client.

Page: docs/chapters/rate_limit.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.rate_limit.bucket import TokenBucket
from chapters.rate_limit.gcra import Gcra
from chapters.sim.clock import MS, VirtualClock


def takes(rate: float, burst: float, asked: list[list[float]]) -> JSON:
    """Take [count] after [wait_ms, count]; say whether each was let through."""
    clock = VirtualClock()
    bucket = TokenBucket(rate, burst, clock=clock)
    found: list[JSON] = []
    for wait_ms, count in asked:
        clock.advance(int(wait_ms) * MS)
        found.append(bucket.try_take(count))
    return found


def reserves(rate: float, burst: float, asked: list[list[float]]) -> JSON:
    """Reserve [count] after [wait_ms, count]; say how many milliseconds each has to wait."""
    clock = VirtualClock()
    bucket = TokenBucket(rate, burst, clock=clock)
    found: list[JSON] = []
    for wait_ms, count in asked:
        clock.advance(int(wait_ms) * MS)
        found.append(bucket.reserve(count) / MS)
    return found


def decides(rate: float, burst: float, waits_ms: list[int]) -> JSON:
    """Let a client ask after these waits; say what was decided, and what is expected then."""
    rule, now_ns, expected_ns = Gcra.of(rate, burst), 0, 0
    found: list[JSON] = []
    for wait_ms in waits_ms:
        now_ns += wait_ms * MS
        allowed, expected_ns = rule.decide(now_ns, expected_ns)
        found.append([allowed, expected_ns / MS, rule.retry_after_ns(now_ns, expected_ns) / MS])
    return found


def bursts(rng: Random) -> Iterator[Case]:
    for burst in (1, 3, 5):
        yield 10, burst, [[0, 1]] * (burst + 2)
    yield 10, 4, [[0, rng.randint(1, 4)], [0, 2], [0, 1]]


def drips(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        yield 10, 2, [[rng.choice([0, 50, 100, 150]), 1] for _ in range(14)]


def long_silence(rng: Random) -> Iterator[Case]:
    yield 10, 3, [[0, 3], [rng.randint(2_000, 90_000), 4], *[[0, 1]] * 5]


def debts(rng: Random) -> Iterator[Case]:
    yield 10, 1, [[0, 1]] * 5
    for _ in range(2):
        yield 20, 4, [[rng.choice([0, 0, 50, 200]), rng.randint(1, 5)] for _ in range(10)]


def steady(rng: Random) -> Iterator[Case]:
    yield 10, 1, [0, 100, 100, 99, 1, 100]
    yield 10, 1, [rng.randint(50, 150) for _ in range(12)]


def at_once(rng: Random) -> Iterator[Case]:
    for burst in (2, 5):
        yield 10, burst, [0] * (burst + 2) + [rng.choice([50, 100, 200])] * 4
    yield 10, 3, [0, 0, 0, 0, rng.randint(3_000, 9_000), 0, 0, 0, 0]


STAGES = {
    "token-bucket": [
        Stage("a full bucket, and then no more", bursts, takes),
        Stage("tokens drip in", drips, takes),
        Stage("never more than the burst", long_silence, takes),
        Stage("a reservation goes into debt, and waits for it", debts, reserves, needs=(1,)),
    ],
    "gcra": [
        Stage("one each interval", steady, decides),
        Stage("a burst, and what it costs", at_once, decides),
    ],
}
