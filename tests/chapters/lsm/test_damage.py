"""Small tables: undamaged they give back what was written; of damage, no bit goes unnoticed."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.lsm import CorruptTable, Tree
from chapters.lsm.cache import BlockCache
from chapters.lsm.memtable import ENTRY_BYTES
from chapters.lsm.writer import TableWriter
from chapters.sim.disk import SimDisk

pytestmark = pytest.mark.usefixtures("small_numbers")


def small_tree(disk: SimDisk) -> Tree:
    return Tree(disk=disk, memtable_bytes_max=20 * ENTRY_BYTES, cache_bytes_max=300)


def content(tree: Tree) -> dict[bytes, bytes]:
    return dict(tree.scan(b"", limit=10_000))


entries_by_key = st.dictionaries(
    st.binary(max_size=6), st.none() | st.binary(max_size=30), max_size=40
)


@given(
    entries_by_key.filter(bool),
    st.binary(max_size=6),
    st.none() | st.binary(max_size=6),
    st.booleans(),
)
def test_a_table_gives_back_its_entries(
    model: dict[bytes, bytes | None], start: bytes, stop: bytes | None, has_filters: bool
) -> None:
    entries = sorted(model.items(), key=lambda entry: entry[0])
    writer = TableWriter(
        disk=SimDisk(rng=Random(7)), tree="tree", number=7, has_filters=has_filters
    )
    for entry in entries:
        writer.add(*entry)
    table = writer.finish(BlockCache(300))
    assert table.entries_count == len(entries)
    assert list(table.entries()) == entries
    assert list(table.entries(reverse=True)) == entries[::-1]
    inside = [each for each in entries if start <= each[0] and (stop is None or each[0] < stop)]
    assert list(table.entries(start, stop)) == inside
    assert list(table.entries(start, stop, reverse=True)) == inside[::-1]
    for key in [*model, start, *(key + b"\0" for key in model)]:
        assert table.get(key) == ((key, model[key]) if key in model else None)


def flushed_disk() -> tuple[SimDisk, dict[bytes, bytes]]:
    disk = SimDisk(rng=Random(7))
    tree = small_tree(disk)
    model = {b"key %d" % number: b"value" for number in range(10)}
    tree.apply(1, [*model.items(), (b"gone", None)])
    tree.flush()
    return disk, model


def test_no_flipped_bit_of_a_table_ever_gives_a_wrong_answer() -> None:
    disk, model = flushed_disk()
    [name] = disk.names("tree/0")
    for bit in range(disk.size(name) * 8):
        disk.flip_bit(name, bit // 8, bit % 8)
        with pytest.raises(CorruptTable, match=rf"{name} is damaged at byte \d+"):
            assert content(small_tree(disk)) == model
        disk.flip_bit(name, bit // 8, bit % 8)
    assert content(small_tree(disk)) == model


def test_damage_names_the_file_and_the_offset_and_spares_the_other_blocks() -> None:
    disk, _ = flushed_disk()
    [name] = disk.names("tree/0")
    disk.flip_bit(name, 20)
    tree = small_tree(disk)
    assert tree.get(b"key 9") == b"value"
    with pytest.raises(CorruptTable) as caught:
        tree.get(b"key 0")
    assert (caught.value.file, caught.value.offset) == (name, 0)


def test_a_merge_refuses_damage_rather_than_write_it_on() -> None:
    disk, model = flushed_disk()
    tree = small_tree(disk)
    tree.apply(2, [(b"new %02d" % number, b"v") for number in range(20)])
    tree.flush()
    name = disk.names("tree/0")[0]
    disk.flip_bit(name, 20)
    before = disk.names()
    with pytest.raises(CorruptTable):
        tree.compact(1000)
    assert disk.names() == before
    disk.flip_bit(name, 20)
    assert tree.compact(1000)
    assert len(content(tree)) == len(model) + 20


def test_a_cut_or_missing_table_is_refused_at_opening() -> None:
    for size in (0, 10, 200):
        disk, _ = flushed_disk()
        [name] = disk.names("tree/0")
        disk.truncate(name, size)
        with pytest.raises(CorruptTable, match=name):
            small_tree(disk)
    disk.remove(name)
    with pytest.raises(CorruptTable, match="the manifest names it and it is gone"):
        small_tree(disk)


def test_every_flipped_bit_of_the_manifest_is_refused_and_so_is_its_absence() -> None:
    disk, _ = flushed_disk()
    for bit in range(disk.size("tree/manifest") * 8):
        disk.flip_bit("tree/manifest", bit // 8, bit % 8)
        with pytest.raises(CorruptTable, match="tree/manifest is damaged"):
            small_tree(disk)
        disk.flip_bit("tree/manifest", bit // 8, bit % 8)
    disk.remove("tree/manifest")
    with pytest.raises(CorruptTable, match="there are tables"):
        small_tree(disk)
    assert disk.names("tree/0"), "nothing was removed"
