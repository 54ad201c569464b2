"""A shard store against a dict, under power failures at every write, bit flips and full disks."""

import random
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.errors import KitError
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed, DiskFull, SyncFailed
from s3.storage.errors import DamagedShard, NoSuchShard
from s3.storage.extents import TITLE
from s3.storage.shard_store import RESERVE_BYTES, ShardStore, open_index
from s3.storage.simulated import open_store

EXTENT_BYTES_MAX = 400


def new_disk(seed=7, **knobs):
    return SimDisk(rng=random.Random(seed), **knobs)


def reopened(disk):
    return open_store(disk, EXTENT_BYTES_MAX, memtable_bytes_max=400)


def contents(store):
    return {listed.shard: store.get(listed.shard) for listed in store.shards()}


NAMES = st.sampled_from([f"s{number}" for number in range(6)])
STEPS = st.one_of(
    st.tuples(st.just("put"), NAMES, st.binary(max_size=150)),
    st.tuples(st.just("delete"), NAMES),
    st.tuples(st.just("collect")),
    st.tuples(st.just("reopen")),
)


@settings(max_examples=60)
@given(st.lists(STEPS, max_size=40))
def test_it_answers_as_a_dict_does(steps):
    disk, model = new_disk(), {}
    store = reopened(disk)
    for step in steps:
        match step:
            case "put", name, payload:
                store.put(name, payload)
                model[name] = payload
            case "delete", name:
                assert store.delete(name) == (name in model)
                model.pop(name, None)
            case ("collect",):
                store.collect()
                assert store.worth_collecting() == []
            case ("reopen",):
                disk.crash()
                store = reopened(disk)
        assert contents(store) == model
        assert store.count() == len(model)
    with pytest.raises(NoSuchShard):
        store.get("never stored")


def steps_of(rng):
    """Yield a workload's steps: mostly puts, some deletions, now and then a collection."""
    for number in range(16):
        name = f"s{rng.randrange(6):02}"
        if number % 8 == 7:
            yield "collect", "", b""
        elif rng.random() < 0.3:
            yield "delete", name, b""
        else:
            yield "put", name, rng.randbytes(rng.randrange(200))


def run_until_crash(disk, rng, promised, doubtful):
    """Apply steps; `promised` is what was acknowledged, `doubtful` the last one if it was not."""
    store = reopened(disk)
    for kind, name, payload in steps_of(rng):
        after = {"put": payload, "delete": None}.get(kind)
        doubtful[:] = [(name, after)] if kind != "collect" else []
        match kind:
            case "put":
                store.put(name, payload)
            case "delete":
                store.delete(name)
            case "collect":
                store.collect()
        for done, value in doubtful:
            promised[done] = value
        doubtful.clear()


def crash_at(seed, write):
    """Return whether the workload came to that write; check what a power failure there leaves."""
    disk, promised, doubtful = new_disk(f"{seed}/{write}"), {}, []
    disk.crash_after(write)
    try:
        run_until_crash(disk, random.Random(seed), promised, doubtful)
        return False
    except Crashed:
        disk.crash()
    store = reopened(disk)
    found = contents(store)
    for name in {*promised, *found}:
        allowed = {promised.get(name), *(value for each, value in doubtful if each == name)}
        assert found.get(name) in allowed, (seed, write, name)
    store.put("after", b"the crash")
    assert contents(reopened(disk)) == {**found, "after": b"the crash"}
    return True


def crash_everywhere(seeds):
    points = 0
    for seed in seeds:
        write = 0
        while crash_at(seed, write):
            write += 1
        points += write
    return points


def test_a_power_failure_at_any_write_loses_nothing_that_was_acknowledged():
    assert crash_everywhere(range(7)) > 1000


@pytest.mark.slow
def test_ten_thousand_power_failures_lose_nothing_either():
    assert crash_everywhere(range(7, 72)) > 10_000


