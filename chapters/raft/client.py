"""A customer of the simulated group: writes and reads, asks whom it believes to lead, notes it all.

An answer that does not come in time leaves the write open: it may be in the list, or come into it
much later. Then the client goes on to the next one, and never says the same name again.
Page: docs/chapters/raft.md
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from chapters.raft.oracle import Operation
from chapters.sim.clock import MS
from chapters.sim.process import Process

THINK_NS = 15 * MS
PATIENCE_NS = 400 * MS
RETRY_NS = 30 * MS


@dataclass(frozen=True, slots=True)
class Ask:
    """A client's request: put `name` into the list, or say how long the list is."""

    name: bytes
    is_write: bool
    attempt: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A value; or the member to ask instead; or neither, when nobody knows."""

    ask: Ask
    value: int | None = None
    is_refused: bool = False
    leader: str | None = None


class Client:
    """One operation after another, until the simulation ends."""

    def __init__(
        self, process: Process, members: tuple[str, ...], *, rng: Random, writes: float = 0.6
    ) -> None:
        self._process = process
        self._members = members
        self._rng = rng
        self._writes = writes
        self._target = rng.choice(members)
        self._attempts = 0
        self.is_done = False  # set from outside: then nothing new is begun
        self.operations: list[Operation] = []
        self._next()

    def handle(self, member: str, answer: object) -> None:
        """Take an answer to the present attempt; others came too late."""
        assert isinstance(answer, Answer)
        if answer.ask.name != self._now.name or answer.ask.attempt != self._attempts:
            return
        if answer.is_refused:
            self._target = answer.leader or self._rng.choice(self._members)
            self._attempts += 1
            self._later(RETRY_NS, self._attempts, self._ask)
            return
        if answer.value is not None:
            self._now.end_ns, self._now.value = self._process.now_ns(), answer.value
        self._attempts += 1
        self._later(THINK_NS, self._attempts, self._next)

    @property
    def _now(self) -> Operation:
        return self.operations[-1]

    def _next(self) -> None:
        if self.is_done:
            return
        name = f"{self._process.name}/{len(self.operations) + 1}".encode()
        is_write = self._rng.random() < self._writes
        self.operations.append(Operation(name, is_write, self._process.now_ns()))
        self._ask()

    def _ask(self) -> None:
        self._attempts += 1
        ask = Ask(self._now.name, self._now.is_write, self._attempts)
        self._process.send(self._target, ask)
        self._later(PATIENCE_NS, self._attempts, self._give_up)

    def _give_up(self) -> None:
        self._target = self._rng.choice(self._members)
        self._next()

    def _later(self, delay_ns: int, attempt: int, act: Callable[[], None]) -> None:
        """Act later, unless something else has happened to this attempt by then."""

        def unless_overtaken() -> None:
            if self._attempts == attempt:
                act()

        self._process.call_later(delay_ns, unless_overtaken)
