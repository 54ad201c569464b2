"""One price for everybody: the one at which the most lots change hands.

    lots │ demand ────┐
         │            └──┐     ┌──── supply       executable at a price: the lower of the two curves
         │               └─┬───┘                  imbalance: demand less supply
         │          ┌──────┘└──┐
         └──────────┴──────────┴──── price

Orders gather and may cross. Then the price is fixed: most lots first; then the least imbalance; then, where
all of what is left would press one way, the price farthest that way; then whatever is nearest to the
reference price. Prices that nobody named (no limit, no reference) lie outside of the search.
At that price whoever is better placed trades first: market orders before all, the earlier before the later.
Invariant: afterwards no two orders cross. Cost: O(levels × log levels) for the price, O(fills) to trade.
Source: the rules and examples of Euronext's and Xetra's auctions. Page: docs/exchange/auctions.md
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from exchange.book import Book, Levels, Order
from exchange.control import Uncrossed
from exchange.order_types.icebergs import refresh
from exchange.orders import BUY, NO_LIMIT, SELL, Event, Filled, Side


class Curve:
    """How many lots of one side would trade at a price: those of every order that is good enough."""

    def __init__(self, side: Side, levels: Iterable[tuple[int, int]]) -> None:
        """`levels` are (price, lots) from the best on; a market order's price is side × NO_LIMIT."""
        self._side = side
        self._keys: list[int] = []
        self._totals = [0]
        for price, lots in levels:
            self._keys.append(-side * price)
            self._totals.append(self._totals[-1] + lots)

    @classmethod
    def of(cls, side: Side, book: Book) -> "Curve":
        """Return the curve of one side of a book: hidden orders and icebergs count in full."""
        levels = book.everybody(side).walk()
        return cls(
            side, ((level.price, sum(o.quantity + o.reserve for o in level)) for level in levels)
        )

    def at(self, price: int) -> int:
        """Return the lots that would trade at `price`."""
        return self._totals[bisect_right(self._keys, -self._side * price)]

    @property
    def limits(self) -> list[int]:
        """Return the prices that orders of this side name."""
        return [-self._side * key for key in self._keys if key != -NO_LIMIT]


class Indication(NamedTuple):
    """What an auction would come to if it ended now; `imbalance` is above 0 when buyers are left."""

    price: int
    quantity: int
    imbalance: int


def indicate(demand: Curve, supply: Curve, reference: int = 0, tick: int = 1) -> Indication | None:
    """Return the auction's price and what would trade at it, or None when nothing would.

    Most lots; then least imbalance; then the side that is left over pushes the price its way; and when
    it is left over on neither side, or on both, the price nearest to `reference` (0: none).
    """
    best: tuple[int, int] | None = None
    found: list[tuple[int, int]] = []  # (price, imbalance) of the prices that are best so far
    for price in _candidates(demand, supply, reference, tick):
        wanted, offered = demand.at(price), supply.at(price)
        score = (min(wanted, offered), -abs(wanted - offered))
        if best is None or score > best:
            best, found = score, []
        if score == best:
            found.append((price, wanted - offered))
    if best is None or not best[0]:
        return None
    price = _choose(found, reference, tick)
    return Indication(price, best[0], demand.at(price) - supply.at(price))


def _candidates(demand: Curve, supply: Curve, reference: int, tick: int) -> list[int]:
    """Return, in order, each price at which a curve has just stepped or is about to.

    Between two of them both curves are flat, so the ends of every flat piece are among them.
    """
    prices = {*demand.limits, *supply.limits}
    prices |= {price + tick for price in demand.limits} | {price - tick for price in supply.limits}
    named = [*demand.limits, *supply.limits]
    if reference:
        named.append(reference - reference % tick)
    lowest, highest = min(named, default=0), max(named, default=0)
    return sorted(price for price in {*prices, *named} if lowest <= price <= highest)


def _choose(found: list[tuple[int, int]], reference: int, tick: int) -> int:
    """Return one of the equally good prices, which lie side by side, from the lowest on."""
    lowest, highest = found[0][0], found[-1][0]
    if all(imbalance > 0 for _, imbalance in found):
        return highest
    if all(imbalance < 0 for _, imbalance in found):
        return lowest
    wanted = reference or (lowest + highest) // 2
    return min(max(wanted - wanted % tick, lowest), highest)


def indication(book: Book, reference: int = 0, tick: int = 1) -> Indication | None:
    """Return what an auction of the orders in `book` would come to now."""
    return indicate(Curve.of(BUY, book), Curve.of(SELL, book), reference, tick)


def uncross(
    book: Book, symbol: str, events: list[Event], reference: int = 0, tick: int = 1
) -> int | None:
    """Trade all that can trade at the auction's one price; return that price, None without trades.

    The buyer is called the maker of each fill, and the seller the taker: in an auction nobody came first.
    An account may trade with itself: the price is already fixed, and who meets whom is chance.
    """
    found = indication(book, reference, tick)
    if found is None:
        events.append(Uncrossed(symbol, 0, 0))
        return None
    events.append(Uncrossed(symbol, found.price, found.quantity))
    left = found.quantity
    buyers, sellers = book.everybody(BUY), book.everybody(SELL)
    while left:
        buy, sell = _first(buyers), _first(sellers)
        lots = min(buy.quantity, sell.quantity, left)
        events.append(Filled(found.price, lots, buy.id, sell.id))
        for order in (buy, sell):
            _take(book, order, lots, events)
        left -= lots
    return found.price


def _first(half: Levels) -> Order:
    level = half.best()
    assert level is not None and level.first is not None, "the curves said that there is more"
    return level.first


def _take(book: Book, order: Order, lots: int, events: list[Event]) -> None:
    """Take lots off an order; an iceberg shows its next slice, behind the others of its price."""
    if lots < order.quantity:
        order.level.reduce(order, lots)
        return
    book.remove(order)
    if order.reserve:
        refresh(book, order, events)


def demo() -> None:
    """Seven orders gather; an indication as each comes; then one price for all of them."""
    book = Book()
    wishes = [
        *((BUY, 50, None), (BUY, 90, 1010), (BUY, 10, 990)),
        *((SELL, 40, None), (SELL, 100, 1008), (SELL, 60, 1015), (BUY, 20, None)),
    ]
    for number, (side, lots, limit) in enumerate(wishes, start=1):
        price = side * NO_LIMIT if limit is None else limit
        book.rest(Order(number, account=number, side=side, quantity=lots, price=price))
        name = f"#{number} {'buy' if side == BUY else 'sell'} {lots} @ {limit or 'market'}"
        print(f"{name:<22}{_said(indication(book, reference=1000))}")
    events: list[Event] = []
    uncross(book, "ACME", events, reference=1000)
    print(*events, sep="\n")


def _said(found: Indication | None) -> str:
    if found is None:
        return "nothing would trade"
    left = f"{abs(found.imbalance)} lots of {'buyers' if found.imbalance > 0 else 'sellers'}"
    rest = f", {left} left over" if found.imbalance else ""
    return f"{found.quantity} lots would trade at {found.price}{rest}"
