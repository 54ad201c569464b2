"""The orders of FIX clients as those know them: by their names, with all that was filled so far.

    engine: number 17, 40 lots open         client: "asha-3" (was "asha-1"), 60 of 100 filled at 10.0433

The engine forgets what is filled and never knew how an order is called now. FIX wants both in every report.
They follow from the journal's events alone, so that whoever replays it knows them too.
Invariant: filled + open + gone = ordered. Source: FIX 4.4, volume 4, "Order state changes".
Page: docs/exchange/fix-orders.md
"""

from dataclasses import dataclass
from enum import Enum

from exchange.orders import Cancel, New, Replace

AVERAGE_DIGITS = 4  # of a price, behind those of its ticks


class Status(Enum):
    """Where an order stands: tag 39."""

    NEW = "0"
    PARTIALLY_FILLED = "1"
    FILLED = "2"
    CANCELED = "4"
    REJECTED = "8"
    EXPIRED = "C"


@dataclass(slots=True)
class Working:
    """An order that was accepted; `order` is how it was entered, the rest how it is now."""

    number: int
    order: New
    name: str  # its ClOrdID now: a replace gives it another
    quantity: int  # ordered, all in all
    price: int | None
    open: int
    filled: int = 0
    notional: int = 0  # ticks × lots of what was filled
    gone: Status | None = None  # why nothing is open, if not for being filled

    @classmethod
    def of(cls, number: int, order: New) -> "Working":
        """Return the order as it is right after it was accepted."""
        quantity = order.quantity
        return cls(number, order, order.client_id, quantity, order.price, quantity)

    @property
    def status(self) -> Status:
        """What to say of it in tag 39."""
        if self.gone is not None:
            return self.gone
        if not self.filled:
            return Status.NEW
        return Status.PARTIALLY_FILLED if self.open > 0 else Status.FILLED

    @property
    def leaves(self) -> int:
        """The lots that may still be filled; never more than were ordered."""
        return 0 if self.gone else max(0, min(self.open, self.quantity - self.filled))

    def fill(self, quantity: int, price: int) -> None:
        """Note a trade."""
        self.filled += quantity
        self.open -= quantity
        self.notional += quantity * price

    def average(self, ticks_per_unit: int) -> str:
        """Return the mean price of what was filled, as decimal text."""
        if not self.filled:
            return "0"
        scale = 10**AVERAGE_DIGITS
        scaled = (2 * self.notional * scale + self.filled) // (2 * self.filled)
        whole, rest = divmod(scaled, ticks_per_unit * scale)
        digits = f"{rest:0{len(str(ticks_per_unit * scale)) - 1}d}".rstrip("0")
        return f"{whole}.{digits}" if digits else str(whole)


def correction(order: Working) -> Replace | Cancel | None:
    """Return what takes back the lots that a replace has asked for too much, if it has.

    Some were filled while it was on its way: see the page.
    """
    if order.gone or order.open <= order.leaves:
        return None
    account, symbol = order.order.account, order.order.symbol
    if order.leaves and order.price is not None:
        return Replace(account, symbol, order.number, order.leaves, order.price)
    return Cancel(account, symbol, order.number)
