"""The last price of the day, and who pushed it: it values funds and settles derivatives.

    16:00 is the close       15:59:00   10.05 ─┐                         ┌─ 10.11
                             15:59:58          └ one account buys, buys, buys

Scored is how far one account's own arriving orders moved the price within the last minute, up and down
against each other, in steps that are usual from one trade to the next. Who only trades where the price is
moves nothing. Memory: a number for each account that traded in that minute. It is a weak detector: a fund
that must buy at the close does the same, and that is what a closing auction is for.
Source: MAR, Annex I, A(g). Page: docs/exchange/surveillance.md
"""

from collections.abc import Iterator

from chapters.sim.clock import S
from exchange.clearing.drop_copy import Execution
from exchange.orders import BUY
from exchange.surveillance.acts import Act
from exchange.surveillance.alerts import CLOSE, Alert

WINDOW_NS = 60 * S
MEMORY = 200.0  # trades over which the usual step of the price is averaged
SCORE_MIN = 3.0  # usual steps


class MarkingTheClose:
    """How far each account has pushed each symbol's price since the last minute began."""

    def __init__(self, closes_ns: int, window_ns: int = WINDOW_NS) -> None:
        self._from_ns, self._until_ns = closes_ns - window_ns, closes_ns
        self._last: dict[str, int] = {}  # price
        self._usual: dict[str, float] = {}  # ticks from one trade to the next
        self._pushed: dict[tuple[str, int], int] = {}  # ticks
        self._spans: dict[tuple[str, int], tuple[int, int]] = {}  # first and last sequence

    def hear(self, act: Act) -> Iterator[Alert]:
        """Follow the price, and in the last minute who moves it."""
        if isinstance(act, Execution):
            before = self._last.get(act.symbol, act.price)
            self._last[act.symbol] = act.price
            usual = self._usual.get(act.symbol, 1.0)
            self._usual[act.symbol] = usual + (abs(act.price - before) - usual) / MEMORY
            if self._from_ns <= act.time_ns <= self._until_ns:
                taker = act.buyer if act.taker_side == BUY else act.seller
                key = (act.symbol, taker)
                self._pushed[key] = self._pushed.get(key, 0) + act.price - before
                first, _ = self._spans.get(key, (act.sequence, 0))
                self._spans[key] = (first, act.sequence)
        yield from ()

    def close(self) -> Iterator[Alert]:
        """Yield who pushed a price, at the end of the day."""
        for (symbol, account), ticks in sorted(self._pushed.items()):
            score = abs(ticks) / max(self._usual[symbol], 1.0)
            if score >= SCORE_MIN:
                span = self._spans[(symbol, account)]
                yield Alert(CLOSE, (account,), symbol, *span, score)
