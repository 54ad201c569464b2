"""The money in bad weather: seeds, deaths at every point, mistakes that must be noticed, PostgreSQL."""

import pytest

from chapters.batch import executor
from chapters.errors import UsageError
from chapters.ledger import Ledger
from chapters.sim.clock import VirtualClock
from chapters.sim.faults import Schedule
from chapters.transaction import open_database
from zomato.gateway.gateway import Gateway
from zomato.ordering.bill import Dish
from zomato.ordering.books import Bookkeeper
from zomato.ordering.service import Service
from zomato.ordering.states import State
from zomato.ordering.tables import tables
from zomato.storm.broken import BROKEN
from zomato.storm.story import demo
from zomato.storm.trials import (
    command,
    evening,
    every_point,
    first_broken,
    many,
    read,
    smallest,
    trial,
)
from zomato.storm.world import Trial, World

RARE = {"step-at-hand", "hints-believed"}  # need the right evening
SOON = 40  # evenings in which a mistake is noticed by the fast tests; the slow ones have more


def test_thirteen_invariants_hold_in_bad_weather():
    assert first_broken(range(20)) is None


def test_an_evening_is_the_same_each_time_byte_for_byte():
    one, other = evening(trial(5)), evening(trial(5))
    assert one == other and one.digest != evening(trial(6)).digest


@pytest.mark.parametrize("name", sorted(BROKEN.keys() - RARE))
def test_a_mistake_is_noticed(name):
    assert first_broken(range(SOON), name) is not None


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_every_mistake_is_noticed_within_a_thousand_evenings_and_seen_again(name):
    found = first_broken(range(1000), name)
    assert found is not None
    seed, wrong = found
    assert evening(trial(seed), name) == wrong


@pytest.mark.slow
def test_dying_once_at_every_point_harms_nothing():
    points, broken = every_point(3)
    assert points > 500 and not broken


@pytest.mark.slow
def test_hundreds_of_seeds_hold_on_all_cores():
    with executor(workers=2) as crew:
        assert many(crew, 20_000, 500) == []


def empty(address):
    database = open_database(address, tables)
    with database.engine.begin() as connection:
        for table in reversed(tables.sorted_tables):
            connection.execute(table.delete())
    database.close()


def test_an_evening_does_not_touch_somebodys_orders(tmp_path):
    address = f"sqlite:///{tmp_path / 'kit.db'}"
    assert not evening(trial(3, address=address)).broken
    with pytest.raises(UsageError, match="give the evening an empty one"):
        evening(trial(3, address=address))


@pytest.mark.slow
def test_the_same_evenings_hold_on_postgresql(postgres):
    for seed in range(8):
        empty(postgres)
        one, other = evening(trial(seed, address=postgres)), evening(trial(seed))
        assert not one.broken
        assert (one.delivered, one.orders, one.digest) == (
            other.delivered,
            other.orders,
            other.digest,
        )


def test_a_failing_evening_is_made_small_and_printed_as_a_command():
    found = first_broken(range(SOON), "said-is-heard")
    assert found is not None
    tried = trial(found[0])
    small = smallest(tried, "said-is-heard")
    assert len(small.schedule) + len(small.kills) <= len(tried.schedule) + len(tried.kills)
    words = command(small, "said-is-heard")
    assert words.startswith("kit zomato evening --seed") and "--mistake said-is-heard" in words
    assert evening(small, "said-is-heard").broken


def test_a_fair_evening_has_no_faults():
    found = evening(Trial(11, Schedule()))
    assert not found.broken and found.orders >= 3


@pytest.mark.parametrize(
    ("schedule", "kills", "says"),
    [(None, "3,x", "kills is '3,x'"), ("soon:kill:orders", None, "soon")],
)
def test_a_bad_command_line_is_one_clear_line(schedule, kills, says):
    with pytest.raises(UsageError, match=says):
        read(7, schedule, kills)


