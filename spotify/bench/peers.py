"""Yardsticks for the nearest artists: an inverted file in C++ (faiss) and a graph in C++ (voyager).

Both on one thread, as ours. Where they are not installed, there is no figure for them.
Page: docs/spotify/speed.md
"""

import contextlib
from importlib import import_module
from typing import Any

import numpy as np

from chapters.ann.nearest import Found, Searching, Vectors

LINKS, WIDTH_BUILT = 16, 100  # as our graph's


def peers(vectors: Vectors, cells: int, probes: int, width: int) -> dict[str, Searching]:
    """Return those of the two that are installed."""
    found: dict[str, Searching] = {}
    with contextlib.suppress(ImportError):
        found["ivf of faiss"] = FaissIvf(import_module("faiss"), vectors, cells, probes)
    with contextlib.suppress(ImportError):
        found["hnsw of voyager"] = VoyagerHnsw(import_module("voyager"), vectors, width)
    return found


class FaissIvf:
    """faiss's inverted file of `cells` lists, of which `probes` are looked at."""

    def __init__(self, faiss: Any, vectors: Vectors, cells: int, probes: int) -> None:
        faiss.omp_set_num_threads(1)
        dims = vectors.shape[1]
        self._lists = faiss.IndexFlatIP(dims)
        self._index = faiss.IndexIVFFlat(self._lists, dims, cells, faiss.METRIC_INNER_PRODUCT)
        self._index.train(vectors)
        self._index.add(vectors)
        self._index.nprobe = probes

    def search(self, queries: Vectors, count: int) -> Found:
        """Return ids and scores of the nearest, best first."""
        scores, ids = self._index.search(queries, count)
        return ids, scores


class VoyagerHnsw:
    """voyager's graph: `width` candidates are kept while a query walks."""

    def __init__(self, voyager: Any, vectors: Vectors, width: int) -> None:
        self._width = width
        self._index = voyager.Index(
            voyager.Space.InnerProduct, vectors.shape[1], M=LINKS, ef_construction=WIDTH_BUILT
        )
        self._index.add_items(vectors, num_threads=1)

    def search(self, queries: Vectors, count: int) -> Found:
        """Return ids and scores of the nearest, best first."""
        rows = np.ascontiguousarray(queries)  # it takes no heed of strides
        found, distances = self._index.query(rows, count, num_threads=1, query_ef=self._width)
        return np.asarray(found, dtype=np.int64), 1 - distances
