"""A tree answers as a dict does, whatever was flushed, merged, closed and opened in between."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.errors import Definite, Indefinite
from chapters.lsm import CorruptTable, EntryTooLarge, Tree, TreeUnsure, UnsortedItems
from chapters.lsm import tree as tree_module
from chapters.lsm.block import Entry
from chapters.lsm.memtable import ENTRY_BYTES
from chapters.lsm.tree import KEY_BYTES_MAX
from chapters.sim.disk import SimDisk
from chapters.sim.errors import DiskFull, SyncFailed
from chapters.sim.real import RealDisk

pytestmark = pytest.mark.usefixtures("small_numbers")
MEMTABLE_BYTES = 6 * (ENTRY_BYTES + 20)


def small_tree(disk: SimDisk, **knobs: Any) -> Tree:
    return Tree(disk=disk, memtable_bytes_max=MEMTABLE_BYTES, cache_bytes_max=300, **knobs)


def content(tree: Tree) -> dict[bytes, bytes]:
    return dict(tree.scan(b"", limit=10_000))


def applied_to(model: dict[bytes, bytes], batch: list[Entry]) -> None:
    """Do to the dict what `apply` does to a tree."""
    for key, value in batch:
        if value is None:
            model.pop(key, None)
        else:
            model[key] = value


def compact_all(tree: Tree) -> None:
    while tree.compact(5):
        pass


def disk_of(**knobs: Any) -> SimDisk:
    return SimDisk(rng=Random(7), **knobs)


keys = st.binary(max_size=2) | st.sampled_from([b"a", b"b", b"c", b"aa", b"b\x00"])
values = st.none() | st.binary(max_size=9)
batches = st.lists(st.tuples(keys, values), max_size=4)
ranges = st.tuples(keys, st.none() | keys, st.integers(1, 6), st.booleans())
steps = st.lists(
    st.tuples(st.just("apply"), batches)
    | st.tuples(st.just("scan"), ranges)
    | st.tuples(st.sampled_from(["flush", "step", "compact", "reopen", "replace"]), st.none()),
    max_size=60,
)


def expected_scan(model: dict[bytes, bytes], query: tuple[Any, ...]) -> list[tuple[bytes, bytes]]:
    start, stop, limit, reverse = query
    inside = [key for key in model if start <= key and (stop is None or key < stop)]
    return [(key, model[key]) for key in sorted(inside, reverse=reverse)[:limit]]


@settings(max_examples=300)
@given(steps=steps, has_filters=st.booleans())
def test_a_tree_answers_as_a_dict_does(steps: list[tuple[str, Any]], has_filters: bool) -> None:
    disk = disk_of()
    tree = small_tree(disk, has_filters=has_filters)
    model: dict[bytes, bytes] = {}
    sequence = 0
    for step, argument in steps:
        if step == "apply":
            sequence += 2
            tree.apply(sequence, argument)
            applied_to(model, argument)
            assert tree.applied == sequence
        elif step == "scan":
            start, stop, limit, reverse = argument
            found = tree.scan(start, stop, limit=limit, reverse=reverse)
            assert found == expected_scan(model, argument)
        elif step == "reopen":
            assert tree.flush() == sequence
            tree = small_tree(disk)
            assert (tree.flushed, tree.applied) == (sequence, sequence)
        elif step == "replace":
            model = {key + b"!": value for key, value in list(model.items())[::2]}
            sequence += 1
            tree.replace(sequence, sorted(model.items()))
        else:
            _ = tree.flush() if step == "flush" else tree.compact(2 if step == "step" else 999)
        for key in (b"a", b"b", b"aa", b"never"):
            assert tree.get(key) == model.get(key)
    assert content(tree) == dict(tree.dump()) == model
    assert list(content(tree)) == sorted(model)
    for key in [*model, *(key + b"\x00" for key in model)]:
        assert tree.get(key) == model.get(key)


def test_a_restarted_tree_is_the_same_tree() -> None:
    rng, disk = Random(3), disk_of()
    tree, model = small_tree(disk), {}
    for sequence in range(1, 400):
        batch = [(b"%02d" % rng.randrange(100), rng.choice([None, b"v%d" % sequence]))]
        tree.apply(sequence, batch)
        applied_to(model, batch)
    tree.flush()
    again = small_tree(disk)
    assert content(again) == content(tree) == model
    assert (again.tables, again.flushed) == (tree.tables, tree.flushed) == (tree.tables, 399)


def test_a_new_tree_is_empty_and_has_applied_nothing() -> None:
    tree = Tree(disk=disk_of())
    assert (tree.applied, tree.flushed, tree.flush(), tree.tables) == (0, 0, 0, [])
    assert (tree.get(b"k"), tree.scan(b"", limit=9), list(tree.dump())) == (None, [], [])
    assert not tree.compact()


def test_of_two_entries_for_a_key_in_one_batch_the_later_counts() -> None:
    tree = Tree(disk=disk_of())
    tree.apply(1, [(b"k", b"1"), (b"k", None), (b"l", b"1"), (b"l", b"2")])
    assert (tree.get(b"k"), tree.get(b"l")) == (None, b"2")


def test_an_empty_value_is_a_value() -> None:
    tree = Tree(disk=disk_of())
    tree.apply(1, [(b"", b""), (b"k", b"")])
    tree.flush()
    assert tree.scan(b"", limit=9) == [(b"", b""), (b"k", b"")]
    assert tree.get(b"") == b""


def test_a_sequence_applied_before_is_a_bug_of_the_caller() -> None:
    tree = Tree(disk=disk_of())
    tree.apply(5, [])
    with pytest.raises(AssertionError, match="batch 5 was applied"):
        tree.apply(5, [])


def test_flushing_batches_without_entries_still_says_how_far_we_are() -> None:
    disk = disk_of()
    tree = Tree(disk=disk)
    tree.apply(8, [])
    assert tree.flush() == 8
    assert (Tree(disk=disk).applied, tree.tables) == (8, [])


def test_an_entry_over_the_limit_is_refused_with_its_whole_batch() -> None:
    tree = Tree(disk=disk_of())
    with pytest.raises(EntryTooLarge, match=f"limit of {KEY_BYTES_MAX}"):
        tree.apply(1, [(b"k", b"v"), (bytes(KEY_BYTES_MAX + 1), b"v")])
    assert (tree.get(b"k"), tree.applied) == (None, 0)


def test_two_trees_on_one_disk_do_not_mix() -> None:
    disk = disk_of()
    names, sizes = small_tree(disk, name="names"), small_tree(disk, name="names2")
    names.apply(1, [(b"k", b"name")])
    sizes.apply(9, [(b"k", b"size")])
    names.flush(), sizes.flush()
    assert small_tree(disk, name="names").get(b"k") == b"name"
    assert small_tree(disk, name="names2").get(b"k") == b"size"


def test_opening_removes_no_file_that_is_not_its_own() -> None:
    disk = disk_of()
    inner = small_tree(disk, name="tree/inner")
    inner.apply(1, [(b"k", b"v")])
    inner.flush()
    disk.append("tree/journal", b"the caller's log")
    disk.append("tree/000000000009.table", b"half a table")
    before = disk.names()
    with pytest.raises(CorruptTable, match="it was here, and it is gone"):
        small_tree(disk)
    disk.remove("tree/000000000009.table")
    small_tree(disk)
    disk.append("tree/000000000009.table", b"half a table")
    small_tree(disk)
    gone = set(before) - set(disk.names())
    assert gone == {"tree/000000000009.table"}


def test_a_dump_shows_the_moment_it_was_asked_for_and_then_lets_the_files_go() -> None:
    disk = disk_of()
    tree = small_tree(disk)
    for sequence in range(1, 60):
        tree.apply(sequence, [(b"%02d" % sequence, b"old")])
    dump = tree.dump()
    first = next(dump)
    for sequence in range(60, 119):
        tree.apply(sequence, [(b"%02d" % (sequence - 59), None)])
    compact_all(tree)
    tree.replace(200, [(b"new", b"content")])
    assert [first, *dump] == [(b"%02d" % number, b"old") for number in range(1, 60)]
    assert len(disk.names("tree/")) > 2
    tree.flush()
    assert len(disk.names("tree/")) == 2, "the manifest and one table"


def test_a_dump_that_was_broken_off_holds_no_files() -> None:
    disk = disk_of()
    tree = small_tree(disk)
    for sequence in range(1, 60):
        tree.apply(sequence, [(b"%02d" % sequence, b"v")])
    dump = tree.dump()
    next(dump)
    tree.replace(60, [])
    assert len(disk.names("tree/")) > 1
    del dump
    tree.flush()
    assert disk.names("tree/") == ["tree/manifest"]


def test_replacing_the_content_takes_the_place_of_everything() -> None:
    disk = disk_of()
    tree = small_tree(disk)
    for sequence in range(1, 40):
        tree.apply(sequence, [(b"%02d" % sequence, b"mine")])
    tree.replace(20, [(b"05", b"theirs"), (b"77", b"theirs")])
    assert (tree.applied, tree.flushed) == (20, 20)
    tree.apply(21, [(b"05", None)])
    assert content(tree) == {b"77": b"theirs"}
    tree.replace(21, [])
    assert (content(tree), tree.tables, disk.names()) == ({}, [], ["tree/manifest"])


def test_items_out_of_order_replace_nothing() -> None:
    disk = disk_of()
    tree = small_tree(disk)
    tree.apply(1, [(b"k", b"v")])
    many = [(b"%03d" % number, bytes(40)) for number in range(50)]
    for last in (b"049", b"010"):
        with pytest.raises(UnsortedItems, match="ascending"):
            tree.replace(9, [*many, (last, b"")])
    assert (content(tree), tree.applied, disk.names()) == ({b"k": b"v"}, 1, ["tree/manifest"])
    assert tree.flush() == 1


@pytest.mark.parametrize("capacity_bytes", range(1900, 2100, 10))
def test_a_full_disk_is_definite_and_takes_nothing_of_the_batch(capacity_bytes: int) -> None:
    """Full while a table is written, or a merge, or, for some of the sizes, the manifest."""
    disk = disk_of(capacity_bytes=capacity_bytes)
    disk.append("ballast", bytes(1000))
    tree, model, sequence = small_tree(disk), {}, 0

    def write(until: int) -> None:
        nonlocal sequence
        while sequence < until:
            batch = [(b"%03d" % sequence, b"v"), (b"%03d" % (sequence // 2), None)]
            tree.apply(sequence + 1, batch)
            sequence += 1
            applied_to(model, batch)

    with pytest.raises(DiskFull):
        write(10_000)
    assert content(tree) == model
    assert tree.applied == sequence
    disk.remove("ballast")
    write(sequence + 10)
    tree.flush()
    assert content(small_tree(disk)) == model


class FailingManifest(SimDisk):
    """Fails every sync of the manifest's new content."""

    def sync(self, name: str) -> None:
        if name.endswith("manifest.tmp") and self.names("tree/0"):
            self.fail_syncs(1)
        super().sync(name)


