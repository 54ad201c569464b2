"""Found by brute force and by the index: the same, whatever was added, removed, merged, in any order."""

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.inverted_index import Index, words
from chapters.inverted_index.bm25 import idf, tf_part
from chapters.inverted_index.fuzzy import EDITS, SHORT_CHARS, Speller, distance
from chapters.inverted_index.inverted import SEGMENTS_MAX
from chapters.inverted_index.segment import PREFIX_TERMS_MAX, Postings, Segment, Text, union
from chapters.inverted_index.story import demo, titles

WORDS = st.sampled_from(["sun", "sea", "salt", "river", "rain", "road"])
TEXTS = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from("abcdefgh"), TEXTS),
        st.tuples(st.just("remove"), st.sampled_from("abcdefgh"), st.just("")),
        st.tuples(st.sampled_from(["refresh", "merge"]), st.just(""), st.just("")),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Beyoncé – Déjà Vu (Live)", ["beyonce", "deja", "vu", "live"]),
        ("Don’t Stop Believin'", ["dont", "stop", "believin"]),
        ("99 Luftballons", ["99", "luftballons"]),
        ("ﬁre & RAIN_2", ["fire", "rain", "2"]),
        ("— … !", []),
    ],
)
def test_words_are_folded_as_people_type_them(text, expected):
    assert words(text) == expected


def test_bm25_is_what_the_formula_gives():
    assert idf(1000, 10) == pytest.approx(math.log(1 + 990.5 / 10.5))
    assert tf_part(1.0, 5.0, 5.0) == pytest.approx(1.0)
    assert tf_part(2.0, 5.0, 5.0) == pytest.approx(2 * 2.2 / 3.2)
    assert tf_part(10_000.0, 5.0, 5.0) < 2.2
    assert 0 < idf(10, 10) < 0.1


def found(index, query):
    return [hit.key for hit in index.search(query, 50)]


def brute(texts, query):
    """All texts with all words, best first, as one segment would score them."""
    index = Index()
    for key, text in texts.items():
        index.add(key, text)
    index.refresh()
    matching = {key for key, text in texts.items() if set(words(query)) <= set(words(text))}
    ordered = [hit.key for hit in index.search(query, 50)] if matching else []
    assert not matching or set(ordered) == matching
    return ordered


@settings(max_examples=150)
@given(CHANGES, TEXTS)
def test_in_whatever_order_texts_come_and_go_a_merged_index_finds_what_is_there(changes, query):
    index, texts = Index(), {}
    for what, key, text in changes:
        if what == "add":
            index.add(key, text)
            texts[key] = text
        elif what == "remove":
            index.remove(key)
            texts.pop(key, None)
        else:
            index.refresh()
            if what == "merge":
                index.merge()
    index.refresh()
    assert len(index) == len(texts)
    exact = {key for key, text in texts.items() if set(words(query)) <= set(words(text))}
    assert not exact or set(found(index, query)) == exact
    index.merge()
    assert not exact or found(index, query) == brute(texts, query)


def test_who_searches_sees_a_whole_state_while_others_change_it():
    index = Index()
    for number in range(50):
        index.add(f"{number:02d}", "sun and sea")
    index.refresh()
    view = index._view
    for number in range(50):
        index.remove(f"{number:02d}")
    index.refresh()
    assert found(index, "sun") == []
    assert len(index._exact(view, ["sun"], 100)) == 50


def test_many_small_changes_are_merged():
    index = Index()
    for number in range(3 * SEGMENTS_MAX):
        index.add(f"{number:03d}", f"sun number {number}")
        index.refresh()
    assert len(index._view.segments) <= SEGMENTS_MAX
    assert len(found(index, "sun")) == 3 * SEGMENTS_MAX


def test_a_text_that_is_popular_comes_first_and_equal_ones_go_by_key():
    index = Index()
    for key, weight in (("b", 1.0), ("a", 1.0), ("z", 2.0)):
        index.add(key, "golden river", weight)
    index.refresh()
    assert found(index, "river golden") == ["z", "a", "b"]


def test_the_last_word_may_be_the_beginning_of_one():
    index = Index()
    for title in ("harbour lights", "harvest moon", "hard rain", "light rain"):
        index.add(title, title)
    index.refresh()
    assert {hit.key for hit in index.search("har", is_typing=True)} == {
        "harbour lights",
        "harvest moon",
        "hard rain",
    }
    assert [hit.key for hit in index.search("harbour li", is_typing=True)] == ["harbour lights"]
    assert [hit.key for hit in index.search("harbuor li", is_typing=True)] == ["harbour lights"]
    assert index.search("") == [] and index.search("sun", 0) == []


def test_a_prefix_stands_for_a_bounded_number_of_words():
    segment = Segment(Text(f"{n}", f"x{n:04d}", 1.0) for n in range(1000))
    assert len(segment.beginning("x")) == PREFIX_TERMS_MAX


def test_several_words_may_be_meant_and_what_they_find_is_ranked_together():
    index = Index()
    for title in ("cold river", "gold river", "golden road"):
        index.add(title, title)
    index.refresh()
    assert {hit.key for hit in index.search("bold river")} == {"cold river", "gold river"}


@given(
    st.lists(st.text("abc", min_size=SHORT_CHARS, max_size=6), max_size=20),
    st.text("abc", min_size=SHORT_CHARS, max_size=6),
)
def test_every_word_that_is_one_mistake_away_is_a_candidate(terms, word):
    expected = {term for term in terms if distance(term, word) <= EDITS}
    got = Speller(terms).candidates(word, having=len, count=100)
    assert {each.term for each in got} == expected
    assert all(each.distance == distance(each.term, word) for each in got)


def naive(a, b):
    """The recursion of optimal string alignment, as it is written down."""
    if not a or not b:
        return len(a) + len(b)
    least = min(
        naive(a[:-1], b) + 1, naive(a, b[:-1]) + 1, naive(a[:-1], b[:-1]) + (a[-1] != b[-1])
    )
    if len(a) > 1 and len(b) > 1 and a[-1] == b[-2] and a[-2] == b[-1]:
        least = min(least, naive(a[:-2], b[:-2]) + 1)
    return least


@given(st.text("ab", max_size=5), st.text("abc", max_size=5))
def test_the_distance_is_that_of_the_recursion(a, b):
    assert distance(a, b) == distance(b, a) == naive(a, b)


@pytest.mark.parametrize(
    ("a", "b", "expected"), [("ca", "abc", 3), ("kitten", "sitting", 3), ("lvoe", "love", 1)]
)
def test_the_distance_of_known_pairs(a, b, expected):
    assert distance(a, b) == expected


def test_a_union_has_the_best_score_of_each_text():
    def postings(*rows):
        return Postings(
            np.array([r[0] for r in rows], np.int32), np.array([r[1] for r in rows], np.float32)
        )

    got = union([postings((1, 0.5), (4, 2.0)), postings((1, 1.5), (2, 1.0))])
    assert got.texts.tolist() == [1, 2, 4] and got.scores.tolist() == [1.5, 1.0, 2.0]


def test_the_demonstration_finds_what_is_typed_and_what_is_mistyped(capsys):
    demo(songs=2000)
    told = capsys.readouterr().out
    assert told.count("golden harbour") >= 6 and "new" in told and "not 2,000" in told
    assert len(titles(Random(1), 5)) == 5
