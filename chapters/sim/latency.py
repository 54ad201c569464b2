"""How long things take, as a distribution to draw from: `latency(rng) -> nanoseconds`.

A latency is any callable that takes a generator and returns an integer; these four are the ones
worth having. Real networks and disks have long tails, so `LogNormal` is the honest default.
Page: docs/chapters/sim.md
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

Latency = Callable[[random.Random], int]

_Z_P99 = 2.3263  # the standard normal's 99th percentile


@dataclass(frozen=True, slots=True)
class Constant:
    """Always the same."""

    value_ns: int

    def __call__(self, rng: random.Random) -> int:
        return self.value_ns


@dataclass(frozen=True, slots=True)
class Uniform:
    """Anything from `low_ns` to `high_ns`, both included."""

    low_ns: int
    high_ns: int

    def __call__(self, rng: random.Random) -> int:
        return rng.randint(self.low_ns, self.high_ns)


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Half below `median_ns`, one in a hundred above `p99_ns`: the shape of measured latencies."""

    median_ns: int
    p99_ns: int

    def __call__(self, rng: random.Random) -> int:
        sigma = math.log(self.p99_ns / self.median_ns) / _Z_P99
        return round(self.median_ns * math.exp(rng.gauss(0.0, sigma)))


@dataclass(frozen=True, slots=True)
class Sometimes:
    """`rare` with the given probability, `usual` otherwise: a disk that stalls now and then."""

    usual: Latency
    rare: Latency
    probability: float

    def __call__(self, rng: random.Random) -> int:
        return (self.rare if rng.random() < self.probability else self.usual)(rng)
