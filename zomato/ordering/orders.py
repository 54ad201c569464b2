"""Orders: placed once, moved by what the houses answer, and always brought to an end.

    place ─► one transaction: key, coupon, order, and the first command in the outbox
    hear  ─► one transaction: is this the answer we wait for? ─► move, news, the next command

Invariant: whatever is killed at whatever point, an order that was accepted is either delivered and paid
for, or cancelled and paid back. The database knows the order's place in its saga and the command that
is out; both change in one transaction, so after a restart the relay simply goes on asking.

An answer counts if it answers the command at hand; all others came late or twice, and are nodded through.
Page: docs/zomato/ordering.md
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row

from chapters.idempotency import once
from chapters.outbox import put, withdraw
from chapters.saga import BEGUN, Heard, Phase, after, command, give_up
from chapters.saga import State as Progress
from chapters.sim.clock import S
from chapters.sim.trace import note
from chapters.transaction import Database
from zomato.errors import Closed, IllegalMove, UnknownOrder
from zomato.ordering import books, coupons
from zomato.ordering.bill import Bill, Menu, bill, food_paise, rupees
from zomato.ordering.cart import Cart, Line
from zomato.ordering.plan import DONE_EVENTS, PLAN, TOPICS
from zomato.ordering.states import Event, State, move
from zomato.ordering.tables import ADD_ORDER, BY_STATE, LOCKED_ORDER, MOVE_ORDER, ONE_ORDER, OVERDUE

DUE_S = 90 * 60  # from the tap: what is not picked up by then is cancelled


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it stands."""

    id: str
    cart: Cart
    bill: Bill
    state: State
    progress: Progress
    rider: str
    trip: int  # how many riders have been lost with it
    reason: str
    placed_ns: int


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says besides: who brings it, why not, how much was paid back, on which trip."""

    rider: str = ""
    why: str = ""
    paise: int = 0
    trip: int = 0


Entries: TypeAlias = list[list[Any]]  # [id, legs] each


class Orders:
    """All orders, in a database. Several processes may use the same one at once."""

    def __init__(
        self,
        database: Database,
        *,
        menu: Menu,
        is_open: Callable[[str, int], bool],
        now_ns: Callable[[], int],
    ) -> None:
        self._database, self._menu, self._is_open, self._now_ns = database, menu, is_open, now_ns

    def place(self, key: str, cart: Cart) -> dict[str, Any]:
        """Return {"order", "total"}; the same key and cart again returns the same.

        Raises `KeyReused`, `Closed`, `BadCart`, `PriceChanged`, `NoCoupon`; then nothing was placed.
        """
        now_ns = self._now_ns()
        return self._database.run(
            lambda connection: once(
                connection,
                f"{cart.customer}/{key}",
                asdict(cart),
                lambda: self._placed(connection, key, cart, now_ns),
                now_ns=now_ns,
            )
        )

    def _placed(self, connection: Connection, key: str, cart: Cart, now_ns: int) -> dict[str, Any]:
        paid = self._quoted(connection, cart, now_ns)
        note("prices checked", dishes=len(cart.lines), total=rupees(paid.total))
        id = order_id(cart.customer, key)
        if cart.coupon:
            coupons.take(connection, cart.coupon, cart.customer, id)
            note("the coupon is taken", code=cart.coupon, less=rupees(paid.discount))
        order = Order(id, cart, paid, State.PLACED, BEGUN, "", 0, "", now_ns)
        connection.execute(
            ADD_ORDER,
            {
                "id": id, "cart": json.dumps(asdict(cart)), "bill": json.dumps(asdict(paid)),
                "placed_ns": now_ns, "due_ns": now_ns + DUE_S * S, **_moving(order),
            },
        )  # fmt: skip
        self._tell(connection, order, [])
        self._ask(connection, order)
        return {"order": id, "total": paid.total}

    def _quoted(self, connection: Connection, cart: Cart, now_ns: int) -> Bill:
        if not self._is_open(cart.restaurant, now_ns):
            raise Closed(f"{cart.restaurant} takes no orders now")
        food, less = food_paise(cart, self._menu), 0
        if cart.coupon:
            less = coupons.discount(connection, cart.coupon, food, now_ns=now_ns)
        return bill(food, less)

    def quote(self, cart: Cart) -> Bill:
        """Return what a cart would cost now, its coupon untouched. Raises as `place` does."""
        return self._database.run(lambda connection: self._quoted(connection, cart, self._now_ns()))

    def count_by_state(self) -> dict[str, int]:
        """Return how many orders are in each state."""
        rows = self._database.run(lambda connection: connection.execute(BY_STATE).all())
        return {row.state: row.orders for row in rows}

    def hear(self, id: str, name: str, heard: Heard, told: Told = Told()) -> bool:
        """Take an answer to the command `name`; return whether it was the one that is waited for.

        Raises `UnknownOrder`, `IllegalMove` (delivered before it was picked up): nothing changed.
        """

        def work(connection: Connection) -> bool:
            order = self._locked(connection, id)
            asked = command(PLAN, order.progress)
            if asked is None or asked.name != name:
                return False
            if name == "deliver" and told.trip < order.trip:
                return False  # somebody who was lost, and came after all
            progress = after(PLAN, order.progress, heard)
            note(f"{name}: {heard.value}", order=id)
            if progress != order.progress:
                entries = _entries(order, name, told) if heard is Heard.DONE else []
                self._go_on(connection, order, progress, entries, told)
            return True

        return self._database.run(work)

    def pick_up(self, id: str, rider: str, trip: int) -> None:
        """A rider has the food. The same again changes nothing. Raises `IllegalMove`.

        A trip is over when its rider was lost: what is heard of it later does not count.
        """

        def work(connection: Connection) -> None:
            order = self._locked(connection, id)
            if trip < order.trip:
                raise IllegalMove(f"trip {trip} is over: its rider was lost")
            if (order.state, order.rider) != (State.PICKED_UP, rider):
                self._set(connection, order, Event.PICK_UP, rider=rider)

        self._database.run(work)

    def lose(self, id: str, trip: int) -> None:
        """The rider who had the food is gone: it is cooked again, and somebody else is sent."""

        def work(connection: Connection) -> None:
            order = self._locked(connection, id)
            if (order.state, order.trip) == (State.PICKED_UP, trip):
                withdraw(connection, TOPICS["deliver"], order.id)
                lost = self._set(connection, order, Event.LOSE, trip=trip + 1)
                self._ask(connection, lost)

        self._database.run(work)

    def cancel(self, id: str, why: str) -> None:
        """Give an order up; what was done for it is undone. Raises `UnknownOrder`, `IllegalMove`.

        Cancelled again, nothing changes. What is on its way is brought.
        """

        def work(connection: Connection) -> None:
            order = self._locked(connection, id)
            if order.state not in (State.CANCELLING, State.CANCELLED):
                move(order.state, Event.CANCEL)
                progress = give_up(PLAN, order.progress)
                self._go_on(connection, order, progress, [], Told(why=why))

        self._database.run(work)

    def give_up_overdue(self) -> list[str]:
        """Cancel what was due and has not been picked up; return which."""
        now_ns = self._now_ns()
        ids = self._database.run(
            lambda connection: list(connection.execute(OVERDUE, {"now_ns": now_ns}).scalars())
        )
        return [id for id in ids if self._is_given_up(id)]

    def _is_given_up(self, id: str) -> bool:
        try:
            self.cancel(id, "it took too long")
        except IllegalMove:
            return False
        return True

    def order(self, id: str) -> Order:
        """Return an order as it stands. Raises `UnknownOrder`."""
        return self._database.run(lambda connection: self._found(connection, ONE_ORDER, id))

    def _locked(self, connection: Connection, id: str) -> Order:
        """Return an order that nobody else changes until this transaction ends."""
        return self._found(connection, LOCKED_ORDER, id)

    def _found(self, connection: Connection, query: Any, id: str) -> Order:
        row = connection.execute(query, {"id": id}).one_or_none()
        if row is None:
            raise UnknownOrder(f"there is no order {id!r:.60}")
        return read_order(row)

    def _go_on(
        self, connection: Connection, order: Order, progress: Progress, entries: Entries, told: Told
    ) -> None:
        """Move an order along its saga: nobody is asked the old question any more, but the next one."""
        old = command(PLAN, order.progress)
        assert old is not None, order
        withdraw(connection, TOPICS[old.name], order.id)
        self._ask(connection, self._changed(connection, order, progress, entries, told))

    def _changed(
        self, connection: Connection, order: Order, progress: Progress, entries: Entries, told: Told
    ) -> Order:
        """Write what an order has become, and its news. Raises `IllegalMove`."""
        state = order.state
        for event in _events(order.progress, progress):
            state = move(state, event)
        order = replace(
            order, state=state, progress=progress, rider=told.rider or order.rider,
            reason=told.why or order.reason,
        )  # fmt: skip
        if progress.phase is Phase.UNDONE:
            coupons.give_back(connection, order.id)
        self._write(connection, order, entries)
        return order

    def _set(
        self, connection: Connection, order: Order, event: Event, *, rider: str = "", trip: int = 0
    ) -> Order:
        """Move an order within a step of its saga. Raises `IllegalMove`."""
        moved = replace(
            order, state=move(order.state, event), rider=rider, trip=max(trip, order.trip)
        )
        self._write(connection, moved, [])
        return moved

    def _write(self, connection: Connection, order: Order, entries: Entries) -> None:
        connection.execute(MOVE_ORDER, {"b_id": order.id, **_moving(order)})
        self._tell(connection, order, entries)

    def _tell(self, connection: Connection, order: Order, entries: Entries) -> None:
        """Put news of an order into the outbox, with what they do to the books."""
        now_ns = self._now_ns()
        news = {"id": order.id, "state": order.state.value, "at_ns": now_ns, "entries": entries}
        more = {"rider": order.rider, "why": order.reason, "restaurant": order.cart.restaurant}
        put(connection, "news", order.id, news | more, now_ns=now_ns)

    def _ask(self, connection: Connection, order: Order) -> None:
        """Put the command at hand into the outbox, with what its house has to know."""
        asked = command(PLAN, order.progress)
        if asked is not None:
            topic = TOPICS[asked.name]
            facts = {"id": order.id, "do": asked.name, "key": asked.key(order.id)}
            put(connection, topic, order.id, facts | details(topic, order), now_ns=self._now_ns())


def order_id(customer: str, key: str) -> str:
    """Return the id of the order that a customer's key stands for; both are kept for as long."""
    return sha256(f"{customer}/{key}".encode()).hexdigest()[:16]