def test_an_unknown_mistake_names_those_there_are():
    with pytest.raises(UsageError, match="there are: another-key"):
        evening(trial(1), "no-such")


def test_the_story_counts_what_it_tried(capsys):
    demo(seed=7, evenings=2, mistakes=False)
    assert (
        "2 evenings, thirteen invariants after every step: 0 went wrong" in capsys.readouterr().out
    )


def ask(gateway, do, paise=500, key="k", customer="ana"):
    return gateway.ask({"do": do, "id": "o1", "key": key, "paise": paise, "customer": customer})


def test_a_release_closes_the_door_for_what_comes_late():
    gateway = Gateway()
    assert ask(gateway, "release").done
    assert not ask(gateway, "authorise").done and not ask(gateway, "capture").done
    assert gateway.statement == []


def test_a_refund_of_what_was_never_taken_is_nothing_and_nothing_is_taken_later():
    gateway = Gateway()
    ask(gateway, "authorise")
    assert (ask(gateway, "refund").done, ask(gateway, "refund").paise) == (True, 0)
    assert not ask(gateway, "capture").done


def test_everything_asked_twice_is_done_once():
    gateway = Gateway()
    for what in ("authorise", "capture", "refund"):
        assert ask(gateway, what) == ask(gateway, what)
    assert [each.paise for each in gateway.statement] == [500, -500]


def test_more_than_was_taken_is_never_given_back():
    gateway = Gateway()
    ask(gateway, "authorise")
    ask(gateway, "capture")
    assert not ask(gateway, "release").done
    assert ask(gateway, "refund", 300, "one").done
    assert ask(gateway, "refund", 300, "two").why == "more than was taken"


def test_an_empty_card_is_declined_and_stays_so():
    gateway = Gateway(frozenset({"bo"}))
    assert ask(gateway, "authorise", customer="bo").why == "declined"
    assert ask(gateway, "authorise", customer="bo").why == "declined"
    assert ask(gateway, "authorise", 700, customer="bo").why == "the intent is about 500 paise"
    assert ask(gateway, "dance").why == "'dance' is nothing that can be asked"


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        {"did": "capture"},
        {"did": "capture", "id": "no such order", "done": True},
        {"did": "refund", "id": "no such order", "dish": "dosa"},
        {"did": "authorise", "id": 7, "done": "yes"},
        {"did": "authorise", "id": None, "done": None},
        {"hint": 5, "id": "no such order"},
        {"hears": "deliver", "id": "no such order"},
        {"says": "picked up", "id": "no such order", "rider": "a", "trip": 0},
        {"do": "place", "key": "k", "cart": "not a cart"},
    ],
)
def test_what_a_house_says_wrongly_changes_nothing(nonsense):
    world = World(Trial(11, Schedule()))
    world.simulation.clock.call_later(
        60 * 10**9, lambda: world.simulation.network.send("gateway", "orders", nonsense)
    )
    assert world.run() == []


def test_an_answer_that_cannot_be_read_is_asked_for_again():

    clock, sent = VirtualClock(), []
    service = Service(
        clock=clock, database=open_database("sqlite://", tables),
        menu=lambda place, dish: Dish(dish, dish, 100_00), is_open=lambda place, at: True,
        books=Bookkeeper(Ledger(clock=clock)), send=lambda to, what: sent.append(what),
    )  # fmt: skip
    line = {"dish": "dosa", "quantity": 1, "price": 100_00}
    cart = {"customer": "ana", "restaurant": "r1", "lines": [line]}
    service.hear("customers", {"do": "place", "key": "k", "cart": cart, "ask": 1})
    id = next(each["order"] for each in sent if "order" in each)
    service.hear("gateway", {"did": "authorise", "id": id, "done": "true"})
    assert service.orders.order(id).state is State.PLACED
    clock.advance(10**9)
    assert [each["do"] for each in sent if "do" in each] == ["authorise", "authorise"]
