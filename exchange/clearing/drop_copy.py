"""A copy of every execution, from the journal's events alone, for those who have to settle it.

    journal ──► replica ──► events ──► DropCopy ──► Execution 1841.0: 60 ACME @ 10.05, 7 from 22
                                          │            ├──► copy for 7's clearing firm
                                          └ who has     └──► copy for 22's
                                            which order

An engine's fill names two orders; whose they are was said when each was accepted. The copy adds that, and a
name: the journal's sequence and the fill's place in what that command did. So the name is the same whoever
makes the copy, however often, and a firm that was cut off asks for all since the last sequence it has.
Invariant: each execution has one id, ids rise, and both copies of it name the same.
Cost: O(1) an event; memory for the open orders. Source: FIX, drop copy; tag 17 (ExecID).
Page: docs/exchange/clearing.md
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chapters.log import Reader
from chapters.log.reader import POLL_RECORDS_MAX
from chapters.sim.disk import Disk
from exchange.orders import (
    BUY,
    SELL,
    Accepted,
    Canceled,
    Event,
    Filled,
    Replaced,
    Side,
    Transferred,
)
from exchange.sequencer import JOURNAL, Replica


class Execution(NamedTuple):
    """A trade, with the names of those who made it."""

    sequence: int  # of the command that caused it
    place: int  # among that command's fills, from 0
    time_ns: int
    symbol: str
    price: int
    quantity: int
    buyer: int
    seller: int
    buy_order: int
    sell_order: int
    taker_side: Side

    @property
    def id(self) -> str:
        """Return the name by which everybody knows it."""
        return f"{self.sequence}.{self.place}"


class Copy(NamedTuple):
    """One side of an execution, as the firm that clears for that account is told."""

    execution_id: str
    account: int
    order_id: int
    symbol: str
    side: Side
    price: int
    quantity: int
    is_maker: bool


class _Open(NamedTuple):
    account: int
    symbol: str
    side: Side
    quantity: int


class DropCopy:
    """Events in, executions out. It has to hear every event from the first on."""

    def __init__(self) -> None:
        self._open: dict[int, _Open] = {}

    def hear(self, sequence: int, events: Sequence[Event], time_ns: int = 0) -> list[Execution]:
        """Return the executions among what one command did."""
        found: list[Execution] = []
        for event in events:
            if isinstance(event, Accepted):
                wish = event.order
                self._open[event.order_id] = _Open(
                    wish.account, wish.symbol, wish.side, wish.quantity
                )
            elif isinstance(event, Filled):
                found.append(self._execution(sequence, len(found), time_ns, event))
            elif isinstance(event, Canceled):
                self._reduce(event.order_id, event.quantity)
            elif isinstance(event, Transferred):  # within one account: nobody owes anybody anything
                for order_id in (event.maker_id, event.taker_id):
                    self._reduce(order_id, event.quantity)
            elif isinstance(event, Replaced):
                now = self._open[event.order_id]._replace(quantity=event.quantity)
                self._open[event.order_id] = now
        return found

    def _execution(self, sequence: int, place: int, time_ns: int, fill: Filled) -> Execution:
        maker, taker = self._open[fill.maker_id], self._open[fill.taker_id]
        for order_id in (fill.maker_id, fill.taker_id):
            self._reduce(order_id, fill.quantity)
        buy, sell = (fill.maker_id, fill.taker_id), (fill.taker_id, fill.maker_id)
        buyer, seller = maker, taker
        if taker.side == BUY:
            buy, sell, buyer, seller = sell, buy, taker, maker
        return Execution(
            *(sequence, place, time_ns, taker.symbol, fill.price, fill.quantity),
            *(buyer.account, seller.account, buy[0], sell[0], taker.side),
        )

    def _reduce(self, order_id: int, quantity: int) -> None:
        order = self._open.pop(order_id, None)
        if order is not None and order.quantity > quantity:
            self._open[order_id] = order._replace(quantity=order.quantity - quantity)


class Tape:
    """All executions of a journal that another process may still be writing, from `first` on."""

    def __init__(self, *, disk: Disk, first: int = 1) -> None:
        self._replica = Replica.first(disk)
        self._reader = Reader(disk=disk, name=JOURNAL, first=self._replica.sequence + 1)
        self._copy = DropCopy()
        self._first = first

    @property
    def sequence(self) -> int:
        """The journal's sequence up to which all has been heard."""
        return self._replica.sequence

    def poll(self, limit: int = POLL_RECORDS_MAX) -> list[Execution]:
        """Return what is new in the next `limit` commands; may be nothing.

        Commands before `first` are heard, and not told.
        """
        found: list[Execution] = []
        for done in self._replica.replay(self._reader.poll(limit)):
            found += self._copy.hear(done.sequence, done.events, done.now_ns)
        return [each for each in found if each.sequence >= self._first]

    def read(self) -> Iterator[Execution]:
        """Yield executions until nothing is new."""
        before = -1
        while self.sequence != before:
            before = self.sequence
            yield from self.poll()


def copies(execution: Execution) -> tuple[Copy, Copy]:
    """Return what the buyer's firm and what the seller's firm is told."""
    each, traded = execution, (execution.price, execution.quantity)
    taker = each.taker_side
    return (
        Copy(each.id, each.buyer, each.buy_order, each.symbol, BUY, *traded, taker != BUY),
        Copy(each.id, each.seller, each.sell_order, each.symbol, SELL, *traded, taker != SELL),
    )


def demo() -> None:
    """A seller meets two buyers; the copies that three firms get."""
    from exchange.engine import Engine
    from exchange.orders import New

    engine, tape = Engine(["ACME"]), DropCopy()
    orders = [(7, BUY, 60, 1005), (8, BUY, 60, 1004), (22, SELL, 100, 1004)]
    for sequence, (account, side, quantity, price) in enumerate(orders, start=1):
        events = engine.apply(New(account, "a", "ACME", side, quantity, price))
        for execution in tape.hear(sequence, events):
            for each in copies(execution):
                word = "bought" if each.side == BUY else "sold"
                role = "maker" if each.is_maker else "taker"
                print(f"  {each.execution_id}  to the firm of {each.account:>2}: {word} "
                      f"{each.quantity:>3} {each.symbol} @ {each.price}, as {role}")  # fmt: skip