def test_a_table_that_cannot_be_synced_is_removed_and_written_anew() -> None:
    disk = disk_of()
    tree = small_tree(disk)
    tree.apply(1, [(b"k", b"v")])
    disk.fail_syncs(1)
    with pytest.raises(SyncFailed):
        tree.flush()
    assert (disk.names(), tree.flushed) == (["tree/manifest"], 0)
    assert tree.flush() == 1
    disk.crash()
    assert content(small_tree(disk)) == {b"k": b"v"}


def test_after_a_failed_change_of_the_manifest_a_tree_reads_but_writes_no_more() -> None:
    disk = FailingManifest(rng=Random(7))
    tree = small_tree(disk)
    tree.apply(1, [(b"k", b"v")])
    with pytest.raises(SyncFailed):
        tree.flush()
    assert (tree.get(b"k"), tree.flushed) == (b"v", 0)
    for write in (tree.flush, lambda: tree.replace(2, [])):
        with pytest.raises(TreeUnsure, match="open the tree again"):
            write()
    again = small_tree(disk)
    assert (again.flushed, disk.names("tree/m")) == (0, ["tree/manifest"])
    disk.crash()
    assert small_tree(disk).flushed == 0
    assert issubclass(TreeUnsure, Indefinite) and issubclass(CorruptTable, Definite)


