"""What the exercises on search check: reasons that can be compared, and an index that follows.

Page: docs/zomato/search.md
"""

from collections.abc import Iterator
from dataclasses import astuple
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.geo import Place, Plane
from zomato.catalog.areas import CITY, ZONE
from zomato.catalog.catalog import Catalog
from zomato.catalog.facts import Closed, Delisted, Fact, Listed, Reviewed
from zomato.catalog.hours import every_day
from zomato.catalog.restaurant import Restaurant
from zomato.search.question import Question
from zomato.search.ranking import Parts, blend, parts
from zomato.search.search import Search

DIGITS = 6
WEEK = every_day("00:00-24:00", ZONE)
KEPT = 4  # changes


def reasons(text: float, best: float, metres: float, stars: float, votes: int) -> JSON:
    """Return the four parts."""
    return [round(each, DIGITS) for each in astuple(parts(text, best, metres, stars, votes))]


def blended(own: list[float], weights: list[float], is_open: bool) -> JSON:
    """Return the score of parts."""
    return round(blend(Parts(*own), Parts(*weights), is_open=is_open), DIGITS)


def in_order(candidates: list[list[JSON]], weights: list[float]) -> JSON:
    """Return candidates [name, text, metres, stars, votes, is open], the best first."""
    best = max(float(str(each[1])) for each in candidates)
    scores = {
        str(name): blend(
            parts(text, best, metres, stars, votes),  # type: ignore[arg-type]
            Parts(*weights),
            is_open=bool(is_open),
        )
        for name, text, metres, stars, votes, is_open in candidates
    }
    return sorted(scores, key=lambda name: (-scores[name], name))


def ends(rng: Random) -> Iterator[Case]:
    yield 8.0, 8.0, 0, 5.0, 10_000
    yield 4.0, 8.0, 2_500, 3.0, 99
    yield 0.0, 0.0, 5_000, 1.0, 0
    yield 2.0, 16.0, 7_000, 4.5, 90_000


def between(rng: Random) -> Iterator[Case]:
    for _ in range(5):
        best = rng.uniform(2, 20)
        yield (round(rng.uniform(0, best), 3), round(best, 3), rng.randrange(7_000),
               round(rng.uniform(1, 5), 2), rng.randrange(15_000))  # fmt: skip


def weighed(rng: Random) -> Iterator[Case]:
    yield [1, 1, 1, 1], [0.1, 0.25, 0.6, 0.05], True
    yield [1, 1, 1, 1], [0.1, 0.25, 0.6, 0.05], False
    yield [1, 0, 0, 0.5], [0.5, 0, 0, 0.5], True
    for is_open in (True, False):
        yield [round(rng.random(), 3) for _ in range(4)], [0.4, 0.3, 0.2, 0.1], is_open


def lists(rng: Random) -> Iterator[Case]:
    usual = [0.1, 0.25, 0.6, 0.05]
    yield [["far and loved", 9.0, 6_500, 4.6, 900, True], ["near", 9.0, 300, 4.2, 80, True]], usual
    yield (
        [["good, closed", 9.0, 300, 4.6, 900, False], ["fair, open", 9.0, 800, 3.8, 40, True]],
        usual,
    )
    many: list[JSON] = [
        [f"r{n}", round(rng.uniform(1, 12), 2), rng.randrange(7_000), round(rng.uniform(2, 5), 2),
         rng.randrange(3_000), rng.random() < 0.7]
        for n in range(8)
    ]  # fmt: skip
    yield many, usual
    yield many, [1, 0, 0, 0]


