"""The words of the exchange: commands that come in, events that go out, and the reasons to refuse.

Everything is an integer: prices count ticks, quantities count lots, accounts and orders are numbers.
So two machines that apply the same commands produce the same events, byte for byte.

    New ────┐                    ┌──── Accepted · Rejected
    Replace ├──►  the engine  ──►├──── Filled · Canceled · Replaced
    Cancel ─┘                    └──── CancelRejected

The shape is that of Nasdaq's OUCH (orders in) and ITCH (events out); the reject codes are FIX 4.4's
tags 103 (OrdRejReason) and 102 (CxlRejReason). Commands are named tuples and events are dataclasses
left unfrozen, as a frozen one costs four times as much to make, and an exchange makes millions.
Nobody changes either. Page: docs/exchange/orders.md
"""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, NewType, final

Side = NewType("Side", int)
BUY = Side(1)
SELL = Side(-1)

QUANTITY_MAX = 1_000_000_000  # lots; leaves room to add up a million orders in 64 bits
PRICE_MAX = 1_000_000_000_000  # ticks; far above any price, far below 2**63
NO_LIMIT = 2 * PRICE_MAX  # a market order's price is side × this: it crosses every level
CLIENT_ID_LENGTH_MAX = 64  # characters


class Life(Enum):
    """How long an order may wait for its other side (FIX tag 59, TimeInForce)."""

    DAY = "day"
    IMMEDIATE_OR_CANCEL = "ioc"  # trade what is there now, cancel the rest
    FILL_OR_KILL = "fok"  # all of it now, or nothing


DAY, IMMEDIATE_OR_CANCEL, FILL_OR_KILL = Life  # looking a member up on its class costs 50 ns


class SelfTrade(Enum):
    """Which of two orders of one account gives way instead of trading with the other."""

    ALLOW = "allow"
    CANCEL_TAKER = "cancel-taker"
    CANCEL_MAKER = "cancel-maker"
    CANCEL_BOTH = "cancel-both"


class Reason(Enum):
    """Why an order was refused or canceled: a machine's word and its FIX code.

    Source: FIX, tag 103 for orders, tag 102 for cancels; 13 and 18 are younger than FIX 4.4 and
    come from its extension packs; -1 where FIX has no code.
    """

    UNKNOWN_SYMBOL = ("unknown-symbol", 1)
    DUPLICATE_CLIENT_ID = ("duplicate-client-id", 6)
    TOO_MANY_ORDERS = ("too-many-orders", 3)
    BAD_QUANTITY = ("bad-quantity", 13)
    BAD_PRICE = ("bad-price", 18)
    WOULD_CROSS = ("post-only-would-cross", 99)
    TOO_LATE = ("too-late", 0)
    UNKNOWN_ORDER = ("unknown-order", 1)
    BY_CLIENT = ("canceled-by-client", -1)
    REST_OF_IMMEDIATE = ("rest-of-immediate-order", -1)
    NOT_FILLABLE = ("not-fillable-in-full", -1)
    SELF_TRADE = ("self-trade-prevented", -1)

    def __init__(self, word: str, fix_code: int) -> None:
        self.word = word
        self.fix_code = fix_code


@final
class New(NamedTuple):
    """A request to buy or sell; `price` None makes it a market order."""

    account: int
    client_id: str
    symbol: str
    side: Side
    quantity: int
    price: int | None
    life: Life = Life.DAY
    post_only: bool = False
    self_trade: SelfTrade = SelfTrade.CANCEL_TAKER


@final
class Cancel(NamedTuple):
    """A request to take what is left of an order out of the book."""

    account: int
    symbol: str
    order_id: int


@final
class Replace(NamedTuple):
    """A request to change an order's open quantity and price; it keeps its number."""

    account: int
    symbol: str
    order_id: int
    quantity: int
    price: int


Command = New | Cancel | Replace


@dataclass(slots=True)
class Accepted:
    """The order has a number; whatever is not filled or canceled right after rests in the book."""

    order_id: int
    order: New


@dataclass(slots=True)
class Rejected:
    """Nothing happened."""

    order: New
    reason: Reason


@dataclass(slots=True)
class Filled:
    """`quantity` lots changed hands at the maker's `price`."""

    price: int
    quantity: int
    maker_id: int
    taker_id: int


@dataclass(slots=True)
class Canceled:
    """The open `quantity` of the order is gone, unfilled."""

    order_id: int
    quantity: int
    reason: Reason


@dataclass(slots=True)
class Replaced:
    """The order is open for `quantity` at `price`; without `kept` it lost its place in the queue."""

    order_id: int
    quantity: int
    price: int
    kept: bool


@dataclass(slots=True)
class CancelRejected:
    """Nothing happened: the order was not there to be canceled or replaced."""

    account: int
    order_id: int
    reason: Reason


Event = Accepted | Rejected | Filled | Canceled | Replaced | CancelRejected
