"""Our half of a session: messages get their numbers, are noted, and wait until they may be sent.

    send ──► number, header ──► session log ──► waits ──► log synced ──► take ──► the wire

Without a connection nothing waits: what the log has is asked for at the next logon.
Invariant: each number is used for one message for ever; sent again, it says that it may be a duplicate.
Page: docs/exchange/fix.md
"""

from collections.abc import Sequence
from dataclasses import dataclass

from exchange.fix import tags
from exchange.fix.framing import encode
from exchange.fix.message import HEADER, Field, parse, text
from exchange.fix.resend import Again, Fill, plan
from exchange.fix.store import SessionLog
from exchange.fix.timestamps import stamp

_VERSION = tags.VERSION.encode()
_OURS_ALONE = {tags.MSG_SEQ_NUM, tags.SENDER, tags.TARGET, tags.SENDING_TIME}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who speaks with whom: our CompID and theirs."""

    ours: str
    theirs: str

    def __str__(self) -> str:
        return f"{self.ours}-{self.theirs}"


class Outbox:
    """What goes to the other side."""

    def __init__(self, identity: Identity, log: SessionLog) -> None:
        self.identity = identity
        self.log = log
        self.is_open = False  # whether somebody is there to be sent something
        self.now_ns = self.sent_ns = 0
        self._waiting: list[bytes] = []

    def send(
        self, kind: str, body: Sequence[Field], header: Sequence[Field] = (), *, cause: int = 0
    ) -> None:
        """Send a message that may be asked for again; `cause` is what it reports on (see store.py)."""
        data = self._text(kind, self.log.next_out, body, header)
        self.log.keep(data, cause)
        self._write(data)

    def send_own(self, kind: str, body: Sequence[Field], header: Sequence[Field] = ()) -> None:
        """Send a message of the session itself: never sent again, its number is filled instead."""
        data = self._text(kind, self.log.next_out, body, header)
        self.log.count()
        self._write(data)

    def resend(self, first: int, last: int) -> None:
        """Answer a request for our messages `first` to `last`; 0 is the newest."""
        newest = self.log.next_out - 1
        for step in plan(self.log.sent, max(1, first), min(last or newest, newest)):
            self._write(self._again(step) if isinstance(step, Again) else self._filler(step))

    def take(self) -> list[bytes]:
        """Return what is to be sent, in order."""
        taken, self._waiting = self._waiting, []
        return taken

    def _again(self, step: Again) -> bytes:
        """Return a message as it was, with the present time, and the former one as the original."""
        message = parse(self.log.sent[step.number])
        kept = [each for each in message.fields if each[0] in HEADER - _OURS_ALONE]
        marks = [
            (tags.POSS_DUP, "Y"),
            (tags.ORIG_SENDING_TIME, message.get(tags.SENDING_TIME)),
        ]
        return self._text(message.type, step.number, message.body(), [*kept, *marks])

    def _filler(self, step: Fill) -> bytes:
        marks = [(tags.POSS_DUP, "Y"), (tags.ORIG_SENDING_TIME, stamp(self.now_ns))]
        body = [(tags.NEW_SEQ_NO, str(step.following)), (tags.GAP_FILL, "Y")]
        return self._text(tags.SEQUENCE_RESET, step.number, body, marks)

    def _text(
        self, kind: str, number: int, body: Sequence[Field], header: Sequence[Field]
    ) -> bytes:
        """Return a message's bytes: the usual header, `header` where its tags belong, the body."""
        fields = [
            (tags.MSG_SEQ_NUM, str(number)),
            (tags.SENDER, self.identity.ours),
            (tags.SENDING_TIME, stamp(self.now_ns)),
            (tags.TARGET, self.identity.theirs),
        ]
        return text(kind, [*(sorted([*fields, *header]) if header else fields), *body])

    def _write(self, data: bytes) -> None:
        self.sent_ns = self.now_ns
        if self.is_open:
            self._waiting.append(encode(_VERSION, data))
