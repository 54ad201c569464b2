"""Recommendations: hours, shares, neighbours and weights worked out by hand; lists judged by the future."""

from dataclasses import replace
from threading import Lock

import numpy as np
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from chapters.errors import UsageError
from chapters.sim.chance import Chance, derive
from zomato.recs import opening, story
from zomato.recs.customers import world
from zomato.recs.desk import desk
from zomato.recs.explore import PLACE, Newcomers, with_new
from zomato.recs.judge import cut, gains, newcomers, of_known, scorers, slices
from zomato.recs.model import COUNT, Model
from zomato.recs.moment import CELLS, DAY_MIN, SIZES, Moment, coarser, parse
from zomato.recs.near import STANDS_FOR, Near
from zomato.recs.orders import REACH_KM
from zomato.recs.popular import ByHour, chain, shrunk
from zomato.recs.reasons import NAMES
from zomato.recs.weigh import likelihood, slope, weigh
from zomato.recs.wire import blueprint
from zomato.recs.words import words

# Hours ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day", "part", "rain"),
    [
        ("sun 10:30", 6, 0, False),
        ("Tuesday 20:15", 1, 3, False),
        ("  MON 11:00 rain ", 0, 1, True),
        ("mon 10:59", 0, 0, False),
        ("sun 01:00", 5, 4, False),  # Saturday is not over yet
        ("mon 4:59", 6, 4, False),
        ("mon 5:00", 0, 0, False),
        ("fri 23:00", 4, 4, False),
    ],
)
def test_a_moment_has_the_day_and_part_that_people_would_say(text, day, part, rain):
    moment = parse(text)
    assert (moment.day, moment.part, moment.rain) == (day, part, rain)
    assert 0 <= moment.cell < CELLS


def test_a_moment_is_said_as_it_was_written():
    assert str(parse("sun 10:05 rain")) == "Sunday 10:05, rain"
    assert parse(str(parse("tue 20:15"))) == parse("tue 20:15")


@pytest.mark.parametrize(
    "text", ["", "sun", "10:30", "sun 24:00", "sun 10:60", "xyz 10:00", "sun 10:30 snow", "s 1:00"]
)
def test_what_is_no_moment_is_refused_in_one_line(text):
    with pytest.raises(UsageError, match="say a day and a time: sun 10:30"):
        parse(text)


def test_each_finest_context_belongs_to_one_of_each_level():
    belongs = coarser(np.arange(CELLS))
    assert [len(np.unique(each)) for each in belongs] == list(SIZES)


# Shares -----------------------------------------------------------------------------------------


def test_shares_by_hand():
    assert shrunk(np.array([6.0, 2.0]), np.array([0.5, 0.5]), 4).tolist() == [8 / 12, 4 / 12]


@given(
    st.lists(st.lists(st.integers(0, 1000), min_size=3, max_size=3), min_size=1, max_size=4),
    st.floats(0.1, 1e4),
)
def test_shares_add_up_and_lie_between_what_was_counted_and_the_prior(rows, strength):
    counts, prior = np.array(rows, dtype=float), np.array([0.2, 0.3, 0.5])
    found = shrunk(counts, prior, strength)
    assert found.sum(axis=1) == pytest.approx(1) and (found > 0).all()
    for row, share in zip(counts, found, strict=True):
        own = row / row.sum() if row.sum() else prior
        low, high = np.minimum(own, prior), np.maximum(own, prior)
        assert (share >= low - 1e-12).all() and (share <= high + 1e-12).all()


def test_a_context_without_orders_is_the_one_above_it():
    overall, sunday = np.array([0.5, 0.5]), Moment(6 * DAY_MIN + 600)
    found = chain(np.array([0, 0]), np.full(2, sunday.cell), overall, 2.0)
    assert found[Moment(20 * 60).cell].tolist() == [0.5, 0.5]  # no evening has an order
    monday, rainy = found[Moment(600).cell], found[Moment(sunday.minute, rain=True).cell]
    assert monday.tolist() == [0.75, 0.25]  # mornings: two orders, and one of two in the prior
    assert rainy.tolist() == [0.875, 0.125]  # Sunday mornings: two more on top of that
    assert found[sunday.cell].tolist() == [0.9375, 0.0625]


