"""A client's side of a session, for simulations: it sends orders, and keeps what it is told of each.

Page: docs/exchange/fix-orders.md
"""

from collections.abc import Sequence

from exchange.fix import tags
from exchange.fix.errors import Garbled
from exchange.fix.framing import Framer
from exchange.fix.message import Field, Message, read
from exchange.fix.outbox import Identity
from exchange.fix.session import Session
from exchange.fix.store import SessionLog
from exchange.fix.timestamps import stamp

INTERVAL_S = 1


class Trader:
    """A client whose session outlives its connections."""

    def __init__(self, name: str, target: str) -> None:
        self.session = Session(Identity(name, target), SessionLog(), self)
        self.told: list[Message] = []
        self._framer = Framer()

    def logged_on(self, session: Session) -> None:
        """Do nothing."""

    def logged_out(self, session: Session) -> None:
        """Do nothing."""

    def received(self, session: Session, message: Message) -> bool:
        """Keep what the exchange says."""
        self.told.append(message)
        return True

    def connect(self, now_ns: int) -> None:
        """Begin a connection with a logon."""
        self._framer = Framer()
        self.session.call(INTERVAL_S, now_ns)

    def hear(self, data: bytes, now_ns: int) -> None:
        """Take in bytes; garbled messages are left out."""
        for frame in self._framer.feed(data):
            try:
                self.session.received(read(frame), now_ns)
            except Garbled:
                continue

    def order(
        self, name: str, side: str, lots: int, price: str, *, now_ns: int, symbol: str
    ) -> None:
        """Send a limit order."""
        self.say(tags.NEW_ORDER, now_ns, [
            (tags.CL_ORD_ID, name), (tags.ORDER_QTY, str(lots)), (tags.ORD_TYPE, "2"),
            (tags.PRICE, price), (tags.SIDE, side), (tags.SYMBOL, symbol),
            (tags.TRANSACT_TIME, stamp(now_ns)),
        ])  # fmt: skip

    def cancel(self, name: str, former: str, side: str, *, now_ns: int, symbol: str) -> None:
        """Ask for the end of the order called `former`."""
        self.say(tags.CANCEL, now_ns, [
            (tags.CL_ORD_ID, name), (tags.ORIG_CL_ORD_ID, former), (tags.SIDE, side),
            (tags.SYMBOL, symbol), (tags.TRANSACT_TIME, stamp(now_ns)),
        ])  # fmt: skip

    def say(self, kind: str, now_ns: int, body: Sequence[Field]) -> None:
        """Send any application message."""
        self.session.outbox.now_ns = now_ns
        self.session.outbox.send(kind, body)

    @property
    def exec_ids(self) -> list[str]:
        """The ExecIDs that it was told, in order; answers to questions have none."""
        ids = [each.get(tags.EXEC_ID) for each in self.told if each.type == tags.EXECUTION_REPORT]
        return [each for each in ids if each != "0"]
