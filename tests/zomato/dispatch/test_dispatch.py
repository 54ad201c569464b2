"""Dispatch: small days worked out by hand, random ones, published ones; and a checker that is checked."""

import os
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zomato.dispatch import files
from zomato.dispatch.day import Day, run
from zomato.dispatch.greedy import Greedy
from zomato.dispatch.instance import Instance, Order, Restaurant, Rider, Terms
from zomato.dispatch.matching import Matching
from zomato.dispatch.rolling import Rolling
from zomato.dispatch.route import ride
from zomato.dispatch.rules import violations
from zomato.dispatch.score import score
from zomato.dispatch.solution import Leg, Solution, solution
from zomato.errors import BadFile

DATA = Path(os.environ.get("KIT_DATA", Path(__file__).parents[4] / "shared" / "data")) / "zomato"
TERMS = Terms(100, 4, 4, 40, 90, 10, 15)
REYES = {"0o100t100s1p100": (31.92, 11.99), "1o100t100s1p100": (34.69, 10.78)}  # minutes, pay


def day(orders, riders, restaurants=(("r1", 0, 0),), terms=TERMS):
    return Instance(
        "small",
        terms,
        {each[0]: Order(*each) for each in orders},
        {each[0]: Rider(*each) for each in riders},
        {each[0]: Restaurant(*each) for each in restaurants},
    )


def policies():
    return [Greedy(), Matching(), Rolling(rng=Random(7))]


def solved(instance, policy):
    return solution(instance, run(instance, policy))


def test_a_ride_by_hand():
    instance = day(
        [("o1", 500, 0, 0, "r1", 20), ("o2", 500, 300, 0, "r1", 25)], [("c1", -250, 0, 0, 100)]
    )
    assert instance.minutes("c1", "r1") == 3  # 2.5, rounded up
    # 3 to ride, 2 before the food changes hands; ready at 25; 2 after; 5 to the door, 2 before it opens
    assert ride(instance, ("o1", "o2"), "c1", 0) == (25, [34, 41], 43)


@pytest.mark.parametrize("policy", policies(), ids=lambda each: type(each).__name__)
def test_one_order_and_one_rider(policy):
    instance = day([("o1", 500, 0, 10, "r1", 20)], [("c1", -250, 0, 0, 100)])
    (trip,) = run(instance, policy)
    assert (trip.picked_min, trip.dropped_min) == (20, (29,))
    assert trip.leaves_min == 15 and trip.decided_min == (15 if policy.is_late else 10)
    found = score(instance, [trip])
    assert (found.click_to_door_min, found.ready_to_pickup_min, found.pay_an_order) == (19, 0, 25)


@pytest.mark.parametrize("policy", policies(), ids=lambda each: type(each).__name__)
def test_nobody_is_sent_who_would_come_too_late(policy):
    late = day([("o1", 9_000, 0, 10, "r1", 20)], [("c1", 0, 0, 0, 100)])
    assert run(late, policy) == []
    home = day([("o1", 100, 0, 10, "r1", 50)], [("c1", 0, 0, 0, 40)])
    assert run(home, policy) == [] and score(home, []).delivered == 0


def test_an_order_that_nobody_can_bring_in_time_is_given_up_after_it():
    instance = day([("o1", 9_000, 0, 10, "r1", 20)], [("c1", 0, 0, 0, 300)])
    passing = Day(instance, Rolling(rng=Random(1)))
    while not passing.is_over:
        passing.look()
    assert passing.given_up == ["o1"] and passing.town.now_min == 102 and passing.trips == []


def test_waiting_to_decide_sends_the_nearer_rider_to_each():
    """At 0 the near rider is given the order that is not ready before 30; the one of minute 1 waits."""
    instance = day(
        [("o1", 0, 100, 0, "r1", 30), ("o2", 0, -100, 1, "r1", 3)],
        [("c1", 0, 0, 0, 100), ("c2", 2_000, 0, 0, 100)],
    )
    waits = [score(instance, run(instance, each)).click_to_door_min for each in policies()]
    assert waits[0] > waits[1] == waits[2]


def test_orders_of_one_restaurant_share_a_trip_where_riders_are_few():
    instance = day(
        [
            ("o1", 2000, 0, 0, "r1", 10),
            ("o2", 2000, 100, 0, "r1", 10),
            ("o3", 2000, 200, 0, "r1", 10),
        ],
        [("c1", 0, 0, 0, 200)],
    )
    rolling = run(instance, Rolling(rng=Random(1)))
    assert max(len(trip.bundle) for trip in rolling) > 1
    alone = run(instance, Matching())
    assert score(instance, rolling).click_to_door_min < score(instance, alone).click_to_door_min


