"""Carts, bills, coupons, moves, complaints: what is refused, and that nothing happens twice."""

import multiprocessing
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.idempotency import KeyReused
from chapters.ledger import Ledger
from chapters.outbox.outbox import waiting
from chapters.saga import Heard
from chapters.sim.clock import VirtualClock
from chapters.transaction import open_database
from chapters.transaction.opening import MEMORY
from zomato.errors import BadCart, Closed, IllegalMove, NoCoupon, PriceChanged, UnknownOrder
from zomato.ordering import coupons
from zomato.ordering.bill import Dish, bill, part, rupees, shares
from zomato.ordering.books import Bookkeeper
from zomato.ordering.cart import read_cart
from zomato.ordering.complaints import Complaints
from zomato.ordering.coupons import Coupon
from zomato.ordering.orders import Orders, Told
from zomato.ordering.states import ENDS, MOVES, State, move
from zomato.ordering.tables import ONE_COUPON, tables

FACTS = {
    "customer": "ana",
    "restaurant": "r1",
    "lines": [{"dish": "dosa", "quantity": 2, "price": 89_50}],
}


def town(address=MEMORY, price=89_50, is_open=True):
    database = open_database(address, tables)
    return database, Orders(
        database,
        menu=lambda place, dish: Dish(dish, dish.title(), price) if dish == "dosa" else None,
        is_open=lambda place, at: is_open,
        now_ns=lambda: 0,
    )


def delivered(orders):
    id = orders.place("k", read_cart(FACTS))["order"]
    for name in ("authorise", "cook", "capture"):
        orders.hear(id, name, Heard.DONE)
    orders.pick_up(id, "asha", 0)
    orders.hear(id, "deliver", Heard.DONE, Told(rider="asha"))
    return id


@given(st.integers(0, 10**9), st.data())
def test_shares_sum_to_what_the_customer_pays_in_whole_rupees(food, data):
    paid = bill(food, data.draw(st.integers(0, food)))
    assert sum(shares(paid, "r", "rider").values()) == paid.total
    assert paid.total % 100 == 0 and -50 <= paid.rounding <= 50
    assert all(type(each) is int for each in (paid.tax, paid.rounding, paid.total))


@pytest.mark.parametrize(
    ("amount", "points", "found"),
    [(10, 500, 1), (9, 500, 0), (30, 500, 2), (1, 5000, 1), (0, 1800, 0)],
)
def test_half_a_paisa_is_rounded_up(amount, points, found):
    assert part(amount, points) == found


def test_a_bill_as_on_paper():
    paid = bill(420_00, 84_00)  # tax: 5 % of 351 and 18 % of 40
    assert (paid.tax, paid.rounding, paid.total) == (17_55 + 7_20, 25, 416_00)
    assert rupees(paid.total) == "₹416.00" and rupees(-5) == "-₹0.05"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"lines": []}, "lines is"),
        ({"lines": [{}] * 31}, "1 to 30"),
        ({"lines": ["dosa"]}, "line 1 is 'dosa'"),
        ({"lines": [{"dish": "dosa", "quantity": -1, "price": 1}]}, "quantity is -1"),
        ({"lines": [{"dish": "dosa", "quantity": 10**9, "price": 1}]}, "1 to 50"),
        ({"lines": [{"dish": "dosa", "quantity": True, "price": 1}]}, "quantity is True"),
        ({"lines": [{"dish": "dosa", "quantity": 1, "price": 1.5}]}, "price is 1.5"),
        ({"lines": [{"dish": "", "quantity": 1, "price": 1}]}, "dish is ''"),
        ({"customer": None}, "customer is None"),
        ({"coupon": 7}, "coupon is 7"),
        ({"x": float("nan")}, "x is nan"),
        ({"y": "7"}, "y is '7'"),
    ],
)
def test_a_cart_that_nobody_can_bring_is_refused_with_the_value(change, says):
    with pytest.raises(BadCart, match=says) as error:
        read_cart(FACTS | change)
    assert error.value.status == 400 and "\n" not in str(error.value)


def test_a_price_that_has_changed_is_said_with_both_prices():
    _, orders = town(price=94_50)
    with pytest.raises(PriceChanged, match=r"Dosa costs ₹94.50 now, not ₹89.50") as error:
        orders.place("k", read_cart(FACTS))
    assert error.value.status == 409


