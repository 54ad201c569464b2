"""What must be true of an evening: some of it after every step, the rest when all is quiet.

     1  every entry sums to zero, and so does everything         8  one order a rider, one rider an order
     2  captured − refunded = what was earned with an order      9  everything that had to be said was heard
     3  at most one capture of a payment                        10  everybody has what their orders earned
     4  never more refunded than captured, each reason once     11  a coupon is used as often as it may be
     5  every order ends; none is lost, none is double          12  money is whole paise
     6  a key gets one answer, for the cart it came with        13  our books and their statement agree
     7  an order moves as it may, and its end is its end

Page: docs/zomato/money.md
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import astuple

from sqlalchemy import Connection, Engine, select, text

from chapters.ledger import Ledger
from chapters.outbox.outbox import OUTBOX
from zomato.gateway.gateway import Gateway
from zomato.ordering.bill import shares
from zomato.ordering.books import missed
from zomato.ordering.orders import Order, read_order
from zomato.ordering.reconcile import reconcile
from zomato.ordering.states import ENDS, MOVES, State
from zomato.ordering.tables import ORDERS, REFUNDS, USES
from zomato.people import Customers, Riders

EARNERS = ("restaurant/", "rider/", "platform", "promotions", "tax", "rounding")
STATES = select(ORDERS.c.id, ORDERS.c.state)
USED = text(
    "SELECT code, used, uses_max, "
    "(SELECT count(*) FROM coupon_uses WHERE coupon_uses.code = coupons.code) AS uses FROM coupons"
)


def _reachable(state: State) -> set[State]:
    """Return the states that an order may come to, this one included."""
    found: set[State] = set()
    ahead = [state]
    while ahead:
        here = ahead.pop()
        if here not in found:
            found.add(here)
            ahead += MOVES[here].values()
    return found


REACHABLE = {state: _reachable(state) for state in State}


class Watch:
    """Looks at the database, the books, the company and the people; `broken` is what it saw."""

    def __init__(
        self, engine: Engine, gateway: Gateway, customers: Customers, riders: Riders
    ) -> None:
        self._engine, self._gateway = engine, gateway
        self._customers, self._riders = customers, riders
        self._last: dict[str, State] = {}
        self.broken: list[str] = []

    def after_a_step(self, ledger: Ledger) -> None:
        """Look at what must always be true."""
        with self._engine.connect() as connection:
            states = {row.id: State(row.state) for row in connection.execute(STATES)}
            self.broken += _coupons(connection)
        self.broken += self._books(ledger)
        self.broken += self._statement()
        self.broken += self._answers(states)
        self.broken += self._moves(states)
        self.broken += self._hands()

    def at_the_end(self, ledger: Ledger) -> None:
        """Look at what must be true when nothing happens any more."""
        with self._engine.connect() as connection:
            orders = [read_order(row) for row in connection.execute(select(ORDERS))]
            refunds = list(connection.execute(select(REFUNDS)))
            uses = list(connection.execute(select(USES)))
            unheard = list(connection.execute(select(OUTBOX)))
        self.broken += self._ended(orders)
        self.broken += [f"9: {row.topic} never heard {row.facts}" for row in unheard]
        self.broken += [f"9: a refund is {row.state}" for row in refunds if row.state != "done"]
        back: Counter[str] = Counter()
        for row in refunds:
            back[row.order_id] += row.paise
        self.broken += self._earned(orders, back, ledger)
        gone = {order.id for order in orders if order.state is State.CANCELLED}
        self.broken += [
            f"11: {row.order_id} keeps a coupon" for row in uses if row.order_id in gone
        ]
        self.broken += _whole(orders)
        for difference in reconcile(ledger.postings(), self._gateway.statement):
            self.broken.append(f"13: {difference}")

    def _books(self, ledger: Ledger) -> Iterator[str]:
        try:
            ledger.check()
        except AssertionError as error:
            yield f"1: {error}"
        if total := sum(ledger.balances().values()):
            yield f"1: all balances sum to {total}"

    def _statement(self) -> Iterator[str]:
        taken = Counter(each.intent for each in self._gateway.statement if each.paise > 0)
        keys = Counter((each.intent, each.key) for each in self._gateway.statement)
        left: Counter[str] = Counter()
        for each in self._gateway.statement:
            left[each.intent] += each.paise
            if type(each.paise) is not int:
                yield f"12: {each}"
        yield from (
            f"3: {id} was captured {count} times" for id, count in taken.items() if count > 1
        )
        yield from (f"4: {key} stands {count} times" for key, count in keys.items() if count > 1)
        yield from (f"4: {id}: {paise} paise are left" for id, paise in left.items() if paise < 0)

    def _answers(self, known: Mapping[str, State]) -> Iterator[str]:
        for wish in self._customers.wishes:
            placed = {str(each) for each in wish.answers if "order" in each}
            if len(placed) > 1:
                yield f"6: {wish.key} was answered {' and '.join(sorted(placed))}"
            if wish.order is not None and wish.order not in known:
                yield f"5: {wish.order} was accepted, and nobody knows it"

    def _moves(self, states: Mapping[str, State]) -> Iterator[str]:
        for id, state in states.items():
            before = self._last.get(id, State.PLACED)
            if state not in REACHABLE[before]:
                yield f"7: {id} went from {before.value} to {state.value}"
            self._last[id] = state

    def _hands(self) -> Iterator[str]:
        jobs = [job.rider for job in self._riders.jobs.values() if not job.is_done]
        yield from (f"8: {who} has {n} orders" for who, n in Counter(jobs).items() if n > 1)
        brought = Counter(self._riders.brought)
        yield from (f"8: {id} was brought {n} times" for id, n in brought.items() if n > 1)

    def _ended(self, orders: list[Order]) -> Iterator[str]:
        carts = {
            order.id: {each.dish: each.quantity for each in order.cart.lines} for order in orders
        }
        for wish in self._customers.wishes:
            wanted = {each["dish"]: each["quantity"] for each in wish.cart["lines"]}
            if wish.order is not None and carts[wish.order] != wanted:
                yield f"6: {wish.key} was placed with another cart"
        for order in orders:
            if order.state not in ENDS:
                yield f"5: {order.id} is still {order.state.value}"
        keys = {(wish.cart["customer"], wish.key) for wish in self._customers.wishes}
        if len(orders) > len(keys):
            yield f"5: {len(orders)} orders for {len(keys)} keys"

    def _earned(self, orders: list[Order], back: Counter[str], ledger: Ledger) -> Iterator[str]:
        """Work out from the orders alone who must have what, and compare."""
        should: Counter[str] = Counter()
        for order in orders:
            paid = sum(each.paise for each in self._gateway.statement if each.intent == order.id)
            due = order.bill.total - back[order.id] if order.state is State.DELIVERED else 0
            if paid != due:
                yield f"2: {order.id} is {order.state.value}, paid {paid}, due {due}"
            if order.state is State.DELIVERED:
                place = order.cart.restaurant
                should.update(shares(order.bill, place, order.rider))
                should.update(dict(missed(back[order.id], place)[:1]))
        balances = ledger.balances()
        for name in sorted(should.keys() | balances.keys()):
            if name.startswith(EARNERS) and balances.get(name, 0) != should[name]:
                yield f"10: {name} has {balances.get(name, 0)}, earned {should[name]}"
        if balances.get("orders", 0):
            yield f"2: {balances['orders']} paise of ended orders still wait"


def _coupons(connection: Connection) -> Iterator[str]:
    for row in connection.execute(USED):
        if not row.used == row.uses <= row.uses_max:
            yield f"11: {row.code}: {row.used} counted, {row.uses} used, {row.uses_max} allowed"


def _whole(orders: list[Order]) -> Iterator[str]:
    for order in orders:
        if any(type(paise) is not int for paise in astuple(order.bill)):
            yield f"12: {order.id}: {order.bill}"
