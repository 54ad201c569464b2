"""Search: what is found and why, filters, an index that is late and says so, suggestions."""

import re
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.errors import UsageError
from chapters.geo import FarAway, Place, Plane
from chapters.sim.clock import S
from zomato.bench import search as bench
from zomato.catalog import Catalog, Item, Rating, Restaurant
from zomato.catalog.areas import CITY, ZONE
from zomato.catalog.facts import Closed, Delisted, Listed, Priced, Reviewed, Stocked
from zomato.catalog.hours import every_day, instant
from zomato.catalog.imagined import imagined
from zomato.errors import BadQuestion
from zomato.search import judged, story
from zomato.search.follower import Follower
from zomato.search.judged import FRIDAY
from zomato.search.question import Question
from zomato.search.ranking import CLOSED_SHARE, WEIGHTS, Parts, blend, parts
from zomato.search.search import NEAREST_MAX, Search, fewer_words
from zomato.search.spelling import ONE_SPELLING

PLANE = Plane(CITY)
NOON_NS = instant("12:30", ZONE, FRIDAY)
DAY, NIGHT = every_day("11:00-15:00", ZONE), every_day("18:00-26:00", ZONE)


def house(id, name, cuisines="Biryani", x=0.0, votes=50, tenths=40, hours=DAY, dishes="", cost=500):
    """A restaurant some metres east of the middle; a star marks a vegetarian dish."""
    menu = tuple(
        Item(f"i{n}", dish.strip().rstrip("*"), 10_000, is_vegetarian=dish.endswith("*"))
        for n, dish in enumerate(filter(None, dishes.split(",")))
    )
    rating = Rating(votes, votes * tenths)
    own = tuple(each.strip() for each in cuisines.split(","))
    return Restaurant(id, name, PLANE.place(x, 0), own, hours, menu,
                      cost_for_two_paise=cost * 100 if cost else None, rating=rating)  # fmt: skip


HOUSES = [
    house("r1", "Royal Biryani House", dishes="Chicken Biryani, Veg Biryani*"),
    house("r2", "Green Tiffin Room", "South Indian", 400, dishes="Masala Dosa*,Idli*", cost=150),
    house("r3", "Dragon Wok", "Chinese, Thai", 900, tenths=45, dishes="Pad Thai", cost=900),
    house("r4", "Night Biryani", x=200, hours=NIGHT, dishes="Mutton Biryani"),
    house("r5", "Old Spice", "Mughlai", 1_500, tenths=30, dishes="Chicken Biryani", cost=0),
    house("r6", "Far Biryani", x=9_000, dishes="Chicken Biryani"),
]


def searched(text="", houses=HOUSES, now_ns=NOON_NS, **words):
    search = Search(Catalog(houses), CITY)
    search.refresh(now_ns)
    return search.find(Question(text, CITY, now_ns, **words), now_ns)


def ids(answer):
    return [each.restaurant.id for each in answer.found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("chicken biryani", ["r1", "r5"]),
        ("chiken biriyani", ["r1", "r5"]),
        ("Biriyani", ["r1", "r5", "r4"]),
        ("momo or idly", ["r2"]),
        ("best biryani near me", ["r1", "r5", "r4"]),
        ("dosa", ["r2"]),
        ("pad thai", ["r3"]),
        ("south indian", ["r2"]),
        ("veg biryani", ["r1"]),
        ("royal", ["r1"]),
        ("biryani open now", ["r1", "r5"]),
        ("dosa with unicorns", ["r2"]),
        ("sushi", []),
    ],
)
def test_what_words_find(text, found):
    assert ids(searched(text)) == found


def test_without_words_the_nearest_come_and_nobody_from_beyond_where_they_deliver():
    assert set(ids(searched(""))) == {"r1", "r2", "r3", "r4", "r5"}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({"cuisine": "thai"}, {"r3"}),
        ({"is_vegetarian": True}, {"r1", "r2"}),
        ({"is_open": True}, {"r1", "r2", "r3", "r5"}),
        ({"stars_least": 4.2}, {"r3"}),
        ({"cost_paise_most": 50_000}, {"r1", "r2", "r4"}),
        ({"count": 1}, {"r3"}),
    ],
)
def test_filters(words, found):
    assert set(ids(searched("", **words))) == found


