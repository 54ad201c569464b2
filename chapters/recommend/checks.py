"""What the exercises on recommendations check: a cut in time, a likeness, a solution, a gain.

Page: docs/chapters/recommend.md
"""

from collections.abc import Iterator
from random import Random

import numpy as np
from scipy.sparse import csr_array

from chapters.checking import JSON, Case, Stage
from chapters.recommend.als import half_step
from chapters.recommend.ease import weights
from chapters.recommend.evaluate import ndcg
from chapters.recommend.interactions import gather, split_by_time
from chapters.recommend.knn import cosines, nearest

Rows = list[list[float]]
DIGITS = 6
CLOSE = 1e-5


def near(args: Case, got: JSON, expected: JSON) -> bool:
    """Return whether two answers are equal but for rounding."""
    if isinstance(expected, list) and isinstance(got, list):
        return len(got) == len(expected) and all(
            near(args, *pair) for pair in zip(got, expected, strict=True)
        )
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return bool(abs(got - expected) <= CLOSE * max(1.0, abs(expected)))
    return got == expected


def _rounded(matrix: object) -> JSON:
    found: JSON = np.round(np.asarray(matrix, dtype=np.float64), DIGITS).tolist()
    return found


# A cut in time.


def cut(triples: list[tuple[str, str, int]], share: float) -> JSON:
    """Split (user, item, time); return the pairs of both parts, by number."""
    earlier, later = split_by_time(gather(triples), share)
    return [
        sorted(zip(part.users.tolist(), part.items.tolist(), strict=True))
        for part in (earlier, later)
    ]


def one_user(rng: Random) -> Iterator[Case]:
    for count in (10, 5, rng.randint(6, 20)):
        times = rng.sample(range(1000), count)
        yield [["ada", f"i{n}", time] for n, time in enumerate(times)], 0.2


def many_users(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        rows: list[list[JSON]] = [
            [f"u{rng.randrange(5)}", f"i{rng.randrange(30)}", rng.randrange(10_000)]
            for _ in range(40)
        ]
        yield rows, rng.choice([0.2, 0.3, 0.5])


def seldom_ones(rng: Random) -> Iterator[Case]:
    yield [["ada", "a", 5], ["ben", "a", 1], ["ben", "b", 2]], 0.1
    yield [["ada", "a", 5], ["ada", "b", 3], ["ada", "c", 4], ["cem", "d", 1]], 0.3
    yield [["ada", "a", 7], ["ada", "b", 7], ["ada", "c", 7]], 0.5


# Likeness.


def alike(rows: Rows) -> JSON:
    """Return the cosines of the columns."""
    return _rounded(cosines(csr_array(np.array(rows, dtype=np.float64))))


def kept(likeness: Rows, count: int) -> JSON:
    """Return what is kept of a matrix of likeness."""
    return _rounded(nearest(np.array(likeness), count))


def some_rows(rng: Random, users: int = 6, items: int = 5) -> Rows:
    """Return users × items of 0 and 1, each user with something."""
    rows = [[float(rng.random() < 0.5) for _ in range(items)] for _ in range(users)]
    for row in rows:
        row[rng.randrange(items)] = 1.0
    return rows


def full_columns(rng: Random) -> Iterator[Case]:
    yield ([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0], [1.0, 0.0, 0.0]],)
    for _ in range(2):
        rows = some_rows(rng)
        rows[0] = [1.0] * 5
        yield (rows,)


def empty_columns(rng: Random) -> Iterator[Case]:
    yield ([[1.0, 0.0], [1.0, 0.0]],)
    yield ([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]],)


def neighbours(rng: Random) -> Iterator[Case]:
    for count in (1, 2, 4):
        yield [[round(rng.random(), 3) for _ in range(5)] for _ in range(5)], count
    yield [[0.5, 0.1], [0.5, 0.2]], 1


# Least squares.


def solved(rows: Rows, regularization: float) -> JSON:
    """Return EASE's weights for users × items."""
    seen = np.array(rows)
    return _rounded(weights(seen.T @ seen, regularization))


def worlds(rng: Random) -> Iterator[Case]:
    yield [[1.0, 1.0], [1.0, 0.0]], 1.0
    for _ in range(3):
        yield some_rows(rng), rng.choice([0.5, 2.0, 10.0])


# Factors.


def stepped(rows: Rows, fixed: Rows, regularization: float, alpha: float) -> JSON:
    """Return the rows' factors."""
    seen = csr_array(np.array(rows, dtype=np.float64))
    return _rounded(half_step(seen, np.array(fixed), regularization, alpha))


def _factors(rng: Random, items: int, count: int = 2) -> Rows:
    return [[round(rng.uniform(-1, 1), 3) for _ in range(count)] for _ in range(items)]


def one_row(rng: Random) -> Iterator[Case]:
    yield [[1.0, 0.0]], [[1.0], [0.0]], 0.0, 0.0
    yield [[1.0, 0.0]], [[1.0], [1.0]], 0.0, 1.0
    yield [[1.0, 0.0, 1.0]], _factors(rng, 3), 0.5, 4.0


def many_rows(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        yield some_rows(rng), _factors(rng, 5, 3), rng.choice([0.1, 1.0]), rng.choice([1.0, 10.0])


def empty_rows(rng: Random) -> Iterator[Case]:
    yield [[0.0, 0.0], [1.0, 0.0]], _factors(rng, 2), 0.5, 2.0


# A gain.


def gained(hits: list[bool], relevant: int) -> JSON:
    """Return the NDCG of a list."""
    return round(ndcg(np.array(hits), relevant), DIGITS)


def lists(rng: Random) -> Iterator[Case]:
    yield [True, True, False], 2
    yield [False, False, True], 1
    yield [False] * 5, 3
    for _ in range(3):
        yield [rng.random() < 0.4 for _ in range(10)], rng.randint(10, 20)


def short_ones(rng: Random) -> Iterator[Case]:
    yield [True, False, False, False], 1
    yield [True, True, True], 40
    yield [False, True, False, True], 2


STAGES: dict[str, list[Stage]] = {
    "temporal-split": [
        Stage("the last fifth of one user", one_user, cut),
        Stage("of each user, not of all together", many_users, cut, needs=(1,)),
        Stage("who has little", seldom_ones, cut, needs=(1,)),
    ],
    "item-likeness": [
        Stage("the cosine of two columns", full_columns, alike, near),
        Stage("what nobody had", empty_columns, alike, near, needs=(1,)),
        Stage("the nearest only", neighbours, kept, near, needs=()),
    ],
    "ease": [Stage("weights for a small world", worlds, solved, near)],
    "als-half-step": [
        Stage("one user", one_row, stepped, near),
        Stage("several users", many_rows, stepped, near, needs=(1,)),
        Stage("who has nothing", empty_rows, stepped, near, needs=(1,)),
    ],
    "ndcg": [
        Stage("what is further down counts less", lists, gained, near),
        Stage("by the best that could be had", short_ones, gained, near, needs=()),
    ],
}
