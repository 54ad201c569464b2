"""Effects that add up, found by least squares; what is seldom seen is believed little.

    log of minutes  =  Σ effect · feature  + luck         by name: {"kitchen k7": 1.0, "dishes": 2.0, …}

A sum of logarithms is a product of factors: a kitchen takes 1.4 times as long, rain 1.3 times. Each
effect is pulled towards nothing as if it had been seen `doubt` times without any. Recent days weigh more.
Source: Hoerl and Kennard 1970. Page: docs/zomato/eta.md
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import csr_matrix

Features = Mapping[str, float]


class Effects:
    """One fit."""

    def __init__(
        self,
        rows: Sequence[Features],
        values: Sequence[float],
        weights: Sequence[float],
        doubt: float,
    ) -> None:
        self.mean = float(np.average(values, weights=weights))
        column = {name: at for at, name in enumerate(dict.fromkeys(n for row in rows for n in row))}
        ends = np.cumsum([0, *(len(row) for row in rows)])
        places = [column[name] for row in rows for name in row]
        facts = [fact for row in rows for fact in row.values()]
        table = csr_matrix((facts, places, ends), shape=(len(rows), len(column)))  # most are 0
        heavy = table.multiply(np.asarray(weights)[:, None]).tocsr()
        square = (heavy.T @ table).toarray() + doubt * np.eye(len(column))
        found = np.linalg.solve(square, heavy.T @ (np.asarray(values) - self.mean))
        self.of = {name: float(found[at]) for name, at in column.items()}

    def __call__(self, row: Features) -> float:
        """Return what the effects add up to; what was never seen has none."""
        return self.mean + sum(self.of.get(name, 0.0) * value for name, value in row.items())
