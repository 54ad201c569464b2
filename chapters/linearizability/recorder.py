"""A history taken down while real clients work, with what is known and what is not kept apart.

    with recorder.operation("client-1", "key", ("read",)) as op:
        op.returned(store.get("key"))

    returned             the operation has an answer, and the time it came
    Definite error       it did not happen: it is dropped
    Indefinite error     it may have happened: it stays open
    any other error, or no answer at all        the same: open

Invariant: the time of the call is taken before the client sends, that of the return after it has its
answer. Getting that backwards makes intervals too short, and a correct store look guilty. Errors go on
to the caller. Threads may share a recorder; the clock must be one for all.
Page: docs/chapters/linearizability.md
"""

from collections.abc import Iterator
from contextlib import contextmanager

from chapters.checking import JSON
from chapters.errors import Definite
from chapters.linearizability.errors import HistoryFull
from chapters.linearizability.history import Operation
from chapters.sim.clock import Clock

OPERATIONS_MAX = 1_000_000


class Started:
    """An operation under way: it gets one answer, or is dropped, or stays open."""

    def __init__(self, operation: Operation, clock: Clock) -> None:
        self._clock = clock
        self._operation = operation
        self.is_dropped = False

    @property
    def operation(self) -> Operation:
        """The operation as far as it is known."""
        return self._operation

    def returned(self, output: JSON) -> None:
        """Take down the answer, and the time."""
        begun = self._operation
        assert begun.is_open and not self.is_dropped, f"{begun} has its answer"
        self._operation = Operation(
            begun.client, begun.call_ns, self._clock.now_ns(), begun.key, begun.input, output
        )

    def dropped(self) -> None:
        """Take down that it certainly did not happen."""
        self.is_dropped = True


class Recorder:
    """The operations of all clients, in order of call."""

    def __init__(self, *, clock: Clock, operations_max: int = OPERATIONS_MAX) -> None:
        self._clock = clock
        self._operations_max = operations_max
        self._started: list[Started] = []

    def begin(self, client: str, key: str, input: tuple[JSON, ...]) -> Started:
        """Take down a call, now; for clients whose answers come by callback.

        Raises `HistoryFull`.
        """
        if len(self._started) >= self._operations_max:
            raise HistoryFull(
                f"the history holds {self._operations_max} operations; check it and begin another"
            )
        started = Started(Operation(client, self._clock.now_ns(), None, key, input), self._clock)
        self._started.append(started)
        return started

    @contextmanager
    def operation(self, client: str, key: str, input: tuple[JSON, ...]) -> Iterator[Started]:
        """Take down one call, what it returned or how it failed. Raises `HistoryFull`."""
        started = self.begin(client, key, input)
        try:
            yield started
        except Definite:
            if started.operation.is_open:
                started.dropped()
            raise

    def history(self) -> list[Operation]:
        """Return what is known by now; operations under way are open."""
        return [each.operation for each in self._started if not each.is_dropped]
