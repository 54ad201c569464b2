"""Files and the store: the one place of the client with threads, real time and a disk.

    up     16 MiB or less: one PUT.   More: parts of 16 MiB, four at once ──► complete, or abort
    down   GET ──► .name.kit-draft ──► sync ──► rename

Invariants: under its own name a file is whole or not there, whatever happened, Ctrl-C included; an
upload that was not completed is aborted. Memory: `PARTS_AT_ONCE` parts, however many files and however
large. Page: docs/s3/client.md
"""

import hashlib
import mimetypes
import os
import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from chapters.errors import KitError
from chapters.sim.real import WallClock
from s3.client.errors import Stopped, Unconfirmed
from s3.client.places import Place
from s3.client.store import Found, Store
from s3.client.wire import Endpoint, Sender

MIB = 1024 * 1024
PART_BYTES = 16 * MIB
PARTS_MAX = 10_000
PARTS_AT_ONCE = 4
FILES_AT_ONCE = 4
AHEAD_MAX = 16  # begun or waiting, of any number of files
AWAKE_EVERY_S = 0.2
COPY_BYTES_MAX = 5 * 1024 * MIB  # of one CopyObject
COPY_PART_BYTES = 512 * MIB

T = TypeVar("T")
R = TypeVar("R")
Told = Callable[[int], object]
Span = tuple[int, int]


def _untold(size_bytes: int) -> None:
    """Nobody asks how far it is."""


class Client:
    """A store, and the threads that carry to it and from it. Closed with `with`."""

    def __init__(self, endpoint: Endpoint) -> None:
        clock, rng = WallClock(), random.SystemRandom()
        self.store = Store(Sender(endpoint, clock=clock, rng=rng))
        self._parts = ThreadPoolExecutor(PARTS_AT_ONCE, "part")
        self._is_stopping = False
        self._files = ThreadPoolExecutor(FILES_AT_ONCE, "file")

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *error: object) -> None:
        self._files.shutdown(cancel_futures=True)
        self._parts.shutdown(cancel_futures=True)
        self.store.sender.close()

    def upload(self, file: Path, place: Place, told: Told = _untold) -> None:
        """Store a file; `told` hears of bytes as they are sent. Raises what the store raises."""
        kind = mimetypes.guess_type(file.name)[0]
        headers = {"content-type": kind} if kind else {}
        size = file.stat().st_size
        if size <= PART_BYTES:
            self.store.put(place, file.read_bytes(), headers)
            told(size)
            return

        def send(upload: str, number: int, span: Span) -> str:
            with file.open("rb") as source:
                source.seek(span[0])
                body = source.read(span[1] - span[0])
            self._go_on()
            etag = self.store.put_part(place, upload, number, body)
            told(len(body))
            return etag

        self._in_parts(place, spans(size, part_bytes(size)), send, headers)

    def copy(self, source: Found, at: Place, target: Place, told: Told = _untold) -> None:
        """Copy the object `source`, which is at `at`, within the store; a huge one in parts."""
        if source.size_bytes <= COPY_BYTES_MAX:
            self.store.copy(at, target)
            told(source.size_bytes)
            return

        def send(upload: str, number: int, span: Span) -> str:
            self._go_on()
            etag = self.store.copy_part(at, target, upload, number, span)
            told(span[1] - span[0])
            return etag

        self._in_parts(target, spans(source.size_bytes, COPY_PART_BYTES), send, {})

    def download(self, place: Place, file: Path, told: Told = _untold) -> None:
        """Fetch an object into a file, which appears whole, dated as the object is."""
        file.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(file) as draft:
            reading = self.store.get(place)
            md5 = hashlib.md5(usedforsecurity=False)
            with draft.open("wb") as target:
                for block in reading:
                    self._go_on()
                    target.write(block)
                    md5.update(block)
                    told(len(block))
                target.flush()
                os.fsync(target.fileno())
            found = reading.found
            assert found is not None, "it was read to its end"
            if found.has_md5 and found.etag != md5.hexdigest():
                raise Unconfirmed(f"{place}: the bytes that came are not those of its ETag")
            os.utime(draft, (found.modified_s, found.modified_s))

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield `work(item)` in order, a few at a time. Raises what the first failing one raised.

        Whatever is under way then, or at Ctrl-C, is given up at its next part or block.
        """
        return _in_order(self._files, work, items, AHEAD_MAX, on_error=self._stop)

    def _stop(self) -> None:
        self._is_stopping = True

    def _go_on(self) -> None:
        """Raise `Stopped` when somebody has stopped the whole."""
        if self._is_stopping:
            raise Stopped("stopped before its end")

    def _in_parts(
        self,
        place: Place,
        parts: list[Span],
        send: Callable[[str, int, Span], str],
        headers: dict[str, str],
    ) -> None:
        """Upload the parts and complete them; whatever goes wrong, abort."""
        upload = self.store.begin_parts(place, headers)
        try:
            work = partial(_send, send, upload)
            numbered = enumerate(parts, 1)
            etags = list(_in_order(self._parts, work, numbered, 2 * PARTS_AT_ONCE))
            self.store.finish_parts(place, upload, etags)
        except BaseException:
            with suppress(KitError):  # what went wrong first is what has to be said
                self.store.abort_parts(place, upload)
            raise


def _send(send: Callable[[str, int, Span], str], upload: str, part: tuple[int, Span]) -> str:
    return send(upload, *part)


def _in_order(
    pool: ThreadPoolExecutor,
    work: Callable[[T], R],
    items: Iterable[T],
    ahead_max: int,
    on_error: Callable[[], object] = lambda: None,
) -> Iterator[R]:
    """Yield results in order; when one fails, those not begun are never begun, and the rest ends."""
    begun: deque[Future[R]] = deque()
    try:
        for item in items:
            begun.append(pool.submit(work, item))
            if len(begun) >= ahead_max:
                yield _result(begun.popleft())
        while begun:
            yield _result(begun.popleft())
    except BaseException:
        on_error()
        raise
    finally:
        running = [future for future in begun if not future.cancel()]
        for future in running:
            future.exception()


def _result(future: Future[R]) -> R:
    """Return the result, awake now and then: Ctrl-C may reach a thread that cannot act on it."""
    while True:
        try:
            return future.result(AWAKE_EVERY_S)
        except TimeoutError:
            if future.done():
                return future.result()


def part_bytes(size_bytes: int) -> int:
    """Return how large the parts of a file are: 16 MiB, or what makes 10,000 of them."""
    return max(PART_BYTES, -(-size_bytes // PARTS_MAX))


def spans(size_bytes: int, each_bytes: int) -> list[Span]:
    """Return the parts of a file as (start, stop)."""
    return [
        (start, min(start + each_bytes, size_bytes)) for start in range(0, size_bytes, each_bytes)
    ]


def etag_of(file: Path) -> str:
    """Return the ETag that a file has once `upload` has stored it, unless it is encrypted."""
    size = file.stat().st_size
    whole = hashlib.md5(usedforsecurity=False)
    with file.open("rb") as source:
        if size <= PART_BYTES:
            whole.update(source.read())
            return whole.hexdigest()
        parts = spans(size, part_bytes(size))
        for start, stop in parts:
            whole.update(hashlib.md5(source.read(stop - start), usedforsecurity=False).digest())
    return f"{whole.hexdigest()}-{len(parts)}"


@contextmanager
def draft_of(file: Path) -> Iterator[Path]:
    """Give a draft beside `file` that takes its place at the end; after any error it is gone."""
    draft = file.with_name(f".{file.name}.{random.SystemRandom().getrandbits(32):08x}.kit-draft")
    try:
        yield draft
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
