"""The made-up city has what can be counted in the real one."""

import math
from collections import Counter
from random import Random
from statistics import correlation, mean, quantiles, stdev

import pytest

from chapters.errors import UsageError
from chapters.geo import metres
from zomato.catalog.areas import CITY
from zomato.catalog.imagined import imagined

COUNT = 4_000


@pytest.fixture(scope="module")
def city():
    return imagined(Random(7), count=COUNT)


def test_stars_and_votes_are_as_in_bengaluru(city):
    rated = [each.rating for each in city.restaurants if each.rating.votes]
    stars, votes = [each.mean for each in rated], [each.votes for each in rated]
    assert 3.4 < mean(stars) < 3.6 and 0.4 < stdev(stars) < 0.56
    tenths = quantiles(votes, n=10)
    assert 30 < tenths[4] < 55 and 250 < tenths[8] < 450 and max(votes) <= 16_345
    assert 0.4 < correlation(stars, [math.log(each) for each in votes]) < 0.6
    assert 0.005 < 1 - len(rated) / COUNT < 0.02


def test_cuisines_and_costs_are_as_in_bengaluru(city):
    having = Counter(cuisine for each in city.restaurants for cuisine in each.cuisines)
    assert [name for name, _ in having.most_common(3)] == [
        "North Indian",
        "Chinese",
        "South Indian",
    ]
    assert 0.40 < having["North Indian"] / COUNT < 0.50
    assert 0.3 < sum(len(each.cuisines) == 2 for each in city.restaurants) / COUNT < 0.37
    costs = [each.cost_for_two_paise // 100 for each in city.restaurants if each.cost_for_two_paise]
    assert 350 <= quantiles(costs, n=2)[0] <= 450 and min(costs) >= 50


def test_votes_speak_of_the_truth_the_more_the_more_there_are(city):
    def off(few, most):
        return mean(
            abs(each.rating.mean - city.quality[each.id])
            for each in city.restaurants
            if few <= each.rating.votes < most
        )

    assert off(200, 10**6) < 0.1 < off(5, 20) < off(1, 3)


def test_names_are_told_apart_menus_are_whole_paise_and_all_are_near(city):
    assert len({each.name for each in city.restaurants}) == COUNT
    assert all(each.menu and metres(each.place, CITY) < 30_000 for each in city.restaurants)
    assert all("  " not in item.name for each in city.restaurants for item in each.menu)


def test_the_same_seed_gives_the_same_city():
    assert imagined(Random(3), count=50) == imagined(Random(3), count=50)
    with pytest.raises(UsageError, match="count is 0"):
        imagined(Random(3), count=0)
