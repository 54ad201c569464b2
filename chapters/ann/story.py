"""Four indexes on the same vectors: what they cost to build, how little they look at, what they miss.

The vectors come in clusters, as those of songs and films do; or they are your own, out of a file.
Page: docs/chapters/ann.md
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chapters.ann.brute import Brute
from chapters.ann.errors import within
from chapters.ann.forest import Forest
from chapters.ann.hnsw import Hnsw
from chapters.ann.ivf import Ivf
from chapters.ann.nearest import Nearest, Vectors, unit
from chapters.ann.recall import Truth
from chapters.errors import UsageError
from chapters.sim.errors import at_least

TITLE = "The nearest vectors"
VECTORS_MAX = 50_000  # the links of so many take minutes to build in Python
LINKS, WIDTH_BUILT = 8, 32
TREES = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One index at one setting: products a vector to build, share of vectors looked at, recall."""

    index: str
    setting: str
    built: float
    looked: float
    recall: float


def clustered(
    rng: np.random.Generator, count: int, *, dims: int, clusters: int, spread: float
) -> Vectors:
    """Return vectors of length 1 around `clusters` directions; a large spread makes it none."""
    centres = rng.standard_normal((clusters, dims)) / np.sqrt(dims)
    noise = rng.standard_normal((count, dims)) / np.sqrt(dims)
    return unit(centres[rng.integers(clusters, size=count)] + spread * noise)


def compared(truth: Truth, *, seed: int) -> Iterator[Row]:
    """Yield a row for each index at each of some settings of its knob."""
    vectors = truth.vectors
    rng = np.random.default_rng(seed)
    yield _row(truth, "brute", "", Brute(vectors))
    cells = max(2, round(len(vectors) ** 0.5))
    ivf = Ivf(vectors, cells, 1, rng=rng)
    built = ivf.looked
    for probes in (1, 4, 12):
        ivf.probes = min(cells, probes)
        yield _row(truth, "ivf", f"{ivf.probes} of {cells} cells", ivf, built)
    forest = Forest(vectors, TREES, 1, rng=rng)
    built = forest.looked
    for wanted in (100, 300, 900):
        forest.wanted = wanted
        yield _row(truth, "forest", f"{wanted} candidates", forest, built)
    graph = Hnsw(vectors, 1, links=LINKS, width_built=WIDTH_BUILT, rng=rng)
    built = graph.looked
    for width in (truth.count, 2 * truth.count, 4 * truth.count):
        graph.width = width
        yield _row(truth, "hnsw", f"{width} in view", graph, built)


def _row(truth: Truth, name: str, setting: str, index: Nearest, built: int = 0) -> Row:
    before, stored = index.looked, len(truth.vectors)
    ids, _ = index.search(truth.queries, truth.count)
    looked = (index.looked - before) / (len(truth.queries) * stored)
    return Row(name, setting, built / stored, looked, truth.recall(ids))


def demo(
    *,
    seed: int = 7,
    vectors: int = 2000,
    dims: int = 32,
    clusters: int = 60,
    spread: float = 1.0,
    queries: int = 200,
    count: int = 10,
    file: str = "",
) -> None:
    """Ask each index for the nearest, and compare with the truth."""
    at_least(0, spread=spread)
    within(1, 4096, dims=dims, clusters=clusters, count=count, queries=queries)
    within(100, VECTORS_MAX, vectors=vectors)
    rng = np.random.default_rng(seed)
    stored = (
        read(file) if file else clustered(rng, vectors, dims=dims, clusters=clusters, spread=spread)
    )
    noise = rng.standard_normal((queries, stored.shape[1])) / np.sqrt(stored.shape[1])
    asked = unit(stored[rng.integers(len(stored), size=queries)] + 0.3 * noise)
    truth = Truth.of(stored, asked, count)
    print(
        f"{len(stored):,} vectors of {stored.shape[1]} numbers; the {truth.count} nearest of each"
    )
    print(f"of {len(asked)} queries. Building costs so many products a vector.\n")
    print("  index        setting             built    looked at   recall")
    for row in compared(truth, seed=seed):
        print(
            f"  {row.index:12} {row.setting:16} {row.built:8,.0f} {row.looked:12.1%} "
            f"{row.recall:8.1%}"
        )


def read(file: str) -> Vectors:
    """Return the rows of a .npy file, those that point nowhere left out."""
    path = Path(file)
    if path.suffix != ".npy" or not path.is_file():
        raise UsageError(f"there is no file {file!r} that ends in .npy; numpy.save writes one")
    rows = np.load(path, allow_pickle=False)
    return unit(rows[np.linalg.norm(rows, axis=1) > 0])


if __name__ == "__main__":
    demo()