def test_pay_below_the_guarantee_goes_to_whoever_has_had_nothing():
    terms = replace(TERMS, pay_an_hour=12)
    orders = [(f"o{n}", 100, 0, 60 * n, "r1", 60 * n + 5) for n in range(6)]
    instance = day(orders, [("c1", 0, 0, 0, 400), ("c2", 0, 0, 0, 400)], terms=terms)
    paid = score(instance, run(instance, Rolling(rng=Random(1), pay_min=1.0))).pay_an_order
    assert paid == pytest.approx(2 * 12 * 400 / 60 / 6)


def test_the_same_seed_gives_the_same_day():
    instance = town(Random(3), orders=40, riders=6)
    one, other = (run(instance, Rolling(rng=Random(5))) for _ in range(2))
    assert one == other


def town(rng: Random, orders: int, riders: int) -> Instance:
    places = [(f"r{n}", rng.randrange(3000), rng.randrange(3000)) for n in range(4)]
    made = []
    for number in range(orders):
        placed = rng.randrange(240)
        where = rng.randrange(3000), rng.randrange(3000)
        made.append(
            (f"o{number}", *where, placed, f"r{rng.randrange(4)}", placed + rng.randrange(40))
        )
    crew = []
    for number in range(riders):
        on = rng.randrange(120)
        home = rng.randrange(3000), rng.randrange(3000)
        crew.append((f"c{number}", *home, on, on + rng.randrange(60, 240)))
    return day(made, crew, places)


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(1, 6))
def test_what_is_planned_is_allowed(seed, orders, riders):
    instance = town(Random(seed), orders, riders)
    for policy in policies():
        found = solved(instance, policy)
        assert violations(instance, found) == []
        given_out = [order for each in found.assignments for order in each.bundle]
        assert len(given_out) == len(set(given_out)) == len(found.deliveries)


# The checker ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def allowed():
    instance = town(Random(11), orders=30, riders=4)
    return instance, solved(instance, Rolling(rng=Random(1)))


def with_first(found, **facts):
    first, *rest = found.assignments
    return replace(found, assignments=(replace(first, **facts), *rest))


def without_rides(found, rider):
    return replace(found, legs=tuple(leg for leg in found.legs if leg.rider != rider))


BREAKS = {
    "is assigned at": lambda found: with_first(found, decided_min=-1),
    "ready at": lambda found: with_first(found, picked_min=found.assignments[0].picked_min - 60),
    "after going home": lambda found: with_first(found, picked_min=5_000),
    "is assigned 2 times": lambda found: replace(found, assignments=found.assignments * 2),
    "is delivered 2 times": lambda found: replace(found, deliveries=found.deliveries * 2),
    "is assigned and never delivered": lambda found: replace(
        found, deliveries=found.deliveries[1:]
    ),
    "delivered by nobody who was sent": lambda found: replace(
        found, assignments=found.assignments[1:]
    ),
    "is sent with nothing": lambda found: with_first(found, bundle=()),
    "c99 is not in the instance": lambda found: with_first(found, rider="c99"),
    "rides to nowhere": lambda found: replace(
        found, legs=(Leg("c1", 0, "c1", "nowhere"), *found.legs)
    ),
    "before the shift": lambda found: replace(
        found, legs=(replace(found.legs[0], leaves_min=-5), *found.legs[1:])
    ),
    "and was at home": lambda found: replace(found, legs=found.legs[1:]),
    "and leaves from": lambda found: replace(found, legs=(found.legs[0], *found.legs[2:])),
    "before arriving": lambda found: replace(
        found, legs=(found.legs[0], replace(found.legs[1], leaves_min=0), *found.legs[2:])
    ),
    "was not sent to": lambda found: without_rides(found, found.assignments[0].rider),
    "too short before": lambda found: replace(
        found,
        deliveries=tuple(
            replace(each, dropped_min=each.dropped_min - 1) for each in found.deliveries
        ),
    ),
    "too soon after": lambda found: replace(
        found,
        deliveries=tuple(
            replace(each, dropped_min=each.dropped_min + 1) for each in found.deliveries
        ),
    ),
    "another pickup or rider": lambda found: replace(
        found, deliveries=(replace(found.deliveries[0], picked_min=0), *found.deliveries[1:])
    ),
    "at most 90": lambda found: replace(
        found, deliveries=(replace(found.deliveries[0], dropped_min=900), *found.deliveries[1:])
    ),
}


@pytest.mark.parametrize("said", BREAKS)
def test_each_broken_rule_is_found(allowed, said):
    instance, found = allowed
    assert violations(instance, found) == []
    assert any(said in line for line in violations(instance, BREAKS[said](found)))


def test_a_bundle_of_two_restaurants_is_found(allowed):
    instance, found = allowed
    others = {order.id: replace(order, restaurant="r1") for order in instance.orders.values()}
    bundle = next(each for each in found.assignments if len(each.bundle) > 1).bundle
    others |= {bundle[0]: replace(instance.orders[bundle[0]], restaurant="r0")}
    lines = violations(replace(instance, orders=others), found)
    assert any("are of different restaurants" in line for line in lines)


