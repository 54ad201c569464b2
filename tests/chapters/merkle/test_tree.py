"""The tree: one digest for one content, whatever way it came about."""

from hashlib import sha256
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.merkle import BadShape, Path, Tree
from chapters.merkle.tree import DIGEST_BYTES, FANOUT, digest_of_bucket

CONTENTS = st.dictionaries(st.binary(max_size=12), st.binary(max_size=12), max_size=20)
SHAPES = st.sampled_from([1, 16, 256])


def every_digest(tree: Tree) -> list[bytes]:
    """Return all digests, root first, read through the paths that a view offers."""
    found, paths = [tree.root], [()]
    for _ in range(tree.levels):
        found += [digest for path in paths for digest in tree.children(path)]
        paths = [(*path, step) for path in paths for step in range(FANOUT)]
    return found


@given(CONTENTS, SHAPES, st.randoms())
def test_the_order_of_the_pairs_does_not_matter(
    contents: dict[bytes, bytes], buckets: int, rng: Random
) -> None:
    pairs = list(contents.items())
    rng.shuffle(pairs)
    assert every_digest(Tree.of(pairs, buckets)) == every_digest(Tree.of(contents.items(), buckets))


@given(CONTENTS, CONTENTS, SHAPES)
def test_roots_are_equal_only_for_equal_contents(
    one: dict[bytes, bytes], two: dict[bytes, bytes], buckets: int
) -> None:
    roots = [Tree.of(each.items(), buckets).root for each in (one, two)]
    assert (roots[0] == roots[1]) == (one == two)


CHANGES = st.lists(st.tuples(st.binary(max_size=1), st.none() | st.binary(max_size=3)), max_size=25)


@given(CHANGES, SHAPES)
def test_changing_key_by_key_ends_in_the_tree_of_what_is_left(
    changes: list[tuple[bytes, bytes | None]], buckets: int
) -> None:
    tree, model = Tree(buckets), dict[bytes, bytes]()
    for key, digest in changes:
        if digest is None:
            tree.remove(key)
            model.pop(key, None)
        else:
            tree.put(key, digest)
            model[key] = digest
    assert every_digest(tree) == every_digest(Tree.of(model.items(), buckets))


@given(CONTENTS, SHAPES)
def test_every_key_is_in_its_bucket_and_nowhere_else(
    contents: dict[bytes, bytes], buckets: int
) -> None:
    tree = Tree.of(contents.items(), buckets)
    paths: list[Path] = [()]
    for _ in range(tree.levels):
        paths = [(*path, step) for path in paths for step in range(FANOUT)]
    assert len(paths) == buckets
    seen = [(key, number) for number, path in enumerate(paths) for key in tree.entries(path)]
    assert sorted(seen) == sorted((key, tree.bucket(key)) for key in contents)


def test_a_digest_is_made_of_those_below_it() -> None:
    tree = Tree.of([(b"key", b"digest")], buckets=256)
    below = [digest for step in range(FANOUT) for digest in [tree.children(())[step]]]
    assert tree.root == sha256(b"\1" + b"".join(below)).digest()[:DIGEST_BYTES]
    bucket = tree.bucket(b"key")
    leaf = tree.children((bucket // FANOUT,))[bucket % FANOUT]
    assert leaf == digest_of_bucket({b"key": b"digest"})
    pair = b"\0\0\0\3key" + b"\0\0\0\6digest"
    assert leaf == sha256(b"\0" + pair).digest()[:DIGEST_BYTES]


def test_where_a_key_ends_and_its_digest_begins_is_part_of_the_digest() -> None:
    assert digest_of_bucket({b"ab": b"c"}) != digest_of_bucket({b"a": b"bc"})
    assert digest_of_bucket({b"": b""}) != digest_of_bucket({})


def test_keys_spread_evenly_over_buckets() -> None:
    tree = Tree.of(((b"key%d" % number, b"") for number in range(16_000)), buckets=16)
    assert all(900 < len(tree.entries((step,))) < 1100 for step in range(16))


@pytest.mark.parametrize("buckets", [0, -1, 2, 15, 100, 16**5])
def test_a_number_of_buckets_that_makes_no_tree_is_refused(buckets: int) -> None:
    with pytest.raises(BadShape, match="4096"):
        Tree(buckets)
