"""Programs that block, taking turns under one virtual clock: a thread each, and one runs at a time.

    main      clock.step() ─► resume A ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄► clock.step() ─► resume B ┄┄┄┄┄┄┄┄► …
    A                         └─ put(…): wait for a signal ─┘
    B                                                                        └─ get(…): wait ─┘

The store's front ends are written for threads: a commit *returns* when it is durable. To run many of
them at once in a simulation, each gets a real thread, and hands the baton back whenever it waits. So the
threads are coroutines, and who runs next is decided by the clock's queue alone. Invariant: at any moment
exactly one thread runs, so a run is as repeatable as the clock is. Cost: some 20 µs a turn.
Page: docs/s3/consistency.md
"""

import threading
from collections.abc import Callable
from contextvars import copy_context

from chapters.sim.clock import Timer, VirtualClock

TASKS_MAX = 200  # threads of one scene


class Abandoned(BaseException):
    """The scene is over while this program was still waiting; it unwinds."""


class _Task:
    """One program: its thread, and where it is in turn."""

    def __init__(self, run: Callable[[], object], tasks: "Tasks") -> None:
        self.go = threading.Semaphore(0)
        self.is_over = False
        self.error: BaseException | None = None
        context = copy_context()
        self._run = run
        self._tasks = tasks
        self.thread = threading.Thread(target=context.run, args=(self._live,), daemon=True)

    def _live(self) -> None:
        self.go.acquire()
        try:
            if not self._tasks.is_closed:
                self._run()
        except Abandoned:
            pass
        except BaseException as error:  # it is raised again where the clock runs
            self.error = error
        self.is_over = True
        self._tasks.back.release()


class Signal:
    """Something that a program waits for; set once."""

    def __init__(self, tasks: "Tasks") -> None:
        self._tasks = tasks
        self._waiting: _Task | None = None
        self.is_set = False

    def set(self) -> None:
        """Let the program that waits go on, at this instant, after what is running now."""
        self.is_set = True
        if self._waiting is not None:
            task, self._waiting = self._waiting, None
            self._tasks.clock.call_later(0, lambda: self._tasks.resume(task))

    def wait(self, until_ns: int | None = None) -> bool:
        """Wait for `set`, though not beyond `until_ns`; return whether it came."""
        tasks = self._tasks
        if not self.is_set and not tasks.is_closed:
            if tasks.current is None:
                self._drive(until_ns)
            else:
                self._suspend(tasks.current, until_ns)
        if tasks.is_closed and tasks.current is not None:
            raise Abandoned
        return self.is_set

    def _drive(self, until_ns: int | None) -> None:
        """Run the clock ourselves: we are the main program."""
        clock = self._tasks.clock
        while not self.is_set:
            due_ns = clock.next_due_ns()
            if due_ns is None or (until_ns is not None and due_ns > until_ns):
                assert until_ns is not None, "everybody waits, and nothing is left to happen"
                clock.run(until_ns)
                return
            clock.step()

    def _suspend(self, task: _Task, until_ns: int | None) -> None:
        self._waiting = task
        timer: Timer | None = None
        if until_ns is not None:
            clock = self._tasks.clock
            timer = clock.call_later(until_ns - clock.now_ns(), self._time_out)
        self._tasks.yield_from(task)
        if timer is not None:
            timer.cancel()

    def _time_out(self) -> None:
        if self._waiting is not None:
            task, self._waiting = self._waiting, None
            self._tasks.resume(task)


class Tasks:
    """Programs of one scene. Close it when the scene is over; it is a context manager."""

    def __init__(self, *, clock: VirtualClock) -> None:
        self.clock = clock
        self.back = threading.Semaphore(0)
        self.current: _Task | None = None
        self.is_closed = False
        self._all: list[_Task] = []

    def start(self, run: Callable[[], object], delay_ns: int = 0) -> None:
        """Begin a program `delay_ns` from now."""
        assert len(self._all) < TASKS_MAX, f"{TASKS_MAX} programs are enough for one scene"
        task = _Task(run, self)
        self._all.append(task)
        task.thread.start()
        self.clock.call_later(delay_ns, lambda: self.resume(task))

    @property
    def running(self) -> int:
        """How many programs have not ended yet."""
        return sum(not task.is_over for task in self._all)

    def signal(self) -> Signal:
        """Return something to wait for."""
        return Signal(self)

    def sleep_until(self, instant_ns: int) -> None:
        """Let a program wait for a time."""
        self.signal().wait(instant_ns)

    def resume(self, task: _Task) -> None:
        """Hand the baton to a program, and take it back when it waits or ends. Raises its error."""
        if task.is_over:
            return
        before, self.current = self.current, task
        task.go.release()
        self.back.acquire()
        self.current = before
        if task.error is not None:
            error, task.error = task.error, None
            raise error

    def yield_from(self, task: _Task) -> None:
        """Give the baton back, until somebody resumes this program."""
        self.back.release()
        task.go.acquire()

    def close(self) -> None:
        """Let every program that still waits unwind."""
        self.is_closed = True
        for task in self._all:
            self.resume(task)
            task.thread.join()

    def __enter__(self) -> "Tasks":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class TaskClock:
    """The scene's clock as a blocking program sees it: sleeping lets the others run."""

    def __init__(self, tasks: Tasks, offset_ns: int = 0) -> None:
        self._tasks = tasks
        self.offset_ns = offset_ns  # how wrong this machine's clock is

    def now_ns(self) -> int:
        return self._tasks.clock.now_ns() + self.offset_ns

    def call_later(self, delay_ns: int, callback: Callable[[], object]) -> Timer:
        return self._tasks.clock.call_later(delay_ns, callback)

    def sleep_until(self, instant_ns: int) -> None:
        self._tasks.sleep_until(instant_ns - self.offset_ns)
