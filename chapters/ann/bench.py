"""How fast, as ratios of one run: an inverted file against looking at everything.

All are asked the same way: all queries in one call, or one query a call. They take turns, so that a
neighbour's noise hits each of them, and only CPU time counts. Give numpy one thread
(OMP_NUM_THREADS=1): several help the exact side most, and all of them are counted.
Page: docs/chapters/ann.md
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np

from chapters.ann.brute import Brute
from chapters.ann.distinct import Distinct
from chapters.ann.ivf import Ivf
from chapters.ann.ivf_batch import IvfBatch
from chapters.ann.nearest import Ids, Searching, Vectors
from chapters.ann.recall import Truth
from chapters.ann.story import clustered, read
from chapters.sim.errors import at_least

ONE_BY_ONE_MAX = 500  # queries asked one a call
QUERIES_MAX = 20_000  # in one call; more take brute force minutes
Ask = Callable[[Searching, Vectors, int], Ids]


@dataclass(frozen=True, slots=True)
class Place:
    """How one index did: CPU time a query, and how many times as fast as brute force; medians."""

    index: str
    query_us: float
    ratio: float
    recall: float


def all_in_one_call(index: Searching, queries: Vectors, count: int) -> Ids:
    return index.search(queries, count)[0]


def one_query_a_call(index: Searching, queries: Vectors, count: int) -> Ids:
    return np.concatenate([index.search(each[None], count)[0] for each in queries])


def contenders(vectors: Vectors, cells: int, probes: int, kind: type[Ivf]) -> dict[str, Searching]:
    """Return brute force and an inverted file, each over all vectors and over the distinct ones."""

    def ivf(stored: Vectors) -> Ivf:
        return kind(stored, cells, probes, rng=np.random.default_rng(1))

    return {
        "brute": Brute(vectors),
        "brute, distinct": Distinct(vectors, Brute),
        "ivf": ivf(vectors),
        "ivf, distinct": Distinct(vectors, ivf),
    }


def race(indexes: dict[str, Searching], ask: Ask, truth: Truth, rounds: int) -> list[Place]:
    """Let the indexes take turns, one round uncounted; ratios are to the first of them."""
    times: dict[str, list[float]] = {name: [] for name in indexes}
    for _ in range(rounds + 1):
        for name, index in indexes.items():
            start = time.process_time()
            ask(index, truth.queries, truth.count)
            times[name].append(1e6 * (time.process_time() - start) / len(truth.queries))
    brute, *_ = times.values()
    return [
        Place(
            name,
            median(times[name][1:]),
            median(
                theirs / ours for theirs, ours in list(zip(brute, times[name], strict=True))[1:]
            ),
            truth.recall(ask(index, truth.queries, truth.count)),
        )
        for name, index in indexes.items()
    ]


def demo(
    *,
    vectors: int = 20_000,
    cells: int = 128,
    probes: int = 20,
    count: int = 10,
    rounds: int = 5,
    file: str = "",
    queries_file: str = "",
) -> None:
    """Race on made vectors, or on yours: rows of .npy files. Queries are the vectors, or yours."""
    at_least(1, vectors=vectors, rounds=rounds, count=count)
    rng = np.random.default_rng(7)
    made = clustered(rng, vectors, dims=64, clusters=1 + vectors // 30, spread=1)
    stored = read(file) if file else made
    asked = (read(queries_file) if queries_file else stored)[:QUERIES_MAX]
    print(f"{len(stored):,} vectors, {len(asked):,} queries, {probes} of {cells} cells")
    for title, ask, kind, queries in (
        ("all queries in one call", all_in_one_call, IvfBatch, asked),
        ("one query a call", one_query_a_call, Ivf, asked[:: len(asked) // ONE_BY_ONE_MAX + 1]),
    ):
        print(f"\n  {title:24} CPU a query   times brute   recall")
        indexes = contenders(stored, cells, probes, kind)
        for each in race(indexes, ask, Truth.of(stored, queries, count), rounds):
            print(
                f"    {each.index:22} {each.query_us:8.1f} µs {each.ratio:12.1f}× "
                f"{each.recall:8.1%}"
            )
