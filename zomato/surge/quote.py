"""What is shown is paid: a price is frozen for some minutes, whatever happens to it meanwhile.

    12:00  shown   1.4   39 rupees · 1.4 = 54.60       kept until 12:05
    12:03  now 1.8        asked again: still 54.60      to look twice does not change it
    12:04  ordered        54.60
    12:06  would have been refused: both prices, and a new quote

Invariants: a quote is paid at what it says, or not at all; it pays for one order; asking again before it
ends returns the same one. Fees are whole paise. Page: docs/zomato/surge.md
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

from chapters.errors import Refused, UsageError
from zomato.surge.pulse import ONE_BPS

KEPT_S = 300
QUOTES_MAX = 100_000  # alive at once


@dataclass(frozen=True, slots=True)
class Quote:
    """A delivery's price for somebody at a place, until `until_s`."""

    id: str
    customer: str
    place: tuple[int, int]  # metres
    multiplier_bps: int
    fee_paise: int
    until_s: int


class QuoteExpired(Refused):
    """The quote has ended; `fresh` is what it costs now."""

    def __init__(self, old: Quote, fresh: Quote) -> None:
        super().__init__(
            409,
            f"the price was {rupees(old.fee_paise)} until {old.until_s} s; "
            f"it is {rupees(fresh.fee_paise)} now: confirm {fresh.id}",
            "quote-expired",
        )
        self.old, self.fresh = old, fresh


class Quotes:
    """All quotes of a town; `price(x, y)` says what a place costs now, in basis points."""

    def __init__(self, price: Callable[[float, float], int], base_paise: int) -> None:
        if base_paise < 0:
            raise UsageError(f"base-paise is {base_paise}; it must be at least 0")
        self._price, self._base = price, base_paise
        self._alive: dict[tuple[str, tuple[int, int]], Quote] = {}
        self._by_id: dict[str, Quote] = {}
        self._orders: dict[str, str] = {}  # by quote
        self._count = 0

    def show(self, customer: str, x: float, y: float, now_s: int) -> Quote:
        """Return the quote for a place: the one that is kept, else a new one. Raises `Refused`."""
        if not (isfinite(x) and isfinite(y)):
            raise Refused(400, f"the place is {x}, {y}; it must be metres east and north")
        place = round(x), round(y)
        kept = self._alive.get((customer, place))
        if kept is not None and now_s < kept.until_s and kept.id not in self._orders:
            return kept
        self._forget(now_s)
        self._alive.pop((customer, place), None)  # so that the oldest stays first
        if len(self._alive) >= QUOTES_MAX:
            raise Refused(429, f"{QUOTES_MAX:,} quotes are alive; ask again in a minute")
        self._count += 1
        price = self._price(x, y)
        quote = Quote(
            f"q{self._count}", customer, place, price, fee(self._base, price), now_s + KEPT_S
        )
        self._alive[customer, place] = self._by_id[quote.id] = quote
        return quote

    def pay(self, id: str, order: str, now_s: int) -> int:
        """Return what the order costs: what was shown, in paise. The same order may ask again.

        Raises `QuoteExpired`, with what it costs now, and `Refused`: 404, or 409 if it was used before.
        """
        quote = self._by_id.get(id)
        if quote is None:
            raise Refused(404, f"there is no quote {id!r}; ask for one")
        paid_for = self._orders.get(id)
        if paid_for is not None and paid_for != order:
            raise Refused(409, f"quote {id} has paid for order {paid_for}; ask for another one")
        if paid_for is None and now_s >= quote.until_s:
            raise QuoteExpired(quote, self.show(quote.customer, *quote.place, now_s))
        self._orders[id] = order
        return quote.fee_paise

    def _forget(self, now_s: int) -> None:
        """Ended quotes are not alive; when there are too many of them, the oldest are not known either."""
        while self._alive and next(iter(self._alive.values())).until_s <= now_s:
            del self._alive[next(iter(self._alive))]
        while len(self._by_id) >= 2 * QUOTES_MAX:
            gone = next(iter(self._by_id))
            del self._by_id[gone]
            self._orders.pop(gone, None)


def fee(base_paise: int, multiplier_bps: int) -> int:
    """Return the fee in whole paise, half a paisa up."""
    return (base_paise * multiplier_bps + ONE_BPS // 2) // ONE_BPS


def rupees(paise: int) -> str:
    """Return an amount as people read it."""
    return f"₹{paise // 100}.{paise % 100:02}"
