"""The page: rows that add something, pictures that learn, and tests that may be looked at."""

from random import Random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.errors import UsageError
from netflix.catalogue import Entry, TitleId
from netflix.recs import abtest, artwork, story
from netflix.recs.abtest import COUNT_MIN, Experiment, first_looks
from netflix.recs.artwork import PICTURES, Artwork
from netflix.recs.home import Home, View
from netflix.recs.imagined import DAYS_MS, city, name_of
from netflix.recs.rows import ROW_TITLES_MAX, ROWS_MAX, VISIBLE, Row, fresh_first, page, value

TITLES = [f"t{n}" for n in range(12)]
ROWS = st.lists(
    st.builds(
        Row,
        st.sampled_from("ABCDEFGH"),
        st.lists(st.sampled_from(TITLES), unique=True).map(tuple),
        st.floats(0.1, 2),
        st.booleans(),
    ),
    max_size=8,
    unique_by=lambda row: row.name,
)
WORTH = st.dictionaries(st.sampled_from(TITLES), st.floats(0, 1))


@given(ROWS, WORTH, st.integers(1, ROWS_MAX))
def test_a_page_keeps_its_promises(rows, worth, rows_max):
    found = page(rows, worth, rows_max)
    assert len(found) <= rows_max and all(0 < len(row.titles) <= ROW_TITLES_MAX for row in found)
    assert len({row.name for row in found}) == len(found)
    sets = [frozenset(row.titles[:VISIBLE]) for row in found]
    assert len(set(sets)) == len(sets)
    fixed = [row.is_fixed for row in found]
    assert fixed == sorted(fixed, reverse=True)
    seen = set()
    for row in found:
        own = row.titles[:VISIBLE]
        if not row.is_fixed:
            hidden_but_new = set(row.titles[VISIBLE:]) - seen
            assert not (set(own) & seen and hidden_but_new)
        seen |= set(own)


@given(ROWS, WORTH)
def test_the_first_row_is_the_most_valuable(rows, worth):
    free = [row for row in rows if row.titles and not row.is_fixed]
    found = page([row for row in rows if not row.is_fixed], worth)
    assert bool(found) == bool(free)
    if found:
        assert value(found[0], worth, set()) == max(value(row, worth, set()) for row in free)


def test_titles_in_sight_come_last_in_their_order():
    assert fresh_first("abcdef", {"a", "d"}) == ("b", "c", "e", "f", "a", "d")


# Everybody's home.


def entry(title, *genres):
    return Entry(TitleId(title), title.upper(), genres)


CATALOGUE = [
    entry("a", "Drama"),
    entry("b", "Drama", "Action"),
    entry("c", "Action"),
    entry("d", "Comedy"),
]


def names(rows):
    return [row.name for row in rows if row.titles]


def test_nobody_is_without_a_page():
    empty = Home((), (), 0)
    assert page(empty.rows("ada", ["gone"]), empty.worth("ada")) == [] and empty.taste("ada") == ""
    new = Home(CATALOGUE, (), 0)
    assert page(new.rows("ada", []), new.worth("ada"))[0].name == "Popular here"
    assert names(new.rows("ada", []))[0] == "Popular here"


def test_rows_follow_what_was_watched():
    views = [
        View("ben", "a", 5),
        View("ben", "b", 6),
        View("cem", "a", 1),
        View("cem", "b", 2),
        View("ada", "a", 9),
    ]
    home = Home(CATALOGUE, views, 10)
    rows = {row.name: row.titles for row in home.rows("ada", ["c"])}
    assert rows["Continue watching"] == ("c",) and rows["Top picks for you"][0] == "b"
    assert rows["Top picks for you"][-1] == "a"
    assert rows["Because you watched A"] == ("b",) and rows["Drama"] == ("b", "a")
    assert home.taste("ben") == "Drama" and home.taste("ada") == "Drama"
    assert "Comedy" not in rows


def test_what_was_watched_lately_trends():
    day = 24 * 3_600_000
    views = [
        *(View(f"v{n}", "c", 0) for n in range(4)),
        *(View(f"w{n}", "d", 9 * day) for n in range(3)),
    ]
    home = Home(CATALOGUE, views, 9 * day)
    assert next(row for row in home.rows("ada", []) if row.name == "Trending now").titles[:2] == (
        "d",
        "c",
    )


def test_views_of_titles_that_are_gone_are_no_trouble():
    home = Home(CATALOGUE, [View("ada", "gone", 1), View("ada", "a", 2)], 3)
    assert "gone" not in str(home.rows("ada", ["gone"])) and home.taste("ada") == "Drama"


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_own_rows_find_more_than_a_page_for_all_and_choosing_them_finds_most(seed):
    made = city(seed, 200, 100, 20)
    home = Home(made.catalogue, made.views, DAYS_MS)
    same, fixed, chosen = (story.found(made, pages) for pages in story.ways(home, made).values())
    assert chosen > 1.4 * same and chosen > fixed > same


