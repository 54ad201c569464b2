"""A dish was not in the bag: its price goes back to the customer, once, and the restaurant pays.

Invariant: for each order and dish at most one refund is asked for, under a key that never changes.
Page: docs/zomato/money.md
"""

from collections.abc import Callable

from sqlalchemy import Connection

from chapters.outbox import put, withdraw
from chapters.transaction import Database
from zomato.errors import BadCart, IllegalMove
from zomato.ordering import books
from zomato.ordering.bill import FOOD_TAX, part
from zomato.ordering.orders import Order, Orders
from zomato.ordering.states import State
from zomato.ordering.tables import END_REFUND, NOTE_REFUND, ONE_REFUND


class Complaints:
    """Refunds of single dishes of delivered orders."""

    def __init__(self, database: Database, orders: Orders, *, now_ns: Callable[[], int]) -> None:
        self._database, self._orders, self._now_ns = database, orders, now_ns

    def missing(self, id: str, dish: str) -> int:
        """Ask the money for a dish back; return how many paise. Asked again, nothing is added.

        Raises `UnknownOrder`, `IllegalMove` before it is delivered, `BadCart` for a foreign dish.
        """
        order = self._orders.order(id)
        paise = price(order, dish)

        def work(connection: Connection) -> None:
            row = {"order_id": id, "reason": dish, "paise": paise}
            if connection.execute(NOTE_REFUND, row).rowcount:
                facts = {"do": "refund", "id": id, "key": f"{id}/missing/{dish}", "paise": paise}
                more = {"dish": dish, "customer": order.cart.customer}
                subject = _subject(id, dish)
                put(connection, "gateway", subject, facts | more, now_ns=self._now_ns())

        self._database.run(work)
        return paise

    def hear(self, id: str, dish: str) -> None:
        """The money is back with the customer; told again, nothing changes."""
        order, now_ns = self._orders.order(id), self._now_ns()

        def work(connection: Connection) -> None:
            withdraw(connection, "gateway", _subject(id, dish))
            if connection.execute(END_REFUND, {"b_order": id, "b_reason": dish}).rowcount:
                asked = {"order_id": id, "reason": dish}
                paise = connection.execute(ONE_REFUND, asked).scalar_one()
                legs = books.missed(paise, order.cart.restaurant)
                entries = [[f"{id}/missing/{dish}", legs]]
                news = {"id": id, "state": order.state.value, "entries": entries}
                put(connection, "news", id, news, now_ns=now_ns)

        self._database.run(work)


def _subject(id: str, dish: str) -> str:
    return f"{id}/{dish}"[:80]


def price(order: Order, dish: str) -> int:
    """Return what was paid for a dish, with its tax. Raises `IllegalMove`, `BadCart`."""
    if order.state is not State.DELIVERED:
        raise IllegalMove(f"the order is {order.state.value}: complain when it is delivered")
    found = [each for each in order.cart.lines if each.dish == dish]
    if not found:
        raise BadCart(f"no dish {dish!r:.60} was ordered")
    food = sum(each.quantity * each.seen_paise for each in found)
    less = food * order.bill.discount // order.bill.food
    return food - less + part(food - less, FOOD_TAX)