def test_nothing_at_all_is_allowed(allowed):
    assert violations(allowed[0], Solution((), (), ())) == []


# Files ------------------------------------------------------------------------------------------

SMALL = {
    "instance_parameters.txt": "meters_per_minute\tpickup service minutes\tdropoff service minutes\t"
    "target click-to-door\tmaximum click-to-door\tpay per order\tguaranteed pay per hour\n"
    "320\t4\t4\t40\t90\t10\t15\n",
    "restaurants.txt": "restaurant\tx\ty\nr1\t0\t0\n",
    "couriers.txt": "courier\tx\ty\ton_time\toff_time\nc1\t5\t5\t0\t90\n",
    "orders.txt": "order\tx\ty\tplacement_time\trestaurant\tready_time\no1\t9\t9\t10\tr1\t20\n",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in SMALL.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_an_instance_is_read_and_a_solution_written_and_read_again(folder, tmp_path):
    instance = files.read(folder)
    assert (
        instance.orders["o1"] == Order("o1", 9, 9, 10, "r1", 20) and instance.terms.limit_min == 90
    )
    found = solved(instance, Greedy())
    files.write(found, instance, tmp_path / "out")
    assert files.read_solution(tmp_path / "out") == found
    text = (tmp_path / "out" / "solution_info_orders.txt").read_text()
    assert text.splitlines()[1] == "o1 10 r1 20 20 25 c1"


@pytest.mark.parametrize(
    ("name", "find", "put", "said"),
    [
        ("orders.txt", "ready_time\n", "done\n", "orders.txt: there is no column 'ready_time'"),
        (
            "orders.txt",
            "\tr1\t",
            "\tr9\t",
            "line 2, restaurant: 'r9' is in no line of restaurants.txt",
        ),
        (
            "orders.txt",
            "\t20\n",
            "\t9\n",
            "line 2, ready_time: '9' must not be before placement_time, 10",
        ),
        ("orders.txt", "\t9\t9", "\tx\t9", "line 2, x: 'x' must be a number"),
        ("orders.txt", "\t9\t9", "\tnan\t9", "line 2, x: 'nan' must be a number"),
        ("orders.txt", "\t10\t", "\t10.5\t", "placement_time: '10.5' must be a whole minute"),
        ("orders.txt", "o1\t", "\t", "line 2, order: '' is empty"),
        ("orders.txt", "o1\t", "c1\t", "'c1' is the id of two things"),
        ("orders.txt", "\t20\n", "\n", "line 2: 5 fields; the heading has 6"),
        ("couriers.txt", "\t90\n", "\t0\n", "line 2, off_time: '0' must be after on_time, 0"),
        ("instance_parameters.txt", "320", "0", "meters_per_minute: '0' must be a number from"),
        ("instance_parameters.txt", "\n320\t4\t4\t40\t90\t10\t15", "", "0 lines; there must be 1"),
        ("restaurants.txt", "r1", "", "line 2, restaurant: '' is empty"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(folder, name, find, put, said):
    assert find in SMALL[name]
    (folder / name).write_text(SMALL[name].replace(find, put))
    with pytest.raises(BadFile) as refused:
        files.read(folder)
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_files_that_are_not_there_or_no_text_are_named(folder, tmp_path):
    (folder / "orders.txt").write_bytes(b"order\xff")
    with pytest.raises(BadFile, match=r"orders.txt: byte 5 is no UTF-8"):
        files.read(folder)
    (folder / "orders.txt").unlink()
    with pytest.raises(BadFile, match=r"orders.txt: No such file"):
        files.read(folder)
    (folder / "orders.txt").write_text("")
    with pytest.raises(BadFile, match="there is no column 'order'"):
        files.read(folder)
    for name in (files.ASSIGNMENTS, files.ORDERS, files.LEGS):
        (tmp_path / name).write_text("heading\n1 2 3 4 5 6 7\n")
    files.read_solution(tmp_path)
    (tmp_path / files.LEGS).write_text("heading\nc1 early c1 r1\n")
    with pytest.raises(BadFile, match="line 2, field 2: 'early' must be a number"):
        files.read_solution(tmp_path)
    (tmp_path / files.LEGS).write_text("heading\nc1 1\n")
    with pytest.raises(BadFile, match="line 2: 2 fields; there must be 4"):
        files.read_solution(tmp_path)


# Published days ---------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="KIT_DATA names no folder with zomato's instances")
@pytest.mark.parametrize("name", REYES)
def test_a_published_day_is_allowed_and_no_worse_than_what_was_published_of_it(name):
    instance = files.read(DATA / name)
    trips = run(instance, Rolling(rng=Random(7)))
    assert violations(instance, solution(instance, trips)) == []
    found, plain = score(instance, trips), score(instance, run(instance, Matching()))
    assert found.delivered == found.orders >= plain.delivered
    minutes, pay = REYES[name]
    assert found.click_to_door_min <= 0.97 * minutes and found.pay_an_order <= pay
