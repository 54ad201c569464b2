"""Who works on what, how often each task was begun, and what a worker's death means.

A pure ledger, so the rule can be read and tested without a process. A task whose worker died goes
to the end of the line: if it is the killer, everybody else gets their turn first. After `tries_max`
deaths it is named. A task may thus run more than once, or half a time and then again: tasks must
be idempotent, here as on any cluster. Page: docs/chapters/batch.md
"""

from collections import Counter, deque
from collections.abc import Iterable

from chapters.batch.errors import PoisonTask

TRIES_MAX = 3


class Attempts:
    """The tasks of one batch: waiting in line, in the hands of a worker, or finished."""

    def __init__(self, keys: Iterable[str], *, tries_max: int = TRIES_MAX) -> None:
        self._waiting = deque(keys)
        self._running: dict[int, str] = {}
        self._tries: Counter[str] = Counter()
        self._tries_max = tries_max

    @property
    def is_over(self) -> bool:
        """Whether every task has finished."""
        return not self._waiting and not self._running

    def is_busy(self, worker: int) -> bool:
        """Whether this worker has a task in hand."""
        return worker in self._running

    def begin(self, worker: int) -> str | None:
        """Return the key of the task that this worker is to run now; None if none waits."""
        assert worker not in self._running, f"worker {worker} is busy"
        if not self._waiting:
            return None
        key = self._waiting.popleft()
        self._tries[key] += 1
        self._running[worker] = key
        return key

    def finish(self, worker: int) -> str:
        """Take note that the worker's task is done; return its key."""
        return self._running.pop(worker)

    def lose(self, worker: int, cause: str) -> str | None:
        """Put a dead worker's task back in line; return its key, None if the worker was idle.

        Raises `PoisonTask` if that was the last try.
        """
        key = self._running.pop(worker, None)
        if key is None:
            return None
        if self._tries[key] >= self._tries_max:
            raise PoisonTask(key, self._tries[key], cause)
        self._waiting.append(key)
        return key
