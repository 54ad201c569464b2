"""The real clock, disk and thread pool, behind the same methods as the simulated ones.

The only place in the kit's cores with wall time, file descriptors and threads. `app.py` of a system
picks these; everything else takes what it is given. Page: docs/chapters/sim.md
"""

import contextlib
import errno
import fcntl
import os
import random
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextvars import copy_context
from pathlib import Path
from typing import TypeVar

from chapters.errors import KitError
from chapters.sim.clock import Timer
from chapters.sim.errors import DiskFault, DiskFull, DiskInUse, NoSuchFile, ReadOnly, SyncFailed
from chapters.sim.fan_out import Arrival, attempt

T = TypeVar("T")

OPEN_FILES_MAX = 64  # descriptors kept open for appending; the default limit is often 256
THREADS_MAX = 32
PIECE_BYTES, PIECES = 32, 64  # of randomness: as long as a key is, and so many at once
LOCK = ".lock"  # the file that says whose folder this is; not one of the disk's own

# The bytes and the size, but not the time of the last change: a fifth cheaper, where there is it.
_sync_data = getattr(os, "fdatasync", os.fsync)

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}


class WallClock:
    """Nanoseconds since 1970 that never step back: wall time at the start, monotonic from there."""

    def __init__(self) -> None:
        self._origin_ns = time.time_ns() - time.perf_counter_ns()

    def now_ns(self) -> int:
        return self._origin_ns + time.perf_counter_ns()

    def call_later(self, delay_ns: int, callback: Callable[[], object]) -> Timer:
        """Run `callback` on a thread of its own in `delay_ns`."""
        context = copy_context()
        timer = threading.Timer(max(0, delay_ns) / 1e9, lambda: context.run(callback))
        timer.daemon = True
        timer.start()
        return timer

    def sleep_until(self, instant_ns: int) -> None:
        while (left_ns := instant_ns - self.now_ns()) > 0:
            time.sleep(left_ns / 1e9)


class PooledRandom(random.SystemRandom):
    """The operating system's randomness, fetched for many at once: asking lets all other threads go first.

    No piece is given out twice: taking one from the list is a single step, whoever else is taking too.
    """

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        os.register_at_fork(after_in_child=self._pieces.clear)

    def randbytes(self, n: int) -> bytes:
        if n > PIECE_BYTES:
            return super().randbytes(n)
        while True:
            try:
                return self._pieces.pop()[:n]
            except IndexError:
                self._pieces += _cut(super().randbytes(PIECES * PIECE_BYTES))

    def getrandbits(self, k: int) -> int:
        size_bytes = -(-k // 8)
        return int.from_bytes(self.randbytes(size_bytes)) >> (8 * size_bytes - k)


def _cut(data: bytes) -> list[bytes]:
    return [data[start : start + PIECE_BYTES] for start in range(0, len(data), PIECE_BYTES)]


class RealDisk:
    """The files under `root`, with real `fsync`.

    One writer per file; readers may be other processes. Appending keeps descriptors open (at most
    `OPEN_FILES_MAX`), reading opens afresh, so that a reader sees what another process renamed.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self._open: OrderedDict[str, int] = OrderedDict()
        self._lock: int | None = None
        with self._explained("."):
            self.root.mkdir(parents=True, exist_ok=True)
        # A process killed before its `sync_names` left names that only our first one can save.
        self._changed = {Path(folder) for folder, _, _ in os.walk(self.root)}

    def claim(self) -> None:
        """Be the only process that writes here, until `close` or death. Raises `DiskInUse`."""
        with self._explained(LOCK):
            descriptor = os.open(self.root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise DiskInUse(
                f"{self.root} is in use by another process; stop that, or choose another folder"
            ) from None
        self._lock = descriptor

    def names(self, prefix: str = "") -> list[str]:
        found = (
            Path(folder, file).relative_to(self.root).as_posix()
            for folder, _, files in os.walk(self.root / prefix.rpartition("/")[0])
            for file in files
        )
        return sorted(name for name in found if name.startswith(prefix) and name != LOCK)

    def size(self, name: str) -> int:
        with self._explained(name):
            return os.stat(f"{self.root}/{name}").st_size

    def read(self, name: str, offset: int = 0, size: int | None = None) -> bytes:
        with self._explained(name), open(self.root / name, "rb", buffering=0) as file:
            file.seek(offset)
            wanted = os.fstat(file.fileno()).st_size - offset if size is None else size
            return b"".join(_pieces(file.fileno(), wanted))

    def append(self, name: str, data: bytes) -> None:
        with self._explained(name):
            descriptor = self._descriptor(name, create=True)
            before = os.fstat(descriptor).st_size
            try:
                _write_all(descriptor, data)
            except OSError:
                # Half a record is worse than none: what fitted is taken back, so that the
                # error is definite.
                os.ftruncate(descriptor, before)
                raise

    def sync(self, name: str) -> None:
        with self._explained(name):
            descriptor = self._descriptor(name)
        try:
            _sync_data(descriptor)
        except OSError as error:
            raise _sync_failed(self.root / name, error) from error

    def truncate(self, name: str, size: int) -> None:
        with self._explained(name):
            os.ftruncate(self._descriptor(name), size)

    def rename(self, old: str, new: str) -> None:
        with self._explained(old):
            self._forget(old)
            self._forget(new)
            self._make_folder(new)
            os.replace(self.root / old, self.root / new)
            self._changed |= {(self.root / old).parent, (self.root / new).parent}

    def remove(self, name: str) -> None:
        with self._explained(name):
            self._forget(name)
            os.unlink(self.root / name)
            self._changed.add((self.root / name).parent)

    def free_bytes(self) -> int:
        """Return how much more the device takes."""
        found = os.statvfs(self.root)
        return found.f_bavail * found.f_frsize

    def sync_names(self) -> None:
        for folder in sorted(self._changed):
            try:
                descriptor = os.open(folder, os.O_RDONLY)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
            except OSError as error:
                raise _sync_failed(folder, error) from error
        self._changed.clear()

    def close(self) -> None:
        """Give the descriptors back; the disk may be used again afterwards."""
        while self._open:
            os.close(self._open.popitem()[1])
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> "RealDisk":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _descriptor(self, name: str, create: bool = False) -> int:
        if name in self._open:
            self._open.move_to_end(name)
            return self._open[name]
        path = self.root / name
        if create and not path.exists():
            self._make_folder(name)
            self._changed.add(path.parent)
        flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | (os.O_CREAT if create else 0)
        descriptor = os.open(path, flags, 0o644)
        self._open[name] = descriptor
        if len(self._open) > OPEN_FILES_MAX:
            os.close(self._open.popitem(last=False)[1])
        return descriptor

    def _make_folder(self, name: str) -> None:
        folder = (self.root / name).parent
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        self._changed |= {each.parent for each in missing}

    def _forget(self, name: str) -> None:
        if name in self._open:
            os.close(self._open.pop(name))

    @contextlib.contextmanager
    def _explained(self, name: str) -> Iterator[None]:
        """Turn the operating system's errors into ours, each with a remedy."""
        try:
            yield
        except OSError as error:
            raise _explain(error, self.root / name) from error


class _Readable:
    """A file that is open for reading until nobody refers to it any more."""

    __slots__ = ("number",)

    def __init__(self, path: str) -> None:
        self.number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError):  # it was never opened
            os.close(self.number)


