"""A disk that forgets what was not synced, tears writes at any byte, and can be full.

Files live in one flat namespace; a name may contain "/". Two things must be made durable apart:
a file's bytes (`sync`) and its name (`sync_names`, the fsync of the directory). Invariant: after
`crash()` every synced byte under a synced name is there, and of the rest any *prefix*.

    append "abc" · sync · append "def" · crash    →  "abc", "abcd", "abcde" or "abcdef"
    append to a new name · sync · crash           →  the file, or none: its name was not synced
    truncate to 2 · crash                         →  "ab", or "abc" back again

All operations O(bytes touched). Source: the file-system crash model of ALICE (Pillai et al.,
OSDI 2014), reduced to ordered metadata. Page: docs/chapters/sim.md
"""

import random
from dataclasses import dataclass, field
from typing import Protocol

from chapters.sim.clock import MS, US, Clock, VirtualClock
from chapters.sim.errors import Crashed, DiskFull, NoSuchFile, SyncFailed
from chapters.sim.latency import Latency, LogNormal
from chapters.sim.replacement import replace as replace

SYNC_LATENCY = LogNormal(median_ns=100 * US, p99_ns=2 * MS)  # a data-centre SSD's fsync


class Disk(Protocol):
    """What a core may do with storage. Every method may raise an error of `chapters.sim.errors`."""

    def names(self, prefix: str = "") -> list[str]:
        """Return the names that begin with `prefix`, sorted."""

    def size(self, name: str) -> int:
        """Return the file's size in bytes."""

    def read(self, name: str, offset: int = 0, size: int | None = None) -> bytes:
        """Return up to `size` bytes from `offset` on; fewer at the end of the file."""

    def append(self, name: str, data: bytes) -> None:
        """Add `data` at the end, making the file if there is none; all of it or `DiskFull`."""

    def sync(self, name: str) -> None:
        """Return once the file's bytes would survive a crash (its name: see `sync_names`)."""

    def truncate(self, name: str, size: int) -> None:
        """Cut the file to its first `size` bytes."""

    def rename(self, old: str, new: str) -> None:
        """Give the file another name, replacing the file that had it."""

    def remove(self, name: str) -> None:
        """Delete the file."""

    def sync_names(self) -> None:
        """Return once all creations, renames and removals would survive a crash."""


@dataclass(slots=True)
class _File:
    """A file's bytes. Durable: `data[:kept]`, then the `tail` that an unsynced truncate cut."""

    data: bytearray = field(default_factory=bytearray)
    kept: int = 0
    tail: bytes = b""
    poisoned: bool = False

    def cut(self, size: int) -> None:
        if size < self.kept:
            self.tail = bytes(self.data[size : self.kept]) + self.tail
            self.kept = size
        del self.data[size:]

    def settle(self) -> None:
        if not self.poisoned:
            self.kept, self.tail = len(self.data), b""

    def survivors(self, rng: random.Random) -> bytes:
        """Return what a crash leaves: the durable bytes, and perhaps part of the later ones."""
        durable = bytes(self.data[: self.kept])
        if self.tail and rng.random() < 0.5:
            return durable + self.tail
        fresh = 0 if self.poisoned else _torn(rng, len(self.data) - self.kept)
        return durable + bytes(self.data[self.kept : self.kept + fresh])


@dataclass(frozen=True, slots=True)
class _NameChange:
    """One step of the directory's journal: `new` now leads to `file`, `old` leads nowhere."""

    old: str | None
    new: str | None
    file: _File | None

    def apply(self, names: dict[str, _File]) -> None:
        if self.old is not None:
            names.pop(self.old, None)
        if self.new is not None and self.file is not None:
            names[self.new] = self.file


