"""Watch mode: check again whenever a file is saved; `q` or Ctrl-C ends it.

Files are polled by modification time and size, which every editor and file system honours.
Page: docs/how-it-works.md
"""

import contextlib
import os
import select
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

POLL_S = 0.25


def stamps(paths: Sequence[Path]) -> list[tuple[int, int]]:
    """Return when each file was changed and how long it is; zeros for one that is not there."""
    found = []
    for path in paths:
        try:
            status = path.stat()
            found.append((status.st_mtime_ns, status.st_size))
        except OSError:
            found.append((0, 0))
    return found


def watch(
    paths: Sequence[Path], check: Callable[[], bool], *, asked_to_end: Callable[[float], bool]
) -> bool:
    """Check now and after each change, until `check` passes or `asked_to_end(seconds)` says so."""
    while True:
        seen = stamps(paths)
        if check():
            return True
        while stamps(paths) == seen:
            if asked_to_end(POLL_S):
                return False


@contextlib.contextmanager
def keys() -> Iterator[Callable[[float], bool]]:
    """Yield a function that waits so many seconds, and tells whether `q` was pressed meanwhile."""
    if os.name != "posix" or not sys.stdin.isatty():
        yield _no_keys
        return
    import termios
    import tty

    handle = sys.stdin.fileno()
    before = termios.tcgetattr(handle)
    try:
        tty.setcbreak(handle)
        yield _q_pressed
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)


def _q_pressed(seconds: float) -> bool:
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(ready) and os.read(sys.stdin.fileno(), 1) in (b"q", b"Q", b"\x04")


def _no_keys(seconds: float) -> bool:
    time.sleep(seconds)
    return False