def test_a_replacement_that_breaks_off_changes_nothing() -> None:
    disk = disk_of()
    tree = small_tree(disk)
    tree.apply(1, [(b"k", b"v")])

    def items() -> Iterator[tuple[bytes, bytes]]:
        yield from ((b"%03d" % number, bytes(40)) for number in range(50))
        raise ConnectionError

    with pytest.raises(ConnectionError):
        tree.replace(9, items())
    assert (content(tree), tree.flush()) == ({b"k": b"v"}, 1)
    assert len(disk.names()) == 2


class NamesFirst(SimDisk):
    """Refuses a manifest while a table's name could still be lost."""

    def rename(self, old: str, new: str) -> None:
        assert set(self.names("tree/0")) <= set(self._durable_names)
        super().rename(old, new)


def test_a_table_has_a_safe_name_before_the_manifest_names_it() -> None:
    tree = small_tree(NamesFirst(rng=Random(7)))
    for sequence in range(1, 100):
        tree.apply(sequence, [(b"%03d" % sequence, b"v")])
    tree.replace(100, [(b"k", b"v")])


def test_writers_pay_for_the_merging_as_they_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_module, "PACE", 16)
    tree, most = small_tree(disk_of()), 0
    for sequence in range(1, 3000):
        tree.apply(sequence, [(b"%04d" % sequence, b"v")])
        most = max(most, len(tree.tables))
    assert most <= 18, "twice log2 of the 500 flushes; far below TABLES_MAX"


