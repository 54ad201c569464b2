"""No epoch is given twice, wherever the giver dies: killed, without power, or with a failing disk."""

from contextlib import suppress
from random import Random

import pytest

from chapters.lease import Leases
from chapters.lease import journal as journal_module
from chapters.log import CommitUnknown
from chapters.sim import DiskFull, SimDisk, SyncFailed, VirtualClock
from chapters.sim.errors import Crashed


class Killed(Exception):
    """The process is gone; what it had written is still with the kernel."""


class Dying:
    """A disk whose process is killed before its write number `writes`, and loses nothing."""

    def __init__(self, disk: SimDisk, writes: int) -> None:
        self._disk, self._left = disk, writes

    def __getattr__(self, name: str) -> object:
        if name in ("append", "sync", "sync_names", "truncate", "remove", "rename"):
            self._left -= 1
            if self._left < 0:
                raise Killed
        return getattr(self._disk, name)


def give(leases: Leases, given: list[int], count: int = 7) -> None:
    """Give leases away in all ways, noting each epoch that somebody was told."""
    for number in range(count):
        ask = leases.take_over if number % 3 else leases.acquire
        given.append(ask(f"name {number % 4}", "ada", 1).epoch)


def check(given: list[int]) -> None:
    assert given == sorted(set(given)), given


@pytest.mark.parametrize("rewriting", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_power_that_fails_at_any_write(
    seed: int, rewriting: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if rewriting:
        shorten(monkeypatch)
    for write in range(60):
        disk, given = SimDisk(rng=Random(f"{seed}/{write}")), list[int]()
        disk.crash_after(write)
        for life in range(4):
            try:
                give(Leases(clock=VirtualClock(), disk=disk), given)
            except Crashed:
                disk.crash()
                disk.crash_after((write + seed) % (5 + life))  # also while it starts again
        disk.crash()
        give(Leases(clock=VirtualClock(), disk=disk), given)
        check(given)
        assert given[-1] >= 7


@pytest.mark.parametrize("rewriting", [False, True])
def test_kill_9_at_any_write(rewriting: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if rewriting:
        shorten(monkeypatch)
    for first in range(30):
        for second in range(0, 30, 3):
            disk, given = SimDisk(rng=Random(first)), list[int]()
            for writes in (first, second):
                try:
                    dying = Dying(disk, writes)
                    give(Leases(clock=VirtualClock(), disk=dying), given)  # type: ignore[arg-type]
                except Killed:
                    pass
            give(Leases(clock=VirtualClock(), disk=disk), given)
            check(given)


def shorten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the journal be written anew every few grants, a grant a record, a record a segment."""
    monkeypatch.setattr(journal_module, "RECORDS_MIN", -4)
    monkeypatch.setattr(journal_module, "BATCH_GRANTS", 1)
    original = journal_module.Journal.__init__
    monkeypatch.setattr(
        journal_module.Journal,
        "__init__",
        lambda self, *, disk, name: original(self, disk=disk, name=name, segment_bytes_max=60),
    )


def test_a_journal_that_grows_long_is_written_anew_and_says_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shorten(monkeypatch)
    clock, disk = VirtualClock(), SimDisk(rng=Random(1))
    leases = Leases(clock=clock, disk=disk)
    sizes = []
    for number in range(1, 301):
        assert leases.acquire(f"name {number % 3}", "ada", 1).epoch == number
        sizes.append(disk.used_bytes)
    assert max(sizes) < 300
    clock.advance(10**12)
    leases.acquire("the last", "ada", 1)
    again = Leases(clock=clock, disk=disk)
    assert again.acquire("name 1", "ada", 1).epoch == 302


def test_a_full_disk_gives_nothing_away_and_the_number_is_free_again() -> None:
    disk = SimDisk(rng=Random(1), capacity_bytes=150)
    leases, given = Leases(clock=VirtualClock(), disk=disk), list[int]()
    with pytest.raises(DiskFull):
        give(leases, given)
    assert leases.current("name 3") is None
    check(given)
    bigger = SimDisk(rng=Random(1))
    for name in disk.names():
        bigger.append(name, disk.read(name))
    give(Leases(clock=VirtualClock(), disk=bigger), given)
    check(given)


def test_after_a_failed_sync_nobody_is_given_anything_until_a_restart() -> None:
    disk = SimDisk(rng=Random(1))
    leases, given = Leases(clock=VirtualClock(), disk=disk), list[int]()
    give(leases, given)
    disk.fail_syncs(1)
    with pytest.raises(SyncFailed):
        leases.acquire("lamp", "ada", 1)
    with pytest.raises(CommitUnknown):
        leases.acquire("lamp", "ada", 1)
    assert leases.current("lamp") is None
    disk.crash()
    give(Leases(clock=VirtualClock(), disk=disk), given)
    check(given)


def rewritten(disk: SimDisk | Dying, told: list[int]) -> None:
    """Give a lease, let it run out, and let later ones of another name write the journal anew."""
    clock = VirtualClock()
    leases = Leases(clock=clock, disk=disk)  # type: ignore[arg-type]
    told.append(leases.acquire("lamp", "ada", 1).epoch)
    clock.advance(10**12)
    for _ in range(12):
        told.append(leases.acquire("door", "ben", 1).epoch)
        leases.release("door", told[-1])


def test_the_highest_epoch_outlives_every_lease_and_a_journal_written_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shorten(monkeypatch)
    disk = SimDisk(rng=Random(1))
    rewritten(disk, [])
    disk.crash()
    again = Leases(clock=VirtualClock(), disk=disk)
    assert again.current("lamp") is None and again.epoch == 13


@pytest.mark.parametrize("crashes", [False, True])
def test_the_highest_epoch_is_known_wherever_the_giver_dies(
    crashes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten(monkeypatch)
    forgotten = 0
    for write in range(200):
        disk, told = SimDisk(rng=Random(write)), list[int]()
        with suppress(Killed):
            rewritten(Dying(disk, write), told)
        if crashes:
            disk.crash()
        again = Leases(clock=VirtualClock(), disk=disk)
        assert again.epoch >= max(told, default=0)
        running = [again.current(name) for name in ("lamp", "door")]
        forgotten += max((each.epoch for each in running if each), default=0) < again.epoch
        if len(told) == 13:
            break
    assert len(told) == 13
    assert forgotten, "once, at least, no lease says what the highest epoch is"
