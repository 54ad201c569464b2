"""The parts of the indexes: the best of a row, cells, planes, links, and what recall counts."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.ann import BadVectors, Distinct, Hnsw, Truth, Vectors, unit
from chapters.ann.cells import Cells, kmeans, owners, step
from chapters.ann.forest import SHARE_MIN, Branch, Forest, split
from chapters.ann.layer import Layer
from chapters.ann.nearest import NOBODY, Ids, best, best_of
from chapters.ann.story import clustered


def some(seed: int, count: int, dims: int) -> Vectors:
    return unit(np.random.default_rng(seed).standard_normal((count, dims)))


# The best of a row, and recall.


@given(
    st.lists(st.lists(st.integers(-9, 9), min_size=6, max_size=6), min_size=1), st.integers(1, 6)
)
def test_the_best_of_a_row_are_those_of_sorting_it(rows: list[list[int]], count: int) -> None:
    scores = np.array(rows, dtype=np.float32)
    ids, values = best(scores, count)
    assert (values == -np.sort(-scores, axis=1)[:, :count]).all()
    assert (np.take_along_axis(scores, ids, axis=1) == values).all()
    for row, found in zip(scores, ids, strict=True):
        assert len(set(found.tolist())) == count
        one, same = best_of(np.arange(6) + 100, row, count)
        assert (row[one - 100] == same).all() and (same == -np.sort(-row)[:count]).all()


def test_a_row_of_zeros_has_no_direction() -> None:
    with pytest.raises(BadVectors, match="row 1 is all zeros"):
        unit(np.array([[1.0, 2.0], [0.0, 0.0]]))


def test_recall_counts_equal_vectors_alike_and_each_id_once() -> None:
    vectors = unit(np.array([[1.0, 0], [1, 0], [1, 0], [0, 1], [-1, 0]]))
    truth = Truth.of(vectors, vectors[:1], 2)
    for ids, recall in (
        ([0, 1], 1), ([2, 1], 1), ([0, 0], 0.5), ([0, 3], 0.5), ([4, 3], 0), ([1, NOBODY], 0.5),
    ):  # fmt: skip
        assert truth.recall(np.array([ids])) == recall


def test_recall_recomputes_what_an_index_says() -> None:
    vectors = some(1, 50, 4)
    truth = Truth.of(vectors, vectors[:10], 5)
    lies: Ids = np.random.default_rng(2).integers(50, size=(10, 5))
    assert truth.recall(lies) < 0.4


# Cells.


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(1, 5), st.integers(1, 9))
def test_no_step_makes_vectors_fit_their_centres_worse(
    seed: int, count: int, dims: int, cells: int
) -> None:
    vectors, centres = some(seed, count, dims), some(seed + 1, cells, dims)
    fits = []
    for _ in range(6):
        fits.append(float((vectors @ centres.T).max(axis=1).sum()))
        centres = step(vectors, centres)
        assert np.allclose(np.linalg.norm(centres, axis=1), 1, atol=1e-5)
    assert all(later >= earlier - 1e-3 for earlier, later in pairwise(fits))


@pytest.mark.parametrize("seed", range(4))
def test_every_vector_is_in_the_cell_of_its_nearest_centre_and_within_its_reach(seed: int) -> None:
    vectors = np.concatenate([some(seed, 90, 5), np.repeat(some(seed, 2, 5), 30, axis=0)])
    cells = Cells(vectors, 12, rng=np.random.default_rng(seed))
    assert sorted(cells.ids.tolist()) == list(range(150))
    assert (cells.vectors == vectors[cells.ids]).all()
    owner = owners(vectors, cells.centres)
    for cell in range(12):
        inside = cells.ids[cells.members(cell)]
        assert sorted(inside.tolist()) == np.flatnonzero(owner == cell).tolist()
        if len(inside):
            assert (vectors[inside] @ cells.centres[cell]).min() >= cells.reach[cell]


def test_clear_clusters_are_found_from_several_beginnings() -> None:
    rng = np.random.default_rng(3)
    vectors = clustered(rng, 300, dims=16, clusters=3, spread=0.2)
    fits = [(vectors @ kmeans(vectors, 3, 20, rng=rng).T).max(axis=1).mean() for _ in range(8)]
    assert max(fits) > 0.95


# Planes.


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 80), st.integers(1, 4), st.booleans())
def test_a_plane_leaves_neither_side_without_its_share(
    seed: int, count: int, dims: int, twins: bool
) -> None:
    vectors = some(seed, count, dims)
    if twins:
        vectors = vectors[np.random.default_rng(seed).integers(3, size=count) % count]
    plane, is_left = split(vectors, 0, count - 1)
    assert 1 <= is_left.sum() <= count - 1 and SHARE_MIN * count <= is_left.sum() + 1
    products = vectors @ plane.normal
    assert products[is_left].min() >= plane.offset - 1e-5
    assert products[~is_left].max() <= plane.offset + 1e-5


@pytest.mark.parametrize("twins", [1, 50])
def test_each_vector_is_in_one_leaf_of_each_tree(twins: int) -> None:
    vectors = np.repeat(some(5, 300 // twins, 8), twins, axis=0)
    forest = Forest(vectors, 3, 10, leaf=7, rng=np.random.default_rng(5))

    def leaves(number: int) -> list[int]:
        node = forest._nodes[number]
        if isinstance(node, Branch):
            return leaves(node.left) + leaves(node.right)
        assert 1 <= len(node) <= 7
        return list(node.tolist())

    for root in forest._roots:
        assert sorted(leaves(root)) == list(range(300))


# Links.


def test_links_go_in_all_directions_and_not_only_to_the_nearest() -> None:
    angles = np.radians([0, 10, 12, 14, -30])
    vectors = unit(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    layer = Layer(vectors, {})
    ranked = sorted(((float(vectors[0] @ vectors[n]), n) for n in range(1, 5)), reverse=True)
    assert [node for _, node in ranked] == [1, 2, 3, 4]
    assert layer.chosen(ranked, 2) == [1, 4]
    assert layer.chosen(ranked, 3) == [1, 4, 2]


def test_a_search_keeps_the_best_of_all_that_it_saw() -> None:
    vectors = some(7, 80, 4)
    rng = np.random.default_rng(7)
    links = {node: rng.choice(80, 6, replace=False).tolist() for node in range(80)}
    layer = Layer(vectors, links)
    everybody = layer.nearest(vectors[3], [0], 80)
    assert sorted(everybody, reverse=True) == everybody and len(everybody) == 80
    assert layer.looked == 80
    some_of_them = layer.nearest(vectors[3], [0, 5, 9], 8)
    assert len(some_of_them) == 8 and layer.looked < 160


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("twins", [1, 4])
def test_links_are_bounded_and_lead_to_everybody(seed: int, twins: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = np.repeat(some(seed, 240 // twins, 6), twins, axis=0)[rng.permutation(240)]
    graph = Hnsw(vectors, 10, links=5, width_built=20, rng=rng)
    for floor, layer in enumerate(graph._layers):
        most = 5 if floor else 10
        assert all(len(links) <= most for links in layer.links.values())
        assert all(set(links) <= set(layer.links) - {node} for node, links in layer.links.items())
        assert all(len(set(links)) == len(links) for links in layer.links.values())
    assert set(graph._layers[-1].links) >= {graph._entry}
    reached = graph._layers[0].nearest(vectors[0], [graph._entry], 240)
    assert len(reached) >= 0.99 * 240


def test_each_layer_has_about_a_links_th_of_the_one_below() -> None:
    vectors = some(9, 600, 4)
    graph = Hnsw(vectors, 4, links=4, width_built=4, rng=np.random.default_rng(9))
    sizes = [len(layer.links) for layer in graph._layers]
    assert sizes[0] == 600 and 90 < sizes[1] < 220 and sizes == sorted(sizes, reverse=True)


def test_many_twins_are_islands_of_links_unless_they_are_kept_once() -> None:
    alone, once = [], []
    for seed in range(4):
        vectors = np.repeat(some(seed, 6, 6), 40, axis=0)
        vectors = vectors[np.random.default_rng(seed).permutation(240)]
        truth = Truth.of(vectors, some(seed + 9, 30, 6), 50)

        def links(stored: Vectors, seed: int = seed) -> Hnsw:
            rng = np.random.default_rng(seed)
            return Hnsw(stored, 60, links=5, width_built=20, rng=rng)

        alone.append(truth.recall(links(vectors).search(truth.queries, 50)[0]))
        once.append(truth.recall(Distinct(vectors, links).search(truth.queries, 50)[0]))
    assert min(alone) < 0.9 and once == [1, 1, 1, 1]
