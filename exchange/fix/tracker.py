"""From the journal's events to what each client is told, and nothing else decides it.

    Sequenced(1204, New, [Accepted, Filled, Filled]) ──► taker: new, trade, trade; each maker: trade

A pure function of the journal and of the names in requests: whoever applies the same again gets the same
reports, under the same ExecIDs. Only orders of accounts that speak FIX are followed.
Invariant: of an order, filled + open + gone = ordered, after each report. Page: docs/exchange/fix-orders.md
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from exchange.fix import tags
from exchange.fix.message import Field
from exchange.fix.pending import Naming
from exchange.fix.reports import Exec, cancel_code, cancel_rejection, rejection, report
from exchange.fix.working import Status, Working
from exchange.orders import (
    Accepted,
    Cancel,
    Canceled,
    CancelRejected,
    Command,
    Event,
    Filled,
    Reason,
    Rejected,
    Replace,
    Replaced,
    Repriced,
    Transferred,
    Triggered,
)
from exchange.sequencer import Sequenced


class Told(NamedTuple):
    """A message for the client of `account`."""

    account: int
    type: str
    body: list[Field]


class Happening(NamedTuple):
    """An event in its place: of which command, how the client calls that, and when."""

    exec_id: str
    command: Command
    naming: Naming | None
    now_ns: int


class Tracker:
    """All orders of some accounts, by number and by every name that they ever had."""

    def __init__(self, accounts: Callable[[int], bool]) -> None:
        self.orders: dict[int, Working] = {}
        self.names: dict[tuple[int, str], int] = {}
        self._is_followed = accounts

    def named(self, account: int, name: str) -> Working | None:
        """Return the order that an account has called `name` at any time."""
        return self.orders.get(self.names.get((account, name), 0))

    def use_up(self, account: int, name: str, command: Command) -> None:
        """Let a request's name stand for the order that it was about: it cannot be used again."""
        if isinstance(command, Cancel | Replace):
            self.names.setdefault((account, name), command.order_id)

    def learn(self, done: Sequenced) -> None:
        """Know what a command did, and its name by the words in the journal; tell nobody."""
        naming = Naming.heard(done.words) if done.words else None
        for _ in self.apply(done, naming, 0):
            pass
        if naming is not None:
            self.use_up(getattr(done.command, "account", 0), naming.name, done.command)

    def apply(self, done: Sequenced, naming: Naming | None, now_ns: int) -> Iterator[Told]:
        """Yield what the clients are told about what a command did."""
        for index, event in enumerate(done.events):
            happening = Happening(f"{done.sequence}-{index}", done.command, naming, now_ns)
            follow = _FOLLOW.get(type(event))
            if follow is not None:
                yield from follow(self, event, happening)

    def _accepted(self, event: Accepted, at: Happening) -> Iterator[Told]:
        wish = event.order
        if self._is_followed(wish.account):
            order = self.orders[event.order_id] = Working.of(event.order_id, wish)
            self.names[wish.account, wish.client_id] = event.order_id
            yield self._told(order, Exec.NEW, at)

    def _rejected(self, event: Rejected, at: Happening) -> Iterator[Told]:
        wish = event.order
        if self._is_followed(wish.account):
            body = rejection(wish, event.reason, at.exec_id, at.now_ns)
            yield Told(wish.account, tags.EXECUTION_REPORT, body)

    def _filled(self, event: Filled, at: Happening) -> Iterator[Told]:
        last = (event.quantity, event.price)
        for number, mark in ((event.taker_id, ""), (event.maker_id, "m")):
            if (order := self.orders.get(number)) is not None:
                order.fill(*last)
                # One trade, two reports: each needs a name of its own.
                yield self._told(order, Exec.TRADE, at, mark=mark, last=last)

    def _canceled(self, event: Canceled, at: Happening) -> Iterator[Told]:
        order = self.orders.get(event.order_id)
        if order is None:
            return
        order.open -= event.quantity
        is_all_filled = order.filled >= order.quantity
        if is_all_filled:
            return  # what was canceled is what a late replace had asked for too much
        if order.open > 0:
            order.quantity -= event.quantity
            yield self._told(order, Exec.RESTATED, at, why=event.reason.word)
            return
        is_late = event.reason is Reason.EXPIRED
        order.gone = Status.EXPIRED if is_late else Status.CANCELED
        is_answer = isinstance(at.command, Cancel) and at.command.order_id == order.number
        kind = Exec.EXPIRED if is_late else Exec.CANCELED
        why = "" if is_answer else event.reason.word
        yield self._told(order, kind, at, why=why, is_answer=is_answer)

    def _replaced(self, event: Replaced, at: Happening) -> Iterator[Told]:
        order = self.orders.get(event.order_id)
        if order is None:
            return
        order.open, order.price = event.quantity, event.price
        if at.naming is None:
            if order.open != order.quantity - order.filled:
                order.quantity = order.filled + order.open
                yield self._told(order, Exec.RESTATED, at)
            return
        order.name, order.quantity = at.naming.name, at.naming.total
        yield self._told(order, Exec.REPLACED, at, is_answer=True)

    def _cancel_rejected(self, event: CancelRejected, at: Happening) -> Iterator[Told]:
        if at.naming is None or not self._is_followed(event.account):
            return
        body = cancel_rejection(
            *(self.orders.get(event.order_id), at.naming.name, at.naming.former),
            answers="2" if isinstance(at.command, Replace) else "1",
            code=cancel_code(event.reason),
            why=event.reason.word,
        )
        yield Told(event.account, tags.CANCEL_REJECT, body)

    def _triggered(self, event: Triggered, at: Happening) -> Iterator[Told]:
        if (order := self.orders.get(event.order_id)) is not None:
            yield self._told(order, Exec.TRIGGERED, at)

    def _repriced(self, event: Repriced, at: Happening) -> Iterator[Told]:
        # A peg moves with every quote: who pegs an order does not want to hear of each.
        if (order := self.orders.get(event.order_id)) is not None:
            order.price = event.price
        return
        yield

    def _transferred(self, event: Transferred, at: Happening) -> Iterator[Told]:
        for number, mark in ((event.taker_id, ""), (event.maker_id, "m")):
            if (order := self.orders.get(number)) is not None:
                order.open -= event.quantity
                order.quantity -= event.quantity
                is_gone = order.open <= 0 and order.filled < order.quantity
                order.gone = Status.CANCELED if is_gone or not order.quantity else order.gone
                yield self._told(order, Exec.RESTATED, at, mark=mark, why="transferred")

    def _told(
        self, order: Working, kind: Exec, at: Happening, *, mark: str = "", why: str = "",
        last: tuple[int, int] | None = None, is_answer: bool = False,
    ) -> Told:  # fmt: skip
        naming = at.naming if is_answer else None
        name, former = (naming.name, naming.former) if naming is not None else ("", "")
        body = report(
            *(order, kind, at.exec_id + mark, at.now_ns),
            name=name, former=former, last=last, why=why,
        )  # fmt: skip
        return Told(order.order.account, tags.EXECUTION_REPORT, body)


_FOLLOW: dict[type[Event], Callable[[Tracker, Any, Happening], Iterator[Told]]] = {
    Accepted: Tracker._accepted,
    Rejected: Tracker._rejected,
    Filled: Tracker._filled,
    Canceled: Tracker._canceled,
    Replaced: Tracker._replaced,
    CancelRejected: Tracker._cancel_rejected,
    Triggered: Tracker._triggered,
    Repriced: Tracker._repriced,
    Transferred: Tracker._transferred,
}
