"""The nearest artists on Last.fm: an inverted file and a graph, beside looking at everything.

Vectors are ALS factors of all 17,632 artists (HetRec 2011), queries are artists themselves. Equal vectors
are many there: an artist whom one listener alone has heard has the same as that listener's others.
Page: docs/spotify/speed.md
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from chapters.ann import Hnsw, Truth, Vectors, unit
from chapters.ann.bench import all_in_one_call, contenders, race
from chapters.ann.ivf_batch import IvfBatch
from chapters.measure.findings import Figure, Finding, Missing
from chapters.recommend.als import ImplicitAls
from chapters.recommend.interactions import gather
from spotify.bench.data import HOW, found

COUNT, QUERIES, ROUNDS = 10, 4_000, 5
CELLS, PROBES = 96, 16  # chosen by hand, on these queries
GRAPH_QUERIES, GRAPH_WIDTH = 500, 64
RECALL_LEAST, TIMES_LEAST = 0.99, 10.0


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield recall and speed of each index."""
    path = found("user_artists.dat")
    if path is None:
        yield Missing("nearest artists on Last.fm", HOW)
        return
    if quick:
        return
    on_progress("factors of artists on Last.fm")
    vectors = factors(path)
    on_progress("the nearest artists, by an inverted file")
    every = len(vectors) // QUERIES
    truth = Truth.of(vectors, vectors[::every], COUNT)
    _, *others = race(
        contenders(vectors, CELLS, PROBES, IvfBatch), all_in_one_call, truth, rounds=ROUNDS
    )
    for each in others:
        is_goal = each.index == "ivf, distinct"
        yield Figure(
            f"near: recall@{COUNT} of {each.index}",
            each.recall,
            least=RECALL_LEAST if is_goal else None,
        )
        yield Figure(
            f"near: {each.index}, times brute force",
            each.ratio,
            least=TIMES_LEAST if is_goal else None,
        )
    on_progress("the nearest artists, by a graph")
    graph = Hnsw(vectors, GRAPH_WIDTH, rng=np.random.default_rng(7))
    few = Truth.of(vectors, vectors[:: len(vectors) // GRAPH_QUERIES], COUNT)
    recall = few.recall(graph.search(few.queries, COUNT)[0])
    yield Figure(f"near: recall@{COUNT} of hnsw", recall, least=RECALL_LEAST)


def factors(path: Path) -> Vectors:
    """Return the artists' factors, of length 1."""
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]
    data = gather([(user, artist, 0) for user, artist, *_ in rows])
    model = ImplicitAls(64, 20.0, 4.0, rounds=3, rng=np.random.default_rng(7))
    model.fit(data.matrix())
    return unit(model.items)
