"""A client that wants its orders entered once: it asks again, anywhere, until somebody acknowledges.

Page: docs/exchange/standby.md
"""

from collections.abc import Callable, Sequence
from random import Random

from chapters.sim.clock import MS
from chapters.sim.process import Process
from exchange.orders import BUY, PLAIN, SELL, New, Peg, Side, Terms
from exchange.standby.messages import Done, Elsewhere, Enter

SYMBOL = "ACME"
MIDDLE = 1_000  # ticks: what the orders are about
STOP_TICKS = 4  # away from it
PATIENCE_NS = 80 * MS  # before it asks again, somewhere else
PAUSE_NS = (1 * MS, 120 * MS)  # between an acknowledgement and the next order
AGAIN_NS = 10 * MS  # when it was sent away


def wish(rng: Random, account: int, number: int) -> New:
    """Return an order near the touch, so that many of them trade; some wait beside the book."""
    side = rng.choice((BUY, SELL))
    lots, price = rng.randint(1, 100), rng.randint(MIDDLE - 5, MIDDLE + 5)
    return New(account, str(number), SYMBOL, side, lots, price, terms=_terms(side, number))


def _terms(side: Side, number: int) -> Terms:
    """Return those of a stop a little away, of a peg, and of all others none: nothing to refuse."""
    match number % 8:
        case 5:
            return Terms(stop_price=MIDDLE + side * STOP_TICKS)
        case 7:
            return Terms(peg=Peg.PRIMARY)
    return PLAIN


class Trader:
    """Enters `count` orders of its account, one after the other."""

    def __init__(
        self,
        process: Process,
        rng: Random,
        account: int,
        count: int,
        machines: Sequence[str],
        on_done: Callable[[New, Done, str], object],
    ) -> None:
        self._process, self._rng, self._machines, self._on_done = process, rng, machines, on_done
        self.left = [wish(rng, account, number) for number in range(count)]
        self.asked = 0
        self._where = rng.choice(machines)
        self._is_first = True
        process.call_later(rng.randrange(200 * MS), self._ask)

    def handle(self, source: str, message: object) -> None:
        """Hear an answer; one to an earlier question says nothing about this one."""
        match message:
            case Done(number) if self.left and number == self.asked:
                self._done(message, source)
            case Elsewhere(number, primary) if self.left and number == self.asked:
                self._where = primary or self._rng.choice(self._machines)
                self.asked += 1  # nobody waits for this question's answer any more
                self._process.call_later(AGAIN_NS, self._ask)

    def _done(self, message: Done, source: str) -> None:
        if not message.order_id:
            # The network repeated the first message, and this is the copy's answer: ask by name.
            self._ask()
            return
        self._on_done(self.left.pop(0), message, source)
        self.asked += 1
        self._is_first = True
        self._process.call_later(self._rng.randrange(*PAUSE_NS), self._ask)

    def _ask(self) -> None:
        if not self.left:
            return
        self.asked += 1
        question, resent = self.asked, not self._is_first
        self._is_first = False
        self._process.send(self._where, Enter(question, self.left[0], resent))
        self._process.call_later(PATIENCE_NS, lambda: self._ask_elsewhere(question))

    def _ask_elsewhere(self, question: int) -> None:
        if self.left and question == self.asked:
            self._where = self._rng.choice(self._machines)
            self._ask()
