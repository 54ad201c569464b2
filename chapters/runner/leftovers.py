"""What a box without namespaces of its own may leave behind: found by its mark or by its user.

Needed where the kernel allows neither bubblewrap nor namespaces, as inside most containers; there
a box shares process table and /tmp with everybody. Does nothing where there is no /proc.
Page: docs/how-it-works.md
"""

import contextlib
import os
import shutil
import signal
from pathlib import Path

from chapters.runner.limits import process_ids

SWEEPS_MAX = 200
SHARED_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")


def sweep(mark: str, uid: int | None) -> None:
    """End every process that a box left behind: by its mark in the environment, or by its user.

    In rounds, since processes may start others meanwhile; `Limits.processes` bounds their number.
    """
    for _ in range(SWEEPS_MAX):
        left = [pid for pid in process_ids() if pid != os.getpid() and belongs(pid, mark, uid)]
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if not left:
            return


def belongs(pid: int, mark: str, uid: int | None) -> bool:
    """Return whether the living process `pid` came out of the box of that mark and user."""
    try:
        ours = Path(f"/proc/{pid}")
        marked = mark.encode() in (ours / "environ").read_bytes()
        same = marked or (uid is not None and ours.stat().st_uid == uid)
        return same and b") Z " not in (ours / "stat").read_bytes()
    except OSError:
        return False


def clear(uid: int) -> None:
    """Remove what the box's user left in the folders that everybody may write to."""
    for shared in SHARED_FOLDERS:
        with contextlib.suppress(OSError), os.scandir(shared) as entries:
            for entry in entries:
                if entry.stat(follow_symlinks=False).st_uid == uid:
                    remove(entry)


def remove(entry: "os.DirEntry[str]") -> None:
    """Remove one file, or a folder with all below it."""
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            os.unlink(entry.path)


def bytes_written(pid: int) -> int:
    """Return what a process, and those of its children that it has waited for, sent to disks."""
    try:
        lines = Path(f"/proc/{pid}/io").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))
    except (OSError, StopIteration):
        return 0
