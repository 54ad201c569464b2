"""What the exercises on the page check: which row next, and a p-value that may be looked at.

Page: docs/netflix/rows.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from netflix.recs.abtest import COUNT_MIN, Experiment
from netflix.recs.rows import VISIBLE, Row, fresh_first, page, value

DIGITS = 9


def paged(rows: list[list[JSON]], worth: dict[str, float], rows_max: int) -> JSON:
    """Make a page of [name, titles, weight, is_fixed]; return names and titles in sight."""
    made = [
        Row(str(name), tuple(map(str, titles)), float(str(weight)), bool(fixed))  # type: ignore[arg-type]
        for name, titles, weight, fixed in rows
    ]
    return [[row.name, list(row.titles[:VISIBLE])] for row in page(made, worth, rows_max)]


def valued(titles: list[str], worth: dict[str, float], seen: list[str]) -> JSON:
    """Say what a row would add."""
    return round(value(Row("row", tuple(titles), 0.5), worth, frozenset(seen)), DIGITS)


def ordered(titles: list[str], seen: list[str]) -> JSON:
    """Order a row's titles."""
    return list(fresh_first(titles, frozenset(seen)))


def orders(rng: Random) -> Iterator[Case]:
    titles = list("abcdefgh")
    rng.shuffle(titles)
    yield titles, rng.sample(titles, 3)
    yield titles, []
    yield titles, titles


def values(rng: Random) -> Iterator[Case]:
    worth = {title: round(rng.random(), 3) for title in "abcdefgh"}
    yield list("abc"), worth, []
    yield list("abcdefgh"), worth, []
    yield list("abcdefgh"), worth, ["a", "c"]
    yield list("abcd"), worth, list("abcd")
    yield ["unknown", "a"], worth, []


def own_rows(rng: Random) -> Iterator[Case]:
    worth = {title: round(rng.uniform(0.2, 1), 3) for title in "abcdefgh"}
    yield [["one", list("abcd"), 1.0, False], ["two", list("efgh"), 0.2, False]], worth, 5
    yield [["low", list("efgh"), 0.2, False], ["high", list("abcd"), 1.0, False]], worth, 5
    yield [["low", list("efgh"), 0.2, False], ["high", list("abcd"), 1.0, False]], worth, 1
    yield [["empty", [], 1.0, False], ["some", ["a"], 0.1, False]], worth, 5


def together(rng: Random) -> Iterator[Case]:
    worth = {title: round(rng.uniform(0.4, 1), 3) for title in "abcdefghijkl"}
    first, again, new = list("abcdij"), list("dcbahg"), list("efgh")
    yield (
        [["first", first, 1.5, False], ["again", again, 1.0, False], ["new", new, 0.9, False]],
        worth,
        5,
    )
    yield [["same", list("abcd"), 1.0, False], ["twice", list("dcba"), 0.9, False]], worth, 5
    yield [["top", first, 1.0, False], ["begun", ["l", "a"], 0.1, True]], worth, 5


def looked(successes: list[list[int]], tau: float) -> JSON:
    """Look after each [A's successes, B's successes] of COUNT_MIN viewers each; return the p-values."""
    own, found = Experiment(tau), list[JSON]()
    for a, b in successes:
        for number in range(COUNT_MIN):
            own.a.add(number < a)
            own.b.add(number < b)
        found.append(round(own.p_value(), DIGITS))
    return found


def evident(successes: list[int], counts: list[int], tau: float) -> JSON:
    """Return the evidence after so many successes of so many viewers."""
    own = Experiment(tau)
    for side, good, count in zip((own.a, own.b), successes, counts, strict=True):
        side.successes, side.count = good, count
    return round(own.evidence(), DIGITS)


def differences(rng: Random) -> Iterator[Case]:
    yield [100, 130], [1000, 1000], 0.02
    for _ in range(3):
        yield [rng.randint(50, 200), rng.randint(50, 200)], [1000, rng.randint(900, 1100)], 0.05


def beginnings(rng: Random) -> Iterator[Case]:
    yield [1, 50], [COUNT_MIN - 1, 500], 0.02
    yield [0, 0], [500, 500], 0.02
    yield [1, 4900], [5000, 5000], 0.02


def looks(rng: Random) -> Iterator[Case]:
    yield [[10, 30], [30, 10], [30, 10], [10, 30]], 0.05
    yield [[rng.randint(5, 30), rng.randint(5, 30)] for _ in range(12)], 0.05


STAGES: dict[str, list[Stage]] = {
    "page-rows": [
        Stage("what is in sight already comes last", orders, ordered),
        Stage("what a row adds", values, valued, needs=(1,)),
        Stage("the most valuable row first", own_rows, paged, needs=(2,)),
        Stage("and each by what it adds to those above", together, paged, needs=(3,)),
    ],
    "always-valid": [
        Stage("the evidence", differences, evident),
        Stage("too early, and beyond any doubt", beginnings, evident, needs=(1,)),
        Stage("looked at again and again", looks, looked, needs=(1,)),
    ],
}
