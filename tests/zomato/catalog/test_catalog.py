"""The catalog: facts, prices that change, reviews that count once, and changes that are followed."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.geo import Place
from zomato.catalog import Catalog, Item, Rating, Restaurant, is_open
from zomato.catalog.facts import Closed, Delisted, Listed, Priced, Reviewed, Stocked
from zomato.catalog.hours import every_day
from zomato.catalog.reviews import PRIOR_VOTES, shrunken, usual_tenths
from zomato.errors import AlreadyReviewed, BadMenu, BadReview, Forgotten, NoItem, NoRestaurant

HOURS = every_day("11:00-23:00", "Asia/Kolkata")
NOON_NS = 7 * 3600 * 10**9  # 12:30 in Bengaluru, on 1 January 1970
MENU = (Item("i1", "Idli", 4_000, is_vegetarian=True), Item("i2", "Fish Curry", 26_000))


def diner(id="r1", **facts):
    return Restaurant(
        id, "Sri Bhavan", Place(12.97, 77.59), ("South Indian",), HOURS, MENU, **facts
    )


@pytest.fixture
def catalog():
    return Catalog([diner()])


def test_a_price_that_changes_is_a_further_version_and_the_same_price_is_none(catalog):
    catalog.apply(Priced("r1", "i1", 4_500), 0)
    assert (catalog.item("r1", "i1").price_paise, catalog.item("r1", "i1").version) == (4_500, 2)
    catalog.apply(Priced("r1", "i1", 4_500), 1)
    assert catalog.item("r1", "i1").version == 2
    catalog.apply(Priced("r1", "i1", 4_000), 2)
    assert catalog.item("r1", "i1").version == 3


def test_what_somebody_holds_of_a_menu_does_not_change(catalog):
    held = catalog.restaurant("r1")
    catalog.apply(Priced("r1", "i1", 9_900), 0)
    assert held.item("i1").price_paise == 4_000


def test_a_menu_that_is_told_anew_goes_on_with_its_versions_and_keeps_the_rating(catalog):
    catalog.apply(Priced("r1", "i1", 4_500), 0)
    catalog.apply(Reviewed("r1", "c1", "o1", 4), 0)
    catalog.apply(Closed("r1", 99), 0)
    dearer = replace(MENU[0], price_paise=5_000)
    catalog.apply(Listed(replace(diner(), menu=(dearer, MENU[1]))), 0)
    found = catalog.restaurant("r1")
    assert [each.version for each in found.menu] == [3, 1]
    assert found.rating == Rating(1, 40) and found.closed_until_ns == 99


def test_an_item_that_comes_again_does_not_take_up_an_old_version(catalog):
    catalog.apply(Priced("r1", "i1", 4_500), 0)
    catalog.apply(Listed(replace(diner(), menu=MENU[1:])), 1)
    catalog.apply(Listed(replace(diner(), menu=(replace(MENU[0], price_paise=7_000),))), 2)
    assert catalog.item("r1", "i1").version == 3
    catalog.apply(Delisted("r1"), 3)
    catalog.apply(Listed(diner()), 4)
    assert catalog.item("r1", "i1").version == 4 and catalog.item("r1", "i2").version == 2


def test_an_item_that_is_out_is_still_on_the_menu(catalog):
    catalog.apply(Stocked("r1", "i2", False), 0)
    assert not catalog.item("r1", "i2").is_available and catalog.item("r1", "i2").version == 1
    assert not catalog.restaurant("r1").is_vegetarian


def test_closed_early_is_closed_until_then(catalog):
    assert is_open(catalog.restaurant("r1"), NOON_NS)
    catalog.apply(Closed("r1", NOON_NS + 60), NOON_NS)
    assert not is_open(catalog.restaurant("r1"), NOON_NS)
    assert is_open(catalog.restaurant("r1"), NOON_NS + 60)


def test_one_review_for_each_customer_and_order(catalog):
    catalog.apply(Reviewed("r1", "c1", "o1", 5), 0)
    with pytest.raises(AlreadyReviewed, match="order 'o1' has a review by 'c1' already"):
        catalog.apply(Reviewed("r1", "c1", "o1", 1), 1)
    catalog.apply(Reviewed("r1", "c1", "o2", 4), 2)
    assert catalog.restaurant("r1").rating == Rating(2, 90) and catalog.last == 2


@pytest.mark.parametrize("stars", [0, 6, 4.5, True, "5", None])
def test_stars_that_are_not_whole_from_one_to_five_are_refused(catalog, stars):
    with pytest.raises(BadReview, match="it must be a whole number, 1 to 5"):
        catalog.apply(Reviewed("r1", "c1", "o1", stars), 0)
    catalog.apply(Reviewed("r1", "c1", "o1", 5), 0)  # the order has not been used up


@pytest.mark.parametrize(
    ("fact", "error", "said"),
    [
        (Delisted("r9"), NoRestaurant, "there is no restaurant 'r9'"),
        (Closed("r9", 1), NoRestaurant, "there is no restaurant 'r9'"),
        (Priced("r1", "i9", 1), NoItem, "r1 has no item 'i9'"),
        (Stocked("r1", "i9", True), NoItem, "r1 has no item 'i9'"),
        (Priced("r1", "i1", -1), BadMenu, "its price is -1; it must be whole paise"),
        (Priced("r1", "i1", 40.5), BadMenu, "its price is 40.5"),
        (Priced("r1", "i1", 10**9), BadMenu, "0 to 10000000"),
        (Reviewed("r9", "c1", "o1", 5), NoRestaurant, "search for one"),
    ],
)
def test_a_fact_that_is_refused_changes_nothing_and_has_no_number(catalog, fact, error, said):
    before = catalog.restaurant("r1")
    with pytest.raises(error, match=said):
        catalog.apply(fact, 0)
    assert catalog.restaurant("r1") is before and catalog.last == 0
    assert catalog.changes_since(0) == []


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: Item("i1", " ", 1), "its name has 1 letters"),
        (lambda: Item("i1", "x" * 201, 1), "its name has 201 letters; it must have 1 to 200"),
        (lambda: replace(diner(), menu=(MENU[0], MENU[0])), "2 items with 1 ids"),
        (lambda: replace(diner(), name=""), "its name has 0 letters"),
    ],
)
def test_what_no_menu_can_have_is_refused(made, said):
    with pytest.raises(BadMenu, match=said):
        made()


def test_whoever_follows_reads_what_is_new_and_is_told_when_that_is_forgotten():
    catalog = Catalog([diner()], changes_max=3)
    for number in range(5):
        assert catalog.apply(Priced("r1", "i1", 5_000 + number), number) == number + 1
    assert [each.number for each in catalog.changes_since(2)] == [3, 4, 5]
    assert [each.at_ns for each in catalog.changes_since(4)] == [4]
    assert catalog.changes_since(5) == []
    with pytest.raises(Forgotten, match="after 1 are wanted; only those after 2 are kept"):
        catalog.changes_since(1)


FACTS = st.one_of(
    st.builds(Priced, st.sampled_from(["r1", "r2"]), st.just("i1"), st.integers(1, 5)),
    st.builds(Closed, st.sampled_from(["r1", "r2"]), st.integers(0, 3)),
    st.builds(
        Reviewed, st.just("r1"), st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(1, 5)
    ),
    st.builds(Delisted, st.sampled_from(["r1", "r2"])),
    st.builds(lambda id: Listed(diner(id)), st.sampled_from(["r1", "r2"])),
    st.builds(lambda id: Listed(replace(diner(id), menu=MENU[1:])), st.sampled_from(["r1", "r2"])),
)


@given(st.lists(FACTS, max_size=40))
def test_a_version_of_an_item_never_means_two_prices(facts):
    catalog, prices = Catalog([diner()]), {}
    for now, fact in enumerate(facts):
        with suppress(NoRestaurant, NoItem, AlreadyReviewed):
            catalog.apply(fact, now)
        for own in catalog:
            for item in own.menu:
                known = prices.setdefault((own.id, item.id, item.version), item.price_paise)
                assert known == item.price_paise


@given(st.lists(FACTS, max_size=30), st.integers(0, 30))
def test_a_follower_who_applies_the_changes_knows_what_the_catalog_knows(facts, seen):
    catalog, behind = Catalog([diner()]), Catalog([diner()])
    for now, fact in enumerate(facts):
        try:
            catalog.apply(fact, now)
        except (NoRestaurant, NoItem, AlreadyReviewed):
            continue
        if catalog.last == seen:
            for change in catalog.changes_since(behind.last):
                behind.apply(change.fact, change.at_ns)
    for change in catalog.changes_since(behind.last):
        behind.apply(change.fact, change.at_ns)
    assert list(catalog) == list(behind) and catalog.last == behind.last


def test_one_vote_of_five_stars_does_not_beat_a_thousand_of_four_point_six():
    one, many = Rating(1, 50), Rating(1_000, 46_000)
    assert one.mean == 5.0 and many.mean == 4.6
    assert shrunken(one) == pytest.approx((7 * 3.5 + 5) / 8) == 3.6875
    assert shrunken(many) == pytest.approx(4.592, abs=1e-3)
    assert shrunken(Rating()) == 3.5 and Rating().mean is None


@given(st.integers(0, 500), st.integers(10, 50), st.floats(10, 50))
def test_what_is_expected_lies_between_the_usual_and_what_is_said(votes, tenths, usual):
    found = shrunken(Rating(votes, votes * tenths), usual) * 10
    assert min(usual, tenths) - 1e-9 <= found <= max(usual, tenths) + 1e-9
    if votes == PRIOR_VOTES:
        assert found == pytest.approx((usual + tenths) / 2)


def test_the_usual_is_the_mean_of_restaurants_not_of_votes():
    assert usual_tenths([Rating(1, 20), Rating(999, 999 * 40), Rating()]) == pytest.approx(30)
    assert usual_tenths([]) == 35


@pytest.mark.parametrize(("votes", "tenths"), [(-1, 0), (1, 9), (1, 51), (0, 10), (10**9, 10**10)])
def test_votes_that_cannot_be_are_refused(votes, tenths):
    with pytest.raises(BadReview, match="votes"):
        Rating(votes, tenths)
