"""The metadata as a front end sees it when its replicas are processes of their own.

    find the leader: the one that answered last, then whoever a replica names, then one after the other

A read that fails is asked again elsewhere, until `PATIENCE_NS` is over. A commit is sent again only if
it certainly did not happen; when nobody knows, the caller is told so (`Unconfirmed`).
Page: docs/s3/metadata.md
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from chapters.errors import Definite, Indefinite
from chapters.sim.clock import MS, S, SleepingClock
from s3.errors import Busy, Unconfirmed
from s3.metadata.batches import Read, pack, unpack, unpack_entries
from s3.metadata.replica import REDIRECT_421, UNKNOWN_504
from s3.metadata.transaction import Entry

PATIENCE_NS = 3 * S  # an election takes some 0.5 s
PAUSE_NS = 30 * MS  # between two rounds in which nobody led


class Answer(Protocol):
    """What a replica said."""

    @property
    def status(self) -> int: ...
    @property
    def body(self) -> bytes: ...


class Line(Protocol):
    """A way to a replica. Raises a definite error when it cannot be reached, else an indefinite one."""

    def call(self, method: str, url: str, body: bytes = b"") -> Answer: ...


class Group:
    """The replicas by name, and which of them led last."""

    def __init__(self, lines: Mapping[str, Line], *, clock: SleepingClock) -> None:
        self.lines = lines
        self._clock = clock
        self._leader = next(iter(lines))

    def read(self, read: Read) -> list[Entry]:
        """Return the entries of a range. Raises `Busy`."""
        return unpack_entries(self._ask("/read", read.encode(), repeatable=True))

    def commit(self, commands: Sequence[bytes]) -> list[str]:
        """Return the machine's result for each command. Raises `Busy`, `Unconfirmed`."""
        answer = self._ask("/commit", pack(commands), repeatable=False)
        return [each.decode() for each in unpack(answer)]

    def _ask(self, url: str, body: bytes, *, repeatable: bool) -> bytes:
        deadline_ns = self._clock.now_ns() + PATIENCE_NS
        names = list(self.lines)
        turn = 0
        while True:
            try:
                answer = self.lines[self._leader].call("POST", url, body)
            except Definite:
                hint = ""
            except Indefinite as error:
                if not repeatable:
                    raise Unconfirmed(f"no replica confirmed the write: {error}") from error
                hint = ""
            else:
                if answer.status == 200:
                    return answer.body
                if answer.status == UNKNOWN_504 and not repeatable:
                    raise Unconfirmed(answer.body.decode())
                hint = answer.body.decode() if answer.status == REDIRECT_421 else ""
            if self._clock.now_ns() >= deadline_ns:
                raise Busy(f"no leader among the metadata replicas {', '.join(names)}")
            turn += 1
            self._leader = hint if hint in self.lines else names[turn % len(names)]
            if not hint and turn % len(names) == 0:
                self._clock.sleep_until(self._clock.now_ns() + PAUSE_NS)
