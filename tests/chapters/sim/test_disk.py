"""The simulated disk against a model, crashes included; and the same contract on a real disk."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chapters.sim import (
    Constant,
    Crashed,
    Disk,
    DiskFull,
    NoSuchFile,
    SimDisk,
    SyncFailed,
    VirtualClock,
    replace,
)
from chapters.sim.real import RealDisk

NAMES = st.sampled_from(["a", "b", "folder/c"])


class DiskAgainstDict(RuleBasedStateMachine):
    """Between crashes a disk is a dict; after one, what was synced is there, the rest a prefix."""

    def __init__(self) -> None:
        super().__init__()
        self.disk = SimDisk(rng=random.Random(0))
        self.live: dict[str, bytes] = {}
        self.synced: dict[str, bytes] = {}  # content at the last sync; absent after a truncate
        self.durable_names: set[str] = set()

    @rule(name=NAMES, data=st.binary(max_size=6))
    def append(self, name: str, data: bytes) -> None:
        self.disk.append(name, data)
        self.live[name] = self.live.get(name, b"") + data

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def sync(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.live)))
        self.disk.sync(name)
        self.synced[name] = self.live[name]

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def truncate(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.live)))
        size = data.draw(st.integers(0, len(self.live[name])))
        self.disk.truncate(name, size)
        self.live[name] = self.live[name][:size]
        self.synced.pop(name, None)

    @precondition(lambda self: self.live)
    @rule(data=st.data(), new=NAMES)
    def rename(self, data: st.DataObject, new: str) -> None:
        old = data.draw(st.sampled_from(sorted(self.live)))
        self.disk.rename(old, new)
        self.live[new] = self.live.pop(old)
        certain = self.synced.pop(old, None)
        self.synced.pop(new, None)
        if certain is not None:
            self.synced[new] = certain
        self.durable_names -= {old, new}

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.live)))
        self.disk.remove(name)
        del self.live[name]
        self.synced.pop(name, None)
        self.durable_names.discard(name)

    @rule()
    def sync_names(self) -> None:
        self.disk.sync_names()
        self.durable_names = set(self.live)

    @rule()
    def crash(self) -> None:
        self.disk.crash()
        for name in self.durable_names & set(self.synced):
            found, certain = self.disk.read(name), self.synced[name]
            assert found.startswith(certain)
            assert self.live[name].startswith(found)
        assert self.durable_names <= set(self.disk.names())
        self.live = {name: self.disk.read(name) for name in self.disk.names()}
        self.synced, self.durable_names = dict(self.live), set(self.live)

    @invariant()
    def disk_equals_dict(self) -> None:
        assert {name: self.disk.read(name) for name in self.disk.names()} == self.live
        assert self.disk.used_bytes == sum(map(len, self.live.values()))


DiskAgainstDict.TestCase.settings = settings(max_examples=120, stateful_step_count=25)
TestDiskAgainstDict = DiskAgainstDict.TestCase


def test_every_prefix_of_an_unsynced_write_can_survive() -> None:
    found = set()
    for seed in range(200):
        disk = SimDisk(rng=random.Random(seed))
        disk.append("a", b"abc")
        disk.sync("a")
        disk.sync_names()
        disk.append("a", b"def")
        disk.crash()
        found.add(disk.read("a"))
    assert found == {b"abc", b"abcd", b"abcde", b"abcdef"}


def test_a_synced_file_with_an_unsynced_name_can_be_lost_and_an_unsynced_cut_can_come_back() -> (
    None
):
    names, sizes = set(), set()
    for seed in range(60):
        disk = SimDisk(rng=random.Random(seed))
        disk.append("new", b"abc")
        disk.sync("new")
        disk.crash()
        names.add(tuple(disk.names()))
        disk = SimDisk(rng=random.Random(seed))
        replace(disk, "a", b"abc")
        disk.truncate("a", 1)
        disk.crash()
        sizes.add(disk.size("a"))
    assert names == {(), ("new",)}
    assert sizes == {1, 3}


@given(st.integers(0, 10_000), st.binary(max_size=20), st.integers(0, 6))
def test_replace_leaves_old_or_new_wherever_the_power_fails(
    seed: int, new: bytes, operations: int
) -> None:
    disk = SimDisk(rng=random.Random(seed))
    replace(disk, "a", b"the old content")
    disk.crash_after(operations)
    finished = True
    try:
        replace(disk, "a", new)
    except Crashed:
        finished = False
    disk.crash()
    assert disk.read("a") in ([new] if finished else [new, b"the old content"])
    replace(disk, "a", b"after")
    assert disk.read("a") == b"after"


def test_a_dead_machine_refuses_everything_until_it_is_started_again() -> None:
    disk = SimDisk(rng=random.Random(1))
    disk.crash_after(1)
    disk.append("a", b"x")
    with pytest.raises(Crashed):
        disk.sync("a")
    for call in (disk.names, lambda: disk.read("a"), lambda: disk.append("a", b"y")):
        with pytest.raises(Crashed):
            call()
    disk.crash()
    disk.append("a", b"y")


def test_a_full_disk_keeps_nothing_of_the_write_and_works_again_after_a_removal() -> None:
    disk = SimDisk(rng=random.Random(1), capacity_bytes=10)
    disk.append("a", b"12345678")
    with pytest.raises(DiskFull, match="2 of 10 B are free"):
        disk.append("b", b"abc")
    assert disk.names() == ["a"]
    disk.remove("a")
    disk.append("b", b"abc")


def test_after_a_failed_sync_a_later_one_succeeds_and_saves_nothing() -> None:
    disk = SimDisk(rng=random.Random(1))
    disk.append("a", b"kept")
    disk.sync("a")
    disk.sync_names()
    disk.append("a", b" lost")
    disk.fail_syncs()
    with pytest.raises(SyncFailed):
        disk.sync("a")
    disk.sync("a")
    disk.crash()
    assert disk.read("a") == b"kept"


def test_a_flipped_bit_survives_everything() -> None:
    disk = SimDisk(rng=random.Random(1))
    replace(disk, "a", b"abc")
    disk.flip_bit("a", 1, bit=5)
    disk.crash()
    assert disk.read("a") == b"aBc"


def test_a_sync_takes_virtual_time() -> None:
    clock = VirtualClock()
    disk = SimDisk(rng=random.Random(1), clock=clock, sync_latency=Constant(250))
    disk.append("a", b"x")
    assert clock.now_ns() == 0
    disk.sync("a")
    assert clock.now_ns() == 250


@pytest.fixture(params=["simulated", "real"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    if request.param == "simulated":
        yield SimDisk(rng=random.Random(1))
    else:
        with RealDisk(tmp_path / "disk") as real:
            yield real


def test_both_disks_keep_the_same_contract(disk: Disk) -> None:
    disk.append("x/b", b"hello")
    disk.append("x/b", b" world")
    disk.append("a", b"")
    disk.sync("x/b")
    disk.sync_names()
    assert disk.names() == ["a", "x/b"]
    assert disk.names("x/") == ["x/b"]
    assert (disk.read("x/b", 4, 3), disk.read("x/b", 9), disk.read("x/b", 99)) == (
        b"o w",
        b"ld",
        b"",
    )
    disk.truncate("x/b", 5)
    disk.append("x/b", b"!")
    disk.rename("x/b", "y/deep/c")
    assert (disk.names(), disk.size("y/deep/c")) == (["a", "y/deep/c"], 6)
    disk.append("x/b", b"again")
    disk.remove("y/deep/c")
    replace(disk, "a", b"new")
    assert (disk.read("a"), disk.read("x/b")) == (b"new", b"again")
    for call in (disk.size, disk.read, disk.sync, disk.remove):
        with pytest.raises(NoSuchFile, match="y/deep/c"):
            call("y/deep/c")
