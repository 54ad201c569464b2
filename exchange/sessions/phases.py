"""The phases of a market's day: what each lets in, and what happens between two of them.

    PRE_OPEN ─► OPENING_AUCTION ─► CONTINUOUS ─► CLOSING_AUCTION ─► CLOSED
                                    │      ▲
                      VOLATILITY_AUCTION   │      HALTED: from anywhere, by the operator or a breaker
                                    └──────┘

Orders gather in PRE_OPEN and in the auctions: they rest, and may cross. Whoever leaves an auction uncrosses
it first. Invariant: in CONTINUOUS the book is not crossed. A schedule does not end a halt; whoever halted
does. Page: docs/exchange/auctions.md
"""

from exchange.book import Book
from exchange.control import BandsMoved, Phase, PhaseChanged, SetPhase, Why
from exchange.market import Market
from exchange.order_types.lives import end_of_day
from exchange.order_types.pegs import NOWHERE
from exchange.order_types.special import AT_ONCE, IN_AUCTIONS
from exchange.orders import (
    BUY,
    NO_LIMIT,
    SELL,
    Canceled,
    Event,
    Life,
    Reason,
    Repriced,
    Triggered,
)
from exchange.sessions.auction import uncross
from exchange.sessions.bands import pull_in

AUCTIONS = (Phase.OPENING_AUCTION, Phase.VOLATILITY_AUCTION, Phase.CLOSING_AUCTION)
GATHERING = (Phase.PRE_OPEN, *AUCTIONS)
SHUT = (Phase.HALTED, Phase.CLOSED)


def refusal(phase: Phase, life: Life = Life.DAY, quantity_min: int = 0) -> Reason | None:
    """Return why a market in `phase` takes no order of that `life`, or None. Cancels it always takes."""
    if phase in SHUT:
        return Reason.MARKET_CLOSED
    if phase in GATHERING and (life in AT_ONCE or quantity_min):
        return Reason.NOT_IN_THIS_PHASE
    if life is Life.AT_OPEN and phase not in (Phase.PRE_OPEN, Phase.OPENING_AUCTION):
        return Reason.NOT_IN_THIS_PHASE
    return None


def set_phase(market: Market, wish: SetPhase, now_ns: int, events: list[Event]) -> None:
    """Bring the market into another phase; if it is in it, or may not, nothing happens.

    The schedule's phases wait while the market is halted, until the day's end.
    """
    is_held = market.phase is Phase.HALTED and wish.why is Why.SCHEDULE
    if wish.phase is not market.phase and (not is_held or wish.phase is Phase.CLOSED):
        change(market, wish.phase, wish.why, now_ns, events)


def change(market: Market, phase: Phase, why: Why, now_ns: int, events: list[Event]) -> None:
    """Leave the present phase, with an uncross if it gathered orders, and begin `phase`."""
    before = market.phase
    market.set_alarm(None)
    is_fixed = before in AUCTIONS and phase not in (*AUCTIONS, Phase.HALTED)
    if is_fixed or phase is Phase.CONTINUOUS:
        _end_auction(market, now_ns, events)
    market.set_phase(phase)
    events.append(PhaseChanged(market.symbol, phase, why))
    if phase is Phase.CLOSING_AUCTION:
        _bring_in(market, events)
    elif phase is Phase.CLOSED:
        end_of_day(market, events)
    elif phase is Phase.VOLATILITY_AUCTION and why is Why.BANDS:
        market.set_alarm(now_ns + market.rules.pause_ns)


def _end_auction(market: Market, now_ns: int, events: list[Event]) -> None:
    """Fix the price, trade, and let go what was meant for an auction only."""
    book = market.book
    price = uncross(book, market.symbol, events, market.reference, market.rules.tick)
    for number, peg in list(market.pegs.items()):
        if number not in book.orders and peg.price != NOWHERE:
            del market.pegs[number]  # filled just now; nobody may cancel it any more
    for order in market.everyone():
        is_market, is_meant = abs(order.price) == NO_LIMIT, order.life in IN_AUCTIONS
        if order.id in book.orders and (is_market or is_meant):
            reason = Reason.EXPIRED if is_meant else Reason.REST_OF_IMMEDIATE
            events.append(Canceled(order.id, market.take_out(order), reason))
    if (bands := market.bands) is not None:
        bands.anchor(now_ns, price or _middle(book) or bands.reference)
        events.append(BandsMoved(market.symbol, bands.lower, bands.upper))
        pull_in(book, bands, events)


def _middle(book: Book) -> int:
    """Return the middle of the best prices, or the one that there is: where a market would go on."""
    bests = [book.everybody(side).best() for side in (BUY, SELL)]
    prices = [level.price for level in bests if level is not None]
    return sum(prices) // len(prices) if prices else 0


def _bring_in(market: Market, events: list[Event]) -> None:
    """Let the orders that have waited for the close into the book."""
    for order in list(market.parked.values()):
        del market.parked[order.id]
        events.append(Triggered(order.id))
        if order.price != order.cap:  # it was changed while it waited
            events.append(Repriced(order.id, order.price))
        market.book.rest(order)
