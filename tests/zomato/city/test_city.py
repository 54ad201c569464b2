"""A day of a small city: all eat or are told why not, books balance, the same seed is the same day."""

import pytest

from chapters.batch import executor
from zomato.city.city import City
from zomato.city.people import cooks
from zomato.city.story import demo, passed
from zomato.city.streets import PACE, Streets
from zomato.city.weather import Weather, cell_of
from zomato.roads.dijkstra import Dijkstra
from zomato.roads.town import town

SMALL = {"orders": 250, "riders": 60, "restaurants": 12}


@pytest.fixture(scope="module")
def report():
    return passed(7, **SMALL)


def test_every_order_ends_and_the_books_agree_with_the_statement(report):
    assert report.unfinished == report.differences == report.books_sum == 0
    assert report.delivered + report.cancelled == report.orders > 200
    assert report.delivered > 0.9 * report.orders and sum(report.by_hour) == report.delivered
    assert 10 < report.door_min < report.door_p95_min < 90


def test_the_same_seed_is_the_same_day(report):
    assert passed(7, **SMALL) == report
    assert passed(8, **SMALL).digest != report.digest


@pytest.mark.slow
def test_days_side_by_side_are_those_one_after_the_other(report):
    with executor(workers=2) as crew:
        found = crew.map(_small, [7, 8], key=str)
    assert found == [report, passed(8, **SMALL)]


def _small(seed):
    return passed(seed, **SMALL)


@pytest.mark.slow
def test_a_day_on_a_real_dask_cluster_is_the_same(cluster, report):
    assert cluster.get_client().submit(_small, 7).result() == report


def test_too_few_riders_cancel_and_pay_back():
    city = City(7, orders=120, riders=2, restaurants=6)
    found = city.run()
    assert found.cancelled > 60 and found.unfinished == found.differences == 0
    back = sum(each.paise for each in city.gateway.statement if each.paise < 0)
    assert back < 0 and city.ledger.balance("orders") == 0


def test_a_ride_is_a_look_into_a_table_that_is_right():
    from random import Random

    graph, rng = town(Random(3), 400), Random(4)
    places = cooks(rng, graph, 3)
    streets, router = Streets(graph, places), Dijkstra(graph)
    for place in places:
        for _ in range(20):
            node = rng.randrange(len(graph))
            assert streets.fetch_ms(node, place.id) == round(
                PACE * router.route(node, place.node).ms
            )
            assert streets.bring_ms(place.id, node) == round(
                PACE * router.route(place.node, node).ms
            )


def test_rain_and_a_festival_make_hungry_and_rain_makes_slow():
    here, there = cell_of((0, 0)), cell_of((5_000, 0))
    weather = Weather((600, 630), (720, 780), here)
    assert weather.hunger(610, there) > weather.hunger(640, there)
    assert weather.hunger(730, here) == 3 * weather.hunger(730, there)
    assert weather.pace(610) < weather.pace(700) == 1


def test_the_story_shows_hours_and_books(capsys):
    demo(seed=7, **SMALL)
    told = capsys.readouterr().out
    assert "20:00" in told and "✔" in told and "a festival from" in told
