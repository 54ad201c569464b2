"""Term, vote and entries through crashes: what was saved is there, whatever was dropped meanwhile."""

from contextlib import suppress
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.raft.errors import StateMismatch
from chapters.raft.journal import Journal
from chapters.raft.messages import Entry
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed, DiskFull


def disk_of(**options) -> SimDisk:
    return SimDisk(rng=Random(7), **options)


def entries(first: int, *terms: int) -> list[Entry]:
    return [Entry(index, term, b"command %d" % index) for index, term in enumerate(terms, first)]


def held(journal: Journal) -> list[tuple[int, int]]:
    indices = range(journal.base_index + 1, journal.last_index + 1)
    return [(index, journal.entry(index).term) for index in indices]


def test_term_vote_and_entries_are_there_after_a_crash():
    disk = disk_of()
    journal = Journal(disk=disk)
    journal.save(3, "b")
    journal.append(entries(1, 1, 1, 2))
    disk.crash()
    again = Journal(disk=disk)
    assert (again.term, again.vote) == (3, "b")
    assert held(again) == [(1, 1), (2, 1), (3, 2)]
    assert (again.last_index, again.last_term) == (3, 2)


def test_a_later_entry_overrides_and_takes_those_behind_it_away():
    disk = disk_of()
    journal = Journal(disk=disk)
    journal.append(entries(1, 1, 1, 1, 1))
    journal.append(entries(2, 2))
    assert held(journal) == held(Journal(disk=disk)) == [(1, 1), (2, 2)]


def test_saving_what_is_saved_costs_nothing():
    disk = disk_of()
    journal = Journal(disk=disk)
    journal.save(1, "a")
    before = disk.operations
    journal.save(1, "a")
    assert disk.operations == before


def test_a_batch_costs_one_write_and_one_sync():
    disk = disk_of()
    journal = Journal(disk=disk)
    journal.save(1, None)
    before = disk.operations
    journal.append(entries(1, *[1] * 100))
    assert disk.operations - before == 2


def test_a_full_disk_changes_nothing():
    journal = Journal(disk=disk_of(capacity_bytes=200))
    journal.append(entries(1, 1))
    with pytest.raises(DiskFull):
        journal.append(entries(1, *[2] * 50))
    assert held(journal) == [(1, 1)]
    journal.append(entries(2, 1))
    assert held(journal) == [(1, 1), (2, 1)]


