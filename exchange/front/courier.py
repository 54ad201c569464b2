"""Carries commands to whoever is primary until they are committed, and brings what is committed.

    number   41 sent, 42 sent, 43 sent      to a, in epoch 3         a is killed
    shown    record 57 = 41 │ record 58: epoch 4 begins              by b
    number   42 sent, 43 sent               to b, in epoch 4         both were lost, for good

A cancel has no client id, so it must not be entered twice, and an answer may get lost. But what is
committed is never taken back: once the beginning of epoch 4 is, all that earlier epochs have left stands
before it. A command that is not there will not happen, and may be sent again. An epoch is named with each
command, so that an earlier primary, should it wake, cannot enter it too; and within an epoch the primary
takes each number once and in order. Invariant: of each command that was entered here there is one record.
Cost: O(1) a command. Page: docs/exchange/standby.md
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from chapters.sim.clock import MS, Clock
from exchange.codec import encode, epoch_in
from exchange.orders import Command
from exchange.standby.errors import Diverged
from exchange.standby.messages import PRIMARY, SHORT, Enter, Message, Shown, Watch

AGAIN_NS = 150 * MS  # without any of its commands committed, it sends them again
WITHOUT_TIME = slice(8, None)  # of a record


@dataclass(frozen=True, slots=True)
class Takeover:
    """Nobody had been heard as primary for so long, when the next one was."""

    before: str
    after: str
    at_ns: int
    took_ns: int


class Carried(NamedTuple):
    """A command that is not committed yet, under its number here."""

    number: int
    command: Command
    record: bytes  # what the journal will hold of it, but for the time


class Courier:
    """A client of all `machines`, that has what is committed up to record `last`, of `epoch`."""

    def __init__(
        self, machines: Iterable[str], *, clock: Clock, send: Callable[[str, Message], object],
        last: int = 0, epoch: int = 0,
    ) -> None:  # fmt: skip
        self._clock, self._send = clock, send
        self.last, self.epoch, self.primary = last, epoch, ""
        self.heard_ns = clock.now_ns()  # when a primary was heard last
        self.takeover: Takeover | None = None
        self.said: dict[str, tuple[int, Shown | None]] = dict.fromkeys(machines, (0, None))
        self.pending: deque[Carried] = deque()
        self._before = ""  # who was primary last
        self._number = self._sent = 0  # of the last command, of the last one sent to this primary
        self._first = 1  # number of this epoch
        self._moved_ns = 0  # when the oldest of them was sent, or the one before it committed

    def enter(self, commands: Sequence[Command]) -> list[int]:
        """Carry `commands`; return the numbers by which their records will be known."""
        if not self.pending:
            self._moved_ns = self._clock.now_ns()
        first = self._number + 1
        for command in commands:
            self._number += 1
            self.pending.append(Carried(self._number, command, encode(0, command)[WITHOUT_TIME]))
        self._send_rest()
        return list(range(first, self._number + 1))

    def handle(self, source: str, message: Message) -> list[tuple[bytes, int]]:
        """Take in an answer; return what is newly committed: records, each with its number here, or 0.

        Raises `Diverged` when a primary lacks what another has shown as committed.
        """
        if not isinstance(message, Shown):
            return []
        self.said[source] = (self._clock.now_ns(), message)
        if message.epoch < self.epoch:
            return []  # it was primary once, and does not know better
        if message.role == SHORT:
            raise Diverged(
                f"{source} is primary with {message.last} records, and {self.last} were shown: "
                "the machines have lost their disks. Begin in an empty folder"
            )
        if message.role != PRIMARY or message.previous > self.last:
            return []
        fresh = message.payloads[self.last - message.previous :]
        found = [(payload, self._note(payload)) for payload in fresh]
        if message.epoch == self.epoch:
            self._heard(source)
        if fresh and self.last < message.committed:
            self._send(source, Watch(self.last))
        return found

    def look(self) -> None:
        """Ask all machines how they are; send again what ought to be committed by now."""
        for machine in self.said:
            self._send(machine, Watch(self.last))
        if self.pending and self._clock.now_ns() - self._moved_ns > AGAIN_NS:
            self._begin_again()

    def gone(self, machine: str) -> None:
        """Take what was said to `machine` for lost: it has hung up."""
        self.said[machine] = (self.said[machine][0], None)
        if machine == self.primary:
            self._begin_again()

    def age_ns(self, machine: str) -> int:
        """Return how long ago it was that `machine` said something."""
        return self._clock.now_ns() - self.said[machine][0]

    def silent_ns(self) -> int:
        """Return for how long no primary was heard."""
        return self._clock.now_ns() - self.heard_ns

    def why(self) -> str:
        """Return why a machine is not primary, as it says itself; "" when none does."""
        return next((said.why for _, said in self.said.values() if said and said.why), "")

    def _note(self, payload: bytes) -> int:
        """Count a record; return the number of the command that it is, 0 when nobody here sent it.

        What is sent in order is committed in order, so it can be the oldest only.
        """
        self.last += 1
        if epoch := epoch_in(payload):
            self.epoch, self.primary = epoch, ""
            self._first = self._number + 1 - len(self.pending)
            self._sent = self._first - 1
        elif self.pending and self.pending[0].record == payload[WITHOUT_TIME]:
            self._moved_ns = self._clock.now_ns()
            return self.pending.popleft().number
        return 0

    def _heard(self, source: str) -> None:
        """Note that `source` is primary, of the latest epoch."""
        now_ns = self._clock.now_ns()
        if self.primary != source:
            if self._before not in ("", source):
                self.takeover = Takeover(self._before, source, now_ns, now_ns - self.heard_ns)
            self.primary = self._before = source
        self.heard_ns = now_ns
        self._send_rest()

    def _begin_again(self) -> None:
        self._sent = self._number - len(self.pending)
        self._moved_ns = self._clock.now_ns()
        self._send_rest()

    def _send_rest(self) -> None:
        """Send what this primary was not sent yet, if it is known who that is."""
        if self.primary:
            for number, command, _ in islice(self.pending, self._unsent(), None):
                enter = Enter(number, command, epoch=self.epoch, first=self._first)
                self._send(self.primary, enter)
            self._sent = self._number

    def _unsent(self) -> int:
        """Return the place in `pending` of the first command that is not sent yet."""
        return len(self.pending) - (self._number - self._sent)
