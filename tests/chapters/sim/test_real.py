"""The real clock, disk and threads."""

import os
import threading
from pathlib import Path

import pytest

from chapters.errors import Definite, KitError
from chapters.sim import MS, TooFewAnswers, VirtualClock, fan_out, real
from chapters.sim.errors import DiskFull, DiskInUse, ReadOnly, SyncFailed
from chapters.sim.real import RealDisk, ThreadPool, WallClock


def test_the_wall_clock_never_steps_back_and_rings() -> None:
    clock, rang = WallClock(), threading.Event()
    before = clock.now_ns()
    clock.call_later(1 * MS, rang.set)
    assert rang.wait(60)
    assert clock.now_ns() - before >= 1 * MS
    clock.sleep_until(clock.now_ns() + 1 * MS)


def test_descriptors_stay_within_their_bound(tmp_path: Path) -> None:
    with RealDisk(tmp_path) as disk:
        for index in range(real.OPEN_FILES_MAX + 10):
            disk.append(f"f{index}", b"x")
        disk.append("f0", b"y")
        assert len(disk._open) == real.OPEN_FILES_MAX
        assert disk.read("f0") == b"xy"


def test_a_reader_sees_what_another_disk_object_appended(tmp_path: Path) -> None:
    with RealDisk(tmp_path) as writer, RealDisk(tmp_path) as reader:
        writer.append("a", b"1")
        assert reader.read("a") == b"1"
        writer.append("a", b"2")
        assert reader.read("a", 1) == b"2"


def test_a_full_disk_is_definite_and_takes_back_what_fitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = RealDisk(tmp_path)
    disk.append("a", b"before")
    genuine, calls = os.write, []

    def short_then_full(descriptor: int, data: bytes) -> int:
        calls.append(len(data))
        if len(calls) == 1:
            return genuine(descriptor, data[:2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", short_then_full)
    with pytest.raises(DiskFull, match="choose another folder"):
        disk.append("a", b"more")
    assert disk.read("a") == b"before"
    disk.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_the_kernels_own_full_device_is_understood(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("/dev/full")
    with RealDisk(tmp_path) as disk, pytest.raises(KitError):
        disk.append("a", b"x")


def test_a_failed_sync_is_indefinite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RealDisk(tmp_path) as disk:
        disk.append("a", b"x")
        monkeypatch.setattr(
            real, "_sync_data", lambda _: (_ for _ in ()).throw(OSError(5, "I/O error"))
        )
        with pytest.raises(SyncFailed, match="may be lost"):
            disk.sync("a")


def test_a_folder_that_cannot_be_written_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = RealDisk(tmp_path)

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(ReadOnly) as caught:
        disk.append("a", b"x")
    assert "\n" not in str(caught.value)
    assert "choose another folder" in str(caught.value)


def test_fan_out_on_threads_returns_the_first_and_lets_stragglers_finish() -> None:
    held, finished = threading.Event(), threading.Event()

    def straggler() -> str:
        held.wait(60)
        finished.set()
        return "late"

    with ThreadPool(4) as pool:
        replies = fan_out([straggler, lambda: "a", lambda: "b"], need=2, pool=pool)
        assert sorted(reply.value for reply in replies) == ["a", "b"]
        assert not finished.is_set()
        held.set()
        assert finished.wait(60)


def test_fan_out_on_threads_says_when_it_cannot_be_done() -> None:
    def refuse() -> str:
        raise Definite("node 3 is down")

    with ThreadPool(4) as pool, pytest.raises(TooFewAnswers, match="node 3 is down"):
        fan_out([refuse, refuse, lambda: "a"], need=2, pool=pool)


def test_both_clocks_are_clocks() -> None:
    for clock in (WallClock(), VirtualClock()):
        assert isinstance(clock.now_ns(), int)


def test_a_folder_has_one_owner_until_it_lets_go(tmp_path):
    with RealDisk(tmp_path) as first:
        first.claim()
        assert first.names() == []
        with RealDisk(tmp_path) as second, pytest.raises(DiskInUse, match="another process"):
            second.claim()
    with RealDisk(tmp_path) as third:
        third.claim()


def test_no_piece_of_randomness_is_given_out_twice_to_whichever_threads() -> None:
    rng, taken = real.PooledRandom(), []

    def take() -> None:
        taken.extend([rng.randbytes(16) for _ in range(5_000)])

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(taken)) == len(taken) == 40_000


def test_random_numbers_have_the_bits_and_bytes_that_were_asked_for() -> None:
    rng = real.PooledRandom()
    for size in (0, 1, 31, 32, 33, 1_000):
        assert len(rng.randbytes(size)) == size
    for bits in (0, 1, 7, 64, 65, 256, 300):
        numbers = [rng.getrandbits(bits) for _ in range(200)]
        assert all(0 <= number < 1 << bits for number in numbers)
        assert bits == 0 or max(numbers) >= 1 << (bits - 1)
    assert {rng.randrange(3) for _ in range(200)} == {0, 1, 2}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_child_draws_other_numbers_than_its_parent() -> None:
    rng = real.PooledRandom()
    rng.randbytes(1)
    reader, writer = os.pipe()
    if (pid := os.fork()) == 0:
        os.write(writer, rng.randbytes(32))
        os._exit(0)
    os.waitpid(pid, 0)
    assert os.read(reader, 32) != rng.randbytes(32)


def test_a_held_file_is_read_to_its_end_and_once_replaced_it_is_the_new_one(tmp_path: Path) -> None:
    with real.HeldDisk(tmp_path) as disk:
        disk.append("a", b"0123456789")
        assert disk.read("a", 2, 3) == b"234" and disk.read("a", 8, 10) == b"89"
        disk.append("a", b"more")
        assert disk.read("a", 8, 10) == b"89more"
        disk.append("b", b"new")
        disk.rename("b", "a")
        assert disk.read("a", 0, 10) == disk.read("a") == b"new"
        disk.remove("a")
        with pytest.raises(real.NoSuchFile):
            disk.read("a", 0, 1)
