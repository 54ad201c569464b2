"""The words of traders: commands that come in, events that go out, and the reasons to refuse.

Everything is an integer: prices count ticks, quantities count lots, accounts and orders are numbers.
So two machines that apply the same commands produce the same events, byte for byte.

    New ───────┐                    ┌──── Accepted · Rejected
    Replace ───┤                    ├──── Filled · Canceled · Replaced · CancelRejected
    Cancel ────┼──►  the engine  ──►├──── Triggered · Refreshed · Repriced · Transferred
    CancelAll ─┘                    └──── those of control.py: phases, auctions, bands

The shape is that of Nasdaq's OUCH (orders in) and ITCH (events out); the reject codes are FIX 4.4's
tags 103 (OrdRejReason) and 102 (CxlRejReason). Commands are named tuples and events are dataclasses
left unfrozen, as a frozen one costs three times as much to make, and an exchange makes millions.
Nobody changes either. Page: docs/exchange/orders.md
"""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, NewType, final

from exchange.control import Control, ControlEvent

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
    GOOD_TILL_CANCEL = "gtc"  # the day's end does not end it
    GOOD_TILL_DATE = "gtd"  # until `Terms.expires_ns`
    AT_OPEN = "at-open"  # in the opening auction, or not at all
    AT_CLOSE = "at-close"  # in the closing auction, or not at all


DAY, IMMEDIATE_OR_CANCEL, FILL_OR_KILL, *_ = Life  # looking a member up on its class costs 50 ns


class SelfTrade(Enum):
    """Which of two orders of one account gives way instead of trading with the other."""

    ALLOW = "allow"
    CANCEL_TAKER = "cancel-taker"
    CANCEL_MAKER = "cancel-maker"
    CANCEL_BOTH = "cancel-both"
    DECREMENT = "decrement"  # both lose the smaller quantity, nothing trades
    TRANSFER = "transfer"  # both lose it, and the books say that it moved within the account


class Peg(Enum):
    """What a pegged order's price follows (FIX tag 18, ExecInst: R, P, M)."""

    PRIMARY = "primary"  # the best price of its own side
    MARKET = "market"  # the best price of the other side
    MIDPOINT = "midpoint"  # the middle, on its own side of it when that is between two ticks


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
    MARKET_CLOSED = ("market-closed", 2)
    OVER_LIMIT = ("over-risk-limit", 3)
    BLOCKED = ("account-blocked", 99)
    TOO_FAST = ("too-many-messages", 99)
    BAD_TERMS = ("bad-terms", 99)
    EXPIRED = ("expired", -1)
    KILLED = ("kill-switch", -1)
    ALL_OF_ACCOUNT = ("all-of-account-canceled", -1)
    NOT_IN_THIS_PHASE = ("not-in-this-phase", 99)

    def __init__(self, word: str, fix_code: int) -> None:
        self.word = word
        self.fix_code = fix_code


@final
class Terms(NamedTuple):
    """What most orders do not ask for."""

    stop_price: int | None = None  # waits, unseen, until a trade reaches this price
    trail: int | None = None  # the stop price follows the best trade at so many ticks
    display: int | None = None  # lots shown at a time (an iceberg); 0 hides all of it
    peg: Peg | None = None
    quantity_min: int = 0  # fewer lots than that at once, and nothing trades
    expires_ns: int = 0  # for good-till-date, in the sequencer's time

    @property
    def has_reference(self) -> bool:
        """Return whether the order waits for a price, or follows one."""
        return (self.peg, self.stop_price, self.trail) != (None, None, None)


PLAIN = Terms()


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
    terms: Terms = PLAIN


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


@final
class CancelAll(NamedTuple):
    """A request to take all of the account's orders of a symbol out of the market."""

    account: int
    symbol: str


Command = New | Cancel | Replace | CancelAll | Control


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


@dataclass(slots=True)
class Triggered:
    """The stop order's price was reached: from now on it is an order like any other."""

    order_id: int


@dataclass(slots=True)
class Refreshed:
    """An iceberg shows its next `quantity` lots, at the back of the queue."""

    order_id: int
    quantity: int


@dataclass(slots=True)
class Repriced:
    """What the order is pegged to has moved, and it with it, to the back of the queue at `price`."""

    order_id: int
    price: int


@dataclass(slots=True)
class Transferred:
    """`quantity` lots moved from one order of an account to another of it: no trade of the market."""

    price: int
    quantity: int
    maker_id: int
    taker_id: int


OrderEvent = Accepted | Rejected | Filled | Canceled | Replaced | CancelRejected
LaterEvent = Triggered | Refreshed | Repriced | Transferred
Event = OrderEvent | LaterEvent | ControlEvent
