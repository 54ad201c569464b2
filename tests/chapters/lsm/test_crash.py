"""Power cuts at every write: flushed is there, applying the rest again is right, nothing comes back."""

from random import Random
from typing import Any

import pytest

from chapters.lsm import Tree
from chapters.lsm.block import Entry
from chapters.lsm.memtable import ENTRY_BYTES
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed, SyncFailed

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


Log = list[list[Entry]]  # the caller's: batch n is at n − 1, and it survives every crash


def some_log(seed: int, batches: int = 45) -> Log:
    """Puts, overwrites and deletions; the second half mostly deletes, so that tombstones pile up."""
    rng = Random(f"log/{seed}")
    return [
        [
            (b"%02d" % rng.randrange(30), None if rng.random() < number / 60 else b"v%d" % number)
            for _ in range(rng.randint(0, 3))
        ]
        for number in range(1, batches + 1)
    ]


def state(log: Log, sequence: int) -> dict[bytes, bytes]:
    model: dict[bytes, bytes] = {}
    for batch in log[:sequence]:
        applied_to(model, batch)
    return model


def catch_up(tree: Tree, log: Log) -> None:
    """Apply what comes after `applied`; flush and merge now and then, at the caller's will."""
    for sequence in range(tree.applied + 1, len(log) + 1):
        tree.apply(sequence, log[sequence - 1])
        if sequence % 11 == 0:
            tree.flush()
        if sequence % 4 == 0:
            tree.compact(4)
    tree.flush()


def crash_in(disk: SimDisk, log: Log, writes: int) -> int:
    """Let `writes` writes through, then lose power; return what `flushed` promised until then."""
    disk.crash_after(writes)
    promised = 0
    try:
        tree = small_tree(disk)
        promised = tree.flushed
        for sequence in range(tree.applied + 1, len(log) + 1):
            tree.apply(sequence, log[sequence - 1])
            promised = tree.flushed
            if sequence % 11 == 0:
                promised = tree.flush()
            if sequence % 4 == 0:
                tree.compact(4)
    except Crashed:
        pass
    disk.crash()
    return promised


def count_writes(log: Log) -> int:
    disk = SimDisk(rng=Random(0))
    catch_up(small_tree(disk), log)
    return disk.operations


@pytest.mark.parametrize("seed", range(4))
def test_a_crash_at_any_write_keeps_what_was_flushed_and_nothing_else(seed: int) -> None:
    log = some_log(seed)
    writes = count_writes(log)
    assert writes > 80
    for boundary in range(writes):
        disk = SimDisk(rng=Random(f"{seed}/{boundary}"))
        promised = crash_in(disk, log, boundary)
        tree = small_tree(disk)
        assert promised <= tree.flushed <= len(log)
        assert content(tree) == dict(tree.dump()) == state(log, tree.flushed)
        catch_up(tree, log)
        assert content(tree) == state(log, len(log))
        assert content(small_tree(disk)) == state(log, len(log))


@pytest.mark.parametrize("seed", range(3))
def test_crash_after_crash_ends_in_the_right_state(seed: int) -> None:
    log, rng = some_log(seed, batches=120), Random(seed)
    disk = SimDisk(rng=Random(f"disk/{seed}"))
    promised = 0
    for _ in range(60):
        reached = crash_in(disk, log, rng.randrange(25))
        promised = max(promised, reached)
        tree = small_tree(disk)
        assert tree.flushed >= promised
        assert content(tree) == state(log, tree.flushed)
    catch_up(small_tree(disk), log)
    assert content(small_tree(disk)) == state(log, len(log))


def test_what_a_crash_left_half_done_is_removed_at_opening() -> None:
    log = some_log(1)
    orphans = 0
    for boundary in range(count_writes(log)):
        disk = SimDisk(rng=Random(boundary))
        crash_in(disk, log, boundary)
        before = disk.names()
        tree = small_tree(disk)
        assert len(disk.names()) == 1 + len(tree.tables)
        orphans += len(before) > len(disk.names())
    assert orphans > 10


def test_what_opening_reports_as_flushed_would_survive_the_next_crash() -> None:
    """The process died between the manifest's rename and the sync of the names; then power fails."""
    log = some_log(2)
    for boundary in range(count_writes(log)):
        disk = SimDisk(rng=Random(boundary))
        disk.crash_after(boundary)
        try:
            catch_up(small_tree(disk), log)
        except Crashed:
            disk._crash_at = None  # only the process dies: nothing unsynced is lost yet
        else:
            pytest.fail("the last write was never reached")
        reported = small_tree(disk).flushed
        disk.crash()
        assert small_tree(disk).flushed == reported


def test_a_replacement_is_the_old_content_or_the_new() -> None:
    new = {b"%02d" % number: b"new" for number in range(0, 90, 3)}
    seen = set()
    for boundary in range(40):
        log = some_log(3)
        disk = SimDisk(rng=Random(boundary))
        tree = small_tree(disk)
        catch_up(tree, log)
        disk.crash_after(boundary)
        done = False
        try:
            tree.replace(1000, sorted(new.items()))
            done = True
        except Crashed:
            pass
        disk.crash()
        tree = small_tree(disk)
        assert tree.flushed in ({1000} if done else {1000, len(log)})
        assert content(tree) == (new if tree.flushed == 1000 else state(log, len(log)))
        seen.add((done, tree.flushed))
    assert len(seen) == 3


def test_a_failed_sync_anywhere_costs_nothing_that_was_flushed() -> None:
    log, failed = some_log(5), 0
    for sequence in range(1, len(log)):
        disk = SimDisk(rng=Random(sequence))
        tree = small_tree(disk)
        catch_up(tree, log[:sequence])
        disk.fail_syncs(1)
        try:
            catch_up(tree, log)
        except SyncFailed:
            failed += 1
        promised = tree.flushed
        assert content(tree) == state(log, tree.applied)
        disk.crash()
        tree = small_tree(disk)
        assert tree.flushed >= promised
        assert content(tree) == state(log, tree.flushed)
        catch_up(tree, log)
        assert content(tree) == state(log, len(log))
    assert failed > 20
