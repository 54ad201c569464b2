"""What of a session must outlive the process: both numbers, and every message that may be asked for again.

    written ──► record ──► record ──► commit: one write, one sync ──► only now onto the wire
    opened  ──► all records, in order ──► the same numbers and messages as before

A client that comes back says which number it expects, and is sent what it has missed. So a message must be
on disk before it is on the wire: else a crash would use its number twice, for two different things.
Sessions share one log and one sync. A cause goes with each message: the place in the exchange's
journal that it reports on. Behind the highest cause, reports are derived again after a crash. A request
without a name in the journal is noted here first: see pending.py.

Invariant: after a crash at any moment, every message that a client has seen is here, under its number.
Cost: a record for each of our messages, and one a commit for what came. Page: docs/exchange/fix.md
"""

from collections.abc import Callable
from dataclasses import dataclass

from chapters.log import Log
from chapters.sim.disk import Disk
from exchange.errors import BadRecord

LOG = "fix"
_SENT, _COUNTED, _TAKEN, _RESET, _NOTED = b"S", b"C", b"T", b"R", b"N"


@dataclass(slots=True)
class Reported:
    """How far a log had come when the process began: to be asked for each report in turn."""

    cause: int
    messages: int  # about that very place: the last batch may have been cut short behind some

    def has(self, cause: int) -> bool:
        """Return whether the next report on that place in the journal is in the log."""
        if cause == self.cause and self.messages:
            self.messages -= 1
            return True
        return cause < self.cause


class SessionLog:
    """One session's numbers and sent messages. `record` makes a change durable, sooner or later."""

    def __init__(self, record: Callable[[bytes, int, int, bytes], object] | None = None) -> None:
        self._record = record or (lambda kind, number, cause, body: None)
        self.next_in = 1
        self.next_out = 1
        self.cause = 0  # the last place in the journal that was reported on,
        self._told = 0  # and how many messages did
        self.sent: dict[int, bytes] = {}
        self.requests: dict[int, bytes] = {}  # theirs, that are not settled yet, by number

    def keep(self, body: bytes, cause: int) -> None:
        """Note that message `next_out` was sent, and may be asked for again."""
        self._record(_SENT, self.next_out, cause, body)
        self._keep(self.next_out, cause, body)

    def count(self) -> None:
        """Note that message `next_out` was sent; its number is all that matters of it."""
        self._record(_COUNTED, self.next_out, 0, b"")
        self.next_out += 1

    def take(self, next_in: int) -> None:
        """Note that everything before message `next_in` of the other side has been dealt with."""
        if next_in != self.next_in:
            self._record(_TAKEN, next_in, 0, b"")
            self._take(next_in)

    def note(self, number: int, request: bytes) -> None:
        """Remember what their message `number` asked for, until it is settled."""
        self._record(_NOTED, number, 0, request)
        self.requests[number] = request

    def reported(self) -> "Reported":
        """Return what the log has reported on by now."""
        return Reported(self.cause, self._told)

    def reset(self) -> None:
        """Begin both directions with 1 again; nothing that was sent can be asked for any more."""
        self._record(_RESET, 0, self.cause, b"")
        self._reset()

    def replay(self, kind: bytes, number: int, cause: int, body: bytes) -> None:
        """Do again what a record tells."""
        if kind == _SENT:
            self._keep(number, cause, body)
        elif kind == _COUNTED:
            self.next_out = number + 1
        elif kind == _TAKEN:
            self._take(number)
        elif kind == _RESET:
            self._reset()
        elif kind == _NOTED:
            self.requests[number] = body
        else:
            raise BadRecord(f"record of kind {kind!r} in {LOG}/: of a newer version of the kit?")

    def _keep(self, number: int, cause: int, body: bytes) -> None:
        self.sent[number] = body
        self.next_out = number + 1
        if cause:
            self._told = 1 if cause > self.cause else self._told + 1
            self.cause = cause

    def _take(self, next_in: int) -> None:
        self.next_in = next_in
        if self.requests:
            for number in [each for each in self.requests if each < next_in]:
                del self.requests[number]

    def _reset(self) -> None:
        self.next_in = self.next_out = 1
        self.sent.clear()
        self.requests.clear()


class Store:
    """The session logs of a gateway, on one log. Opening it recovers all of them."""

    def __init__(self, *, disk: Disk) -> None:
        self._log = Log(disk=disk, name=LOG)
        self._sessions: dict[str, SessionLog] = {}
        for record in self._log.read():
            name, kind, number, cause, body = record.payload.split(b"\x00", 4)
            self.session(name.decode()).replay(kind, int(number), int(cause), body)

    def session(self, name: str) -> SessionLog:
        """Return the log of the session of that name, a new one if it has none yet."""
        if name not in self._sessions:
            prefix = name.encode() + b"\x00"

            def record(kind: bytes, number: int, cause: int, body: bytes) -> None:
                self._log.append(b"%b%b\x00%d\x00%d\x00%b" % (prefix, kind, number, cause, body))

            self._sessions[name] = SessionLog(record)
        return self._sessions[name]

    def commit(self) -> None:
        """Make all changes durable; only then may what was written be sent."""
        self._log.commit()


class Forgetful:
    """A store that keeps nothing beyond the process: for a session that begins anew at each logon."""

    def __init__(self) -> None:
        self._sessions: dict[str, SessionLog] = {}

    def session(self, name: str) -> SessionLog:
        """Return the log of the session of that name."""
        return self._sessions.setdefault(name, SessionLog())

    def commit(self) -> None:
        """Do nothing."""
