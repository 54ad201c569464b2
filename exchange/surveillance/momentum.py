"""A run that somebody has started in order to sell into it: momentum ignition.

    10.05  10.06  10.08  10.11      it buys through the book, fast: the price runs
                          10.12     others see it run, and buy what is left
                          10.12     it sells to them what it has bought at 10.07

Everybody who buys much moves the price; everybody who trades hopes for a profit. Both are honest. What is
looked for is one after the other within seconds, at the cost of those who came *because* of it. Scored is
how far an account's own arriving orders moved the price, in usual steps of it, times the share of its lots
that it then gave, at a better price than its mean one, to accounts that had followed. So who keeps what
they bought scores nothing, however far they pushed. Memory: a run of each account in a symbol, and of a
symbol the last 64 that went through several prices, for ten seconds. Source: MAR, Annex I, B, and
Regulation (EU) 2016/522, Annex II, "momentum ignition". Page: docs/exchange/surveillance.md
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from chapters.sim.clock import S
from exchange.clearing.drop_copy import Execution
from exchange.orders import BUY, SELL, Side
from exchange.surveillance.acts import Act
from exchange.surveillance.alerts import MOMENTUM, Alert
from exchange.surveillance.steps import Steps

RUN_NS = 2 * S  # within which the orders of one run arrive
FOLLOW_NS = 10 * S  # after which whoever still has it has kept it
PRICES_MIN = 3  # through which it goes; an order that is larger than what waits takes two
RUNS_KEPT = 64  # of a symbol
FOLLOWERS_MAX = 64  # of a run
SCORE_MIN = 0.3  # below this nothing is told at all


@dataclass(slots=True)
class Run:
    """What an account took in one direction, how far that went, and who came after it."""

    account: int
    symbol: str
    side: Side
    first: int  # sequence
    began_ns: int
    lots: int = 0
    cost: int = 0  # ticks × lots
    pushed: int = 0  # ticks, in its direction
    prices: set[int] = field(default_factory=set)
    followers: set[int] = field(default_factory=set)
    taken: int = 0  # lots given to followers, with a profit

    def take(self, trade: Execution, moved: int) -> None:
        """Count a trade for which its own order arrived."""
        self.lots += trade.quantity
        self.cost += trade.quantity * trade.price
        self.pushed += self.side * moved
        if len(self.prices) < PRICES_MIN:
            self.prices.add(trade.price)


class MomentumIgnition:
    """Each account's present run, and those of each symbol that went far enough to be followed."""

    def __init__(self, follow_ns: int = FOLLOW_NS) -> None:
        self._follow_ns = follow_ns
        self._steps = Steps()
        self._present: dict[tuple[int, str], Run] = {}
        self._far: dict[str, deque[Run]] = {}

    def hear(self, act: Act) -> Iterator[Alert]:
        """Yield an alert when an account gives to its followers what it has run up."""
        if not isinstance(act, Execution):
            return
        moved = self._steps.hear(act)
        if act.buyer == act.seller:
            return
        far = self._far.setdefault(act.symbol, deque(maxlen=RUNS_KEPT))
        while far and act.time_ns - far[0].began_ns > self._follow_ns:
            far.popleft()
        for run in far:
            yield from self.judge(run, act)
        self._extend(act, moved, far)

    def close(self) -> Iterator[Alert]:
        """Nothing is left to tell when the market closes."""
        yield from ()

    def judge(self, run: Run, trade: Execution) -> Iterator[Alert]:
        """Note who follows a run; count what its starter gives to them, if it gains by it."""
        giver, getter = trade.seller, trade.buyer
        if run.side == SELL:
            giver, getter = getter, giver
        if trade.taker_side == run.side and len(run.followers) < FOLLOWERS_MAX:
            run.followers.add(getter)
        gained = run.side * (trade.price * run.lots - run.cost)
        if giver != run.account or getter not in run.followers or gained <= 0:
            return
        run.taken += trade.quantity
        share = min(1.0, run.taken / run.lots)
        score = share * run.pushed / self._steps.usual(run.symbol)
        if score >= SCORE_MIN:
            span = (run.first, trade.sequence)
            yield Alert(MOMENTUM, (run.account,), run.symbol, *span, score)

    def _extend(self, trade: Execution, moved: int, far: deque[Run]) -> None:
        """Count a trade to the run of whoever's order arrived, or begin one."""
        taker = trade.buyer if trade.taker_side == BUY else trade.seller
        run = self._present.get((taker, trade.symbol))
        is_over = run is None or trade.time_ns - run.began_ns > RUN_NS
        if run is None or is_over or run.side != trade.taker_side:
            start = (taker, trade.symbol, trade.taker_side, trade.sequence, trade.time_ns)
            run = self._present[taker, trade.symbol] = Run(*start)
        was_far = len(run.prices) >= PRICES_MIN
        run.take(trade, moved)
        if not was_far and len(run.prices) >= PRICES_MIN:
            far.append(run)
