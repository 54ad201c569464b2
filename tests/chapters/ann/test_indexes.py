"""Every index answers in one shape, and its scores are true; what it may miss depends on its knob."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.ann import (
    NOBODY,
    BadPlan,
    BadVectors,
    Brute,
    Distinct,
    Forest,
    Hnsw,
    Ivf,
    IvfBatch,
    Nearest,
    Truth,
    Vectors,
    unit,
)
from chapters.ann.story import clustered

Make = Callable[[Vectors, np.random.Generator], Nearest]

MAKERS: dict[str, Make] = {
    "brute": lambda vectors, rng: Brute(vectors),
    "ivf": lambda vectors, rng: Ivf(vectors, 9, 3, rng=rng),
    "ivf, batch": lambda vectors, rng: IvfBatch(vectors, 9, 3, rng=rng),
    "forest": lambda vectors, rng: Forest(vectors, 4, 60, leaf=8, rng=rng),
    "hnsw": lambda vectors, rng: Hnsw(vectors, 20, links=4, width_built=16, rng=rng),
    "distinct": lambda vectors, rng: Distinct(vectors, lambda few: Ivf(few, 9, 3, rng=rng)),
}
WITH_ALL: dict[str, Make] = {
    "ivf": lambda vectors, rng: Ivf(vectors, 9, 9, rng=rng),
    "ivf, batch": lambda vectors, rng: IvfBatch(vectors, 9, 9, rng=rng),
    "forest": lambda vectors, rng: Forest(vectors, 2, 2 * len(vectors), leaf=8, rng=rng),
    "distinct": lambda vectors, rng: Distinct(vectors, Brute),
}
every_index = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def some(rng: np.random.Generator, count: int = 200, dims: int = 6) -> Vectors:
    return unit(rng.standard_normal((count, dims)))


def with_twins(rng: np.random.Generator, count: int = 200, dims: int = 6) -> Vectors:
    """Vectors of which many are equal, as the factors of artists with one listener are."""
    distinct = some(rng, count // 4, dims)
    return np.concatenate([distinct, distinct[rng.integers(12, size=count - len(distinct))]])


@every_index
@pytest.mark.parametrize("world", [some, with_twins])
@pytest.mark.parametrize("seed", range(3))
def test_ids_differ_and_scores_are_true_and_best_come_first(
    make: Make, world: Callable[..., Vectors], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    vectors, queries = world(rng), some(rng, 20)
    ids, scores = make(vectors, rng).search(queries, 10)
    assert ids.shape == scores.shape == (20, 10)
    assert (ids.dtype, scores.dtype) == (np.int64, np.float32)
    for query, row, values in zip(queries, ids, scores, strict=True):
        assert len(set(row.tolist())) == 10 and NOBODY not in row
        assert np.allclose(vectors[row] @ query, values, atol=1e-5)
        assert (np.diff(values) <= 0).all()


@pytest.mark.parametrize("make", WITH_ALL.values(), ids=WITH_ALL)
@pytest.mark.parametrize("world", [some, with_twins])
def test_who_looks_everywhere_misses_nobody(make: Make, world: Callable[..., Vectors]) -> None:
    rng = np.random.default_rng(3)
    vectors, queries = world(rng), some(rng, 30)
    ids, _ = make(vectors, rng).search(queries, 10)
    assert Truth.of(vectors, queries, 10).recall(ids) == 1


@every_index
def test_one_who_is_stored_finds_itself(make: Make) -> None:
    rng = np.random.default_rng(4)
    vectors = some(rng)
    ids, scores = make(vectors, rng).search(vectors, 1)
    assert (ids[:, 0] == np.arange(200)).mean() >= 0.98  # links and trees may miss, seldom
    assert np.allclose(scores[ids[:, 0] == np.arange(200), 0], 1, atol=1e-5)


@every_index
def test_more_are_asked_for_than_there_are(make: Make) -> None:
    rng = np.random.default_rng(5)
    vectors = some(rng, 30)
    ids, scores = make(vectors, rng).search(some(rng, 3), 99)
    assert ids.shape == (3, 30)
    assert ((ids == NOBODY) == np.isneginf(scores)).all()
    for row in ids:
        found = row[row != NOBODY]
        assert len(found) and len(set(found.tolist())) == len(found)
        assert (row[len(found) :] == NOBODY).all()


@every_index
def test_no_queries_no_answers_and_none_asked_for_is_refused(make: Make) -> None:
    rng = np.random.default_rng(6)
    index = make(some(rng), rng)
    assert index.search(some(rng, 5)[:0], 4)[0].shape == (0, 4)
    with pytest.raises(BadPlan, match="ask for at least 1"):
        index.search(some(rng, 5), 0)


@every_index
def test_the_same_seed_builds_the_same_index(make: Make) -> None:
    def found() -> list[list[int]]:
        rng = np.random.default_rng(7)
        return list(make(some(rng), rng).search(some(rng, 9), 5)[0].tolist())

    assert found() == found()


@every_index
def test_vectors_that_make_no_sense_are_refused(make: Make) -> None:
    rng = np.random.default_rng(8)
    long = some(rng)
    long[17] *= 2
    bad = [long, np.zeros((0, 3), np.float32), some(rng)[0], np.full((20, 3), np.nan, np.float32)]
    for each, said in zip(bad, ["row 17 is off", "shape", "shape", "off length 1"], strict=True):
        with pytest.raises(BadVectors, match=said):
            make(each, rng)


@pytest.mark.parametrize(
    "make",
    [
        lambda v, rng: Ivf(v, 0, 1, rng=rng), lambda v, rng: Ivf(v, 9, 10, rng=rng),
        lambda v, rng: Ivf(v, 201, 1, rng=rng), lambda v, rng: IvfBatch(v, 9, 0, rng=rng),
        lambda v, rng: Ivf(v, 9, 1, rounds=-1, rng=rng), lambda v, rng: Forest(v, 0, 9, rng=rng),
        lambda v, rng: Forest(v, 2, 401, rng=rng), lambda v, rng: Forest(v, 2, 9, leaf=1, rng=rng),
        lambda v, rng: Hnsw(v, 0, rng=rng), lambda v, rng: Hnsw(v, 9, links=1, rng=rng),
    ],
)  # fmt: skip
def test_plans_that_make_no_sense_are_refused(make: Make) -> None:
    rng = np.random.default_rng(9)
    with pytest.raises(BadPlan, match="it must be from"):
        make(some(rng), rng)


def test_cells_are_as_many_as_there_are_different_vectors_at_most() -> None:
    rng = np.random.default_rng(10)
    twins = np.repeat(some(rng, 5), 8, axis=0)
    assert Ivf(twins, 5, 5, rng=rng).search(twins, 8)[1].min() > 1 - 1e-5
    with pytest.raises(BadPlan, match="cells is 6; it must be from 1 to 5"):
        Ivf(twins, 6, 1, rng=rng)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    shape=st.tuples(st.integers(1, 60), st.integers(1, 5)),
    twins=st.booleans(),
    noise=st.sampled_from([0, 1e-4, 1e-2]),
    data=st.data(),
)
def test_a_batch_finds_what_one_query_after_another_finds(
    seed: int, shape: tuple[int, int], twins: bool, noise: float, data: st.DataObject
) -> None:
    """The bar and the border lose nothing, also where cells have no width or hold nobody."""
    rng = np.random.default_rng(seed)
    vectors = some(rng, *shape)
    if twins:
        vectors = vectors[rng.integers(len(vectors), size=2 * len(vectors))]
        vectors = unit(vectors + noise * rng.standard_normal(vectors.shape))
    queries = np.concatenate([vectors[:20], some(rng, 20, shape[1])])
    cells = data.draw(st.integers(1, len(np.unique(vectors, axis=0))))
    probes = data.draw(st.integers(1, cells))
    count = data.draw(st.integers(1, len(vectors)))
    single = Ivf(vectors, cells, probes, rng=np.random.default_rng(seed))
    batch = IvfBatch(vectors, cells, probes, rng=np.random.default_rng(seed))
    _, one = single.search(queries, count)
    _, all_at_once = batch.search(queries, count)
    both = np.isfinite(one) & np.isfinite(all_at_once)
    assert (np.isfinite(one) <= np.isfinite(all_at_once)).all()
    assert (all_at_once[both] >= one[both] - 2e-5).all()


def test_a_batch_longer_than_a_block_is_the_same_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(11)
    index = IvfBatch(some(rng), 9, 3, rng=rng)
    queries = some(rng, 50)
    whole = index.search(queries, 5)
    monkeypatch.setattr("chapters.ann.ivf_batch.BLOCK_QUERIES", 7)
    for one, other in zip(whole, index.search(queries, 5), strict=True):
        assert np.allclose(one, other)


@pytest.mark.parametrize("seed", range(3))
def test_a_wider_knob_misses_less(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = clustered(rng, 600, dims=16, clusters=20, spread=1.2)
    truth = Truth.of(vectors, vectors[:150], 10)
    ivf, forest = Ivf(vectors, 24, 1, rng=rng), Forest(vectors, 6, 1, leaf=16, rng=rng)
    graph = Hnsw(vectors, 1, links=6, width_built=24, rng=rng)
    found: dict[str, list[float]] = {"ivf": [], "forest": [], "hnsw": []}
    for step in range(3):
        ivf.probes, forest.wanted, graph.width = 3**step, 60 * 3**step, 10 * 3**step
        for name, index in (("ivf", ivf), ("forest", forest), ("hnsw", graph)):
            found[name].append(truth.recall(index.search(truth.queries, 10)[0]))
    assert all(rows == sorted(rows) and rows[-1] > rows[0] for rows in found.values()), found
    assert found["ivf"][-1] > 0.95 and found["hnsw"][-1] > 0.97 and found["forest"][-1] > 0.9


@pytest.mark.parametrize("name", ["ivf", "forest", "hnsw"])
def test_an_index_looks_at_a_part_only(name: str) -> None:
    rng = np.random.default_rng(12)
    vectors = clustered(rng, 600, dims=16, clusters=20, spread=0.8)
    index = MAKERS[name](vectors, rng)
    before = index.looked
    index.search(vectors[:100], 10)
    assert index.looked - before < 0.45 * 100 * 600