def test_the_number_of_tables_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_module, "TABLES_MAX", 8)
    monkeypatch.setattr(tree_module, "PACE", 0)
    most = 0
    tree, rng = small_tree(disk_of()), Random(7)
    for sequence in range(1, 400):
        tree.apply(sequence, [(b"%03d" % rng.randrange(1000), b"v")])
        most = max(most, len(tree.tables))
    assert most == 8


def test_merging_gives_back_the_space_of_what_was_deleted() -> None:
    disk = disk_of()
    tree = small_tree(disk)
    for sequence in range(1, 200):
        tree.apply(sequence, [(b"%03d" % sequence, b"v")])
    for sequence in range(200, 399):
        tree.apply(sequence, [(b"%03d" % (sequence - 199), None)])
    tree.flush()
    compact_all(tree)
    assert sum(tree.tables) == 0
    assert disk.names() == ["tree/manifest"]


def test_a_real_disk_will_do(tmp_path) -> None:
    with RealDisk(tmp_path) as disk:
        tree, rng, model = Tree(disk=disk, memtable_bytes_max=100_000), Random(7), {}
        for sequence in range(1, 300):
            batch = [(b"key %d" % rng.randrange(5000), b"v%d" % sequence) for _ in range(20)]
            tree.apply(sequence, batch)
            applied_to(model, batch)
        tree.flush()
        compact_all(tree)
        again = Tree(disk=disk)
        assert list(again.dump()) == sorted(model.items())
        assert all(again.get(key) == value for key, value in model.items())
