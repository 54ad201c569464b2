"""Orders that ask for more than a price: what they carry, and which wishes make no sense.

    New, its terms ──► why_not ──► a reason to refuse it, or none
                  └──► Special     an Order that knows its reserve, stop, trail, peg, expiry

Most orders are plain, and pay next to nothing for the others: a plain Order has none of these fields,
and its class says so. Invariant: `quantity + reserve` is what is open. Page: docs/exchange/order-types.md
"""

from exchange.book import Order
from exchange.orders import (
    DAY,
    FILL_OR_KILL,
    IMMEDIATE_OR_CANCEL,
    NO_LIMIT,
    PRICE_MAX,
    QUANTITY_MAX,
    Life,
    New,
    Reason,
)

SLICES_MAX = 1_000  # of an iceberg: each is a fill, and one order must not cost a million of them
AT_ONCE = (IMMEDIATE_OR_CANCEL, FILL_OR_KILL)
STAYS = (Life.GOOD_TILL_CANCEL, Life.GOOD_TILL_DATE)
IN_AUCTIONS = (Life.AT_OPEN, Life.AT_CLOSE)  # good for one auction only


class Special(Order):
    """An order with terms, or one that outlives the day, or one that must not take."""

    __slots__ = (
        *("cap", "display", "expires_ns", "is_hidden", "life", "peg", "post_only"),
        *("quantity_min", "reserve", "stop_price", "trail", "turn"),
    )

    def __init__(self, number: int, wish: New) -> None:
        terms = wish.terms
        price = wish.side * NO_LIMIT if wish.price is None else wish.price
        super().__init__(number, wish.account, wish.side, wish.quantity, price, wish.self_trade)
        self.is_plain = False
        self.cap = price  # a pegged order follows up to here
        self.display = terms.display or QUANTITY_MAX  # of lots that are shown at a time, at most
        self.is_hidden = terms.display == 0
        self.reserve = 0
        self.peg = terms.peg
        self.quantity_min = terms.quantity_min
        self.post_only = wish.post_only
        self.life = wish.life
        self.expires_ns = terms.expires_ns
        self.stop_price = terms.stop_price
        self.trail = terms.trail
        self.turn = 0  # among stops of one price: who came first

    @property
    def is_stop(self) -> bool:
        """Whether it waits for a price, or did before it was triggered."""
        return self.stop_price is not None or self.trail is not None

    @property
    def entry_life(self) -> Life:
        """Return what `enter` shall do with what does not trade at once."""
        if self.life in AT_ONCE:
            return self.life
        return IMMEDIATE_OR_CANCEL if abs(self.price) == NO_LIMIT else DAY

    def hold_back(self) -> None:
        """Leave in `quantity` what is shown of an order that comes to rest; what is not is its reserve."""
        if self.quantity > self.display:
            self.reserve += self.quantity - self.display
            self.quantity = self.display

    def gather(self) -> None:
        """Make one quantity of what is shown and what is not: the order arrives anew."""
        self.quantity += self.reserve
        self.reserve = 0


def why_not(wish: New, now_ns: int, last_price: int) -> Reason | None:
    """Return why the terms of `wish` make no sense, or None when they do."""
    terms = wish.terms
    for price in (terms.stop_price, terms.trail):
        if price is not None and not 0 < price <= PRICE_MAX:
            return Reason.BAD_PRICE
    is_bad = (
        _bad_stop(wish, last_price)
        or _bad_display(wish)
        or _bad_minimum(wish)
        or _bad_life(wish, now_ns)
    )
    return Reason.BAD_TERMS if is_bad else None


def _bad_stop(wish: New, last_price: int) -> bool:
    """A trailing stop needs a price to start from; what follows a price cannot wait for one too."""
    terms = wish.terms
    if terms.trail is not None and terms.stop_price is None and not last_price:
        return True
    return terms.peg is not None and (terms.stop_price, terms.trail) != (None, None)


def _bad_display(wish: New) -> bool:
    """An iceberg of a million slices, or of less than nothing."""
    display = wish.terms.display or wish.quantity
    return display < 0 or wish.quantity > display * SLICES_MAX


def _bad_minimum(wish: New) -> bool:
    """It must trade so much at once, and must not, or does not try to."""
    terms = wish.terms
    if not 0 <= terms.quantity_min <= wish.quantity:
        return True
    waits = terms.peg is not None and wish.life not in AT_ONCE
    return terms.quantity_min > 0 and (wish.post_only or waits)


def _bad_life(wish: New, now_ns: int) -> bool:
    """A date and no order for it, or the reverse; a market order that is to stay."""
    is_dated, expires_ns = wish.life is Life.GOOD_TILL_DATE, wish.terms.expires_ns
    if is_dated != (expires_ns != 0) or (is_dated and expires_ns <= now_ns):
        return True
    if wish.life in IN_AUCTIONS:
        return wish.terms.has_reference
    is_market = wish.price is None and not wish.terms.has_reference
    return is_market and (wish.terms.display is not None or wish.life in STAYS)
