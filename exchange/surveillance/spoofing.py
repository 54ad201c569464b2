"""Orders that were never meant: shown on one side until something trades on the other, then taken back.

    sell 20 @ 10.06                     what it wants
    buy 900 @ 10.03  ──► "so many buyers!" ──► somebody pays 10.06 for the 20
    buy 900 taken back                  what it never wanted

One large order is spoofing; several at different prices, so that the book looks thick, are layering.
Scored is how much was taken back within two seconds of a trade on the other side, having been there when
that happened, against what was traded and against the size of a usual order, whichever is larger: who
trades one lot and cancels fifty is no spoofer. Memory: the last trades of each account, at most 16, for
two seconds. Source: the CFTC's interpretive guidance on disruptive practices, 2013; Commodity Exchange
Act, sec. 4c(a)(5)(C). Page: docs/exchange/surveillance.md
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from chapters.sim.clock import S
from exchange.clearing.drop_copy import Execution
from exchange.orders import BUY, SELL, Side
from exchange.surveillance.acts import Act, Entered, Pulled
from exchange.surveillance.alerts import LAYERING, SPOOFING, Alert

WINDOW_NS = 2 * S
TRADES_KEPT = 16  # of an account in a symbol
LAYERS_MIN = 3  # prices
SCORE_MIN = 2.0  # below this nothing is told at all
LOTS_USUAL = 50.0  # until orders were seen
MEMORY = 200.0  # orders over which the usual size is averaged


@dataclass(slots=True)
class Trade:
    """What an account traded, and what it has taken back on the other side since."""

    sequence: int
    time_ns: int
    side: Side
    lots: int
    pulled: int = 0
    prices: set[int] = field(default_factory=set)


class Spoofing:
    """Each account's last trades in each symbol, and the size of a usual order there."""

    def __init__(self, window_ns: int = WINDOW_NS) -> None:
        self._window_ns = window_ns
        self._trades: dict[tuple[int, str], deque[Trade]] = {}
        self._usual: dict[str, float] = {}

    def hear(self, act: Act) -> Iterator[Alert]:
        """Yield an alert when an order that is taken back makes a trade look bought by it."""
        if isinstance(act, Entered):
            usual = self._usual.get(act.symbol, LOTS_USUAL)
            self._usual[act.symbol] = usual + (act.lots - usual) / MEMORY
        elif isinstance(act, Execution):
            if act.buyer != act.seller:
                self._note(act, act.buyer, BUY)
                self._note(act, act.seller, SELL)
        else:
            yield from self.judge(act)

    def close(self) -> Iterator[Alert]:
        """Nothing is left to tell when the market closes."""
        yield from ()

    def judge(self, act: Pulled) -> Iterator[Alert]:
        """Count an order that was taken back to the trades that it may have been shown for."""
        shown = act.shown
        for trade in self._trades.get((shown.account, shown.symbol), ()):
            is_recent = act.time_ns - trade.time_ns <= self._window_ns
            was_there = shown.sequence < trade.sequence
            is_new = trade.time_ns - shown.time_ns <= self._window_ns
            if not (is_recent and was_there and is_new and shown.side != trade.side):
                continue
            trade.pulled += act.lots
            trade.prices.add(shown.price)
            score = trade.pulled / max(trade.lots, self._usual.get(shown.symbol, LOTS_USUAL))
            if score >= SCORE_MIN:
                kind = LAYERING if len(trade.prices) >= LAYERS_MIN else SPOOFING
                span = (shown.sequence, act.sequence)
                yield Alert(kind, (shown.account,), shown.symbol, *span, score)

    def _note(self, act: Execution, account: int, side: Side) -> None:
        kept = self._trades.setdefault((account, act.symbol), deque(maxlen=TRADES_KEPT))
        while kept and act.time_ns - kept[0].time_ns > self._window_ns:
            kept.popleft()
        if kept and kept[-1].sequence == act.sequence and kept[-1].side == side:
            kept[-1].lots += act.quantity
        else:
            kept.append(Trade(act.sequence, act.time_ns, side, act.quantity))
