"""What the exercises on the most frequent check: cells that are shared, and counters taken over.

Page: docs/chapters/top_k.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.top_k.count_min import CountMin
from chapters.top_k.space_saving import SpaceSaving


def estimates(
    shape: list[int], is_conservative: bool, added: list[tuple[str, int]], asked: list[str]
) -> JSON:
    """Add [word, count] to a sketch of [width, depth]; return its estimates of the words asked for."""
    sketch = CountMin(*shape, is_conservative=is_conservative)
    for word, count in added:
        sketch.add(word.encode(), count)
    return [[sketch.estimate(word.encode()) for word in asked], sketch.total]


def never_under(shape: list[int], is_conservative: bool, seed: str) -> JSON:
    """Fill a sketch far beyond what it is for; return how many of its estimates are too low."""
    rng, truth = Random(seed), dict[bytes, int]()
    sketch = CountMin(*shape, is_conservative=is_conservative)
    for _ in range(400):
        key, count = b"%d" % rng.randrange(60), rng.randint(1, 9)
        sketch.add(key, count)
        truth[key] = truth.get(key, 0) + count
    return sum(sketch.estimate(key) < count for key, count in truth.items())


def explain_under(args: Case, got: JSON, expected: JSON) -> str:
    """Say what the number is."""
    return f"60 keys in a sketch of {args[0]}: {got} of the estimates are too low; none may be"


def counts(capacity: int, added: list[tuple[str, int]]) -> JSON:
    """Add [word, count]; return all counters as [word, count, error], the greatest first."""
    counter = SpaceSaving(capacity)
    for word, count in added:
        counter.add(word.encode(), count)
    ranked = counter.top(capacity)
    return [[[each.key.decode(), each.count, each.error] for each in ranked], counter.total]


def vouches(capacity: int, top: int, added: list[tuple[str, int]]) -> JSON:
    """Add [word, count]; return the first few, with whether each is guaranteed to be one of them."""
    counter = SpaceSaving(capacity)
    for word, count in added:
        counter.add(word.encode(), count)
    return [[each.key.decode(), each.is_guaranteed] for each in counter.top(top)]


def events(rng: Random, names: str, size: int, most: int = 1) -> list[JSON]:
    """Return `size` additions of the named words, the first ones more often."""
    odds = [1 / rank for rank in range(1, len(names) + 1)]
    return [[word, rng.randint(1, most)] for word in rng.choices(names, odds, k=size)]


def lonely_keys(rng: Random) -> Iterator[Case]:
    word = rng.choice("abcdefgh")
    yield [97, 4], False, [[word, 1]] * rng.randint(2, 6), [word]
    yield [97, 4], False, [[word, rng.randint(2, 9)], [word, 1]], [word, "z"]
    yield [97, 1], False, [[word, rng.randint(2, 9)]], [word]


def crowded_keys(rng: Random) -> Iterator[Case]:
    for depth in (2, 3, 5):
        names = "abcdefghijklmnopqrstuvwxyz"
        yield [7, depth], False, events(rng, names, 40, most=5), list(names)


def careful_keys(rng: Random) -> Iterator[Case]:
    for depth in (2, 3, 5):
        names = "abcdefghijklmnopqrstuvwxyz"
        yield [7, depth], True, events(rng, names, 60, most=5), list(names)


def overfull(rng: Random) -> Iterator[Case]:
    for is_conservative in (False, True):
        yield [5, 3], is_conservative, f"{rng.random():.6f}"


def with_room(rng: Random) -> Iterator[Case]:
    yield 4, events(rng, "abcd", 12)
    yield 6, events(rng, "abcd", 12, most=9)


def from_the_paper(rng: Random) -> Iterator[Case]:
    yield 2, [["X", 1], ["Y", 1], ["Y", 1], ["Z", 1]]
    count = rng.randint(2, 9)
    yield 1, [["X", count], ["Y", 1], ["X", 1]]


def crowds(rng: Random) -> Iterator[Case]:
    for capacity, most in ((3, 1), (4, 1), (4, 6)):
        yield capacity, events(rng, "abcdefghijkl", 40, most)


def certain_ones(rng: Random) -> Iterator[Case]:
    yield 3, 2, events(rng, "abc", 20)
    for _ in range(3):
        yield 5, 3, events(rng, "abcdefghijkl", 60)


STAGES = {
    "count-min": [
        Stage("a key with the table to itself is counted exactly", lonely_keys, estimates),
        Stage("of the cells that others share, the least is believed", crowded_keys, estimates),
        Stage("conservative: no cell is raised further than needed", careful_keys, estimates),
        Stage(
            "never too low, however full", overfull, never_under, needs=(2,), explain=explain_under
        ),
    ],
    "space-saving": [
        Stage("while there is a free counter, every count is exact", with_room, counts),
        Stage("whoever is new takes over the least", from_the_paper, counts),
        Stage("a stream of many", crowds, counts),
        Stage("what is guaranteed, and what is not", certain_ones, vouches),
    ],
}