class HeldDisk(RealDisk):
    """A disk that no other process writes to, whose files stay open for reading; many may read at once.

    A file that is removed is let go, and closes when its last reader has ended: a number that another
    file may get meanwhile is never read from.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._readable: dict[str, _Readable] = {}

    def read(self, name: str, offset: int = 0, size: int | None = None) -> bytes:
        if size is None:
            return super().read(name, offset)
        with self._explained(name):
            file = self._readable.get(name) or self._opened(name)
            data = os.pread(file.number, size, offset)
        return data if len(data) == size else super().read(name, offset, size)

    def remove(self, name: str) -> None:
        self._readable.pop(name, None)
        super().remove(name)

    def rename(self, old: str, new: str) -> None:
        for name in (old, new):
            self._readable.pop(name, None)
        super().rename(old, new)

    def close(self) -> None:
        self._readable.clear()
        super().close()

    def _opened(self, name: str) -> _Readable:
        if len(self._readable) >= OPEN_FILES_MAX:
            self._readable.clear()
        file = self._readable[name] = _Readable(f"{self.root}/{name}")
        return file


def _explain(error: OSError, path: Path) -> KitError:
    if error.errno == errno.ENOENT:
        return NoSuchFile(f"no file {path}")
    if error.errno in _FULL:
        return DiskFull(f"disk full: no room for {path}; make some, or choose another folder")
    if error.errno in _REFUSED:
        return ReadOnly(f"{path} may not be written ({error.strerror}); choose another folder")
    return DiskFault(f"{path}: {error.strerror or error}; the disk may be failing")


def _sync_failed(path: Path, error: OSError) -> SyncFailed:
    return SyncFailed(
        f"sync of {path} failed ({error.strerror}): its last writes may be lost; reopen and look"
    )


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _pieces(descriptor: int, wanted: int) -> Iterator[bytes]:
    """A read may return less than was asked for; only an empty one means the end."""
    while wanted > 0 and (piece := os.read(descriptor, wanted)):
        wanted -= len(piece)
        yield piece


class ThreadPool:
    """Calls on real threads, their results in the order in which they came back."""

    def __init__(self, threads: int = THREADS_MAX) -> None:
        self._executor = ThreadPoolExecutor(min(threads, THREADS_MAX))

    def race(self, calls: Sequence[Callable[[], T]]) -> Generator[Arrival[T], None, None]:
        futures: dict[Future[Arrival[T]], int] = {
            self._executor.submit(copy_context().run, attempt, index, call): index
            for index, call in enumerate(calls)
        }
        for future in as_completed(futures):
            yield future.result()

    def close(self) -> None:
        """Wait for the stragglers and end the threads."""
        self._executor.shutdown(wait=True)

    def __enter__(self) -> "ThreadPool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