def test_non_veg_is_no_wish_for_vegetarian():
    assert not Question("non veg biryani", CITY, 0).understood().is_vegetarian
    asked = Question("best VEG biryani in town, open now", CITY, 0).understood()
    assert (asked.text, asked.is_vegetarian, asked.is_open) == ("biryani town", True, True)


def test_who_is_closed_comes_after_those_who_are_as_good_and_in_the_night_it_is_the_other_way():
    assert ids(searched("biryani"))[-1] == "r4"
    assert ids(searched("biryani", now_ns=instant("23:30", ZONE, FRIDAY)))[0] == "r4"


def test_a_result_says_why():
    first = searched("chicken biryani").found[0]
    assert first.metres == 0 and first.parts.near == 1 and 0 < first.parts.text <= 1
    assert first.score == pytest.approx(blend(first.parts, WEIGHTS, is_open=True))
    assert first.stars == pytest.approx((7 * 235 / 6 + 50 * 40) / 57 / 10)  # 235: the six


def test_parts_by_hand():
    found = parts(4, 8, 2_500, 3.0, 99)
    assert (found.text, found.near, found.stars) == (0.5, 0.5, 0.5)
    assert found.popular == pytest.approx(0.5, abs=1e-3)
    assert blend(Parts(1, 1, 1, 1), WEIGHTS, is_open=True) == pytest.approx(1)
    assert blend(Parts(1, 1, 1, 1), WEIGHTS, is_open=False) == pytest.approx(CLOSED_SHARE)


def test_fewer_words():
    assert list(fewer_words("a b c")) == ["a b c", "a b", "a c", "b c"]
    assert list(fewer_words("a")) == ["a"] and list(fewer_words("")) == [""]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"text": "x" * 201}, "the text has 201 letters; at most 200"),
        ({"count": 0}, "count is 0; it must be 1 to 100"),
        ({"count": 101}, "count is 101"),
        ({"stars_least": 5.5}, "stars is 5.5; it must be 0 to 5"),
        ({"stars_least": float("nan")}, "stars is nan"),
        ({"cost_paise_most": 0}, "cost is 0"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(words, said):
    with pytest.raises(BadQuestion, match=said):
        Question(**{"text": "", "near": CITY, "at_ns": 0} | words)


def test_a_place_that_is_far_from_the_city_is_refused():
    search = Search(Catalog(HOUSES), CITY)
    search.refresh(0)
    with pytest.raises(FarAway, match="over 200 km"):
        search.find(Question("", Place(28.6, 77.2), 0), 0)


# An index that is late ---------------------------------------------------------------------------


def test_an_answer_is_what_was_true_at_the_refresh_and_says_how_late_it_is():
    catalog = Catalog(HOUSES)
    search = Search(catalog, CITY)
    search.refresh(NOON_NS)
    catalog.apply(Closed("r1", NOON_NS + 3600 * S), NOON_NS + 2 * S)
    catalog.apply(Priced("r5", "i0", 99), NOON_NS + 3 * S)
    late = search.find(Question("chicken biryani", CITY, NOON_NS), NOON_NS + 5 * S)
    assert late.found[0].restaurant.id == "r1" and late.found[0].is_open
    assert (late.stamp.seen, late.stamp.behind, late.stamp.behind_ns) == (0, 2, 3 * S)
    assert search.refresh(NOON_NS + 6 * S) == {"r1", "r5"}
    fresh = search.find(Question("chicken biryani", CITY, NOON_NS), NOON_NS + 9 * S)
    assert [(e.restaurant.id, e.is_open) for e in fresh.found] == [("r5", True), ("r1", False)]
    assert (fresh.stamp.seen, fresh.stamp.behind, fresh.stamp.behind_ns) == (2, 0, 0)


def test_a_hundred_reviews_of_one_are_read_once_and_no_word_is_indexed_again():
    catalog = Catalog(HOUSES)
    search = Search(catalog, CITY)
    search.refresh(0)
    before = search._index._view
    for number in range(100):
        catalog.apply(Reviewed("r1", "c", f"o{number}", 5), number)
    assert search.refresh(200) == {"r1"} and search._index._view is before
    assert (
        search.find(Question("royal", CITY, NOON_NS), 200).found[0].restaurant.rating.votes == 150
    )


def test_a_dish_that_is_out_is_not_found_and_who_is_gone_is_gone():
    catalog = Catalog(HOUSES)
    search = Search(catalog, CITY)
    search.refresh(0)
    catalog.apply(Stocked("r3", "i0", False), 1)
    catalog.apply(Delisted("r1"), 2)
    catalog.apply(Listed(house("r7", "Biryani Blues", x=50)), 3)
    search.refresh(4)
    assert ids(search.find(Question("pad thai", CITY, NOON_NS), 4)) == ["r3"]  # by "Thai" alone
    assert "r1" not in (found := ids(search.find(Question("biryani", CITY, NOON_NS), 4)))
    assert "r7" in found and len(search) == 6


def test_whoever_is_further_behind_than_changes_are_kept_reads_everything():
    catalog = Catalog(HOUSES, changes_max=2)
    search = Search(catalog, CITY)
    search.refresh(0)
    catalog.apply(Delisted("r1"), 1)
    for number in range(3):
        catalog.apply(Priced("r5", "i0", number + 1), 2)
    assert search.stamp(10).behind == 4 and search.stamp(10).behind_ns == 10
    assert search.refresh(10) == {f"r{n}" for n in range(1, 7)}
    assert len(search) == 5 and search.stamp(11).behind == 0


def test_a_restaurant_that_is_on_no_map_of_the_city_does_not_stop_the_index():
    catalog = Catalog(HOUSES)
    search = Search(catalog, CITY)
    search.refresh(0)
    there = replace(HOUSES[0], place=Place(28.6, 77.2))
    catalog.apply(Listed(there), 1)
    catalog.apply(Closed("r5", NOON_NS + 1), 2)
    assert search.refresh(3) == {"r1", "r5"} and search.stamp(3).behind == 0
    assert ids(search.find(Question("chicken biryani", CITY, NOON_NS), 3)) == ["r5"]


def test_the_follower_keeps_to_its_interval_and_can_be_stopped():
    catalog = Catalog(HOUSES)
    search = Search(catalog, CITY)
    follower = Follower(search, every_ns=5 * S)
    assert follower.tick(6 * S) and not follower.tick(10 * S) and follower.tick(11 * S)
    follower.is_stopped = True
    assert not follower.tick(100 * S)
    assert follower.refreshed == 6


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["close", "review", "delist", "list", "stock", "refresh"]),
        st.integers(0, 5),
    ),
    max_size=25,
)