def test_without_strength_an_hour_is_what_was_ordered_at_it():
    shares = ByHour(np.array([0, 1, 1]), np.array([3, 3, 3]), 2, strength=1e-9)
    assert shares._finest[3] == pytest.approx([1 / 3, 2 / 3])
    with pytest.raises(UsageError, match="strength is -1"):
        ByHour(np.array([0]), np.array([0]), 2, strength=-1)


def test_the_circle_widens_until_the_neighbours_have_ordered_enough():
    homes, overall = np.array([[0.0, 0.0], [1.0, 0.0], [9.0, 0.0]]), np.array([0.5, 0.5])
    near = Near(homes, np.array([[90.0, 10.0], [50.0, 50.0], [0.0, 100.0]]), overall)
    here, total = np.zeros(2), STANDS_FOR / 2
    assert near.share(here, 100)[0] == pytest.approx((90 + total) / (100 + STANDS_FOR))
    assert near.share(here, 101)[0] == pytest.approx((140 + total) / (200 + STANDS_FOR))
    assert near.share(here, 10_000)[0] == pytest.approx((140 + total) / (300 + STANDS_FOR))
    assert near.share(np.array([8.0, 0.0]), 100)[0] == pytest.approx(total / (100 + STANDS_FOR))


# Weights ----------------------------------------------------------------------------------------


def choices(weights, orders=4_000, seed=1):
    rng = np.random.default_rng(seed)
    reasons = rng.normal(size=(orders, 8, len(weights)))
    offered = rng.random((orders, 8)) < 0.8
    offered[:, 0] = True
    worth = reasons @ weights + rng.gumbel(size=(orders, 8))
    return reasons, offered, np.where(offered, worth, -np.inf).argmax(axis=1)


def test_weights_are_found_again_from_what_they_made_people_choose():
    weights = np.array([1.5, -0.7, 0.0])
    assert weigh(*choices(weights)) == pytest.approx(weights, abs=0.08)


def test_the_slope_is_that_of_the_likelihood_and_nothing_at_the_top():
    data, at = choices(np.array([0.5, 1.0]), 50), np.array([0.2, -0.3])
    found, _ = slope(at, *data)
    for place in range(2):
        step = np.eye(2)[place] * 1e-5
        rise = likelihood(at + step, *data) - likelihood(at - step, *data)
        assert found[place] == pytest.approx(rise / 2e-5, rel=1e-4)
    assert slope(weigh(*data), *data)[0] == pytest.approx(0, abs=1e-6)


def test_a_reason_that_nobody_has_weighs_nothing_and_strong_ones_stay_finite():
    reasons, offered, chosen = choices(np.array([1.0, 0.0]), 200)
    reasons[:, :, 1] = 0
    assert weigh(reasons, offered, chosen)[1] == 0
    always = np.zeros((40, 2, 1))
    always[:, 0] = 30.0
    assert 0 < weigh(always, np.ones((40, 2), bool), np.zeros(40, int))[0] < 10


# A town -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made():
    return world(np.random.default_rng(5), customers=300)


@pytest.fixture(scope="module")
def model(made):
    parts = cut(made)
    return Model(made.town, parts.seen, parts.held)


SUNDAY, TUESDAY = parse("sun 10:00"), parse("tue 20:30")


def test_orders_are_in_the_order_of_time_and_from_where_it_is_delivered(made):
    orders, town = made.orders, made.town
    assert (np.diff(orders.minutes) >= 0).all() and len(orders) > 10_000
    assert town.is_open[orders.restaurants].all()
    away = np.hypot(*(town.places[orders.restaurants] - town.homes[orders.customers]).T)
    assert away.max() <= REACH_KM
    assert len(set(town.names)) == len(town.names)


def test_the_future_is_after_the_past(made):
    parts = cut(made)
    assert parts.seen.minutes.max() < parts.test.minutes.min()
    assert parts.held < parts.seen.minutes.max()
    assert len(parts.seen) + len(parts.test) == len(made.orders)


def test_no_list_depends_on_the_future(made, model):
    parts, orders = cut(made), made.orders
    later = orders.minutes >= parts.test.minutes.min()
    other = np.where(later, 0, orders.restaurants)
    again = cut(replace(made, orders=replace(orders, restaurants=other)))
    same = Model(made.town, again.seen, again.held)
    assert same.weights.tolist() == model.weights.tolist()
    assert same.scores(3, made.town.homes[3], SUNDAY).tolist() == (
        model.scores(3, made.town.homes[3], SUNDAY).tolist()
    )


