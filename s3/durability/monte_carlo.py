"""The same question asked without algebra: let many stripes live for a year, and count the lost ones.

Each disk has a life of its own, fails, is replaced, and fails again; nothing is weighted or rounded
up. So the answer has an interval, and below one loss in as many stripes it has nothing to say: no run
of ten thousand stripes can tell nine nines from nineteen. To compare with the chain, make disks so bad
that losses are common.

Invariant: the same seed gives the same count, whichever executor runs it: each chunk of stripes has its
own stream of luck. O(failures) a stripe, some 50 µs with very bad disks.
Page: docs/s3/durability.md
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from math import inf, sqrt
from random import Random

from chapters.batch import Executor
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from s3.durability.domains import BLIND, DOMAINS, Placement, Shock, place
from s3.durability.markov import HOURS_A_YEAR, Stripe

CHUNK_STRIPES = 10_000  # a tenth of a second with good disks, half a second with bad ones
Z_95 = 1.959964  # standard deviations that hold 95 % of a normal distribution


@dataclass(frozen=True, slots=True)
class Trial:
    """So many stripes of one kind, for one year; or one chunk of them, by its number."""

    stripe: Stripe
    stripes: int
    seed: int
    constant_repairs: bool = False  # else exponential, as in the chain
    shocks: tuple[Shock, ...] = ()
    placement: Placement = BLIND
    chunk: int = 0

    @property
    def key(self) -> str:
        """What tells this chunk from all others of a sweep; it names the chunk's luck too."""
        stripe, repairs = self.stripe, "constant" if self.constant_repairs else "random"
        disks = f"{stripe.name} afr {stripe.afr:g} repair {stripe.repair_hours:g} h {repairs}"
        return f"{disks} {self.placement.name} seed {self.seed} chunk {self.chunk}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many stripes were lost, of how many."""

    lost: int
    stripes: int

    @property
    def share(self) -> float:
        """The share that was lost."""
        return self.lost / self.stripes

    def interval(self) -> tuple[float, float]:
        """Return the 95 % confidence interval of the chance of loss. Source: Wilson (1927)."""
        n, z2 = self.stripes, Z_95**2
        middle = (self.share + z2 / (2 * n)) / (1 + z2 / n)
        spread = self.share * (1 - self.share) / n + z2 / (4 * n**2)
        half = Z_95 * sqrt(spread) / (1 + z2 / n)
        return max(0.0, middle - half), min(1.0, middle + half)


class Life:
    """One stripe's disks from whole to the end of the year, or to loss."""

    def __init__(self, trial: Trial, rng: Random) -> None:
        self._trial, self._rng = trial, rng
        self._shards = trial.stripe.shards
        self._rate = trial.stripe.failures_an_hour
        self._repairing_until = 0.0
        self._up = [True] * self._shards
        # The next event of each shard, a failure or a return; and behind them, of each shock.
        self._due = [rng.expovariate(self._rate) for _ in range(self._shards)]
        self._due += [self._next_shock(each) for each in trial.shocks]
        self._places = place(self._shards, trial.placement.spreads, rng) if trial.shocks else {}

    def is_lost(self, hours: float = HOURS_A_YEAR) -> bool:
        """Live for `hours`; return whether at any time too few shards were left."""
        while (now := min(self._due)) <= hours:
            which = self._due.index(now)
            if which >= self._shards:
                self._strike(which, now)
            elif self._up[which]:
                self._fail(which, now)
            else:
                self._up[which] = True
                self._due[which] = now + self._rng.expovariate(self._rate)
            if self._up.count(False) > self._trial.stripe.parity:
                return True
        return False

    def _fail(self, shard: int, now: float) -> None:
        self._up[shard] = False
        hours = self._trial.stripe.repair_hours
        takes = hours if self._trial.constant_repairs else self._rng.expovariate(1 / hours)
        begins = now
        if self._trial.stripe.one_repair_at_a_time:
            begins = max(now, self._repairing_until)
        self._due[shard] = self._repairing_until = begins + takes

    def _strike(self, which: int, now: float) -> None:
        shock = self._trial.shocks[which - self._shards]
        places = self._places[shock.domain]
        struck = self._rng.randrange(DOMAINS[shock.domain])
        for shard in range(self._shards):
            is_there = places[shard] == struck and self._up[shard]
            if is_there and self._rng.random() < shock.kills:
                self._fail(shard, now)
        self._due[which] = now + self._next_shock(shock)

    def _next_shock(self, shock: Shock) -> float:
        return self._rng.expovariate(shock.a_year / HOURS_A_YEAR) if shock.a_year else inf


def lost_in(chunk: Trial) -> int:
    """Return how many stripes of one chunk are lost in a year: the task of a sweep."""
    rng = Chance(chunk.seed).stream(chunk.key)
    return sum(Life(chunk, rng).is_lost() for _ in range(chunk.stripes))


def chunks(trial: Trial) -> Iterator[Trial]:
    """Yield the trial in pieces of at most `CHUNK_STRIPES`."""
    for number, first in enumerate(range(0, trial.stripes, CHUNK_STRIPES)):
        stripes = min(CHUNK_STRIPES, trial.stripes - first)
        yield replace(trial, stripes=stripes, chunk=number)


def simulate(trials: Sequence[Trial], crew: Executor) -> list[Estimate]:
    """Run all chunks of all trials on `crew`; return what was lost in each trial, in order.

    Raises `DuplicateKey` if two trials are the same.
    """
    for trial in trials:
        at_least(1, stripes=trial.stripes)
    pieces = [list(chunks(trial)) for trial in trials]
    lost = iter(crew.map(lost_in, chain.from_iterable(pieces), key=lambda chunk: chunk.key))
    return [
        Estimate(sum(islice(lost, len(each))), trial.stripes)
        for trial, each in zip(trials, pieces, strict=True)
    ]