def test_what_is_refused_leaves_nothing_not_even_its_key():
    database, orders = town()
    foreign = FACTS | {"lines": [{"dish": "pizza", "quantity": 1, "price": 1}]}
    with pytest.raises(BadCart, match="r1 has no dish 'pizza'"):
        orders.place("k", read_cart(foreign))
    with pytest.raises(NoCoupon, match="no coupon 'FREE'"):
        orders.place("k", read_cart(FACTS | {"coupon": "FREE"}))
    assert database.run(lambda c: waiting(c, now_ns=0)) == []
    assert orders.place("k", read_cart(FACTS))["total"] == 251_00


def test_a_closed_restaurant_takes_no_orders():
    _, orders = town(is_open=False)
    with pytest.raises(Closed, match="r1 takes no orders now"):
        orders.place("k", read_cart(FACTS))


def test_the_same_key_is_one_order_and_another_cart_is_refused():
    _, orders = town()
    one = orders.place("k", read_cart(FACTS))
    assert orders.place("k", read_cart(FACTS)) == one
    with pytest.raises(KeyReused, match="take a new one"):
        orders.place("k", read_cart(FACTS | {"x": 5}))
    assert orders.place("k", read_cart(FACTS | {"customer": "bo"}))["order"] != one["order"]


@pytest.mark.parametrize(
    ("coupon", "says"),
    [
        (Coupon("C", 1000, 50_00, 0, 1, until_ns=0), "is over"),
        (Coupon("C", 1000, 50_00, 500_00, 1, until_ns=9), "from ₹500.00 on"),
        (Coupon("C", 1000, 50_00, 0, 0, until_ns=9), "used up"),
    ],
)
def test_a_coupon_that_cannot_be_had_says_why(coupon, says):
    database, orders = town()
    database.run(lambda connection: coupons.issue(connection, coupon))
    with pytest.raises(NoCoupon, match=says):
        orders.place("k", read_cart(FACTS | {"coupon": "C"}))


def test_unknown_orders_are_said():
    _, orders = town()
    for ask in (
        orders.order,
        lambda id: orders.cancel(id, ""),
        lambda id: orders.pick_up(id, "a", 0),
    ):
        with pytest.raises(UnknownOrder, match="no order 'nope'"):
            ask("nope")


@given(
    st.lists(st.sampled_from([event for moves in MOVES.values() for event in moves]), max_size=12)
)
def test_no_way_leads_out_of_an_end(events):
    state = State.PLACED
    for event in events:
        try:
            after = move(state, event)
        except IllegalMove:
            continue
        assert state not in ENDS
        state = after


def test_a_rider_cannot_deliver_what_was_not_picked_up():
    """enatega 347: it was marked delivered before pickup, and the restaurant was paid."""
    _, orders = town()
    id = orders.place("k", read_cart(FACTS))["order"]
    for name in ("authorise", "cook", "capture"):
        orders.hear(id, name, Heard.DONE)
    with pytest.raises(IllegalMove, match="deliver: the order is paid; possible is pick up"):
        orders.hear(id, "deliver", Heard.DONE, Told(rider="asha"))


def test_what_is_on_its_way_is_not_cancelled():
    _, orders = town()
    id = orders.place("k", read_cart(FACTS))["order"]
    for name in ("authorise", "cook", "capture"):
        orders.hear(id, name, Heard.DONE)
    orders.pick_up(id, "asha", 0)
    with pytest.raises(IllegalMove, match="possible is deliver, lose"):
        orders.cancel(id, "late")
    assert orders.order(id).state is State.PICKED_UP


def test_a_missing_dish_is_paid_back_once_and_the_restaurant_pays():
    database, orders = town()
    complaints = Complaints(database, orders, now_ns=lambda: 0)
    id = delivered(orders)
    assert complaints.missing(id, "dosa") == complaints.missing(id, "dosa") == 179_00 + 8_95
    asked = [
        each for each in database.run(lambda c: waiting(c, now_ns=0)) if each.topic == "gateway"
    ]
    assert [each.facts["key"] for each in asked] == [f"{id}/missing/dosa"]
    complaints.hear(id, "dosa")
    complaints.hear(id, "dosa")
    books = Bookkeeper(Ledger(clock=VirtualClock()))
    for message in all_news(database):
        books.hear(message.facts)
        books.hear(message.facts)
    assert books.ledger.balance("gateway") == -(251_00 - 187_95)
    books.ledger.check()


