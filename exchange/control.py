"""The words of those who run the market: phases of the day, limits of an account, the passing of time.

    SetPhase ────┐                    ┌──── PhaseChanged · Uncrossed · BandsMoved
    SetLimits ───┤                    │
    Block ───────┼──►  the engine  ──►├──── Noted
    Tick ────────┘                    └──── and whatever happens to orders by it

They are journalled among the orders, in the one sequence: whoever replays it halts where the market
halted. Each is about one symbol, so that whoever follows a symbol need not read the others. Time is a
command too: the engine never asks a clock. Page: docs/exchange/orders.md
"""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, final

from chapters.sim.clock import S

ONE_BP = 10_000  # hundredths of a percent in the whole


class Phase(Enum):
    """What may happen in a symbol's market now (FIX tag 340, TradSesStatus, says less)."""

    PRE_OPEN = "pre-open"  # orders gather, nothing trades
    OPENING_AUCTION = "opening-auction"
    CONTINUOUS = "continuous"
    VOLATILITY_AUCTION = "volatility-auction"  # the price ran too far: orders gather again
    CLOSING_AUCTION = "closing-auction"
    HALTED = "halted"  # cancels only
    CLOSED = "closed"


class Matching(Enum):
    """Who trades first at one price."""

    FIFO = "fifo"
    PRO_RATA = "pro-rata"


class Why(Enum):
    """Why a market came into another phase."""

    SCHEDULE = "schedule"
    OPERATOR = "operator"
    BANDS = "price-bands"  # limit up, limit down
    CIRCUIT_BREAKER = "circuit-breaker"  # of the whole market


@final
class Rules(NamedTuple):
    """What holds for a symbol's market; a 0 switches the rule off."""

    matching: Matching = Matching.FIFO
    tick: int = 1  # prices are multiples of it
    lot: int = 1  # quantities are multiples of it
    reference_price: int = 0  # yesterday's close, in ticks
    band_bp: int = 0  # how far from the reference price it may trade, in hundredths of a percent
    static_bp: int = 0  # how far from the last auction's price
    limit_state_ns: int = 15 * S  # how long somebody waits at a band before a pause
    pause_ns: int = 300 * S  # how long orders gather then


@final
class Limits(NamedTuple):
    """What an account may do, in a symbol or in `ALL` of them; a 0 or None switches the limit off."""

    order_lots_max: int = 0
    order_notional_max: int = 0  # ticks × lots
    collar_bp: int = 0  # how far through the reference price an order may be
    messages_per_second: int = 0
    credit: int | None = None  # ticks × lots that it may owe, open buys counted as if filled
    short_lots: int | None = None  # lots that it may owe, open sells counted; 0: no short selling


NO_LIMITS = Limits()
ALL = "*"  # in place of a symbol: the limits hold for the account in all of them together


@final
class SetPhase(NamedTuple):
    """The operator, or the day's schedule, brings a symbol's market into another phase."""

    symbol: str
    phase: Phase
    why: Why = Why.SCHEDULE


@final
class SetLimits(NamedTuple):
    """From now on these limits hold for the account in that symbol."""

    account: int
    symbol: str
    limits: Limits


@final
class Block(NamedTuple):
    """The kill switch: all of the account's orders go, and none is taken until it is unblocked."""

    account: int
    symbol: str
    is_blocked: bool


@final
class Tick(NamedTuple):
    """Nobody asked for anything, but time has passed: what is due in that symbol happens."""

    symbol: str


Control = SetPhase | SetLimits | Block | Tick


@dataclass(slots=True)
class PhaseChanged:
    """The symbol's market is in another phase."""

    symbol: str
    phase: Phase
    why: Why


@dataclass(slots=True)
class Uncrossed:
    """An auction ended: `quantity` lots traded at one `price`; the fills follow (0: nothing did)."""

    symbol: str
    price: int
    quantity: int


@dataclass(slots=True)
class BandsMoved:
    """From now on the symbol trades between `lower` and `upper` only, in ticks."""

    symbol: str
    lower: int
    upper: int


@dataclass(slots=True)
class Noted:
    """A limit or a block of the account is in force."""

    account: int


ControlEvent = PhaseChanged | Uncrossed | BandsMoved | Noted