class SimDisk:
    """A disk in memory whose crashes are drawn from `rng`."""

    def __init__(
        self,
        *,
        rng: random.Random,
        clock: Clock | None = None,
        capacity_bytes: int | None = None,
        sync_latency: Latency | None = None,
    ) -> None:
        self._rng = rng
        self._clock = clock
        self._capacity_bytes = capacity_bytes
        self._sync_latency = sync_latency or SYNC_LATENCY
        self._files: dict[str, _File] = {}
        self._durable_names: dict[str, _File] = {}
        self._name_changes: list[_NameChange] = []
        self._crash_at: int | None = None
        self._failing_syncs = 0
        self.operations = 0  # writes begun so far: what `crash_after` counts
        self.used_bytes = 0

    def names(self, prefix: str = "") -> list[str]:
        self._alive()
        return sorted(name for name in self._files if name.startswith(prefix))

    def size(self, name: str) -> int:
        return len(self._file(name).data)

    def read(self, name: str, offset: int = 0, size: int | None = None) -> bytes:
        data = self._file(name).data
        return bytes(data[offset : len(data) if size is None else offset + size])

    def append(self, name: str, data: bytes) -> None:
        self._write()
        if self._capacity_bytes is not None and self.used_bytes + len(data) > self._capacity_bytes:
            raise DiskFull(
                f"disk full: {name} needs {len(data)} B more, "
                f"{self._capacity_bytes - self.used_bytes} of {self._capacity_bytes} B are free"
            )
        if name not in self._files:
            self._change_names(_NameChange(None, name, _File()))
        self._files[name].data += data
        self.used_bytes += len(data)

    def sync(self, name: str) -> None:
        file = self._file(name)
        self._write()
        if isinstance(self._clock, VirtualClock):
            self._clock.spend(self._sync_latency(self._rng))
        if self._failing_syncs:
            self._failing_syncs -= 1
            # The kernel drops the dirty pages, so a later sync succeeds without saving them.
            file.poisoned = True
            raise SyncFailed(f"sync of {name} failed: its last writes may be lost; reopen and look")
        file.settle()

    def truncate(self, name: str, size: int) -> None:
        file = self._file(name)
        self._write()
        assert 0 <= size <= len(file.data), f"{name} has {len(file.data)} B, cannot cut to {size}"
        self.used_bytes -= len(file.data) - size
        file.cut(size)

    def rename(self, old: str, new: str) -> None:
        file = self._file(old)
        self._write()
        if new in self._files and new != old:
            self.used_bytes -= len(self._files[new].data)
        self._change_names(_NameChange(old, new, file))

    def remove(self, name: str) -> None:
        file = self._file(name)
        self._write()
        self.used_bytes -= len(file.data)
        self._change_names(_NameChange(name, None, None))

    def sync_names(self) -> None:
        self._write()
        self._durable_names = dict(self._files)
        self._name_changes.clear()

    def crash(self) -> None:
        """Lose power and start again: what was not synced survives up to a point, or not."""
        surviving = self._name_changes[: _torn(self._rng, len(self._name_changes))]
        for change in surviving:
            change.apply(self._durable_names)
        files = {
            name: _reborn(file.survivors(self._rng))
            for name, file in sorted(self._durable_names.items())
        }
        self._files, self._durable_names = files, dict(files)
        self._name_changes = []
        self._crash_at, self._failing_syncs = None, 0
        self.used_bytes = sum(len(file.data) for file in files.values())

    def crash_after(self, operations: int) -> None:
        """Let that many more writes through; at the next one the power fails: `Crashed`.

        Every call then raises `Crashed` until `crash()` starts the machine again.
        """
        self._crash_at = self.operations + operations

    def fail_syncs(self, count: int = 1) -> None:
        """Make the next `count` syncs fail; what they should have saved is lost at a crash."""
        self._failing_syncs = count

    def flip_bit(self, name: str, offset: int, bit: int = 0) -> None:
        """Change one bit on the platter, as radiation and bad firmware do."""
        self._file(name).data[offset] ^= 1 << bit

    def _file(self, name: str) -> _File:
        self._alive()
        if name not in self._files:
            raise NoSuchFile(f"no file {name!r} on this disk")
        return self._files[name]

    def _change_names(self, change: _NameChange) -> None:
        change.apply(self._files)
        self._name_changes.append(change)

    def _write(self) -> None:
        self._alive()
        if self.operations == self._crash_at:
            self._crash_at = -1
            self._alive()
        self.operations += 1

    def _alive(self) -> None:
        if self._crash_at == -1:
            raise Crashed("the machine lost power; crash() starts it again")


def _torn(rng: random.Random, whole: int) -> int:
    """Return how much of `whole` survives: nothing, all, or any part, each about as often."""
    match rng.randrange(3):
        case 0:
            return 0
        case 1:
            return whole
    return rng.randint(0, whole)


def _reborn(data: bytes) -> _File:
    return _File(bytearray(data), kept=len(data))


def demo(*, seed: int = 7, crashes: int = 6) -> None:
    """Write a synced line and an unsynced one, pull the plug, look; several times."""
    rng = random.Random(seed)
    for _ in range(crashes):
        disk = SimDisk(rng=rng)
        disk.append("diary", b"synced.")
        disk.sync("diary")
        disk.sync_names()
        disk.append("diary", b" not yet synced.")
        disk.crash()
        print(f"  after the crash: {disk.read('diary').decode()!r}")
