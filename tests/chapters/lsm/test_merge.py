"""Merging: the newest wins, tombstones hide, only the heads are held; and which tables to merge."""

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chapters.lsm.block import Entry
from chapters.lsm.compaction import TABLE_ENTRIES_LEAST, tables_to_merge
from chapters.lsm.merge import merge

run = st.dictionaries(st.binary(max_size=1), st.none() | st.binary(max_size=2), max_size=8)


@given(st.lists(run, max_size=5), st.booleans(), st.booleans())
def test_a_merge_is_the_older_dict_updated_by_the_newer(
    newest_first: list[dict[bytes, bytes | None]], tombstones: bool, reverse: bool
) -> None:
    model: dict[bytes, bytes | None] = {}
    for each in reversed(newest_first):
        model.update(each)
    expected = [
        (key, model[key])
        for key in sorted(model, reverse=reverse)
        if tombstones or model[key] is not None
    ]
    runs = [[(key, each[key]) for key in sorted(each, reverse=reverse)] for each in newest_first]
    assert list(merge(runs, tombstones=tombstones, reverse=reverse)) == expected


def test_a_deletion_hides_what_is_older_and_only_that() -> None:
    runs: list[list[Entry]] = [[(b"k", b"reborn")], [(b"j", None), (b"k", None)], [(b"j", b"old")]]
    assert list(merge(runs, tombstones=False)) == [(b"k", b"reborn")]
    assert list(merge(runs, tombstones=True)) == [(b"j", None), (b"k", b"reborn")]


def test_a_merge_holds_one_entry_of_each_run() -> None:
    taken = 0

    def counted(parity: int) -> Iterator[Entry]:
        nonlocal taken
        for number in range(parity, 2000, 2):
            taken += 1
            yield b"%04d" % number, b"v"

    merged = merge([counted(0), counted(1)], tombstones=False)
    assert [next(merged)[0] for _ in range(10)] == [b"%04d" % number for number in range(10)]
    assert taken <= 12


def rested(entries: list[int]) -> tuple[list[int], int]:
    """Flush tables of those sizes one by one, merging as the rule says; count what is rewritten."""
    tables: list[int] = []
    written = 0
    for count in entries:
        tables.insert(0, count)
        while chosen := tables_to_merge(tables):
            tables[:chosen] = [sum(tables[:chosen])]
            written += tables[0]
    return tables, written


@given(st.lists(st.integers(1, 20_000), min_size=1, max_size=120))
def test_at_rest_each_table_outweighs_all_newer_ones(entries: list[int]) -> None:
    tables, written = rested(entries)
    assert sum(tables) == sum(entries)
    for index in range(1, len(tables)):
        newer = sum(max(count, TABLE_ENTRIES_LEAST) for count in tables[:index])
        assert max(tables[index], TABLE_ENTRIES_LEAST) > newer
    assert len(tables) <= sum(entries).bit_length() + 1
    assert (
        written <= (sum(entries) + len(entries) * TABLE_ENTRIES_LEAST) * sum(entries).bit_length()
    )


def test_equal_flushes_make_tables_as_counting_in_binary_does() -> None:
    assert rested([5000] * 13)[0] == [5000, 20_000, 40_000]
    assert rested([5000] * 16)[0] == [80_000]


def test_small_tables_are_merged_whatever_their_sizes() -> None:
    assert tables_to_merge([1, 900]) == 2
    assert tables_to_merge([1, TABLE_ENTRIES_LEAST + 1]) == 0
    assert all(newer < older for newer, older in pairwise(rested([1] * 5000)[0]))