def followed(steps: list[list[JSON]], kept: int) -> JSON:
    """Apply facts and refresh by turns; return what is found after each step, and its stamp."""
    catalog = Catalog([_restaurant("r1"), _restaurant("r2")], changes_max=kept)
    search, told = Search(catalog, CITY), list[JSON]()
    search.refresh(0)
    for at, verb, id in steps:
        assert isinstance(at, int)
        if verb == "refresh":
            read: JSON = sorted(search.refresh(at))
        else:
            read = catalog.apply(_fact(str(verb), str(id), at), at)
        answer = search.find(Question("biryani", CITY, at), at)
        found = {each.restaurant.id: each.is_open for each in answer.found}
        stamp = answer.stamp
        told.append(
            [
                f"{verb} {id}",
                read,
                dict(sorted(found.items())),
                stamp.seen,
                stamp.behind,
                stamp.behind_ns,
            ]
        )
    return told


def explain_followed(args: Case, got: JSON, expected: JSON) -> str:
    """Say after which step it is wrong."""
    assert isinstance(expected, list)
    columns = "returned, found and open, seen, behind, behind for ns"
    answers = got if isinstance(got, list) else []
    for number, (own, right) in enumerate(zip(answers, expected, strict=False), 1):
        if own != right:
            return f"step {number}, {right[0]}: {own[1:]}; it should be {right[1:]}   ({columns})"
    return f"{got}; it should be {expected}"


def _restaurant(id: str) -> Restaurant:
    plane, number = Plane(CITY), int(id[1:])
    place: Place = plane.place(100.0 * number, 0)
    return Restaurant(id, f"Biryani {number}", place, ("Biryani",), WEEK)


def _fact(verb: str, id: str, at: int) -> Fact:
    if verb == "list":
        return Listed(_restaurant(id))
    if verb == "delist":
        return Delisted(id)
    return Closed(id, 10**6) if verb == "close" else Reviewed(id, f"c{at}", f"o{at}", 5)


def a_little_behind(rng: Random) -> Iterator[Case]:
    yield [[10, "close", "r1"], [20, "refresh", ""], [30, "refresh", ""]], KEPT
    yield [[10, "list", "r3"], [25, "close", "r2"], [40, "refresh", ""]], KEPT
    yield [[10, "delist", "r1"], [20, "refresh", ""], [rng.randint(21, 99), "list", "r1"]], KEPT


def only_what_changed(rng: Random) -> Iterator[Case]:
    yield [[1, "review", "r1"], [2, "review", "r1"], [3, "refresh", ""], [4, "close", "r2"],
           [5, "refresh", ""], [6, "refresh", ""]], KEPT  # fmt: skip
    yield _some(rng, 8), 50


def too_far_behind(rng: Random) -> Iterator[Case]:
    steps: list[JSON] = [[n, "review", "r2"] for n in range(1, KEPT + 2)]
    yield [[0, "delist", "r1"], *steps, [20, "refresh", ""], [30, "refresh", ""]], KEPT
    yield _some(rng, 12), 2


def _some(rng: Random, count: int) -> list[JSON]:
    """Steps that can be taken one after the other."""
    there, found = {"r1", "r2"}, list[JSON]()
    for number in range(count):
        verb = rng.choice(("list", "close", "review", "delist", "refresh", "refresh"))
        id = f"r{number + 3}" if verb == "list" else rng.choice(sorted(there))
        if verb == "delist" and len(there) == 1:
            verb = "close"
        there = there | {id} if verb == "list" else there - {id} if verb == "delist" else there
        found.append([10 * number + 1, verb, "" if verb == "refresh" else id])
    return [*found, [10 * count, "refresh", ""]]


STAGES = {
    "ranking": [
        Stage("four reasons, each from 0 to 1", ends, reasons),
        Stage("and what lies between", between, reasons),
        Stage("weighed; who is closed keeps a share", weighed, blended, needs=()),
        Stage("lists in order", lists, in_order),
    ],
    "stale-index": [
        Stage("a little behind, and it says so", a_little_behind, followed, explain=explain_followed),
        Stage("only what changed is read again", only_what_changed, followed, explain=explain_followed),
        Stage("too far behind: everything is read again", too_far_behind, followed,
              explain=explain_followed),
    ],
}  # fmt: skip
