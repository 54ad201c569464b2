"""The walk: exactly what differs, and little more is asked than must be."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.merkle import BadAnswer, Counted, Difference, DifferentShapes, Path, Tree, differences
from chapters.merkle.story import compared, demo, drifted, replica
from chapters.merkle.tree import FANOUT

CONTENTS = st.dictionaries(st.binary(max_size=2), st.binary(max_size=2), max_size=40)
SHAPES = st.sampled_from([1, 16, 256])


@given(CONTENTS, CONTENTS, SHAPES)
def test_exactly_the_differing_keys_are_found(
    one: dict[bytes, bytes], two: dict[bytes, bytes], buckets: int
) -> None:
    found = list(differences(Tree.of(one.items(), buckets), Tree.of(two.items(), buckets)))
    keys = [each.key for each in found]
    assert len(keys) == len(set(keys))
    assert set(keys) == {key for key, _ in one.items() ^ two.items()}
    assert all((each.mine, each.theirs) == (one.get(each.key), two.get(each.key)) for each in found)


@given(CONTENTS, CONTENTS, SHAPES)
def test_repairing_what_was_found_makes_the_replicas_equal(
    one: dict[bytes, bytes], two: dict[bytes, bytes], buckets: int
) -> None:
    mine, theirs = Tree.of(one.items(), buckets), Tree.of(two.items(), buckets)
    for each in list(differences(mine, theirs)):
        if each.theirs is None:
            mine.remove(each.key)
        else:
            mine.put(each.key, each.theirs)
    assert mine.root == theirs.root
    assert list(differences(mine, theirs)) == []


@settings(max_examples=20)
@given(st.integers(0, 60), st.integers(0, 2**32))
def test_no_more_than_one_node_a_level_is_asked_for_each_difference(count: int, seed: int) -> None:
    rng = Random(seed)
    mine = replica(rng, 500)
    theirs = Counted(Tree.of(drifted(rng, mine, count).items()))
    found = list(differences(Tree.of(mine.items()), theirs))
    assert len(found) == count
    assert theirs.messages <= 1 + 3 * count, "the root; then two inner levels and a bucket each"


def test_equal_replicas_cost_one_message() -> None:
    mine = replica(Random(7), 100)
    theirs = Counted(Tree.of(mine.items()))
    assert list(differences(Tree.of(mine.items()), theirs)) == []
    assert (theirs.messages, theirs.bytes) == (1, 16 * FANOUT)


def test_ten_of_ten_thousand_cost_two_per_cent_of_everything() -> None:
    rng = Random(7)
    mine = replica(rng, 10_000)
    seen = compared(mine, drifted(rng, mine, 10), 4096)
    assert seen.found == 10 and seen.is_exact
    assert seen.bytes < 0.03 * 32 * 10_000


def test_the_bytes_counted_are_those_of_paths_digests_and_keys() -> None:
    theirs = Counted(Tree.of([(b"key", b"digest")], buckets=16))
    (found,) = differences(Tree(16), theirs)
    assert found == Difference(b"key", None, b"digest")
    assert (theirs.messages, theirs.bytes) == (2, 16 * FANOUT + 1 + len(b"key" + b"digest"))


def test_nothing_is_asked_before_somebody_wants_to_know() -> None:
    theirs = Counted(Tree.of([(b"key", b"digest")]))
    found = differences(Tree(), theirs)
    assert theirs.messages == 0
    next(found)
    assert theirs.messages == 4


def test_trees_of_different_shapes_are_not_compared() -> None:
    with pytest.raises(DifferentShapes, match="256 buckets, theirs 16"):
        list(differences(Tree(256), Tree(16)))


class Garbled:
    """A peer that answers with so many digests."""

    buckets = 16

    def __init__(self, digests: int) -> None:
        self.digests = digests

    def children(self, path: Path) -> list[bytes]:
        return [b"digest"] * self.digests

    def entries(self, path: Path) -> dict[bytes, bytes]:
        return {}


@pytest.mark.parametrize("digests", [0, 1, 15, 17, 1000])
def test_an_answer_of_the_wrong_length_is_refused(digests: int) -> None:
    with pytest.raises(BadAnswer, match=f"{digests} digests"):
        list(differences(Tree(16), Garbled(digests)))


def test_the_demonstration_finds_every_difference(capsys: pytest.CaptureFixture[str]) -> None:
    demo(seed=3, keys=300, buckets=256)
    shown = capsys.readouterr().out
    assert shown.count("✔") == 4 and "✘" not in shown