def test_lists_know_the_hour_the_person_and_the_place(made):
    test, found = cut(made).test, {}
    morning = slices(test)["Sunday morning"]
    for name, scorer in scorers(made).items():
        own = gains(scorer, made, test)
        found[name] = own.mean(), own[morning].mean()
    ours, oracle = found["all reasons"], found["oracle"]
    assert ours[0] >= 1.3 * found["popularity"][0] and ours[0] >= 1.3 * found["hour and place"][0]
    assert ours[0] >= 0.8 * oracle[0] and ours[1] <= oracle[1]
    assert all(each[0] < oracle[0] for name, each in found.items() if name != "oracle")
    assert found["history, no hour"][0] > found["hour and place"][0]
    assert found["history, no hour"][1] < min(found["hour and place"][1], 0.8 * ours[1])


def test_shares_of_hours_are_better_shrunk_than_bare(made):
    parts = cut(made)
    bare = Model(made.town, parts.seen, parts.held, strength=0.01)
    shrunk_ones = Model(made.town, parts.seen, parts.held)
    one, other = (gains(of_known(each), made, parts.test).mean() for each in (bare, shrunk_ones))
    assert other > 1.02 * one


def test_the_page_says_how_few_orders_a_context_has_and_how_often_people_come_back():
    towns = np.random.default_rng(derive(7, "customers"))  # as `kit run zomato/recs`
    parts = cut(world(towns, customers=300))
    assert 65 <= (parts.seen.cells == parse("sun 10:00 rain").cell).sum() <= 75
    had = set(zip(parts.seen.customers, parts.seen.restaurants, strict=True))
    asked = list(zip(parts.test.customers, parts.test.restaurants, strict=True))
    assert 0.78 < np.mean([each in had for each in asked]) < 0.84


def test_somebody_new_gets_more_than_what_is_popular(made):
    found = newcomers(made)
    assert 1.3 * found["popularity"] < found["hour and place"] < found["oracle"]


def test_a_list_holds_what_is_open_and_delivers_the_best_first(made, model):
    home = made.town.homes[7]
    listed = model.suggest(7, home, TUESDAY)
    scores = model.scores(7, home, TUESDAY)
    shown = [each.restaurant for each in listed]
    assert len(shown) == COUNT and set(shown) <= set(made.town.offered(home).tolist())
    assert [scores[each] for each in shown] == sorted(
        (scores[each] for each in shown), reverse=True
    )
    mean = scores[made.town.offered(home)].mean()
    for each in listed:
        assert {name for name, _ in each.reasons} == set(NAMES)
        adds = sum(value for _, value in each.reasons)
        assert adds == pytest.approx(scores[each.restaurant] - mean)


def test_the_same_customer_sees_another_list_on_sunday_morning(made, model):
    changed = 0
    for who, home in enumerate(made.town.homes[:50]):
        one, other = (model.suggest(who, home, at) for at in (TUESDAY, SUNDAY))
        changed += len({e.restaurant for e in one} - {e.restaurant for e in other})
    assert changed / 50 >= 3  # of ten


def test_who_lives_where_nobody_delivers_gets_an_empty_list(model):
    assert model.suggest(None, np.array([500.0, 500.0]), SUNDAY) == []


def test_reasons_are_true(made, model):
    home = made.town.homes[7]
    for each in model.suggest(7, home, SUNDAY):
        for word in words(model, each, 7, home, SUNDAY):
            if word.startswith("you had it"):
                assert f" {int(model.reasons.had[7, each.restaurant])} time" in word
            if word.endswith("km away"):
                assert float(word.split()[0]) <= REACH_KM
    new = [
        w for e in model.suggest(None, home, SUNDAY) for w in words(model, e, None, home, SUNDAY)
    ]
    assert new and not [each for each in new if each.startswith("you ")]


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"customers": 5}, "customers is 5; it must be at least 20"),
        ({"weeks": 2}, "weeks is 2"),
        ({"a_week": 0}, "a-week is 0"),
    ],
)
def test_a_town_that_is_too_small_is_refused(knobs, said):
    with pytest.raises(UsageError, match=said):
        world(np.random.default_rng(1), **knobs)


# Who is new in town -----------------------------------------------------------------------------