def all_news(database):
    from chapters.outbox import settle

    while found := [m for m in database.run(lambda c: waiting(c, now_ns=0)) if m.topic == "news"]:
        for message in found:
            yield message
            database.run(lambda c, number=message.number: settle(c, number))


@pytest.mark.parametrize(("dish", "says"), [("kulfi", "no dish 'kulfi' was ordered")])
def test_who_complains_about_something_else_is_refused(dish, says):
    database, orders = town()
    complaints = Complaints(database, orders, now_ns=lambda: 0)
    with pytest.raises(BadCart, match=says):
        complaints.missing(delivered(orders), dish)
    early = orders.place("other", read_cart(FACTS))["order"]
    with pytest.raises(IllegalMove, match="complain when it is delivered"):
        complaints.missing(early, "dosa")


def customers(address, name, answers):
    """A process of its own: places the same orders as the others, all with the same coupon."""
    _, orders = town(address)
    for number in range(8):
        cart = read_cart(FACTS | {"customer": f"c{number}", "coupon": "FIVE"})
        try:
            answers.put((number, orders.place("k", cart)["order"]))
        except NoCoupon:
            answers.put((number, "no coupon"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["file", "postgres"])
def test_three_processes_at_once_give_no_coupon_and_no_order_twice(request, tmp_path, kind):
    address = f"sqlite:///{tmp_path / 'kit.db'}"
    if kind == "postgres":
        address = request.getfixturevalue("postgres")
    database, _ = town(address)
    five = Coupon("FIVE", 1000, 50_00, 0, 5, until_ns=9)
    database.run(lambda connection: coupons.issue(connection, five))
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    crew = [spawn.Process(target=customers, args=(address, n, answers)) for n in range(3)]
    for each in crew:
        each.start()
    told = [answers.get(timeout=120) for _ in range(24)]
    for each in crew:
        each.join()
    by_customer = {number: {answer for who, answer in told if who == number} for number in range(8)}
    assert all(len(each) == 1 for each in by_customer.values()), by_customer
    placed = [answer for each in by_customer.values() for answer in each if answer != "no coupon"]
    assert len(placed) == len(set(placed)) == 5
    with database.engine.connect() as connection:
        assert connection.execute(ONE_COUPON, {"code": "FIVE"}).one().used == 5
    database.close()


KILLED = """
import os, sys
from tests.zomato.ordering.test_ordering import FACTS, open_database, tables, Orders, Dish, read_cart
count = 0
def at(point):
    global count
    count += 1
    if count == int(sys.argv[2]):
        os.kill(os.getpid(), 9)
orders = Orders(open_database(sys.argv[1], tables, at=at), menu=lambda p, d: Dish(d, d, 8950),
                is_open=lambda p, at: True, now_ns=lambda: 0)
orders.place("k", read_cart(FACTS))
"""


@pytest.mark.parametrize("point", [1, 2])
def test_kill_9_while_placing_leaves_an_order_with_its_command_or_nothing(tmp_path, point):
    address = f"sqlite:///{tmp_path / 'kit.db'}"
    ended = subprocess.run([sys.executable, "-c", KILLED, address, str(point)], check=False)
    assert ended.returncode == -9
    database, orders = town(address)
    told = {each.facts.get("do") for each in database.run(lambda c: waiting(c, now_ns=0))}
    assert told == (set() if point == 1 else {None, "authorise"})
    orders.place("k", read_cart(FACTS))
    told = [each.facts.get("do") for each in database.run(lambda c: waiting(c, now_ns=0))]
    assert told.count("authorise") == 1
    database.close()


def test_the_order_process_gives_up_what_is_overdue():
    database, orders = town()
    id = orders.place("k", read_cart(FACTS))["order"]
    late = Orders(
        database, menu=lambda p, d: None, is_open=lambda p, at: True, now_ns=lambda: 10**13
    )
    assert late.give_up_overdue() == [id] and late.give_up_overdue() == []
    found = late.order(id)
    assert (found.state, found.reason) == (State.CANCELLING, "it took too long")
    assert replace(found, reason="") != found
