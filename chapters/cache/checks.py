"""What the exercises on caches check: queues that filter, counts never too low, a duel at the door.

Page: docs/chapters/cache.md
"""

from collections.abc import Iterator
from random import Random

from chapters.cache.s3fifo import S3Fifo
from chapters.cache.sketch import Sketch
from chapters.cache.tinylfu import WTinyLfu
from chapters.checking import JSON, Case, Stage


def filters(capacity: int, requests: list[list[int]]) -> JSON:
    """Ask an S3-FIFO for [key, size] after [key, size]; say what hit and what was thrown out."""
    gone: list[JSON] = []
    cache = S3Fifo(capacity, gone.append)  # type: ignore[arg-type]
    hits = [cache.request(key, size) for key, size in requests]
    return {"hits": hits, "thrown out": gone, "used": cache.used}


def few(rng: Random) -> Iterator[Case]:
    yield 10, [[key, 1] for key in rng.sample(range(100), 9)]
    yield 10, [[key, 1] for key in range(14)]


def twice_wanted(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        loved = rng.randrange(8)
        keys = [*range(8), loved, loved, *range(20, 20 + rng.randint(6, 14)), loved]
        yield 10, [[key, 1] for key in keys]
    # One that was wanted much in the small queue, then nobody: it must not go round main for that.
    risen = [key for key in range(40, 52) for _ in range(3)]
    yield 10, [[key, 1] for key in [7, 7, 7, 7, *range(20, 32), *risen, 7, *range(60, 64)]]


def comes_back(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        first = rng.randrange(3)
        yield 10, [[key, 1] for key in [*range(13), first, *range(30, 42), first]]


def long_traces(rng: Random) -> Iterator[Case]:
    for capacity in (5, 20, 40):
        yield capacity, [[int(rng.paretovariate(0.9)) % 200, 1] for _ in range(300)]
    yield (
        200,
        [[rng.randrange(40), 1 + 7 * (key % 5)] for key in (rng.randrange(40) for _ in range(150))],
    )


def counts(keys: int, added: list[str], asked: list[str]) -> JSON:
    """Add to a sketch, then ask it."""
    sketch = Sketch(keys)
    halved = [sketch.add(each.encode()) for each in added]
    return {
        "estimates": [sketch.estimate(each.encode()) for each in asked],
        "halvings": sum(halved),
    }


def some_counts(rng: Random) -> Iterator[Case]:
    names: list[JSON] = [f"k{number}" for number in range(6)]
    for _ in range(3):
        yield 64, rng.choices(names, k=30), [*names, "never"]


def crowded(rng: Random) -> Iterator[Case]:
    """Yield many keys in a narrow sketch, where cells are shared."""
    names: list[JSON] = [f"k{number}" for number in range(60)]
    yield 8, rng.choices(names, k=70), names


def many_counts(rng: Random) -> Iterator[Case]:
    yield 64, ["hot"] * rng.randint(16, 40), ["hot", "cold"]


def faded(rng: Random) -> Iterator[Case]:
    names: list[JSON] = [f"k{number}" for number in range(5)]
    yield 8, rng.choices(names, k=79), names
    yield 8, rng.choices(names, k=80), names
    yield 8, rng.choices(names, k=200), names


def duels(capacity: int, requests: list[list[int]]) -> JSON:
    """Ask a W-TinyLFU for [key, size] after [key, size]; say what hit and what was thrown out."""
    gone: list[JSON] = []
    cache = WTinyLfu(capacity, gone.append)  # type: ignore[arg-type]
    hits = [cache.request(key, size) for key, size in requests]
    return {"hits": hits, "thrown out": gone, "used": cache.used}


def newcomers(rng: Random) -> Iterator[Case]:
    yield 8, [[key, 1] for key in [*range(9), *range(9), *range(50, 50 + rng.randint(3, 9))]]
    yield 8, [[key, 1] for key in rng.sample(range(100), 7)]


def risers(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        star = rng.randint(60, 90)
        yield 8, [[key, 1] for key in [*range(9), *([star, 200, 201] * rng.randint(3, 6)), star]]


def sized(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        yield (
            500,
            [
                [key, 20 + 30 * (key % 4)]
                for key in (int(rng.paretovariate(0.8)) % 60 for _ in range(200))
            ],
        )


STAGES = {
    "s3-fifo": [
        Stage("while there is room, all come in; then the small queue gives way", few, filters),
        Stage("what is asked for twice goes to main", twice_wanted, filters),
        Stage("what comes back soon goes straight to main", comes_back, filters, needs=(1,)),
        Stage("long traces, and objects of different sizes", long_traces, filters),
    ],
    "count-min": [
        Stage("as often as it was added", some_counts, counts),
        Stage("the least of its cells, where cells are shared", crowded, counts),
        Stage("no more than fifteen", many_counts, counts, needs=(1,)),
        Stage("after so many additions, all counts are halved", faded, counts, needs=(1,)),
    ],
    "admission-duel": [
        Stage("a newcomer that is no better goes", newcomers, duels),
        Stage("one that is asked for more often takes a place", risers, duels),
        Stage("several small ones may have to go for a large one", sized, duels),
    ],
}