def _moving(order: Order) -> dict[str, Any]:
    """Return the columns that change in the life of an order."""
    return {
        "state": order.state.value, "at_step": order.progress.at, "phase": order.progress.phase.value,
        "rider": order.rider, "trip": order.trip, "reason": order.reason,
    }  # fmt: skip


def _events(before: Progress, now: Progress) -> list[Event]:
    """Return what a step of the saga is in the life of an order."""
    if now.phase in (Phase.FORWARD, Phase.DONE):
        return [DONE_EVENTS[PLAN.steps[before.at].do]]
    turned = [Event.CANCEL] if before.phase is Phase.FORWARD else []
    return turned + ([Event.UNDO] if now.phase is Phase.UNDONE else [])


def _entries(order: Order, name: str, told: Told) -> Entries:
    """Return the entries of a command that was carried out.

    Money that is back had been taken, also if nobody heard of that: then both are news.
    """
    capture = [f"{order.id}/capture", books.captured(order.bill)]
    match name:
        case "capture":
            return [capture]
        case "deliver":
            legs = books.delivered(order.bill, order.cart.restaurant, told.rider or order.rider)
            return [[f"{order.id}/deliver", legs]]
        case "refund" if told.paise:
            return [capture, [f"{order.id}/refund", books.refunded(order.bill)]]
    return []


def details(topic: str, order: Order) -> dict[str, Any]:
    """Return what a house has to know of an order."""
    cart = order.cart
    match topic:
        case "gateway":
            return {"paise": order.bill.total, "customer": cart.customer}
        case "kitchen":
            return {"restaurant": cart.restaurant}
    return {"restaurant": cart.restaurant, "x": cart.x_m, "y": cart.y_m, "trip": order.trip}


def read_order(row: Row[Any]) -> Order:
    """Return the order of a row."""
    cart = json.loads(row.cart)
    cart["lines"] = tuple(Line(**each) for each in cart["lines"])
    progress = Progress(row.at_step, Phase(row.phase))
    return Order(
        row.id, Cart(**cart), Bill(**json.loads(row.bill)), State(row.state), progress,
        row.rider, row.trip, row.reason, row.placed_ns,
    )  # fmt: skip
