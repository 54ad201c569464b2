"""The models by name, each with the settings that it may be chosen from.

Page: docs/chapters/recommend.md
"""

from collections.abc import Mapping
from functools import partial

import numpy as np

from chapters.recommend.als import ImplicitAls
from chapters.recommend.ease import Ease
from chapters.recommend.evaluate import Make
from chapters.recommend.knn import ItemKnn
from chapters.recommend.popularity import Popularity


def candidates(seed: int) -> Mapping[str, Mapping[str, Make]]:
    """Return for each model its settings, by a name that says what they are."""
    return {
        "popularity": {"": Popularity},
        "item-knn": {f"k={k}": partial(ItemKnn, k) for k in (20, 50, 100, 200)},
        "ials": {
            f"f={f} λ={r:g} α={a:g}": partial(_als, seed, f, r, a)
            for f in (16, 32)
            for r in (10.0, 50.0)
            for a in (1.0, 5.0)
        },
        "ease": {f"λ={r:g}": partial(Ease, r) for r in (50.0, 100.0, 250.0, 500.0, 1000.0)},
    }


def _als(seed: int, factors: int, regularization: float, alpha: float) -> ImplicitAls:
    return ImplicitAls(factors, regularization, alpha, rng=np.random.default_rng(seed))
