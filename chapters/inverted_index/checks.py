"""What the exercises on the inverted index check: lists that meet, scores, beginnings, mistakes.

Page: docs/chapters/inverted_index.md
"""

from collections.abc import Iterator
from random import Random

import numpy as np

from chapters.checking import JSON, Case, Stage
from chapters.inverted_index.bm25 import idf, tf_part
from chapters.inverted_index.fuzzy import Speller, distance
from chapters.inverted_index.segment import Postings, Segment, Text, intersect
from chapters.inverted_index.story import titles

DIGITS = 4
LETTERS = "abcde"


def met(lists: list[list[list[float]]]) -> JSON:
    """Intersect lists of [text, score]."""
    found = intersect([_postings(each) for each in lists])
    scores = [round(float(each), DIGITS) for each in found.scores]
    return [list(each) for each in zip(found.texts.tolist(), scores, strict=True)]


def _postings(rows: list[list[float]]) -> Postings:
    texts = np.array([row[0] for row in rows], dtype=np.int32)
    return Postings(texts, np.array([row[1] for row in rows], dtype=np.float32))


def _rows(rng: Random, count: int, most: int) -> list[JSON]:
    numbers = sorted(rng.sample(range(most), count))
    return [[number, rng.randrange(1, 9) / 4] for number in numbers]


def two_lists(rng: Random) -> Iterator[Case]:
    yield ([[[1, 0.5], [3, 1.0], [8, 0.25]], [[3, 2.0], [4, 1.0], [8, 1.0], [9, 1.0]]],)
    yield ([_rows(rng, 20, 40), _rows(rng, 5, 40)],)


def many_lists(rng: Random) -> Iterator[Case]:
    yield (
        [
            [[1, 1.0], [2, 1.0], [5, 1.0]],
            [[2, 1.0], [5, 1.0]],
            [[0, 1.0], [1, 1.0], [2, 1.0], [5, 3.0]],
        ],
    )
    yield ([_rows(rng, size, 30) for size in (20, 12, 25)],)


def ends(rng: Random) -> Iterator[Case]:
    yield ([[[7, 1.0], [9, 1.0]], [[1, 1.0], [2, 1.0]]],)
    yield ([[], [[1, 1.0]]],)
    yield ([[[5, 1.0], [90, 1.0]], [[5, 0.5]]],)
    yield ([[[3, 1.0]]],)


def weighed(texts: int, having: int, count: float, length: float, mean: float) -> JSON:
    """Return both parts of BM25."""
    return [round(idf(texts, having), DIGITS), round(tf_part(count, length, mean), DIGITS)]


def usual(rng: Random) -> Iterator[Case]:
    yield 1000, 10, 1.0, 4.0, 4.0
    yield 1000, 500, 2.0, 8.0, 4.0
    yield rng.randrange(500, 900), rng.randrange(1, 400), 3.0, 2.0, 5.0


def extreme(rng: Random) -> Iterator[Case]:
    yield 10, 10, 1.0, 5.0, 5.0
    yield 10, 0, 50.0, 5.0, 5.0
    yield 1, 1, 1.0, 100.0, 5.0


def begun(words: list[str], prefix: str) -> JSON:
    """Index words; return those that begin so."""
    return list(Segment(Text(f"{n}", word, 1.0) for n, word in enumerate(words)).beginning(prefix))


def some_words(rng: Random) -> Iterator[Case]:
    yield ["harbour", "harvest", "hat", "half", "gar", "sun"], "har"
    yield ["a", "ab", "abc", "b"], "ab"
    yield ["".join(rng.choices("ab", k=4)) for _ in range(30)], rng.choice(["a", "ab", "bb"])


def none_or_all(rng: Random) -> Iterator[Case]:
    yield ["harbour", "hat"], "hz"
    yield ["harbour", "hat"], "z"
    yield ["harbour", "hat"], "harbour"
    yield ["harbour", "hat"], ""


def too_many(rng: Random) -> Iterator[Case]:
    yield [f"x{number:03d}" for number in range(100)], "x"


def meant(terms: list[str], word: str, count: int) -> JSON:
    """Return the candidates for a word; how often a term is had is the length of its text."""
    found = Speller(terms).candidates(
        word, having=lambda term: terms.count(term) + len(term), count=count
    )
    return [[each.term, each.distance] for each in found]


def one_mistake(rng: Random) -> Iterator[Case]:
    terms = ["harbour", "lights", "water", "letter"]
    for word in ("harbor", "harrbour", "harbouz", "habrour", "lighst", "watr", "letterr"):
        yield terms, word, 8
    yield [], "harbour", 8
    yield ["bcde", "abcx"], "abcd", 8


def many_meant(rng: Random) -> Iterator[Case]:
    yield ["cat", "cart", "car", "cast", "coat", "dog", "at"], "cat", 8
    yield ["cat", "cart", "car", "cast", "coat", "dog"], "cat", 3
    terms = sorted({"".join(rng.choices(LETTERS, k=rng.randrange(3, 6))) for _ in range(60)})
    yield terms, rng.choice(terms), 20


def apart(a: str, b: str) -> JSON:
    """Return the distance of two words."""
    return distance(a, b)


def pairs(rng: Random) -> Iterator[Case]:
    yield from (("ab", "ba"), ("ca", "abc"), ("kitten", "sitting"), ("", "abc"), ("same", "same"))
    for _ in range(3):
        yield "".join(rng.choices("abc", k=5)), "".join(rng.choices("abc", k=4))


def searched(seed: int) -> JSON:
    """Index titles; return how many mistyped words lead to their own."""
    rng = Random(seed)
    terms = sorted({word for title in titles(rng, 200) for word in title.split() if len(word) > 3})
    speller = Speller(terms)
    found = 0
    for term in terms:
        place = rng.randrange(len(term))
        near = speller.candidates(term[:place] + term[place + 1 :], having=len)
        found += any(each.term == term for each in near)
    return [found, len(terms)]


def worlds(rng: Random) -> Iterator[Case]:
    yield (rng.randrange(10_000),)


STAGES: dict[str, list[Stage]] = {
    "postings-and": [
        Stage("two lists", two_lists, met),
        Stage("any number of lists", many_lists, met, needs=(1,)),
        Stage("lists that do not meet, and ends", ends, met, needs=(1,)),
    ],
    "bm25": [
        Stage("words that are rare, words that are twice there", usual, weighed),
        Stage("words that all have, and long texts", extreme, weighed, needs=(1,)),
    ],
    "prefix": [
        Stage("words that begin so", some_words, begun),
        Stage("none, one, all", none_or_all, begun, needs=(1,)),
        Stage("no more than the bound", too_many, begun, needs=(1,)),
    ],
    "symspell": [
        Stage("the distance of two words", pairs, apart),
        Stage("one mistake", one_mistake, meant, needs=(1,)),
        Stage("several may be meant", many_meant, meant, needs=(2,)),
        Stage("a whole vocabulary", worlds, searched, needs=(2,)),
    ],
}