def test_what_one_sync_covers_is_stored_together():
    disk = new_disk()
    store = open_store(disk)
    store.put("first", b"makes the extent")
    before = disk.operations
    for name in ("a", "b", "c"):
        store.stage(name, b"x")
    store.commit()
    assert disk.operations - before == 3 + 1  # three appends, one sync
    assert len(store.shards()) == 4


def test_a_bit_flipped_anywhere_gives_no_wrong_byte():
    disk = new_disk()
    store = open_store(disk)
    shards = {f"s{number}": bytes([number]) * (10 + number) for number in range(8)}
    for name, payload in shards.items():
        store.put(name, payload)
    files = [(name, disk.size(name)) for name in disk.names("extent-")]
    damaged = 0
    for file, size in files:
        for offset in range(size):
            disk.flip_bit(file, offset, bit=offset % 8)
            for store_now in (store, open_store(deepcopy(disk))):
                for name, payload in shards.items():
                    try:
                        assert store_now.get(name) == payload
                    except (DamagedShard, NoSuchShard):
                        damaged += 1
            disk.flip_bit(file, offset, bit=offset % 8)
    assert damaged >= sum(size - len(TITLE) for _, size in files)


def test_a_bit_flipped_anywhere_in_the_index_costs_nothing_but_time():
    disk = new_disk()
    store = reopened(disk)
    shards = {f"s{number:02}": bytes([number]) * (10 + number) for number in range(30)}
    for name, payload in shards.items():
        store.put(name, payload)
    assert store.delete("s00", "s01") == 2
    del shards["s00"], shards["s01"]
    for file in disk.names("index/"):
        for offset in range(0, disk.size(file), 5):
            damaged = deepcopy(disk)
            damaged.flip_bit(file, offset, bit=offset % 8)
            store = reopened(damaged)
            assert contents(store) == shards, (file, offset)
            store.put("new", b"1")
            assert contents(reopened(damaged)) == {**shards, "new": b"1"}, (file, offset)


def test_a_torn_tail_is_cut_and_written_over():
    disk = new_disk()
    store = reopened(disk)
    store.put("kept", b"safe")
    tail = disk.names("extent-")[-1]
    disk.append(tail, b"\xf5shd and then the power failed")
    store = reopened(disk)
    assert store.extents.cut_bytes == 30
    store.put("next", b"appended behind the last whole record")
    assert contents(reopened(disk)) == {
        "kept": b"safe",
        "next": b"appended behind the last whole record",
    }


def test_damage_in_the_middle_is_kept_and_reported_after_a_restart():
    disk = new_disk()
    store = open_store(disk)
    for name in ("a", "b"):
        store.put(name, b"payload of " + name.encode())
    file, offset = store.extents.address("a", store.find("a"), 3)
    disk.flip_bit(file, offset)
    disk.crash()
    store = open_store(disk)
    assert store.extents.cut_bytes == 0
    with pytest.raises(DamagedShard, match="repair"):
        store.get("a")
    assert store.get("b") == b"payload of b"


def test_a_full_disk_refuses_loses_nothing_and_can_still_delete():
    disk = new_disk()
    store = open_store(disk)
    store.capacity_bytes = RESERVE_BYTES + 1000
    store.put("fits", bytes(500))
    with pytest.raises(DiskFull, match="free"):
        store.put("does not", bytes(600))
    assert contents(store) == {"fits": bytes(500)}
    assert store.delete("fits") == 1
    assert contents(open_store(disk)) == {}


def test_a_device_that_others_fill_keeps_a_reserve_too():
    disk, left = new_disk(), [RESERVE_BYTES + 1000]
    store = ShardStore(disk=disk, index=open_index(new_disk()), free_bytes=lambda: left[0])
    store.put("fits", bytes(1000))
    left[0] -= 1000
    with pytest.raises(DiskFull, match="0 B are free"):
        store.put("does not", b"1")
    assert store.delete("fits") == 1


