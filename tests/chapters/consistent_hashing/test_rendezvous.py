"""Rendezvous: order by lots, odds by weight, zones by share; and jump hash as its paper has it."""

from collections import Counter
from math import ceil
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.consistent_hashing import BadWeight, Disk, TooFewNodes, hash64, rank, spread
from chapters.consistent_hashing.numbered import jump, modulo
from chapters.consistent_hashing.rendezvous import lot
from chapters.consistent_hashing.story import demo, lost_with_a_zone, moved, rules

WEIGHTS = st.dictionaries(st.text(max_size=8), st.floats(0, 100), max_size=10)
SAMPLE = [b"key%d" % number for number in range(10_000)]


@given(st.binary(), WEIGHTS)
def test_every_node_is_ranked_once(key: bytes, weights: dict[str, float]) -> None:
    assert sorted(rank(key, weights)) == sorted(weights)


@given(st.binary(), WEIGHTS, st.data())
def test_a_node_that_leaves_changes_nothing_for_the_others(
    key: bytes, weights: dict[str, float], data: st.DataObject
) -> None:
    gone = data.draw(st.sampled_from([*sorted(weights), "nobody"]))
    left = {node: weight for node, weight in weights.items() if node != gone}
    assert rank(key, left) == [node for node in rank(key, weights) if node != gone]


@given(st.binary(), WEIGHTS.filter(bool), st.floats(1, 10), st.data())
def test_more_weight_never_moves_a_node_back(
    key: bytes, weights: dict[str, float], times: float, data: st.DataObject
) -> None:
    node = data.draw(st.sampled_from(sorted(weights)))
    heavier = {**weights, node: weights[node] * times}
    before, after = rank(key, weights), rank(key, heavier)
    assert after.index(node) <= before.index(node)
    assert [n for n in after if n != node] == [n for n in before if n != node]


@given(st.permutations(["a", "b", "c", "d"]), st.binary())
def test_the_order_of_the_nodes_does_not_matter(nodes: list[str], key: bytes) -> None:
    assert rank(key, nodes) == rank(key, "abcd")


@given(st.text(), st.binary())
def test_a_lot_is_between_0_and_1(node: str, key: bytes) -> None:
    assert 0 < lot(node, key) < 1


@pytest.mark.parametrize("hashed", [0, 2**64 - 1])
def test_even_the_extreme_lots_are_neither_0_nor_1(
    hashed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chapters.consistent_hashing.rendezvous.hash64", lambda key: hashed)
    assert 0 < lot("node", b"key") < 1
    assert rank(b"key", "ba") == ["a", "b"]


def test_nodes_win_in_proportion_to_their_weights() -> None:
    weights = {"one": 1.0, "two": 2.0, "five": 5.0, "none": 0.0}
    wins = Counter(rank(key, weights)[0] for key in SAMPLE)
    for node, weight in weights.items():
        assert wins[node] / len(SAMPLE) == pytest.approx(weight / 8, abs=0.02)


def test_a_node_of_weight_0_comes_last() -> None:
    assert all(rank(key, {"a": 0, "b": 1e-9, "c": 1})[-1] == "a" for key in SAMPLE[:100])


@pytest.mark.parametrize("weight", [-1, float("nan"), float("inf")])
def test_a_weight_that_is_none_is_refused(weight: float) -> None:
    with pytest.raises(BadWeight, match="a has weight"):
        rank(b"key", {"a": weight})
    with pytest.raises(BadWeight, match="a has weight"):
        spread(b"key", [Disk("a", "zone", weight)], 1)


DISKS = st.lists(
    st.builds(Disk, st.text(max_size=4), st.sampled_from("abcd"), st.sampled_from([0, 0.5, 1, 2])),
    unique_by=lambda disk: disk.name,
    max_size=16,
)


@given(st.binary(), DISKS, st.integers(0, 12))
def test_spread_takes_the_best_within_each_zones_share(
    key: bytes, disks: list[Disk], count: int
) -> None:
    weights = {disk.name: disk.weight for disk in disks if disk.weight}
    zone_of = {disk.name: disk.zone for disk in disks}
    zones = Counter(zone_of[name] for name in weights)
    share = ceil(count / len(zones)) if zones else count
    if sum(min(share, size) for size in zones.values()) < count:
        with pytest.raises(TooFewNodes, match=f"{count} disks wanted"):
            spread(key, disks, count)
        return
    picks = spread(key, disks, count)
    assert len(picks) == len(set(picks)) == count
    held = Counter(zone_of[name] for name in picks)
    assert all(pieces <= share for pieces in held.values())
    ranking = rank(key, weights)
    assert picks == sorted(picks, key=ranking.index)
    for left_out in set(ranking[: ranking.index(picks[-1])] if picks else []) - set(picks):
        assert held[zone_of[left_out]] == share, "a better disk was left out without need"


def test_a_disk_that_is_lost_moves_only_the_pieces_it_held() -> None:
    disks = [Disk(f"{zone}{number}", zone) for zone in "abc" for number in range(6)]
    left = [disk for disk in disks if disk.name != "a0"]
    for key in SAMPLE[:300]:
        before, after = spread(key, disks, 9), spread(key, left, 9)
        assert set(before) - set(after) == {"a0"} & set(before)


def test_losing_a_zone_takes_its_share_and_no_more() -> None:
    blind, capped = lost_with_a_zone(SAMPLE[:500])
    assert capped == 3 < blind


@pytest.mark.parametrize(
    ("hashed", "nodes", "node"),
    [(1, 1, 0), (42, 57, 43), (0xDEAD10CC, 1, 0), (0xDEAD10CC, 666, 361), (256, 1024, 520)],
)
def test_jump_agrees_with_published_implementations(hashed: int, nodes: int, node: int) -> None:
    assert jump(hashed, nodes) == node


@given(st.integers(0, 2**64 - 1), st.integers(1, 2000))
def test_jump_moves_a_key_only_to_the_new_node(hashed: int, nodes: int) -> None:
    assert jump(hashed, nodes + 1) in (jump(hashed, nodes), nodes)


def test_jump_is_even() -> None:
    counts = Counter(jump(hash64(key), 10) for key in SAMPLE)
    assert sorted(counts) == list(range(10))
    assert all(850 < count < 1150 for count in counts.values())


def test_modulo_moves_nearly_everything_and_the_others_one_share() -> None:
    rng = Random(7)
    keys = [rng.randbytes(12) for _ in range(3000)]
    names = [f"node{number}" for number in range(10)]
    before, after = rules(names, 128), rules([*names, "node10"], 128)
    for name in before:
        changed, needless = moved(keys, before[name], after[name], "node10")
        if name == "modulo":
            assert changed == sum(modulo(hash64(k), 10) != modulo(hash64(k), 11) for k in keys)
            assert changed > 2600 and needless > 2300
        else:
            assert 200 < changed < 350 and needless == 0


def test_the_demonstration_moves_nothing_needlessly(capsys: pytest.CaptureFixture[str]) -> None:
    demo(seed=3, nodes=5, keys=500, vnodes=16)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[3:7]]
    assert [row[0] for row in rows if row[2] == "0"] == ["jump", "ring", "rendezvous"]
