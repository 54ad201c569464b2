"""People who answer to a price: customers who think again, and riders who come, but later.

    a minute: riders are where they are · customers look, and order some minutes later · riders take
    orders, 25 minutes each · free riders see the prices of five minutes ago, and some ride to a dearer
    hexagon · the town looks at all that, and sets new prices

What a rider does is not known to whoever sets prices: only pings and orders are.
Page: docs/zomato/surge.md
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from zomato.surge.damping import Terms
from zomato.surge.hexes import SIZE_M, Hex, disc, middle, neighbours, steps
from zomato.surge.prices import Policy, Prices
from zomato.surge.pulse import ONE_BPS, SERVICE_S, Pulse
from zomato.surge.quote import Quote, QuoteExpired, Quotes

MINUTE_S = 60
BASE_PAISE = 3_900
PATIENCE_MIN = 15  # then the customer cooks
THINKS_MIN = 7  # from the price to the order, at most
MINDS = 0.9  # of every customer at a price of 1 so many order at 2, to the power of: elasticity
SEES_MIN = 5  # how old the prices are that riders act upon
LEAVES = 0.05  # of riders who see a price higher by 1: so many set off each minute
A_STEP_MIN = 4  # from a hexagon to the next one
CENTRE = Hex(0, 0)

Rate = Callable[[Hex, int], float]  # customers a minute who look, by hexagon and minute


def wanted(
    times: float, *, usual: float = 1.0, first: int = 60, end: int = 10**9, ramp: int = 1
) -> Rate:
    """Return a rate of 1 a minute; in the middle `usual`, and `times` that from `first` to `end`."""

    def rate(cell: Hex, minute: int) -> float:
        if cell != CENTRE:
            return 1.0
        grown = min(1.0, (minute - first + 1) / ramp) if first <= minute < end else 0.0
        return usual * (1 + (times - 1) * grown)

    return rate


@dataclass(slots=True)
class Rider:
    """Somebody with a bicycle: in a hexagon, free from a minute on."""

    number: int
    cell: Hex
    free_min: int = 0
    is_under_way: bool = False

    @property
    def id(self) -> str:
        """Return what pings say."""
        return f"rider-{self.number}"


@dataclass(slots=True)
class Minute:
    """What happened in a minute, and how the middle hexagon stood."""

    shown_bps: int
    ratio_bps: int
    riders: int
    placed: int = 0
    given_up: int = 0
    thought_again: int = 0
    moves: int = 0


@dataclass(slots=True)
class Paid:
    """Somebody who has seen a price, and what they paid in the end; -1 for nothing."""

    quote: Quote
    fee_paise: int = -1


class City:
    """A few rings of hexagons; `rate` says how many customers look where."""

    def __init__(
        self, policy: Policy, rate: Rate, *, rng: Random, riders: int, radius: int = 2,
        terms: Terms | None = None,
    ) -> None:  # fmt: skip
        self._rng, self._rate, self.now_min = rng, rate, 0
        self.cells = list(disc(CENTRE, radius))
        self.riders = [
            Rider(number, self.cells[number % len(self.cells)]) for number in range(riders)
        ]
        self.prices, self.pulse = Prices(policy, terms), Pulse()
        self.quotes = Quotes(self.prices.at, BASE_PAISE)
        self.is_heard: Callable[[Rider], bool] = lambda rider: True
        self.minutes: list[Minute] = []
        self.paid: list[Paid] = []
        self._past: list[dict[Hex, int]] = []
        self._looking: dict[int, list[tuple[Hex, Paid]]] = {}
        self._waiting: dict[Hex, list[int]] = {cell: [] for cell in self.cells}

    def step(self) -> Minute:
        """Let a minute pass."""
        now_s = self.now_min * MINUTE_S
        for rider in self.riders:
            if rider.is_under_way and self.now_min >= rider.free_min:
                rider.is_under_way = False
            if not rider.is_under_way and self.is_heard(rider):
                self.pulse.pinged(rider.id, rider.cell, now_s)
        readings = self.pulse.readings(now_s)
        self.prices.look(readings)
        self._past.append(self.prices.shown)
        own = readings.get(CENTRE)
        minute = Minute(
            self.prices.shown.get(CENTRE, ONE_BPS),
            own.ratio_bps if own else 0,
            sum(rider.cell == CENTRE and not rider.is_under_way for rider in self.riders),
        )
        self._customers(minute)
        self._served(minute)
        self._riders_move(minute)
        self.minutes.append(minute)
        self.now_min += 1
        return minute

    def _customers(self, minute: Minute) -> None:
        for cell in self.cells:
            for _ in range(_poisson(self._rng, self._rate(cell, self.now_min))):
                x, y = middle(cell)
                x, y = (
                    x + self._rng.uniform(-0.5, 0.5) * SIZE_M,
                    y + self._rng.uniform(-0.5, 0.5) * SIZE_M,
                )
                name = f"customer-{len(self.paid)}"
                paid = Paid(self.quotes.show(name, x, y, self.now_min * MINUTE_S))
                self.paid.append(paid)
                if self._accepts(paid.quote.multiplier_bps):
                    due = self.now_min + self._rng.randrange(THINKS_MIN)
                    self._looking.setdefault(due, []).append((cell, paid))
                else:
                    minute.thought_again += 1
        for cell, paid in self._looking.pop(self.now_min, []):
            self._orders(cell, paid, minute)

    def _orders(self, cell: Hex, paid: Paid, minute: Minute) -> None:
        """Somebody orders; if the quote has ended, they see the new price, and think again."""
        now_s, order = self.now_min * MINUTE_S, f"order-{paid.quote.id}"
        try:
            paid.fee_paise = self.quotes.pay(paid.quote.id, order, now_s)
        except QuoteExpired as expired:
            before, paid.quote = paid.quote.multiplier_bps, expired.fresh
            if not self._accepts(paid.quote.multiplier_bps * ONE_BPS // before):
                minute.thought_again += 1
                return
            paid.fee_paise = self.quotes.pay(paid.quote.id, order, now_s)
        self.pulse.ordered(cell, now_s)
        self._waiting[cell].append(self.now_min)
        minute.placed += 1

    def _accepts(self, bps: int) -> bool:
        return bool(self._rng.random() < (ONE_BPS / max(ONE_BPS, bps)) ** MINDS)

    def _served(self, minute: Minute) -> None:
        """Free riders take what waits in their hexagon, the first first, then next door."""
        free: dict[Hex, list[Rider]] = {}
        for rider in self.riders:
            if rider.free_min <= self.now_min:
                free.setdefault(rider.cell, []).append(rider)
        for waiting in self._waiting.values():
            while waiting and self.now_min - waiting[0] > PATIENCE_MIN:
                waiting.pop(0)
                minute.given_up += 1
        for cell, waiting in self._waiting.items():
            for source in (cell, *neighbours(cell)):
                while waiting and free.get(source):
                    waiting.pop(0)
                    self._take(free[source].pop(), cell)

    def _take(self, rider: Rider, cell: Hex) -> None:
        """A rider is busy for as long as an order takes, and then somewhere next to where it was."""
        there = [each for each in (cell, *neighbours(cell)) if each in self._waiting]
        rider.cell, rider.free_min = self._rng.choice(there), self.now_min + SERVICE_S // MINUTE_S

    def _riders_move(self, minute: Minute) -> None:
        """Some free riders see a higher price elsewhere, and set off."""
        seen = self._past[max(0, len(self._past) - 1 - SEES_MIN)]
        best = max(self.cells, key=lambda each: seen.get(each, ONE_BPS))
        for rider in self.riders:
            if rider.free_min > self.now_min:
                continue
            more = (seen.get(best, ONE_BPS) - seen.get(rider.cell, ONE_BPS)) / ONE_BPS
            if more > 0 and self._rng.random() < LEAVES * more:
                rider.free_min = self.now_min + A_STEP_MIN * (1 + steps(rider.cell, best))
                rider.cell, rider.is_under_way = best, True
                self.pulse.signed_off(rider.id)
                minute.moves += 1


def _poisson(rng: Random, mean: float) -> int:
    """How many of independent people come, when so many come on average."""
    count, left = 0, mean
    while mean > 0 and (left := left - rng.expovariate(1.0)) > 0:
        count += 1
    return count
