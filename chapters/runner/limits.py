"""How much a box may use, and as whom: the numbers that the kernel is asked to enforce.

The kernel counts processes per user and never limits root, so a box started by root runs as a user
that owns nothing and that no other box has. Page: docs/how-it-works.md
"""

import itertools
import os
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20
OPEN_FILES_MAX = 64

UIDS_PER_PROCESS = 64
UIDS_MAX = 1 << 31

_turn = itertools.count()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one box may use. `wall_s` is for each call; the others are for the box's whole life."""

    cpu_s: int = 10
    memory_bytes: int = 512 * MIB
    file_bytes: int = 16 * MIB
    processes: int = 16
    wall_s: float = 10.0

    def for_kernel(self) -> dict[str, int]:
        """Return the limits by the names that setrlimit(2) gives them."""
        return {
            "CPU": max(1, self.cpu_s),
            "AS": self.memory_bytes,
            "FSIZE": self.file_bytes,
            "NOFILE": OPEN_FILES_MAX,
            "NPROC": self.processes + present_count(),
            "CORE": 0,
        }


def is_root() -> bool:
    """Return whether this process may become another user."""
    return os.geteuid() == 0


def unused_uid() -> int | None:
    """Return the next user to run a box as, or None when we may not change users.

    From the upper half of the users that we may become: far above what is handed out to people.
    """
    if not is_root():
        return None
    half = min(users_count(), UIDS_MAX) // 2
    return half + (os.getpid() * UIDS_PER_PROCESS + next(_turn) % UIDS_PER_PROCESS) % half


def users_count() -> int:
    """Return how many users there are: fewer than the kernel's 2³² inside some containers."""
    try:
        lines = Path("/proc/self/uid_map").read_text().splitlines()
        return sum(int(line.split()[2]) for line in lines)
    except OSError:
        return UIDS_MAX


def present_count() -> int:
    """Return how many threads this user runs already, for they count too; none when root."""
    if is_root():
        return 0
    return sum(threads_of(pid) for pid in process_ids() if owner_of(pid) == os.getuid())


def process_ids() -> list[int]:
    """Return every process's id, as far as the platform tells."""
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def owner_of(pid: int) -> int | None:
    """Return the user that process `pid` runs as, or None when it is gone."""
    try:
        return Path(f"/proc/{pid}").stat().st_uid
    except OSError:
        return None


def threads_of(pid: int) -> int:
    """Return how many threads process `pid` has; 0 when it is gone."""
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except OSError:
        return 0
