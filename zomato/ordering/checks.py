"""What the exercises on ordering check: moves, bills, coupons in a rush, answers that come late.

Page: docs/zomato/ordering.md
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.errors import KitError, Refused
from chapters.ledger import Entry, Leg, Posting
from chapters.saga import Heard
from chapters.transaction.opening import MEMORY, open_database
from zomato.gateway.gateway import Movement
from zomato.ordering import bill as billing
from zomato.ordering import coupons
from zomato.ordering.bill import Dish
from zomato.ordering.cart import read_cart
from zomato.ordering.coupons import Coupon
from zomato.ordering.orders import Orders, Told
from zomato.ordering.reconcile import reconcile
from zomato.ordering.states import Event, State, move
from zomato.ordering.tables import ONE_COUPON, tables

PAISE = 100_00
CART = {
    "customer": "ana", "restaurant": "r1",
    "lines": [{"dish": "dosa", "quantity": 2, "price": PAISE}],
}  # fmt: skip


def moved(state: str, events: Sequence[str]) -> JSON:
    """Move an order by events, one after the other; return each state, or the refusal."""
    found: list[JSON] = []
    at = State(state)
    for event in events:
        try:
            at = move(at, Event(event))
            found.append(at.value)
        except Refused as refusal:
            found.append([type(refusal).__name__, refusal.status, event in str(refusal)])
    return found


def billed(food: int, discount: int) -> JSON:
    """Return a bill, its total, and everybody's share with their sum."""
    paid = billing.bill(food, discount)
    shares = billing.shares(paid, "r1", "asha")
    return [asdict(paid), paid.total, sorted(shares.items()), sum(shares.values())]


def rushed(uses_max: int, steps: Sequence[Sequence[str]]) -> JSON:
    """Take ["take", customer, order], give ["back", order]; return how each fared, and the count."""
    database = open_database(MEMORY, tables)
    coupon = Coupon("C", 1000, 50_00, 0, uses_max, 1)
    database.run(lambda connection: coupons.issue(connection, coupon))
    found: list[JSON] = []
    for what, *words in steps:
        try:
            if what == "take":
                customer, order = words
                database.run(lambda c, who=customer, id=order: coupons.take(c, "C", who, id))  # type: ignore[misc]
            else:
                database.run(lambda c, id=words[0]: coupons.give_back(c, id))  # type: ignore[misc]
            found.append("done")
        except KitError as refusal:
            found.append(type(refusal).__name__)
    with database.engine.connect() as connection:
        row = connection.execute(ONE_COUPON, {"code": "C"}).one()
    return [found, row.used]


def heard(script: Sequence[Sequence[JSON]]) -> JSON:
    """Place an order and let answers and other things happen to it; return what came, and its states.

    [name, "done" | "refused" | "unknown", trip], ["pick up", rider, trip], ["lose", trip], ["cancel"].
    """
    orders = Orders(
        open_database(MEMORY, tables),
        menu=lambda place, dish: Dish(dish, dish, PAISE),
        is_open=lambda place, at: True,
        now_ns=lambda: 0,
    )
    id = orders.place("k", read_cart(CART))["order"]
    found: list[JSON] = []
    for what, *words in script:
        try:
            found.append(_one(orders, id, str(what), [str(each) for each in words]))
        except Refused as refusal:
            found.append(type(refusal).__name__)
        found.append(orders.order(id).state.value)
    return found


def _one(orders: Orders, id: str, what: str, words: list[str]) -> JSON:
    match what, words:
        case "pick up", [rider, trip]:
            orders.pick_up(id, rider, int(trip))
        case "lose", [trip]:
            orders.lose(id, int(trip))
        case "cancel", []:
            orders.cancel(id, "why not")
        case _, [answer, trip]:
            return orders.hear(id, what, Heard(answer), Told(rider="asha", trip=int(trip)))
    return "noted"


def compared(ours: Sequence[Sequence[JSON]], theirs: Sequence[Sequence[JSON]]) -> JSON:
    """Reconcile entries [id, paise at the gateway] with lines [key, paise]; return what differs."""
    postings = [
        Posting(
            number, 0, Entry(str(id), (Leg("gateway", -int(str(paise))), Leg("x", int(str(paise)))))
        )
        for number, (id, paise) in enumerate(ours)
    ]
    lines = [Movement("intent", str(key), int(str(paise))) for key, paise in theirs]
    return [str(each) for each in reconcile(postings, lines)]


def good_ways(rng: Random) -> Iterator[Case]:
    """To the door, and back."""
    yield "placed", ["authorise", "cook", "capture", "pick up", "deliver"]
    yield rng.choice(["placed", "authorised", "accepted", "paid"]), ["cancel", "undo"]
    yield "paid", ["pick up", "lose", "pick up", "deliver"]


def bad_ways(rng: Random) -> Iterator[Case]:
    """Delivered before it was picked up, cancelled on its way, and what is at its end."""
    yield "paid", ["deliver", "pick up"]
    yield "picked up", ["cancel", "deliver", "cancel"]
    yield "cancelled", ["authorise", "cancel"]
    for _ in range(3):
        yield (
            rng.choice([each.value for each in State]),
            [rng.choice([each.value for each in Event])],
        )


