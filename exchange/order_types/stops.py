"""Stop orders: they wait, unseen, for a trade at their price, and then become orders like any other.

    sells below the market        last trade        buys above it
    ◄── 990   995   998            1000             1003   1007   1010 ──►
                     nearest first, at one price the oldest first

A buyer's stop is reached by a trade at its price or above, a seller's by one at its price or below. A stop
with a `trail` moves with the best trade, towards the market and never away. Invariant: after each trade
none that was reached still waits. Cost: O(log stops) to enter, cancel and trigger; a trade at a new best
price moves each trailing stop of one side, of which there are at most TRAILING_MAX.
Source: FIX's OrdType 3 and 4 and the trailing rules of most brokers. Page: docs/exchange/order-types.md
"""

from sortedcontainers import SortedDict

from exchange.order_types.special import Special
from exchange.orders import BUY, SELL, Side

TRAILING_MAX = 1_000  # in a market: a trade at a new best price moves them all

Key = tuple[int, int]  # side × stop price: the smaller, the nearer; then who came first


class Stops:
    """The stop orders of one market that wait for their price."""

    __slots__ = ("_next_turn", "_trailing", "_waiting", "orders")

    def __init__(self) -> None:
        self.orders: dict[int, Special] = {}
        self._trailing: dict[int, Special] = {}
        self._waiting: dict[Side, SortedDict] = {BUY: SortedDict(), SELL: SortedDict()}
        self._next_turn = 0

    @property
    def is_full(self) -> bool:
        """Whether no further trailing stop is taken."""
        return len(self._trailing) >= TRAILING_MAX

    def add(self, order: Special) -> None:
        """Let `order` wait behind all others of its stop price."""
        order.turn = self._next_turn
        self._next_turn += 1
        self.orders[order.id] = self._waiting[order.side][_key(order)] = order
        if order.trail is not None:
            self._trailing[order.id] = order

    def remove(self, order: Special) -> None:
        """Take a waiting `order` out, because it is canceled, changed or triggered."""
        del self.orders[order.id], self._waiting[order.side][_key(order)]
        self._trailing.pop(order.id, None)

    def reached(self, price: int) -> list[Special]:
        """Take out and return the stops that a trade at `price` reaches: nearest first, then oldest.

        Only the first trade of all can reach both sides: then the one that it went furthest beyond.
        """
        found: list[Special] = []
        for side, waiting in self._waiting.items():
            while waiting and waiting.peekitem(0)[0][0] <= side * price:
                found.append(waiting.peekitem(0)[1])
                self.remove(found[-1])
        return sorted(found, key=lambda order: (_key(order)[0] - order.side * price, order.turn))

    def follow(self, price: int) -> None:
        """Move the trailing stops after a trade at `price`; they keep their turn."""
        for order in self._trailing.values():
            stop_price = trailed(order, price)
            if stop_price != order.stop_price:
                waiting = self._waiting[order.side]
                del waiting[_key(order)]
                order.stop_price = stop_price
                waiting[_key(order)] = order


def trailed(order: Special, price: int) -> int:
    """Return the stop price of a trailing `order` after a trade at `price`: never further away."""
    assert order.trail is not None
    wanted = price + order.side * order.trail
    if order.stop_price is None or order.side * wanted < order.side * order.stop_price:
        return wanted
    return order.stop_price


def _key(order: Special) -> Key:
    assert order.stop_price is not None
    return order.side * order.stop_price, order.turn


def demo() -> None:
    """A falling market: one stop sets off the next, and a trailing one had followed the rise before."""
    from exchange.engine import Engine
    from exchange.orders import New, Terms
    from exchange.saying import say

    engine = Engine(["ACME"])
    for number, price in enumerate((1000, 1004, 990, 980), start=1):
        engine.apply(New(1, f"bid{number}", "ACME", BUY, 10, price, terms=Terms()))
    for command in (
        New(2, "first", "ACME", SELL, 10, None),
        New(3, "stop", "ACME", SELL, 10, None, terms=Terms(stop_price=1001)),
        New(4, "trail", "ACME", SELL, 10, None, terms=Terms(trail=12)),
        New(5, "second", "ACME", SELL, 10, None),
    ):
        say(engine.apply(command))
