"""The same file, asked by thousands at once: not the cells of each query, but the queries of each cell.

    by query   q1: cells 3 8 5    q2: cells 8 3 1    q3: cells 5 8 2      nine small products
    by cell    8: q1 q2 q3        3: q1 q2        5: q1 q3        …       one product a cell

One product of many queries with many vectors takes a fraction of the time of many products of one.
Two more things make it fast, and neither loses anything:

1. The bar: the score of the count-th best in a query's own cell. Whoever is below it is not in the
   answer. So nearly all candidates are dropped by one comparison, and few are ever sorted.
2. The border: nobody in a cell is nearer to a query than the angle to the centre less the angle that
   the cell reaches. A cell in which so nobody can be above the bar is not looked into.

Invariant: it finds what `Ivf` finds with the same cells and probes.
Page: docs/chapters/ann.md
"""

from collections.abc import Iterator

import numpy as np

from chapters.ann.cells import ROUNDS
from chapters.ann.ivf import Ivf
from chapters.ann.nearest import NOBODY, Found, Ids, Scores, Vectors, places

BLOCK_QUERIES = 8192
SLACK = 1e-5  # the same product differs by rounding from one matrix to another
Candidates = tuple[Ids, Ids, Scores]  # queries, places in the cells' order, scores: parallel


class IvfBatch(Ivf):
    """All queries of a block at once, cell by cell."""

    def __init__(
        self,
        vectors: Vectors,
        cells: int,
        probes: int,
        *,
        rounds: int = ROUNDS,
        rng: np.random.Generator,
    ) -> None:
        super().__init__(vectors, cells, probes, rounds=rounds, rng=rng)
        self._reach = self._cells.reach
        self._reach_sines = np.sqrt(1 - self._reach**2)

    def search(self, queries: Vectors, count: int) -> Found:
        """Return ids and scores of the nearest that the probes find, a row a query, best first."""
        width = places(count, len(self._cells.vectors))
        ids: Ids = np.full((len(queries), width), NOBODY, dtype=np.int64)
        scores: Scores = np.full((len(queries), width), -np.inf, dtype=np.float32)
        for start in range(0, len(queries), BLOCK_QUERIES):
            part = slice(start, start + BLOCK_QUERIES)
            self._search_block(queries[part], ids[part], scores[part])
        return ids, scores

    def _search_block(self, queries: Vectors, ids: Ids, scores: Scores) -> None:
        """Fill the rows of `ids` and `scores` for these queries."""
        likeness = queries @ self._cells.centres.T
        self.looked += likeness.size
        bars = self._bars(queries, likeness.argmax(axis=1), ids.shape[1])
        rows, cells = self._worth_a_look(likeness, bars)
        found = list(self._above(queries, bars, rows, cells))
        owner, at, values = (np.concatenate(each) for each in zip(*found, strict=True))
        rank_into(ids, scores, (owner, self._cells.ids[at], values))

    def _bars(self, queries: Vectors, own: Ids, count: int) -> Scores:
        """Return for each query a score that its `count`-th best has at least."""
        bars = np.full(len(queries), -np.inf, dtype=np.float32)
        for cell, rows in by_cell(np.arange(len(queries)), own, len(self._cells)):
            members = self._cells.vectors[self._cells.members(cell)]
            if len(members) >= count:
                scores = queries[rows] @ members.T
                self.looked += scores.size
                last = len(members) - count
                bars[rows] = np.partition(scores, last, axis=1)[:, last] - SLACK
        return bars

    def _worth_a_look(self, likeness: Scores, bars: Scores) -> tuple[Ids, Ids]:
        """Return pairs of a query and one of its nearest cells that may hold somebody above the bar.

        The border by the cosine of a difference: cos(a − b) = cos a cos b + sin a sin b.
        """
        left_out = len(self._cells) - self.probes
        least = np.partition(likeness, left_out, axis=1)[:, left_out]
        probed = np.flatnonzero(likeness >= least[:, None])
        rows, cosines = probed // len(self._cells), likeness.ravel()[probed]
        cells = probed - rows * len(self._cells)
        sines = np.sqrt(np.maximum(0, 1 - cosines * cosines))
        border = cosines * self._reach[cells] + sines * self._reach_sines[cells]
        kept = (border >= bars[rows]) | (cosines >= self._reach[cells])
        return rows[kept], cells[kept]

    def _above(self, queries: Vectors, bars: Scores, rows: Ids, cells: Ids) -> Iterator[Candidates]:
        """Yield for each cell the candidates above the bar of the query that asks."""
        for cell, asking in by_cell(rows, cells, len(self._cells)):
            place = self._cells.members(cell)
            scores = queries[asking] @ self._cells.vectors[place].T
            self.looked += scores.size
            # Flat, and divided afterwards: numpy finds places in one dimension much faster.
            above = np.flatnonzero(scores >= bars[asking, None])
            query = above // max(1, scores.shape[1])
            column = above - query * scores.shape[1]
            yield asking[query], column + place.start, scores.ravel()[above]


def by_cell(rows: Ids, cells: Ids, count: int) -> Iterator[tuple[int, Ids]]:
    """Yield each of the `count` cells that is in `cells`, with the rows that go with it."""
    grouped: Ids = rows[np.argsort(cells.astype(np.uint16), kind="stable")]
    ends = np.cumsum(np.bincount(cells, minlength=count)).tolist()
    for cell, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        if start < end:
            yield cell, grouped[start:end]


def rank_into(ids: Ids, scores: Scores, candidates: Candidates) -> None:
    """Fill the rows of `ids` and `scores` with the best of each row's candidates, best first."""
    owner, found, values = candidates
    order = np.argsort(4.0 * owner - values)  # one number: by row, and within a row by score
    owner, found, values = owner[order], found[order], values[order]
    counts = np.bincount(owner, minlength=len(ids))
    rank = np.arange(len(owner)) - (np.cumsum(counts) - counts)[owner]
    kept = rank < ids.shape[1]
    at = owner[kept], rank[kept]
    ids[at], scores[at] = found[kept], values[kept]