def test_on_a_full_disk_only_what_fits_beside_is_collected():
    disk, left = new_disk(), [2 * RESERVE_BYTES]
    store = ShardStore(
        disk=disk,
        index=open_index(new_disk()),
        extent_bytes_max=EXTENT_BYTES_MAX,
        free_bytes=lambda: left[0],
    )
    names = [f"s{number:02}" for number in range(20)]
    for name in names:
        store.put(name, bytes(50))
    homes = {name: store.find(name).extent for name in names}
    mixed, dead, *_ = sorted(set(homes.values()))
    store.delete(*(name for name in names[1:] if homes[name] in (mixed, dead)))
    left[0] = RESERVE_BYTES // 2
    assert store.worth_collecting() == [dead]
    assert store.collect() > 0
    left[0] = 2 * RESERVE_BYTES
    assert store.worth_collecting()[0] == mixed
    assert store.collect() > 0
    assert store.get(names[0]) == bytes(50)


@pytest.mark.parametrize("capacity", range(60, 700, 13))
def test_a_device_that_runs_full_in_mid_write_loses_nothing(capacity):
    disk = new_disk(capacity_bytes=capacity)
    stored = {}
    try:
        store = reopened(disk)
        for number in range(20):
            store.put(f"s{number}", bytes([number]) * 30)
            stored[f"s{number}"] = bytes([number]) * 30
    except DiskFull:
        assert contents(store) == stored
    assert capacity > 600 or len(stored) < 20


def test_after_a_failed_sync_nobody_is_told_that_it_worked():
    disk = new_disk()
    store = reopened(disk)
    store.put("before", b"1")
    disk.fail_syncs()
    with pytest.raises(SyncFailed):
        store.put("lost", b"2")
    with pytest.raises(NoSuchShard):
        store.get("lost")
    store.put("after", b"3")  # in a new extent: the old one is not trusted any more
    disk.crash()
    found = contents(reopened(disk))
    assert found["before"] == b"1" and found["after"] == b"3"
    assert len(disk.names("extent-")) == 2


def test_whoever_staged_beside_a_failed_sync_fails_with_it():
    disk = new_disk()
    store = reopened(disk)
    store.put("before", b"1")
    store.stage("first", b"2")
    first = store.take()
    second = store.stage("second", b"3")  # written while the first is being synced
    disk.fail_syncs()
    store.sync(first)
    store.settle(first)
    assert isinstance(first.error, SyncFailed) and second.error is first.error


def test_collecting_frees_what_is_dead_and_keeps_the_rest():
    disk = new_disk()
    store = reopened(disk)
    for number in range(40):
        store.put(f"s{number:02}", bytes(100))
    for number in range(0, 40, 4):
        assert store.delete(f"s{number:02}", f"s{number + 1:02}", f"s{number + 2:02}") == 3
    before = disk.used_bytes
    assert store.collect() > 0.4 * before
    assert sorted(contents(store)) == [f"s{number:02}" for number in range(3, 40, 4)]
    disk.crash()
    assert sorted(contents(reopened(disk))) == [f"s{number:02}" for number in range(3, 40, 4)]


def test_what_is_deleted_stays_so_even_when_the_index_is_lost():
    disk = new_disk()
    store = reopened(disk)
    for number in range(20):
        store.put(f"s{number:02}", bytes(90))
    for number in range(2, 20):
        store.delete(f"s{number:02}")
    store.collect()
    for name in disk.names("index"):
        disk.remove(name)
    assert sorted(contents(reopened(disk))) == ["s00", "s01"]


def test_lists_are_pages_in_order():
    store = reopened(new_disk())
    for name in ("b.1", "a.2", "a.1", "a.3", "c"):
        store.put(name, name.encode())
    assert [each.shard for each in store.shards("a.", limit=2)] == ["a.1", "a.2"]
    assert [each.shard for each in store.shards("a.", after="a.2")] == ["a.3"]
    assert [each.size_bytes for each in store.shards("c")] == [1]


def test_errors_are_of_the_kit():
    assert issubclass(DamagedShard, KitError)
