"""What the exercises on nearest vectors check: right answers, and no more looks than they are worth.

Page: docs/chapters/ann.md
"""

from collections.abc import Iterator
from random import Random

import numpy as np

from chapters.ann.cells import step
from chapters.ann.forest import split
from chapters.ann.ivf import Ivf
from chapters.ann.layer import Layer
from chapters.ann.nearest import Vectors, unit
from chapters.checking import JSON, Case, Stage

DIGITS = 4
CLOSE = 2e-4
LOOKS_FACTOR = 1.2  # times those of the reference: another order may take a few more

Rows = list[list[float]]


def near(args: Case, got: JSON, expected: JSON) -> bool:
    """Return whether two answers are equal but for rounding."""
    if isinstance(expected, list) and isinstance(got, list):
        return len(got) == len(expected) and all(
            near(args, *pair) for pair in zip(got, expected, strict=True)
        )
    if isinstance(expected, float) and isinstance(got, int | float):
        return abs(got - expected) <= CLOSE
    return got == expected


def frugal(args: Case, got: JSON, expected: JSON) -> bool:
    """Return whether two (answer, looks) are alike, and the first one's looks not many more."""
    assert isinstance(expected, list) and isinstance(expected[1], int)
    if not (isinstance(got, list) and len(got) == 2 and isinstance(got[1], int)):
        return False
    return near(args, got[0], expected[0]) and got[1] <= LOOKS_FACTOR * expected[1]


def explain_looks(args: Case, got: JSON, expected: JSON) -> str:
    """Say that the second number is the looks."""
    return f"[best first, products computed]\nis       {got}\nexpected {expected}"


def rounded(numbers: object) -> JSON:
    found: JSON = np.round(np.asarray(numbers, dtype=np.float64), DIGITS).tolist()
    return found


def directions(rng: Random, count: int, dims: int) -> list[JSON]:
    """Return that many rows of length 1, in any direction."""
    rows = np.array([[rng.gauss(0, 1) for _ in range(dims)] for _ in range(count)])
    found: list[JSON] = np.round(unit(rows).astype(np.float64), DIGITS).tolist()
    return found


def as_vectors(rows: Rows) -> Vectors:
    return unit(np.array(rows))


# The inverted file.


def searched(
    seed: int, stored: int, cells: int, probes: int, count: int, queries: Rows
) -> list[JSON]:
    """Search among vectors of that seed; return each query's [id, score] pairs, and the looks."""
    rng = np.random.default_rng(seed)
    vectors = unit(rng.standard_normal((stored, len(queries[0]))))
    index = Ivf(vectors, cells, probes, rng=rng)
    built = index.looked
    ids, scores = index.search(as_vectors(queries), count)
    found: list[JSON] = [
        [[number, round(score, DIGITS)] for number, score in zip(*row, strict=True) if number >= 0]
        for row in zip(ids.tolist(), scores.tolist(), strict=True)
    ]
    return [found, index.looked - built]


def all_cells(rng: Random) -> Iterator[Case]:
    for cells in (1, 4):
        yield rng.randrange(1000), 40, cells, cells, 3, directions(rng, 2, 4)


def some_cells(rng: Random) -> Iterator[Case]:
    for probes in (1, 2, 3):
        yield rng.randrange(1000), 120, 10, probes, 4, directions(rng, 3, 4)


def few_found(rng: Random) -> Iterator[Case]:
    yield rng.randrange(1000), 30, 10, 2, 25, directions(rng, 2, 3)


# A step of k-means.


def stepped(vectors: Rows, centres: Rows) -> JSON:
    """Return the centres after one step."""
    return rounded(step(as_vectors(vectors), as_vectors(centres)))


