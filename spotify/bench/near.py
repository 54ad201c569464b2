"""The nearest artists on Last.fm: an inverted file and a graph, beside looking at everything.

Vectors are ALS factors of all 17,632 artists (HetRec 2011), queries are artists themselves. Equal vectors
are many there: an artist whom one listener alone has heard has the same as that listener's others.
Page: docs/spotify/speed.md
"""

from collections.abc import Callable, Iterator

import numpy as np

from chapters.ann import Hnsw, Truth, Vectors, unit
from chapters.ann.bench import all_in_one_call, contenders, race
from chapters.ann.ivf_batch import IvfBatch
from chapters.measure.findings import Figure, Finding, Missing
from chapters.recommend.als import ImplicitAls
from chapters.recommend.interactions import Interactions
from spotify.bench.data import HOW, heard
from spotify.bench.peers import peers
from spotify.bench.taste import CONFIDENCE, FACTORS, REGULARIZATION

COUNT, QUERIES, ROUNDS = 10, 4_000, 5
ALS_ROUNDS = 3
CELLS, PROBES = 96, 16  # chosen by hand, on these queries
GRAPH_QUERIES, GRAPH_WIDTH = 500, 64
RECALL_LEAST, TIMES_LEAST = 0.99, 10.0


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield recall and speed of each index."""
    data = heard()
    if data is None:
        yield Missing("nearest artists on Last.fm", HOW)
        return
    if quick:
        return
    on_progress("factors of artists on Last.fm")
    vectors = factors(data)
    on_progress("the nearest artists, by an inverted file")
    every = len(vectors) // QUERIES
    truth = Truth.of(vectors, vectors[::every], COUNT)
    theirs = peers(vectors, CELLS, PROBES, GRAPH_WIDTH)
    indexes = contenders(vectors, CELLS, PROBES, IvfBatch) | theirs
    _, *others = race(indexes, all_in_one_call, truth, rounds=ROUNDS)
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
    if len(theirs) < 2:
        yield Missing("the nearest artists by faiss and voyager", "pip install faiss-cpu voyager")
    on_progress("the nearest artists, by a graph")
    graph = Hnsw(vectors, GRAPH_WIDTH, rng=np.random.default_rng(7))
    few = Truth.of(vectors, vectors[:: len(vectors) // GRAPH_QUERIES], COUNT)
    recall = few.recall(graph.search(few.queries, COUNT)[0])
    yield Figure(f"near: recall@{COUNT} of hnsw", recall, least=RECALL_LEAST)


def factors(data: Interactions) -> Vectors:
    """Return the artists' factors, of length 1."""
    model = ImplicitAls(
        FACTORS, REGULARIZATION, CONFIDENCE - 1, rounds=ALS_ROUNDS, rng=np.random.default_rng(7)
    )
    model.fit(data.matrix())
    return unit(model.items)