@settings(max_examples=60)
@given(STEPS, st.integers(1, 30))
def test_after_a_refresh_an_old_index_finds_what_one_made_anew_finds(steps, kept):
    catalog = Catalog(HOUSES[:3], changes_max=kept)
    old, text = Search(catalog, CITY), "biryani"
    for now, (verb, number) in enumerate(steps):
        own = HOUSES[number]
        fact = {
            "close": Closed(own.id, NOON_NS + 1), "review": Reviewed(own.id, "c", f"{now}", 5),
            "delist": Delisted(own.id), "list": Listed(own), "stock": Stocked(own.id, "i0", False),
        }.get(verb)  # fmt: skip
        if fact is None:
            old.refresh(now)
        elif verb == "list" or catalog.known(own.id):
            catalog.apply(fact, now)
    old.refresh(99)
    new = Search(catalog, CITY)
    new.refresh(99)
    for asked in (Question(text, CITY, NOON_NS), Question("", CITY, NOON_NS)):
        assert set(ids(old.find(asked, 99))) == set(ids(new.find(asked, 99)))
    assert set(map(str, old.suggestions.find("bir"))) == set(map(str, new.suggestions.find("bir")))


# Suggestions -------------------------------------------------------------------------------------


def test_suggestions_by_their_beginning_with_how_many_have_it():
    search = Search(Catalog(HOUSES), CITY)
    search.refresh(0)
    found = [(e.text, e.kind, e.restaurants) for e in search.suggestions.find("chicken bir")]
    assert found == [("Chicken Biryani", "dish", 3)]
    kinds = {each.kind for each in search.suggestions.find("biry")}
    assert kinds == {"dish", "cuisine", "restaurant"}
    assert search.suggestions.find("chikcen b")[0].text == "Chicken Biryani"
    assert search.suggestions.find("") == [] and search.suggestions.find("zz") == []


