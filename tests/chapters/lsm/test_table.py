"""Blocks, tables, filters and the cache: what is read is what was written, with few reads."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.lsm import CorruptTable, Tree
from chapters.lsm.block import Entry, decode, encode, entry_bytes, find, verify
from chapters.lsm.cache import BlockCache
from chapters.lsm.layout import table_name, table_number
from chapters.lsm.memtable import ENTRY_BYTES, Memtable
from chapters.lsm.table import Table
from chapters.lsm.writer import TableWriter
from chapters.sim.disk import SimDisk

entries_by_key = st.dictionaries(
    st.binary(max_size=6), st.none() | st.binary(max_size=30), max_size=40
)


class ReadCounting(SimDisk):
    """Counts the reads."""

    reads = 0

    def read(self, name: str, offset: int = 0, size: int | None = None) -> bytes:
        self.reads += 1
        return super().read(name, offset, size)


def disk_of() -> ReadCounting:
    return ReadCounting(rng=Random(7))


def table_of(
    disk: SimDisk, entries: list[Entry], has_filters: bool = True, cache_bytes: int = 0
) -> Table:
    writer = TableWriter(disk=disk, tree="tree", number=7, has_filters=has_filters)
    for entry in entries:
        writer.add(*entry)
    return writer.finish(BlockCache(cache_bytes))


@given(entries_by_key)
def test_a_block_gives_back_its_entries(model: dict[bytes, bytes | None]) -> None:
    entries = sorted(model.items(), key=lambda entry: entry[0])
    block = encode(entries)
    assert decode(verify(block, len(block), "file", 0)) == entries
    assert len(block) == 8 + sum(entry_bytes(*entry) for entry in entries)
    for key in [*model, b"", b"\xff" * 7, *(key + b"\0" for key in model)]:
        assert find(block, key) == ((key, model[key]) if key in model else None)


def test_every_flipped_bit_and_every_cut_of_a_block_is_refused() -> None:
    block = encode([(b"apple", b"red"), (b"grape", None), (b"plum", b"blue")])
    for bit in range(len(block) * 8):
        damaged = bytearray(block)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CorruptTable, match=r"a\.table is damaged at byte 4096: .* checksum"):
            verify(bytes(damaged), len(block), "a.table", 4096)
    for size in range(len(block)):
        with pytest.raises(CorruptTable):
            verify(block[:size], len(block), "a.table", 4096)
        with pytest.raises(CorruptTable):
            verify(block[:size], size, "a.table", 4096)


def numbered(count: int) -> list[Entry]:
    return [(b"%06d" % (2 * number), b"value %d" % number) for number in range(count)]


def test_a_lookup_reads_one_block_and_one_for_an_absent_key_seldom_any() -> None:
    disk = disk_of()
    table = table_of(disk, numbered(20_000))
    disk.reads = 0
    assert table.get(b"019998") == (b"019998", b"value 9999")
    assert disk.reads == 1
    disk.reads = 0
    assert not any(table.get(b"%06d" % number) for number in range(1, 20_001, 2))
    assert 20 < disk.reads < 220, "1 % of 10,000, about"
    plain = table_of(disk_of(), numbered(20_000), has_filters=False)
    assert plain.get(b"019998") == (b"019998", b"value 9999")


def test_a_scan_reads_only_the_blocks_it_passes() -> None:
    disk = disk_of()
    table = table_of(disk, numbered(20_000))
    disk.reads = 0
    found = table.entries(b"010000")
    assert [next(found)[0] for _ in range(100)][-1] == b"010198"
    assert disk.reads <= 2


def test_blocks_are_cached_up_to_a_bound_and_the_last_used_stay() -> None:
    disk = disk_of()
    table = table_of(disk, numbered(5000), cache_bytes=10_000)
    for _ in range(3):
        table.get(b"000000")
    assert disk.reads == 4, "footer, index and filters at opening, and the block once"
    cache = BlockCache(100)
    for number in range(10):
        cache.put(1, number, bytes(30))
        cache.get(1, 0)
        assert cache.size_bytes <= 100
    assert [number for number in range(10) if cache.get(1, number)] == [0, 8, 9]
    cache.put(2, 0, bytes(101))
    assert cache.size_bytes == 0


def test_who_passes_by_only_once_leaves_the_cache_alone() -> None:
    disk = disk_of()
    table = table_of(disk, numbered(5000), cache_bytes=10_000)
    table.get(b"000000")
    assert sum(1 for _ in table.entries(keep=False)) == 5000
    disk.reads = 0
    table.get(b"000000")
    assert disk.reads == 0


def test_a_memtable_knows_about_how_large_it_is() -> None:
    memtable = Memtable()
    for value in (b"v" * 100, b"v", None, b"v" * 10):
        memtable.put([(b"key", value)])
        assert memtable.size_bytes == ENTRY_BYTES + 3 + len(value or b"")


def test_table_names_sort_by_number_and_are_told_from_others() -> None:
    assert table_name("tree", 7) == "tree/000000000007.table"
    assert table_number("tree", "tree/000000000007.table") == 7
    for other in ("tree/manifest", "tree/7.table", "tree/sub/000000000007.table", "tree/x.table"):
        assert table_number("tree", other) is None


def test_filters_are_found_for_every_block_of_a_large_table() -> None:
    disk = disk_of()
    tree = Tree(disk=disk, memtable_bytes_max=1 << 30)
    tree.apply(1, numbered(40_000))
    tree.flush()
    assert all(tree.get(key) == value for key, value in numbered(40_000)[::97])


def test_filters_take_about_ten_bits_a_key() -> None:
    with_filters, without = disk_of(), disk_of()
    table_of(with_filters, numbered(20_000))
    table_of(without, numbered(20_000), has_filters=False)
    bits = 8 * (with_filters.used_bytes - without.used_bytes)
    assert 9 * 20_000 < bits < 11 * 20_000


def test_a_scan_costs_as_much_in_a_large_tree_as_in_a_small_one() -> None:
    """But for one block a table: the next page of a listing starts with a search, not a walk."""
    reads = {}
    for count in (2_000, 60_000):
        disk = disk_of()
        tree = Tree(disk=disk, memtable_bytes_max=150_000, cache_bytes_max=0)
        order = Random(7).sample(numbered(count), count)
        for sequence in range(1, len(order) // 100 + 1):
            tree.apply(sequence, order[(sequence - 1) * 100 : sequence * 100])
        tree.flush()
        disk.reads = 0
        assert len(tree.scan(b"001000", limit=300)) == 300
        reads[count] = disk.reads - 2 * len(tree.tables)
    assert reads[60_000] <= reads[2_000] + 3


@pytest.mark.parametrize("reverse", [False, True])
def test_a_walk_reads_ahead_and_yields_what_one_block_at_a_time_would(reverse):
    disk = disk_of()
    entries: list[Entry] = [(b"%06d" % number, b"x" * 400) for number in range(5_000)]
    table = table_of(disk, entries)
    disk.reads = 0
    low, high = 700, 4_321
    walked = list(table.entries(entries[low][0], entries[high][0], reverse=reverse))
    assert walked == (entries[low:high][::-1] if reverse else entries[low:high])
    assert disk.reads < (high - low) // 9 // 10  # nine entries are a block


def test_a_walk_that_ends_early_has_read_one_block():
    disk = disk_of()
    table = table_of(disk, [(b"%06d" % number, b"x" * 400) for number in range(5_000)])
    disk.reads = 0
    next(table.entries(b"000100"))
    assert disk.reads == 1


def test_large_entries_are_read_one_at_a_time():
    disk = disk_of()
    entries: list[Entry] = [(b"%d" % number, bytes(100_000)) for number in range(5)]
    table = table_of(disk, entries)
    for reverse in (False, True):
        disk.reads = 0
        assert len(list(table.entries(reverse=reverse))) == disk.reads == 5


def test_a_walk_over_blocks_of_which_some_are_cached_counts_none_twice():
    disk = disk_of()
    entries: list[Entry] = [(b"%06d" % number, b"x" * 400) for number in range(500)]
    table = table_of(disk, entries, cache_bytes=10_000_000)
    for number in range(0, 500, 37):
        assert table.get(entries[number][0]) == entries[number]
    assert list(table.entries()) == entries
    disk.reads = 0
    assert list(table.entries()) == entries and disk.reads == 0
    assert table._cache.size_bytes == sum(map(len, table._cache._blocks.values()))