def whole_bills(rng: Random) -> Iterator[Case]:
    """Sums without a remainder."""
    yield 200_00, 0
    yield 1000_00, 100_00


def odd_bills(rng: Random) -> Iterator[Case]:
    """Halves of a paisa, and totals between two rupees."""
    yield 89_50, 17_90
    yield 263_35, 0
    yield 0, 0
    yield 1_10, 0
    for _ in range(6):
        food = rng.randint(1, 500_00)
        yield food, rng.randint(0, food)


def rush(rng: Random) -> Iterator[Case]:
    """More customers than coupons."""
    yield 2, [["take", "a", "1"], ["take", "b", "2"], ["take", "c", "3"], ["take", "d", "4"]]
    yield 0, [["take", "a", "1"]]


def greedy(rng: Random) -> Iterator[Case]:
    """One customer, twice: what was refused is not counted."""
    yield 3, [["take", "a", "1"], ["take", "a", "2"], ["take", "b", "3"], ["take", "c", "4"]]


def given_back(rng: Random) -> Iterator[Case]:
    """A cancelled order gives its coupon to the next one, once."""
    yield (
        1,
        [["take", "a", "1"], ["back", "1"], ["take", "b", "2"], ["back", "1"], ["take", "c", "3"]],
    )
    yield 1, [["take", "a", "1"], ["back", "1"], ["take", "a", "2"]]
    yield 1, [["back", "9"], ["take", "a", "1"]]


FORWARD: list[list[JSON]] = [["authorise", "done", 0], ["cook", "done", 0], ["capture", "done", 0]]
BROUGHT: list[list[JSON]] = [["pick up", "asha", 0], ["deliver", "done", 0]]


def to_the_door(rng: Random) -> Iterator[Case]:
    """Every answer comes once, in order."""
    yield ([*FORWARD, *BROUGHT],)


def twice_and_late(rng: Random) -> Iterator[Case]:
    """Answers come again, too late, or to what nobody asked yet."""
    yield ([["cook", "done", 0], ["authorise", "done", 0], ["authorise", "done", 0]],)
    yield (
        [FORWARD[0], ["authorise", "refused", 0], *FORWARD[1:], *BROUGHT, ["deliver", "done", 0]],
    )
    yield ([FORWARD[0], ["cook", "unknown", 0], ["cook", "done", 0]],)


def turned(rng: Random) -> Iterator[Case]:
    """Refused or cancelled: back, and late successes change nothing."""
    yield ([["authorise", "refused", 0], ["authorise", "done", 0]],)
    yield (
        [
            FORWARD[0],
            ["cancel"],
            ["cook", "done", 0],
            ["recall", "done", 0],
            ["release", "done", 0],
        ],
    )
    yield ([*FORWARD[:2], ["cancel"], ["capture", "done", 0], ["refund", "done", 0]],)


def lost(rng: Random) -> Iterator[Case]:
    """A rider is lost and comes after all; another one is on the way by then."""
    yield ([*FORWARD, BROUGHT[0], ["lose", 0], ["deliver", "done", 0], ["pick up", "bo", 1],
            ["deliver", "done", 0], ["deliver", "done", 1]],)  # fmt: skip


def equal(rng: Random) -> Iterator[Case]:
    """The same lines, in any order."""
    yield [["o1/capture", 500], ["o1/refund", -500]], [["o1/refund", -500], ["o1/capture", 500]]
    yield [], []


def unequal(rng: Random) -> Iterator[Case]:
    """Missing here, missing there, another amount, and twice."""
    yield [["a", 500]], []
    yield [], [["a", 500]]
    yield [["a", 500]], [["a", rng.randint(1, 499)]]
    yield [["a", 500]], [["a", 500], ["a", 500]]
    yield [["b", 100], ["a", 50]], [["b", 50], ["a", 100]]


STAGES = {
    "legal-moves": [
        Stage("the ways that lead somewhere", good_ways, moved),
        Stage("and those that do not", bad_ways, moved),
    ],
    "rounding": [
        Stage("a bill without remainders", whole_bills, billed),
        Stage("half a paisa, and what is between two rupees", odd_bills, billed),
    ],
    "coupon-race": [
        Stage("no more than there are", rush, rushed),
        Stage("once for each customer", greedy, rushed),
        Stage("and given back", given_back, rushed, needs=(1,)),
    ],
    "late-answers": [
        Stage("each answer leads on", to_the_door, heard),
        Stage("again, too late, too early: nodded through", twice_and_late, heard),
        Stage("back, whatever comes late", turned, heard),
        Stage("a rider who was lost counts no more", lost, heard, needs=(1,)),
    ],
    "reconciliation": [
        Stage("nothing differs", equal, compared),
        Stage("each difference is named, with both sides", unequal, compared, needs=()),
    ],
}