def test_spellings_are_one_word_in_texts_and_questions():
    odd = [house("r8", "Briyani Hut", "Kabab"), house("r9", "Biryani Hut", x=10)]
    for text in ("biriyani", "briyani", "BIRYANI"):
        assert set(ids(searched(text, odd))) == {"r8", "r9"}
    assert ids(searched("kebabs", odd)) == ["r8"]
    search = Search(Catalog(odd), CITY)
    search.refresh(0)
    assert {each.text for each in search.suggestions.find("biry")} >= {"Briyani Hut", "Biryani Hut"}
    assert [each.text for each in search.suggestions.find("briy")] == ["Briyani Hut"]


def test_every_spelling_is_of_a_word_that_is_not_one_itself():
    assert not ONE_SPELLING.keys() & set(ONE_SPELLING.values())


def test_a_suggestion_goes_with_the_last_who_has_it():
    catalog = Catalog(HOUSES)
    search = Search(catalog, CITY)
    search.refresh(0)
    catalog.apply(Delisted("r3"), 1)
    search.refresh(2)
    assert search.suggestions.find("pad") == [] and search.suggestions.find("thai") == []
    catalog.apply(Listed(HOUSES[2]), 3)
    search.refresh(4)
    assert search.suggestions.find("pad")[0].restaurants == 1


@pytest.mark.parametrize(("text", "count"), [("x" * 201, 8), ("x", 0), ("x", 101)])
def test_suggestions_for_too_much_are_refused(text, count):
    search = Search(Catalog(HOUSES), CITY)
    search.refresh(0)
    with pytest.raises(BadQuestion):
        search.suggestions.find(text, count)


# How good ----------------------------------------------------------------------------------------


def test_the_blend_is_better_than_any_reason_alone():
    city = imagined(Random(11), count=1_000)
    asked = list(judged.customers(city, Random(12), 60))
    found = judged.quality(city, asked, judged.BASELINES, 13)
    alone = max(ndcg for name, ndcg in found.items() if name != "blend")
    assert found["blend"] > alone + 0.05 and found["text alone"] < found["stars alone"]


@pytest.mark.slow
def test_the_figures_of_the_page_are_those_that_are_measured():
    page = (Path(__file__).parents[3] / "docs/zomato/search.md").read_text("utf-8")
    told = dict(re.findall(r"^\| (\w+)[^|]* \| (0\.\d+) \|$", page, re.MULTILINE))
    found = bench._mean_quality(bench.SEEDS, bench.JUDGED_CUSTOMERS)
    assert {name.split()[0]: f"{ndcg:.2f}" for name, ndcg in found.items()} == told


def test_what_is_wanted_is_open_near_and_serves_it():
    city = imagined(Random(11), count=400)
    known = {each.id: each for each in city.restaurants}
    for who in judged.customers(city, Random(1), 30):
        for id in judged.wanted(city, who, 5):
            own = known[id]
            assert own.hours.is_open(who.question.at_ns)
            assert (
                who.dish in {each.name for each in own.menu}
                or who.cuisine in own.cuisines
                or who.name == own.name
            )


def test_a_mistyped_word_is_one_mistake_away():
    from chapters.inverted_index.fuzzy import distance

    rng = Random(3)
    for _ in range(50):
        assert distance("Chicken Biryani", judged.mistyped("Chicken Biryani", rng)) <= 1
    assert judged.mistyped("Idli", rng) == "Idli"


def test_the_story_runs_and_the_closed_one_is_gone_after_a_refresh(capsys):
    story.demo(restaurants=600)
    told = capsys.readouterr().out
    assert "searched for: chicken biryani" in told and "shown in place 1" in told
    assert "1 change behind, for 3 s" in told and "the index is fresh" in told
    assert told.index("text alone") < told.index("blend")
    with pytest.raises(UsageError, match="restaurants is 0"):
        story.demo(restaurants=0)


def test_more_than_are_looked_at_may_be_near():
    many = [house(f"r{n}", f"House {n}", x=n) for n in range(NEAREST_MAX + 50)]
    assert len(searched("", many, count=100).found) == 100