def test_one_place_of_the_list_goes_to_who_is_new():
    assert with_new([1, 2, 3, 4], 9) == [1, 2, 9, 3] and PLACE == 2
    assert with_new([1, 2, 3, 4], None) == [1, 2, 3, 4]
    assert with_new([1, 2, 3, 4], 4) == [1, 2, 4, 3]
    assert with_new([1], 9) == [1]


def test_what_is_ordered_is_shown_more_and_what_does_not_deliver_never():
    newcomers = Newcomers([10, 11, 12], rng=Chance(7).stream("new"))
    luck = Chance(7).stream("luck")
    for _ in range(2_000):
        chosen = newcomers.choose({10, 11})
        newcomers.learn(chosen, luck.random() < (0.3 if chosen == 11 else 0.1))
    counts = newcomers.counts()
    assert counts[12] == (0, 0) and counts[11][0] > 5 * counts[10][0] > 0
    assert newcomers.choose(set()) is None
    assert Newcomers([], rng=Chance(7).stream("none")).choose({1}) is None


def test_exploring_finds_the_good_ones_and_costs_little():
    made = world(np.random.default_rng(5), customers=200)
    found = opening.visits(made, seed=3, count=3_000)
    ordered = {name: sum(each.ordered.values()) for name, each in found.items()}
    assert ordered["nobody new"] == 0 and ordered["Thompson"] > 1.3 * ordered["by lot"]
    listed = {name: each.from_list / each.visits for name, each in found.items()}
    assert listed["Thompson"] > listed["nobody new"] - 0.01


# HTTP, and the story ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(made):
    app = Flask("recs")
    own = desk(made, rng=Chance(7).stream("desk"))
    app.register_blueprint(blueprint(lambda: own, Lock()))
    return app.test_client()


def test_a_list_over_http_has_names_reasons_and_one_that_is_new(client):
    found = client.get("/api/home?customer=7&at=sun+10:30").get_json()
    assert found["at"] == "Sunday 10:30" and len(found["restaurants"]) == COUNT
    (new,) = [each for each in found["restaurants"] if each["is_new"]]
    assert found["restaurants"].index(new) == PLACE and new["why"] == ["new in town"]
    assert all(each["name"] and each["km"] <= REACH_KM for each in found["restaurants"])
    one = client.get("/api/home?x=4.5&y=4.5&at=tue+20:15+rain").get_json()
    assert one["at"] == "Tuesday 20:15, rain" and one["restaurants"]
    assert client.get("/api/home?x=900&y=4.5&at=tue+20:15").get_json()["restaurants"] == []


@pytest.mark.parametrize(
    ("words_", "status", "said"),
    [
        ("customer=7", 400, "at is ''; say a day and a time"),
        ("customer=ada&at=sun+10:00", 400, "customer is 'ada'; it must be a number"),
        (f"customer={'9' * 5000}&at=sun+10:00", 400, "it must be a number"),
        ("customer=-1&at=sun+10:00", 400, "customer is '-1'"),
        ("customer=300&at=sun+10:00", 404, "there is no customer 300"),
        ("at=sun+10:00", 400, "say customer, or x and y"),
        ("x=1&y=nan&at=sun+10:00", 400, "y is 'nan'; it must be km"),
        ("x=east&y=1&at=sun+10:00", 400, "x is 'east'"),
    ],
)
def test_a_bad_question_is_refused_in_one_line(client, words_, status, said):
    answer = client.get(f"/api/home?{words_}")
    assert answer.status_code == status and said in answer.get_json()["error"]


def test_the_story_shows_two_hours_side_by_side_and_what_lists_are_worth(capsys):
    story.demo(customers=120, customer=3)
    told = capsys.readouterr().out
    assert "TUESDAY 20:30" in told and "SUNDAY 10:00" in told and "all reasons" in told
    assert "you had it" in told and "oracle" in told


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"customer": 400}, "customer 400 of 300"),
        ({"customer": -1}, "customer is -1"),
        ({"customers": 9_000}, "at most 2,000 customers"),
        ({"first": "noon"}, "at is 'noon'"),
        ({"strength": -3}, "strength is -3"),
    ],
)
def test_the_story_refuses_what_makes_no_sense(knobs, said):
    with pytest.raises(UsageError, match=said):
        story.demo(**knobs)
