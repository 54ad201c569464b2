"""Tasks on all cores of this machine, in processes that may die.

    ledger ──► worker 1  ═pipe═  process      a result, or the end of the pipe: the process is dead,
           ──► worker 2  ═pipe═  process      and we know which task it had

The standard library's pool gives up all of its work when one process dies, and cannot say whose
fault it was. With one pipe for each worker both are plain: a dead worker is replaced, its task goes
back in line, and nobody else notices. Page: docs/chapters/batch.md
"""

import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any

from chapters.batch.attempts import TRIES_MAX, Attempts
from chapters.batch.executor import Executor, Item, Result
from chapters.batch.outcome import attempt, settle

GRACE_S = 5.0  # for a worker that is told to stop, to clean up

# A fresh interpreter for each worker: a forked one may inherit locks that are held by threads.
_CONTEXT = multiprocessing.get_context("spawn")


class ProcessExecutor(Executor):
    """Worker processes of this machine; they live as long as one `map`."""

    def __init__(self, *, workers: int | None = None, tries_max: int = TRIES_MAX) -> None:
        self._worker_count = workers or os.cpu_count() or 1
        self._tries_max = tries_max

    def _run(
        self, task: Callable[[Item], Result], items: dict[str, Item]
    ) -> Iterator[tuple[str, Result]]:
        jobs = {key: pickle.dumps((task, item)) for key, item in items.items()}
        attempts = Attempts(jobs, tries_max=self._tries_max)
        crew = Crew(jobs, attempts)
        try:
            crew.hire(min(self._worker_count, len(jobs)))
            while not attempts.is_over:
                yield from crew.collect()
        finally:
            crew.dismiss()


class Worker:
    """A process with a pipe to it."""

    def __init__(self) -> None:
        self.pipe, theirs = _CONTEXT.Pipe()
        self.process = _CONTEXT.Process(target=work, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()  # so that the pipe ends when the process does

    def cause_of_death(self) -> str:
        """Return what ended the process, in words."""
        self.process.join()
        code = self.process.exitcode or 0
        return f"killed by signal {-code}" if code < 0 else f"exit code {code}"

    def stop(self) -> None:
        """End the process: politely, then not."""
        self.pipe.close()
        self.process.terminate()
        self.process.join(GRACE_S)
        self.process.kill()
        self.process.join()


class Crew:
    """The workers of one batch, and the hands that give them tasks and take results."""

    def __init__(self, jobs: dict[str, bytes], attempts: Attempts) -> None:
        self._jobs = jobs
        self._attempts = attempts
        self._workers: dict[int, Worker] = {}

    def hire(self, count: int) -> None:
        """Start that many workers, each with a task."""
        for number in range(count):
            self._workers[number] = Worker()
            self._give(number)

    def collect(self) -> Iterator[tuple[str, Any]]:
        """Wait for workers to answer or die; yield the results. Raises `PoisonTask`."""
        numbers = {worker.pipe: number for number, worker in self._workers.items()}
        for pipe in wait(list(numbers)):
            assert isinstance(pipe, Connection)
            number = numbers[pipe]
            try:
                answer = pipe.recv_bytes()
            except (EOFError, OSError):
                self._replace(number)
                continue
            key = self._attempts.finish(number)
            self._give(number)
            yield key, settle(key, answer)

    def dismiss(self) -> None:
        """End all workers, whatever they are doing."""
        while self._workers:
            self._workers.popitem()[1].stop()

    def _give(self, number: int) -> None:
        """Hand the worker its next task; without one it waits for a task that somebody loses."""
        key = self._attempts.begin(number)
        if key is not None:
            # If it has died already, `collect` finds the end of its pipe, and that is a try too.
            with suppress(OSError):
                self._workers[number].pipe.send_bytes(self._jobs[key])

    def _replace(self, number: int) -> None:
        dead = self._workers.pop(number)
        dead.pipe.close()
        self._attempts.lose(number, dead.cause_of_death())
        self._workers[number] = Worker()
        for idle in self._workers:  # the lost task may be all that is left: anyone may take it
            if not self._attempts.is_busy(idle):
                self._give(idle)


def work(pipe: Connection) -> None:
    """Run tasks from the pipe until it ends: the life of a worker process."""
    # Ctrl-C reaches every process of the terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    while True:
        try:
            job = pipe.recv_bytes()
        except EOFError:
            return
        pipe.send_bytes(attempt(job))


def _leave(*_: object) -> None:
    """Leave as by `sys.exit`, so that what a task holds is given back on the way out."""
    raise SystemExit(128 + signal.SIGTERM)