def test_compacting_keeps_the_rest_and_drops_segments():
    disk = disk_of()
    journal = Journal(disk=disk, segment_bytes_max=200)
    journal.save(5, "c")
    for index in range(1, 41):
        journal.append(entries(index, 1 + index // 20))
    segments = len(disk.names())
    journal.compact(30)
    assert len(disk.names()) < segments / 2
    disk.crash()
    again = Journal(disk=disk, flushed=30, segment_bytes_max=200)
    assert (again.base_index, again.base_term, again.term, again.vote) == (30, 2, 5, "c")
    assert held(again) == held(journal)
    assert again.holds(12, 99), "what was dropped was committed"
    assert again.term_at(30) == 2
    assert again.term_at(29) is None


def test_everything_may_be_compacted():
    disk = disk_of()
    journal = Journal(disk=disk)
    journal.append(entries(1, 1, 1))
    journal.compact(2)
    again = Journal(disk=disk, flushed=2)
    assert (again.last_index, again.last_term) == (2, 1)
    again.append(entries(3, 1))
    assert held(Journal(disk=disk, flushed=2)) == [(3, 1)]


def test_a_machine_that_lost_what_was_compacted_is_noticed():
    disk = disk_of()
    journal = Journal(disk=disk)
    journal.append(entries(1, 1, 1, 1))
    journal.compact(3)
    with pytest.raises(StateMismatch, match="entries up to 3 went to it, and it has 2"):
        Journal(disk=disk, flushed=2)


def test_an_announced_snapshot_counts_only_once_the_machine_has_it():
    disk = disk_of()
    journal = Journal(disk=disk)
    journal.append(entries(1, 1, 1))
    journal.announce(50, 4)
    assert held(Journal(disk=disk, flushed=0)) == [(1, 1), (2, 1)]
    assert Journal(disk=disk, flushed=50).last_index == 50
    assert Journal(disk=disk, flushed=50).last_term == 4


def test_a_journal_goes_on_after_a_snapshot_that_never_came():
    disk = disk_of()
    journal = Journal(disk=disk)
    journal.append(entries(1, 1, 1))
    journal.announce(4, 2)
    again = Journal(disk=disk, flushed=0)
    again.append(entries(3, 2, 2, 2))
    assert held(Journal(disk=disk, flushed=0)) == [(1, 1), (2, 1), (3, 2), (4, 2), (5, 2)]
    assert held(Journal(disk=disk, flushed=4)) == [(5, 2)], "the machine came there by itself"


step = st.one_of(
    st.tuples(st.just("save"), st.integers(0, 2), st.sampled_from([None, "a", "b"])),
    st.tuples(st.just("append"), st.integers(1, 6), st.integers(1, 4)),
    st.tuples(st.just("compact"), st.integers(0, 6), st.just(None)),
    st.tuples(st.just("install"), st.integers(1, 9), st.just(None)),
)


@settings(max_examples=80)
@given(st.lists(step, max_size=25), st.integers(0, 400))
def test_opening_finds_what_a_list_would_hold(steps, segment_bytes):
    """The model: a term, a vote, a base, a list; the journal is opened afresh after every step."""
    disk, flushed = disk_of(), 0
    term, vote, base, log = 0, None, (0, 0), []
    for kind, one, other in steps:
        journal = Journal(disk=disk, flushed=flushed, segment_bytes_max=segment_bytes + 60)
        assert (journal.term, journal.vote) == (term, vote)
        assert (journal.base_index, journal.base_term) == base
        assert held(journal) == log
        last = base[0] + len(log)
        if kind == "save":
            term, vote = term + one, other if one else vote
            journal.save(term, vote)
        elif kind == "append":
            first = max(base[0] + 1, last + 2 - one)
            term = max(term, 1)
            journal.append(entries(first, *[term] * other))
            log = [each for each in log if each[0] < first]
            log += [(index, term) for index in range(first, first + other)]
            journal.save(term, vote)
        elif kind == "compact" and one < len(log):
            base, log = log[one], log[one + 1 :]
            flushed = base[0]
            journal.compact(base[0])
        elif kind == "install":
            base, log = (last + one, term), []
            journal.announce(*base)
            flushed = base[0]
            journal.install(*base)


@pytest.mark.parametrize("seed", range(4))
def test_a_crash_at_any_write_leaves_what_was_returned_from(seed):
    write = 0
    while crash_at(write, seed):
        write += 1
    assert write > 30


def crash_at(write: int, seed: int) -> bool:
    """Crash at one write; return whether it came to that."""
    disk = SimDisk(rng=Random(f"{seed}/{write}"))
    disk.crash_after(write)
    flushed, terms, sure, kept, new = 0, [0], [], [], []
    with suppress(Crashed):
        journal = Journal(disk=disk, segment_bytes_max=150)
        for term in range(1, 9):
            terms.append(term)
            journal.save(term, "a")
            terms = [term]
            first = max(journal.base_index + 1, journal.last_index)
            kept = behind(sure, 0, first - 1)
            new = [(index, term) for index in range(first, first + 3)]
            journal.append(entries(first, term, term, term))
            sure = kept = kept + new
            new = []
            if term % 3 == 0:
                flushed = first
                journal.compact(first)
        return False
    disk.crash()
    found = Journal(disk=disk, flushed=flushed, segment_bytes_max=150)
    # A batch may survive in part, from its beginning; what it overrides is gone with its first.
    allowed = [sure, *(kept + new[:count] for count in range(1, len(new) + 1))]
    assert found.term in terms
    assert found.vote == ("a" if found.term else None)
    assert held(found) in [behind(each, found.base_index, 99) for each in allowed]
    return True


def behind(log: list[tuple[int, int]], base: int, last: int) -> list[tuple[int, int]]:
    return [each for each in log if base < each[0] <= last]