def test_a_city_never_judges_by_what_was_learnt_from():
    made = city(5, 50, 60, 15)
    learnt = {(view.profile, view.title) for view in made.views}
    assert not learnt & {(who, title) for who, titles in made.later.items() for title in titles}
    assert len({name_of(n) for n in range(1000)}) == 1000


# Pictures.


@given(st.lists(st.tuples(st.booleans(), st.integers(-1, PICTURES + 1), st.sampled_from("ab"))))
def test_there_are_never_more_clicks_than_it_was_shown(steps):
    own = Artwork(rng=Random(1))
    for is_shown, picture, taste in steps:
        if is_shown:
            assert 0 <= own.show("t", taste) < PICTURES
        else:
            own.clicked("t", taste, picture)
    for taste in "ab":
        assert all(0 <= got <= shown for shown, got in own.counts("t", taste))


def test_each_taste_gets_its_own_picture():
    own, luck = Artwork(rng=Random(3)), Random(4)
    for number in range(6000):
        taste = number % 2
        picture = own.show("t", str(taste))
        if luck.random() < (0.2 if picture == taste else 0.05):
            own.clicked("t", str(taste), picture)
    for taste in (0, 1):
        shown = [count for count, _ in own.counts("t", str(taste))]
        assert shown[taste] > 0.75 * sum(shown)


def test_what_is_remembered_of_pictures_has_a_bound(monkeypatch):
    monkeypatch.setattr(artwork, "CELLS_MAX", 5)
    own = Artwork(rng=Random(1))
    for number in range(9):
        own.show(f"t{number}", "")
    assert len(own._cells) == 5 and ("t8", "") in own._cells


# Tests of two sides.


def test_a_test_of_nothing_is_believed_in_one_of_twenty_at_most_however_often_one_looks():
    rng = Random(5)
    found = [first_looks(rng, 0.1, 0.1, 5_000, 50) for _ in range(200)]
    assert mean(valid is not None for _, valid in found) <= 0.05
    assert mean(usual is not None for usual, _ in found) > 0.25


def test_something_is_found_and_sooner_if_it_is_more():
    rng, after = Random(6), {}
    for better in (0.02, 0.06):
        found = [first_looks(rng, 0.1, 0.1 + better, 10_000, 100)[1] for _ in range(40)]
        assert mean(each is not None for each in found) > 0.8
        after[better] = mean(each for each in found if each)
    assert after[0.06] < 0.4 * after[0.02]


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=30))
def test_an_always_valid_p_value_never_rises_and_is_a_probability(batches):
    own, last = Experiment(), 1.0
    for a, b in batches:
        for side, good in ((own.a, a), (own.b, b)):
            side.count += 100
            side.successes += good
        found = own.p_value()
        assert 0 <= found <= last <= 1 and 0 <= own.usual_p_value() <= 1
        last = found


def test_the_evidence_is_the_mean_over_a_normal_mixture_of_effects():
    """By its definition: the likelihood ratio of each effect, averaged over N(0, τ²), by summing it up."""
    from math import exp, pi, sqrt

    own = Experiment(0.05)
    own.a.count, own.a.successes, own.b.count, own.b.successes = 1000, 100, 1000, 130
    n, v, d = 1000, own._variance(), own.difference
    steps = [(-0.3 + 0.6 * (k + 0.5) / 20_000) for k in range(20_000)]
    ratios = (
        exp((2 * d * e - e * e) * n / (2 * v)) * exp(-e * e / (2 * 0.05**2)) / (0.05 * sqrt(2 * pi))
        for e in steps
    )
    assert own.evidence() == pytest.approx(sum(ratios) * 0.6 / 20_000, rel=1e-6)


def test_too_early_nothing_is_said():
    own = Experiment()
    for _ in range(COUNT_MIN - 1):
        own.a.add(False)
        own.b.add(True)
    assert own.p_value() == own.usual_p_value() == 1
    own.a.add(True)
    own.b.add(True)
    assert own.p_value() < 1e-6


def test_what_makes_no_sense_is_refused(capsys):
    for make in (
        lambda: Experiment(0), lambda: abtest.demo(a=0.99, better=0.02), lambda: abtest.demo(tests=10**6),
        lambda: artwork.demo(viewers=0), lambda: story.demo(viewer=900), lambda: story.demo(titles=3),
    ):  # fmt: skip
        with pytest.raises(UsageError):
            make()
    abtest.demo(tests=3, viewers=500)
    artwork.demo(viewers=30)
    story.demo(viewers=40, titles=60)
    assert "own rows" in capsys.readouterr().out
