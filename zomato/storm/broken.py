"""Fifteen order processes that are wrong: each makes one mistake that somebody has made in earnest.

They are there to test the tests. A check that has never caught anything may be unable to; each of these
must be caught by the invariants, within a thousand evenings. Page: docs/zomato/money.md
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, bindparam, update

from chapters.errors import Refused
from chapters.idempotency import once
from chapters.ledger import Entry, Leg
from chapters.outbox import Message, put
from chapters.saga import Heard, Phase, Plan, State, command, give_up
from chapters.sim.mistakes import Mistake, Patch
from zomato.errors import NoCoupon
from zomato.ordering import bill, books, complaints, coupons, orders, service, states
from zomato.ordering.cart import Cart, read_cart
from zomato.ordering.plan import PLAN
from zomato.ordering.tables import COUPONS, NOTE_USE, ONE_COUPON

TRIES_PATIENT = 3
COUNT_ON = (
    update(COUPONS).where(COUPONS.c.code == bindparam("b_code")).values(used=COUPONS.c.used + 1)
)

Sender = Callable[[Message], bool]


def _another_key(self: service.Service, house: str) -> Sender:
    def send(message: Message) -> bool:
        self._send(house, message.facts | {"key": f"{message.facts['key']}/{message.tries}"})
        return False

    return send


def _timeout_means_no(self: service.Service, house: str) -> Sender:
    def send(message: Message) -> bool:
        if message.tries >= TRIES_PATIENT and message.facts["do"] in ("authorise", "capture"):
            self.orders.hear(message.subject, message.facts["do"], Heard.REFUSED)
        else:
            self._send(house, message.facts)
        return False

    return send


def _said_is_heard(self: service.Service, house: str) -> Sender:
    def send(message: Message) -> bool:
        self._send(house, message.facts)
        return True

    return send


_hear = service.Service.hear


def _confirm_first(self: service.Service, source: str, message: Mapping[str, Any]) -> None:
    if message.get("do") == "place":
        with suppress(Refused):
            cart = read_cart(message["cart"])
            total = self.orders.quote(cart).total
            id = orders.order_id(cart.customer, message["key"])
            self._send(source, {"re": message["ask"], "order": id, "total": total})
    _hear(self, source, message)


def _remember_in_memory(self: orders.Orders, key: str, cart: Cart) -> dict[str, Any]:
    """Keep the keys in the process, which knows nothing any more when it was killed."""
    done = self.__dict__.setdefault("done", {})
    if (cart.customer, key) not in done:
        now_ns = self._now_ns()
        done[cart.customer, key] = self._database.run(
            lambda connection: self._placed(connection, f"{key} at {now_ns}", cart, now_ns)
        )
    return dict(done[cart.customer, key])


def _forget_the_cart(
    connection: Connection, key: str, body: object, act: Callable[[], Any], *, now_ns: int
) -> Any:
    return once(connection, key, "", act, now_ns=now_ns)


def _float_part(amount: int, basis_points: int) -> float:
    return amount * basis_points / bill.WHOLE


def _book_again(self: books.Bookkeeper, facts: Mapping[str, Any]) -> None:
    for id, legs in facts["entries"]:
        count = sum(1 for _ in self.ledger.postings())
        self._post(Entry(f"{id}@{count}", tuple(Leg(*leg) for leg in legs)))


def _forget_what_is_at_hand(plan: Plan, state: State) -> State:
    back = give_up(plan, state)
    return State(back.at - 1, back.phase) if back.at else State(0, Phase.UNDONE)


def _any_move(state: states.State, event: states.Event) -> states.State:
    return next(moves[event] for moves in states.MOVES.values() if event in moves)


_seen: dict[str, int] = {}


def _take_by_cache(connection: Connection, code: str, customer: str, order: str) -> None:
    row = connection.execute(ONE_COUPON, {"code": code}).one()
    if not row.used:
        _seen.clear()  # a new evening
    if _seen.setdefault(code, row.used) >= row.uses_max:
        raise NoCoupon(f"coupon {code!r} is used up")
    use = {"code": code, "customer": customer, "order_id": order}
    if not connection.execute(NOTE_USE, use).rowcount:
        raise NoCoupon(f"{customer} has used coupon {code!r} already")
    connection.execute(COUNT_ON, {"b_code": code})


def _keep_the_coupon(connection: Connection, order: str) -> None:
    """Leave it used: the customer has neither dinner nor coupon."""


_heard = service.Service._heard


def _any_answer(self: service.Service, id: str, name: str, message: Mapping[str, Any]) -> None:
    asked = command(PLAN, self.orders.order(id).progress)
    _heard(self, id, asked.name if asked else name, message)


_answer = service.Service._answer


def _believe_hints(self: service.Service, message: Mapping[str, Any]) -> dict[str, Any] | None:
    if message.get("hint") in ("captured", "authorised"):
        name = {"captured": "capture", "authorised": "authorise"}[message["hint"]]
        self.orders.hear(message["id"], name, Heard.DONE)
        return None
    return _answer(self, message)


def _refund_each_time(self: complaints.Complaints, id: str, dish: str) -> int:
    order, now_ns = self._orders.order(id), self._now_ns()
    paise = complaints.price(order, dish)
    facts = {"do": "refund", "id": id, "key": f"{id}/missing/{dish}/{now_ns}", "paise": paise}
    more = {"dish": dish, "customer": order.cart.customer}
    subject = f"{id}/{now_ns}"
    self._database.run(
        lambda connection: put(connection, "gateway", subject, facts | more, now_ns=now_ns)
    )
    return paise


BROKEN: dict[str, Mistake] = {
    "another-key": Mistake(
        "each try has a key of its own", [Patch(service.Service, "_sender", _another_key)]
    ),
    "timeout-means-no": Mistake(
        "after three tries without an answer it is taken for refused",
        [Patch(service.Service, "_sender", _timeout_means_no)],
    ),
    "said-is-heard": Mistake(
        "a message is taken out of the outbox when it was sent",
        [Patch(service.Service, "_sender", _said_is_heard)],
    ),
    "confirmed-first": Mistake(
        "the customer is told before it is committed",
        [Patch(service.Service, "hear", _confirm_first)],
    ),
    "keys-in-memory": Mistake(
        "the keys of requests are kept in the process",
        [Patch(orders.Orders, "place", _remember_in_memory)],
    ),
    "key-without-cart": Mistake(
        "a key is answered without a look at what is asked",
        [Patch(orders, "once", _forget_the_cart)],
    ),
    "float-money": Mistake("taxes are computed in floats", [Patch(bill, "part", _float_part)]),
    "booked-again": Mistake(
        "an entry's id says how many there were before it",
        [Patch(books.Bookkeeper, "hear", _book_again)],
    ),
    "step-at-hand": Mistake(
        "the step whose answer never came is not undone",
        [Patch(orders, "give_up", _forget_what_is_at_hand)],
    ),
    "any-move": Mistake(
        "an order goes wherever an event leads, from anywhere", [Patch(orders, "move", _any_move)]
    ),
    "cached-coupon": Mistake(
        "how often a coupon was used is known from a cache",
        [Patch(coupons, "take", _take_by_cache)],
    ),
    "kept-coupon": Mistake(
        "a cancelled order keeps its coupon", [Patch(coupons, "give_back", _keep_the_coupon)]
    ),
    "any-answer": Mistake(
        "an answer counts for whatever was asked last",
        [Patch(service.Service, "_heard", _any_answer)],
    ),
    "hints-believed": Mistake(
        "a webhook is taken for the answer", [Patch(service.Service, "_answer", _believe_hints)]
    ),
    "refund-each-time": Mistake(
        "each complaint about a dish is a refund of its own",
        [Patch(complaints.Complaints, "missing", _refund_each_time)],
    ),
}
