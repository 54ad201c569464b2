"""How long a stripe lives, if disks fail independently: a chain of states that ends in loss.

    0 missing ──9λ──► 1 ──8λ──► 2 ──7λ──► 3 ──6λ──► lost          6 + 3: any 6 of 9 shards will do
               ◄──μ──   ◄──2μ──   ◄──3μ──

λ is the rate at which one disk fails, μ the rate at which a missing shard is rebuilt; both memoryless.
Invariant: nothing here subtracts two nearly equal numbers, so fifteen nines have as many right digits as
one. A year's survival is computed as its loss: 1 − 4e-16 is a number that a float cannot hold.
Cost: O(parity) for the mean life; O(jumps a year × parity) for the exact answer.
Source: the birth-death chain of every RAID analysis since Patterson, Gibson and Katz (1988); Jensen's
uniformization (1953). Page: docs/s3/durability.md
"""

from dataclasses import dataclass
from math import exp, expm1, inf, lgamma, log, log1p, log10, sqrt

from chapters.errors import UsageError

HOURS_A_YEAR = 8760
SHARDS_MAX = 256  # of a Reed-Solomon code over bytes
JUMPS_MAX = 2_000_000  # of the uniformized chain; a second or two


@dataclass(frozen=True, slots=True)
class Stripe:
    """An object's shards, one a disk: any `data` of them are enough.

    `afr` is the share of disks that fail in a year; `repair_hours` the mean time until a missing shard
    is there again. Repairs run side by side, or one at a time. Raises `UsageError`.
    """

    data: int
    parity: int
    afr: float = 0.015
    repair_hours: float = 24.0
    one_repair_at_a_time: bool = False

    def __post_init__(self) -> None:
        if not (self.data >= 1 and self.parity >= 0 and self.shards <= SHARDS_MAX):
            raise UsageError(
                f"{self.name} is no code: at least 1 + 0 shards, at most {SHARDS_MAX} in all"
            )
        if not 0 < self.afr < 1:
            raise UsageError(f"afr is {self.afr}; it is a share of all disks, as 0.015")
        if not 0 < self.repair_hours < inf:
            raise UsageError(f"repair-hours is {self.repair_hours}; it must be above 0")

    @property
    def name(self) -> str:
        """As people write it: `6+3`."""
        return f"{self.data}+{self.parity}"

    @property
    def shards(self) -> int:
        """How many shards there are."""
        return self.data + self.parity

    @property
    def overhead(self) -> float:
        """Bytes stored for each byte kept."""
        return self.shards / self.data

    @property
    def failures_an_hour(self) -> float:
        """The rate λ of one disk: so that exp(−λ · a year) is the share that survives."""
        return -log1p(-self.afr) / HOURS_A_YEAR

    def failing(self, missing: int) -> float:
        """Return the rate, an hour, at which one more shard goes missing."""
        return (self.shards - missing) * self.failures_an_hour

    def returning(self, missing: int) -> float:
        """Return the rate, an hour, at which one of the missing shards is there again."""
        repairs = min(missing, 1) if self.one_repair_at_a_time else missing
        return repairs / self.repair_hours


def mean_hours_to_loss(stripe: Stripe) -> float:
    """Return the mean hours from a whole stripe to one with more shards missing than parity.

    From `missing` to one more takes, on average, 1/failing; and each return on the way, of which there
    are returning/failing, costs once more the step from one fewer. Sums of positive terms only.
    """
    total = step = 0.0
    for missing in range(stripe.parity + 1):
        step = (1 + stripe.returning(missing) * step) / stripe.failing(missing)
        total += step
    return total


def annual_loss(stripe: Stripe) -> float:
    """Return the chance of losing the stripe in a year, taking its life for memoryless.

    That is the usual figure. It is a little high: a stripe begins the year whole. For real disks the
    difference is in the third digit; `loss_within` is exact.
    """
    return -expm1(-HOURS_A_YEAR / mean_hours_to_loss(stripe))


def nines(loss: float) -> float:
    """Return how many nines survive: 0.001 lost is 3 nines, 0.002 are 2.7."""
    return -log10(loss) if loss > 0 else inf


def loss_within(stripe: Stripe, hours: float, missing: int = 0) -> float:
    """Return the chance of loss within `hours` of a time when `missing` shards were missing. Exact.

    The chain is watched at the ticks of a clock that is as fast as its fastest state; how many ticks
    there are in `hours` is Poisson distributed. Raises `UsageError` past `JUMPS_MAX` ticks.
    """
    if missing > stripe.parity:
        return 1.0
    states = range(stripe.parity + 1)
    tick_rate = max(stripe.failing(each) + stripe.returning(each) for each in states)
    ticks_mean = tick_rate * hours
    ticks_max = int(ticks_mean + 12 * sqrt(ticks_mean) + 40)
    if ticks_max > JUMPS_MAX:
        raise UsageError(f"{ticks_max} jumps in {hours:g} h; take longer repairs or fewer hours")
    chances = [float(each == missing) for each in (*states, "lost")]
    lost = 0.0
    for ticks in range(ticks_max + 1):
        lost += _poisson(ticks, ticks_mean) * chances[-1]
        chances = _after_a_tick(stripe, chances, tick_rate)
    return lost


def _poisson(count: int, mean: float) -> float:
    return exp(count * log(mean) - mean - lgamma(count + 1))


def _after_a_tick(stripe: Stripe, chances: list[float], tick_rate: float) -> list[float]:
    after = [0.0] * len(chances)
    after[-1] = chances[-1]
    for missing, chance in enumerate(chances[:-1]):
        worse = stripe.failing(missing) / tick_rate
        better = stripe.returning(missing) / tick_rate
        after[missing + 1] += chance * worse
        after[missing] += chance * max(0.0, 1 - worse - better)
        if missing:
            after[missing - 1] += chance * better
    return after


def demo(*, data: int = 6, parity: int = 3, afr: float = 0.015, repair_hours: float = 24.0) -> None:
    """Walk up the chain of one code: how long each further missing shard takes to come."""
    stripe = Stripe(data, parity, afr, repair_hours)
    print(f"{stripe.name}, AFR {afr:.1%}, repairs take {repair_hours:g} h on average")
    step = 0.0
    for missing in range(parity + 1):
        step = (1 + stripe.returning(missing) * step) / stripe.failing(missing)
        print(f"  from {missing} missing to {missing + 1}: {step / HOURS_A_YEAR:12.3g} years")
    print(f"  lost in a year: {annual_loss(stripe):.3g}, {nines(annual_loss(stripe)):.1f} nines")