def groups(rng: Random) -> Iterator[Case]:
    yield [[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]
    for count in (2, 4):
        yield directions(rng, 30, 3), directions(rng, count, 3)


def lonely_centres(rng: Random) -> Iterator[Case]:
    yield [[1.0, 0.0], [0.6, 0.8]], [[0.8, 0.6], [-1.0, 0.0]]
    far: list[JSON] = [[-1.0, -0.2, 0.1], [-0.9, 0.3, 0.0]]
    close: list[JSON] = [[1.0, round(rng.uniform(-0.3, 0.3), 3), 0.2] for _ in range(6)]
    yield close, [*directions(rng, 1, 2 + 1), *far, [1.0, 0.0, 0.0]]


def opposite_vectors(rng: Random) -> Iterator[Case]:
    yield [[1.0, 0.0], [-1.0, 0.0]], [[0.0, 1.0]]


# A search in one layer.


def walked(rows: Rows, links: list[list[int]], query: Rows, entries: list[int], width: int) -> JSON:
    """Search a layer; return [ids and scores best first, products computed]."""
    layer = Layer(as_vectors(rows), dict(enumerate(links)))
    found = layer.nearest(as_vectors(query)[0], entries, width)
    return [[[int(node), round(float(score), DIGITS)] for score, node in found], layer.looked]


def fan(count: int) -> list[JSON]:
    """Return directions in a half circle, one after another."""
    angles = np.linspace(0, np.pi, count)
    rows: list[JSON] = [[round(float(x), 6) for x in (np.cos(a), np.sin(a))] for a in angles]
    return rows


def chain(count: int) -> list[JSON]:
    """Return the links of a line: each to the one before and the one behind."""
    return [[n for n in (at - 1, at + 1) if 0 <= n < count] for at in range(count)]


def toward(rng: Random, count: int, at: int) -> list[JSON]:
    """Return a query that points near one of a fan's directions."""
    angle = np.pi * (at + rng.uniform(-0.3, 0.3)) / (count - 1)
    return [[round(float(np.cos(angle)), 6), round(float(np.sin(angle)), 6)]]


def lines(rng: Random) -> Iterator[Case]:
    for at in (5, 17, rng.randrange(8, 14)):
        yield fan(20), chain(20), toward(rng, 20, at), [0], 1


def wide_views(rng: Random) -> Iterator[Case]:
    for width in (3, 6):
        yield fan(24), chain(24), toward(rng, 24, rng.randrange(8, 16)), [1], width
    yield fan(24), chain(24), toward(rng, 24, 12), [0, 23], 4
    yield fan(5), chain(5), toward(rng, 5, 2), [0], 9


def dead_ends(rng: Random) -> Iterator[Case]:
    """Yield a best friend whose friends are all worse, and a way round over a worse one."""
    rows: list[JSON] = [[1.0, 0.0], [0.8, 0.6], [0.9, -0.5], [0.5, 0.9], [0.0, 1.0], [0.6, -0.9]]
    links: list[JSON] = [[1, 2], [0, 5], [0, 3], [2, 4], [3], [1]]
    for width in (2, 3, 4):
        yield rows, links, [[round(rng.uniform(-0.05, 0.05), 3), 1.0]], [0], width


def meshes(rng: Random) -> Iterator[Case]:
    for width in (1, 4, 8):
        links: list[JSON] = [rng.sample(range(60), 5) for _ in range(60)]
        yield directions(rng, 60, 5), links, directions(rng, 1, 5), [0], width


# A plane.


def parted(rows: Rows, one: int, other: int) -> JSON:
    """Return the plane's normal and offset, and who is on the left."""
    plane, is_left = split(as_vectors(rows), one, other)
    return [rounded(plane.normal), rounded(plane.offset), [bool(each) for each in is_left]]


def halves(rng: Random) -> Iterator[Case]:
    yield [[1.0, 0.0], [0.0, 1.0], [0.9, 0.1], [0.2, 0.9]], 0, 1
    for _ in range(3):
        one, other = rng.sample(range(30), 2)
        rows = directions(rng, 30, 4)
        rows[0], rows[1] = rows[one], rows[other]
        yield rows, 0, 1


def lopsided(rng: Random) -> Iterator[Case]:
    for turn in (1.0, -1.0):
        rows: list[JSON] = [
            [turn, round(rng.uniform(-0.3, 0.3), 3), round(rng.uniform(-0.3, 0.3), 3)]
            for _ in range(41)
        ]
        outlier: JSON = [-turn, 0.5, 0.25]
        yield [outlier, *rows], 0, rng.randrange(1, 40)
        yield [*rows, outlier], rng.randrange(40), 41


def equal_ones(rng: Random) -> Iterator[Case]:
    for count in (7, 40):
        row = directions(rng, 1, 3)
        yield row * count, 0, count - 1


STAGES: dict[str, list[Stage]] = {
    "ivf": [
        Stage("all cells: an exact answer", all_cells, searched, frugal, explain_looks),
        Stage("the nearest cells only", some_cells, searched, frugal, explain_looks),
        Stage("fewer found than asked for", few_found, searched, frugal, explain_looks),
    ],
    "kmeans-step": [
        Stage("centres move to the middle of their vectors", groups, stepped, near),
        Stage("a centre that nobody is nearest to", lonely_centres, stepped, near),
        Stage("vectors that cancel each other", opposite_vectors, stepped, near, needs=(1,)),
    ],
    "hnsw-search": [
        Stage("along a line", lines, walked, frugal, explain_looks),
        Stage("several in view", wide_views, walked, frugal, explain_looks),
        Stage("out of a dead end", dead_ends, walked, frugal, explain_looks),
        Stage("in a mesh, and no further than needed", meshes, walked, frugal, explain_looks),
    ],
    "forest-split": [
        Stage("halfway between two", halves, parted, near),
        Stage("nearly all on one side", lopsided, parted, near),
        Stage("all equal", equal_ones, parted, near, needs=(1,)),
    ],
}
