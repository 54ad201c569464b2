"""Trades added up by the second, the minute and five: open, high, low, close, volume, and the mean price.

    trades     1002 × 30   1004 × 10   1001 × 60 │           │ 1003 × 5
    candle     open 1002  high 1004  low 1001    │  nothing  │ open 1003
               close 1001  volume 100  VWAP 1001.6           │

An interval begins at a whole multiple of its length and holds what traded from then on, up to the next. In
one without trades the price was what it had been: all four are the last close, and the volume is 0. A trade
is never taken back. Time comes with the trade and does not go back: what claims to be older counts as the
newest. Invariant: however trades are cut into batches, the candles are the same; and what five candles of a
minute add up to is the candle of five. Cost: O(1) a trade; memory: `KEPT` candles an interval.
Page: docs/exchange/market-data.md
"""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from chapters.sim.clock import S

INTERVALS = {"1s": S, "1m": 60 * S, "5m": 300 * S}
KEPT = 1_440  # candles with trades: at one a minute, a day


class Candle(NamedTuple):
    """What traded from `start_ns` on: prices in ticks, volume in lots, notional in ticks × lots."""

    start_ns: int
    open: int
    high: int
    low: int
    close: int
    volume: int = 0
    notional: int = 0
    trades: int = 0

    def traded(self, price: int, quantity: int) -> "Candle":
        """Return the candle with one trade more."""
        start_ns, first, high, low, _, volume, notional, trades = self
        high, low = max(high, price), min(low, price)
        notional += price * quantity
        return Candle(start_ns, first, high, low, price, volume + quantity, notional, trades + 1)

    def after(self, start_ns: int) -> "Candle":
        """Return a candle of that start in which nothing has traded yet, after this one."""
        return Candle(start_ns, *[self.close] * 4)


class Candles:
    """The candles of one symbol and one interval."""

    def __init__(self, interval_ns: int, kept: int = KEPT) -> None:
        self.interval_ns = interval_ns
        self._traded: deque[Candle] = deque(maxlen=kept)  # those with trades, the oldest first

    def add(self, time_ns: int, price: int, quantity: int) -> None:
        """Count a trade in the candle of its time."""
        start_ns = time_ns - time_ns % self.interval_ns
        newest = self._traded[-1] if self._traded else None
        if newest is not None and start_ns <= newest.start_ns:
            self._traded[-1] = newest.traded(price, quantity)
        else:
            begun = Candle(start_ns, price, price, price, price)
            self._traded.append(begun.traded(price, quantity))

    def last(self, count: int, now_ns: int) -> list[Candle]:
        """Return the last `count` intervals up to that of `now_ns`, the oldest first, none left out.

        Those before the first trade that is kept are not there: nobody knows a price.
        """
        traded = {candle.start_ns: candle for candle in self._traded}
        end_ns = max(now_ns - now_ns % self.interval_ns, *traded, 0)
        begin_ns = end_ns - (count - 1) * self.interval_ns
        before = [candle for start_ns, candle in traded.items() if start_ns < begin_ns][-1:]
        found: list[Candle] = []
        for start_ns in range(begin_ns, end_ns + 1, self.interval_ns):
            if start_ns in traded:
                found.append(traded[start_ns])
            elif before := (found or before)[-1:]:
                found.append(before[0].after(start_ns))
        return found


class Chart:
    """The candles of one symbol, in every interval."""

    def __init__(self) -> None:
        self.candles = {name: Candles(length_ns) for name, length_ns in INTERVALS.items()}

    def add(self, time_ns: int, price: int, quantity: int) -> None:
        """Count a trade."""
        for each in self.candles.values():
            each.add(time_ns, price, quantity)


def vwap(candles: Iterable[Candle]) -> tuple[int, int]:
    """Return (notional, volume): their quotient is the mean price, weighted by lots; 0 lots have none."""
    notional = volume = 0
    for each in candles:
        notional += each.notional
        volume += each.volume
    return notional, volume


def demo(*, seed: int = 7, seconds: int = 12) -> None:
    """A market's trades by the second, and what they add up to."""
    from random import Random

    from exchange.order_json import price_text, vwap_text

    rng, candles, price = Random(seed), Candles(S), 1_000
    for second in range(seconds):
        for _ in range(rng.choice((0, 1, 2, 3))):
            price += rng.randint(-3, 3)
            candles.add(second * S + 1, price, rng.randint(1, 50))
    shown = candles.last(seconds, (seconds - 1) * S)
    print(" second    open    high     low   close  volume")
    for each in shown:
        prices = "".join(f"{price_text(ticks):>8}" for ticks in each[1:5])
        print(f"{each.start_ns // S:>7}{prices}{each.volume:>8}")
    print(f"VWAP {vwap_text(*vwap(shown))}")
