"""The ring: only a newcomer's or a leaver's keys move, and copies lie on different nodes."""

from bisect import bisect_left
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.consistent_hashing import BadWeight, EmptyRing, Ring, TooFewNodes, UnknownNode, hash64
from chapters.consistent_hashing.ring import TOKENS_MAX, tokens

NODES = st.dictionaries(st.text(max_size=8), st.integers(1, 4), min_size=1, max_size=8)
KEYS = st.lists(st.binary(max_size=12), max_size=30)
SAMPLE = [b"key%d" % number for number in range(10_000)]


def by_definition(nodes: dict[str, int], vnodes: int, key: bytes) -> list[str]:
    """All nodes in clockwise order, by asking how far each one's nearest token is."""

    def distance(node: str) -> int:
        return min((token - hash64(key)) % 2**64 for token in tokens(node, nodes[node] * vnodes))

    return sorted(nodes, key=distance)


@given(NODES, st.integers(1, 5), KEYS)
def test_owners_are_the_nodes_by_clockwise_distance(
    nodes: dict[str, int], vnodes: int, keys: list[bytes]
) -> None:
    ring = Ring(nodes, vnodes)
    for key in keys:
        expected = by_definition(nodes, vnodes, key)
        assert ring.owner(key) == expected[0]
        for count in range(len(nodes) + 1):
            assert ring.owners(key, count) == expected[:count]


@given(NODES, st.text(max_size=8), KEYS)
def test_a_node_that_joins_takes_keys_only_for_itself(
    nodes: dict[str, int], new: str, keys: list[bytes]
) -> None:
    before = Ring(nodes, 8)
    after = before.with_node(new) if new not in nodes else before
    assert all(after.owner(key) in (before.owner(key), new) for key in keys)


@given(NODES, KEYS, st.data())
def test_a_node_that_leaves_moves_only_its_own_keys(
    nodes: dict[str, int], keys: list[bytes], data: st.DataObject
) -> None:
    ring = Ring({**nodes, "who stays always": 1}, 8)
    gone = data.draw(st.sampled_from(sorted(nodes)))
    after = ring.without(gone)
    for key in keys:
        if ring.owner(key) == gone:
            assert after.owner(key) == next(o for o in ring.owners(key, 2) if o != gone)
        else:
            assert after.owner(key) == ring.owner(key)


@given(NODES, KEYS)
def test_leaving_undoes_joining(nodes: dict[str, int], keys: list[bytes]) -> None:
    ring = Ring(nodes, 8)
    there_and_back = ring.with_node("a node with a long name").without("a node with a long name")
    assert [ring.owner(key) for key in keys] == [there_and_back.owner(key) for key in keys]


@given(st.permutations(["a", "b", "c", "d"]), KEYS)
def test_the_order_of_the_nodes_does_not_matter(nodes: list[str], keys: list[bytes]) -> None:
    assert [Ring(nodes).owner(key) for key in keys] == [Ring("abcd").owner(key) for key in keys]


def test_a_newcomer_takes_its_share_of_keys() -> None:
    before = Ring([f"node{number}" for number in range(9)])
    after = before.with_node("newcomer")
    moved = sum(before.owner(key) != after.owner(key) for key in SAMPLE)
    assert 0.7 < moved / (len(SAMPLE) / 10) < 1.3


def test_more_virtual_nodes_spread_the_load_more_evenly() -> None:
    def most_loaded(vnodes: int) -> float:
        ring = Ring([f"node{number}" for number in range(10)], vnodes)
        return max(Counter(map(ring.owner, SAMPLE)).values()) / (len(SAMPLE) / 10)

    assert most_loaded(1) > 1.8 > 1.3 > most_loaded(128) > most_loaded(2048)


def test_twice_the_weight_is_twice_the_load() -> None:
    counts = Counter(map(Ring({"heavy": 2, "a": 1, "b": 1}, 512).owner, SAMPLE))
    assert counts["heavy"] / len(SAMPLE) == pytest.approx(0.5, abs=0.05)


def test_a_key_on_a_token_belongs_to_it() -> None:
    ring = Ring(["a", "b", "c"], 4)
    for node in "abc":
        for number in range(4):
            assert ring.owner(f"{node}#{number}".encode()) == node


def test_the_walk_wraps_round_the_end() -> None:
    ring = Ring(["a", "b"], 2)
    last, first = max(ring._tokens), min(ring._tokens)
    behind = next(key for key in SAMPLE if hash64(key) > last)
    assert ring.owner(behind) == ring._owners[bisect_left(ring._tokens, first)]


def test_an_empty_ring_has_no_owner() -> None:
    with pytest.raises(EmptyRing):
        Ring([]).owner(b"key")
    with pytest.raises(EmptyRing):
        Ring(["a"]).without("a").owner(b"key")


def test_more_owners_than_nodes_are_refused() -> None:
    with pytest.raises(TooFewNodes, match="3 owners wanted of 2"):
        Ring(["a", "b"]).owners(b"key", 3)


def test_a_stranger_cannot_leave() -> None:
    with pytest.raises(UnknownNode, match="c is not on the ring"):
        Ring(["a", "b"]).without("c")


@pytest.mark.parametrize(
    ("nodes", "vnodes"), [({"a": 0}, 8), ({"a": -1}, 8), ({"a": 1}, 0), ({"a": TOKENS_MAX}, 2)]
)
def test_weights_that_make_no_ring_are_refused(nodes: dict[str, int], vnodes: int) -> None:
    with pytest.raises(BadWeight):
        Ring(nodes, vnodes)
