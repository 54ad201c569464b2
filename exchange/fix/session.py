"""One side of a FIX session, as a state machine: messages and the time go in, messages come out.

    connected ──logon──► logged on ──logout──► closing ──► closed, until the next connection

No socket and no clock: whoever owns these calls `received` and `tick`, makes the session's log durable, and
then sends what `outbox.take` returns. The session outlives its connections, as its numbers do. What an
order means, the application knows; it may settle it at once, or later, from wherever it likes.

Invariant: our numbers rise by one, and each is used for one message for ever; theirs are taken in turn.
Source: FIX 4.4, volume 2; texts and order of checks are those of common engines. Page: docs/exchange/fix.md
"""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from chapters.sim.clock import S
from exchange.fix import tags
from exchange.fix.admission import admit, check_times, refused_logon, reversed_route
from exchange.fix.dictionary import Dictionary
from exchange.fix.errors import BusinessReject, Garbled, Reason, SessionReject
from exchange.fix.fix44 import FIX44
from exchange.fix.inbox import Inbox, Verdict
from exchange.fix.message import Field, Message
from exchange.fix.outbox import Identity, Outbox
from exchange.fix.pulse import Due, Pulse
from exchange.fix.store import SessionLog

LOGOUT_NS = 2 * S  # how long we wait for the answer to our logout
ASK_AGAIN_NS = 3 * S  # a resend that has not come by then was lost itself


class Receipt(NamedTuple):
    """An incoming message whose effects are not durable yet: the session's life, and its number."""

    life: int
    number: int


class Application(Protocol):
    """What a session is for."""

    def logged_on(self, session: "Session") -> None: ...
    def logged_out(self, session: "Session") -> None: ...

    def received(self, session: "Session", message: Message) -> bool:
        """Serve `message`; False when it is settled later, by `session.settle(session.receipt(message))`.

        Raises `SessionReject` or `BusinessReject` when it refuses it.
        """


class Session:
    """A session, with or without a connection."""

    def __init__(
        self, identity: Identity, log: SessionLog, application: Application, *,
        resets_on_logon: bool = False, dictionary: Dictionary = FIX44,
    ) -> None:  # fmt: skip
        self.identity = identity
        self.inbox = Inbox(log.next_in)
        self.outbox = Outbox(identity, log)
        self.is_logged_on = self.is_closing = False
        self._is_calling = False  # our logon is out, theirs has not come
        self._application = application
        self._dictionary = dictionary
        self._resets_on_logon = resets_on_logon
        self.log = log
        self._pulse = Pulse()
        self._unsettled: deque[int] = deque()
        self._life = 0
        self._asked_ns = 0
        self._logout_ns: int | None = None

    # What the owner of the connection calls.

    def call(self, interval_s: int, now_ns: int) -> None:
        """Be the side that calls: send the first logon of a connection."""
        self.outbox.now_ns, self.outbox.is_open = now_ns, True
        self._is_calling = True
        agreed = [(tags.ENCRYPT_METHOD, "0"), (tags.HEART_BT_INT, str(interval_s))]
        self.outbox.send_own(tags.LOGON, agreed)

    def received(self, message: Message, now_ns: int) -> None:
        """Take in a whole message of the other side."""
        self.outbox.now_ns, self.outbox.is_open = now_ns, True
        try:
            number = message.number
        except Garbled:
            self._hang_up("MsgSeqNum missing")
            return
        if not self.is_logged_on:
            self._logon(message, number)
        else:
            self._pulse.heard(now_ns)
            self._arrived(message, number)
        while self.is_logged_on and (held := self.inbox.following()) is not None:
            self._deliver(held, held.number, was_held=True)

    def tick(self, now_ns: int) -> None:
        """Do what is due by now: heartbeats, questions whether they are there, the end."""
        self.outbox.now_ns = now_ns
        if not self.is_logged_on:
            return
        if self._logout_ns is not None and now_ns - self._logout_ns >= LOGOUT_NS:
            self.is_closing = True
        elif self.inbox.is_waiting and now_ns - self._asked_ns >= ASK_AGAIN_NS:
            self._ask_for_missing()
        due = self._pulse.look(now_ns, self.outbox.sent_ns)
        if due is Due.END:
            self.is_closing = True
        elif due is Due.TEST:
            self.outbox.send_own(tags.TEST_REQUEST, [(tags.TEST_REQ_ID, "TEST")])
        elif due is Due.HEARTBEAT:
            self.outbox.send_own(tags.HEARTBEAT, [])

    def disconnected(self) -> None:
        """The connection is gone; numbers and messages stay."""
        was_logged_on, self.is_logged_on = self.is_logged_on, False
        self.is_closing, self._logout_ns, self._is_calling = False, None, False
        self.inbox = Inbox(self.inbox.expected)
        self.outbox.take()
        self.outbox.is_open = False
        if was_logged_on:
            self._application.logged_out(self)

    def note_progress(self) -> None:
        """Tell the log how far the other side's messages have been dealt with."""
        self.log.take(self._unsettled[0] if self._unsettled else self.inbox.expected)

    # What the application calls, beside `outbox.send`.

    def receipt(self, message: Message) -> Receipt:
        """Return what settles `message`, once its effects are durable."""
        return Receipt(self._life, message.number)

    def settle(self, receipt: Receipt) -> None:
        """Note that a message's effects are durable: it need not be sent again after a crash."""
        if receipt.life == self._life and receipt.number in self._unsettled:
            self._unsettled.remove(receipt.number)

    def log_out(self, reason: str = "") -> None:
        """Ask for the end of the connection, and say why."""
        self.outbox.send_own(tags.LOGOUT, [(tags.TEXT, reason)] if reason else [])
        self._logout_ns = self.outbox.now_ns

    # Logging on.

    def _logon(self, message: Message, number: int) -> None:
        """Begin: the first message of a connection. A stranger to the rules is not even answered."""
        try:
            admit(message, self.identity, self._dictionary, self.outbox.now_ns)
        except SessionReject:
            self.is_closing = True
            return
        if message.type != tags.LOGON or message.version != tags.VERSION:
            self.is_closing = True
        elif why := refused_logon(message):
            self._hang_up(why)
        else:
            self._welcome(message, number)

    def _welcome(self, message: Message, number: int) -> None:
        is_reset = message.is_set(tags.RESET_SEQ_NUM)
        if is_reset or self._resets_on_logon:
            self._reset()
        verdict = self.inbox.judge(number, is_duplicate=message.is_set(tags.POSS_DUP))
        if verdict is Verdict.TOO_LOW:
            self._too_low(number)
            return
        interval = message.get(tags.HEART_BT_INT)
        self.is_logged_on = True
        self._pulse.start(int(interval), self.outbox.now_ns)
        flag = [(tags.RESET_SEQ_NUM, "Y")] if is_reset else []
        if not self._is_calling:
            agreed = [(tags.ENCRYPT_METHOD, "0"), (tags.HEART_BT_INT, interval), *flag]
            self.outbox.send_own(tags.LOGON, agreed)
        self._is_calling = False
        self._count_out_of_turn(number, verdict)
        self._application.logged_on(self)

    def _reset(self) -> None:
        self.log.reset()
        self.inbox = Inbox(1)
        self._unsettled.clear()
        self._life += 1

    # Messages, by their numbers.

    def _arrived(self, message: Message, number: int) -> None:
        """Find out whether it is the message's turn; some are served whatever their number."""
        is_reset = message.type == tags.SEQUENCE_RESET and not message.is_set(tags.GAP_FILL)
        if message.type in (tags.LOGOUT, tags.RESEND_REQUEST) or is_reset:
            self._serve_out_of_turn(message, number)
            return
        if message.type == tags.LOGON and message.is_set(tags.RESET_SEQ_NUM):
            self._logon(message, number)
            return
        verdict = self.inbox.judge(number, is_duplicate=message.is_set(tags.POSS_DUP))
        if verdict is Verdict.IN_TURN:
            self._deliver(message, number)
        elif verdict is Verdict.TOO_LOW:
            self._too_low(number)
        elif verdict is Verdict.REPEATED:
            self._leave(message)
        else:
            self.inbox.hold(number, message)
            if verdict is Verdict.GAP:
                self._ask_for_missing()

    def _too_low(self, number: int) -> None:
        expected = self.inbox.expected
        self._hang_up(f"MsgSeqNum too low, expecting {expected} but received {number}")

    def _hang_up(self, reason: str) -> None:
        self.log_out(reason)
        self.is_closing = True

    def _leave(self, message: Message) -> None:
        """Leave a repetition alone; unless, by its times, it cannot be one."""
        try:
            check_times(message)
        except SessionReject as wrong:
            self._reject(message, wrong)

    def _ask_for_missing(self) -> None:
        self._asked_ns = self.outbox.now_ns
        first = (tags.BEGIN_SEQ_NO, str(self.inbox.expected))
        self.outbox.send_own(tags.RESEND_REQUEST, [first, (tags.END_SEQ_NO, "0")])

    def _count_out_of_turn(self, number: int, verdict: Verdict) -> None:
        """Use up the number of a message that has been served before its turn, or in it."""
        if verdict is Verdict.IN_TURN:
            self.inbox.advance(number + 1)
        elif verdict in (Verdict.GAP, Verdict.EARLY):
            self.inbox.hold(number, None)
            if verdict is Verdict.GAP:
                self._ask_for_missing()

    # Serving.

    def _deliver(self, message: Message, number: int, *, was_held: bool = False) -> None:
        """Serve a message in its turn; its number is used up, whatever comes of it."""
        following = number + 1
        try:
            if self._may_be_served(message, was_held=was_held):
                following = self._serve(message, number)
        except SessionReject as wrong:
            self._reject(message, wrong)
        except BusinessReject as wrong:
            self.refuse(message, wrong)
        # A logon within the session may have begun the numbers anew.
        self.inbox.advance(max(following, self.inbox.expected))

    def _may_be_served(self, message: Message, *, was_held: bool = False) -> bool:
        """Return False when a logout has been sent instead. Raises `SessionReject`."""
        if message.version != tags.VERSION:
            self.log_out("Incorrect BeginString")
            return False
        now_ns = None if was_held else self.outbox.now_ns
        admit(message, self.identity, self._dictionary, now_ns)
        return True

    def _serve(self, message: Message, number: int) -> int:
        """Serve a message that is in its turn; return the number that comes next."""
        kind = message.type
        if kind not in tags.SESSION_TYPES:
            if not self._application.received(self, message):
                self._unsettled.append(number)
        elif kind == tags.TEST_REQUEST:
            name = (tags.TEST_REQ_ID, message.get(tags.TEST_REQ_ID))
            self.outbox.send_own(tags.HEARTBEAT, [name])
        elif kind == tags.SEQUENCE_RESET:
            following = int(message.get(tags.NEW_SEQ_NO))
            if following <= number:
                raise SessionReject(Reason.INCORRECT_VALUE)
            return following
        elif kind == tags.LOGON:
            self.log_out("Logon within a session")
        return number + 1

    def _serve_out_of_turn(self, message: Message, number: int) -> None:
        """Serve what may not wait: it is about the numbers themselves, or the end."""
        try:
            if not self._may_be_served(message):
                return
            if message.type == tags.SEQUENCE_RESET:
                self._jump(message)
                return
            if message.type == tags.LOGOUT:
                self._end(number)
                return
            first, last = message.get(tags.BEGIN_SEQ_NO), message.get(tags.END_SEQ_NO)
            self.outbox.resend(int(first), int(last))
        except SessionReject as wrong:
            self._reject(message, wrong)
        is_duplicate = message.is_set(tags.POSS_DUP)
        self._count_out_of_turn(number, self.inbox.judge(number, is_duplicate=is_duplicate))

    def _jump(self, message: Message) -> None:
        """A reset without gap fill: what is missing is given up."""
        following = int(message.get(tags.NEW_SEQ_NO))
        if following < self.inbox.expected:
            raise SessionReject(Reason.INCORRECT_VALUE)
        self.inbox.advance(following)

    def _end(self, number: int) -> None:
        if self._logout_ns is None:
            self.outbox.send_own(tags.LOGOUT, [])
        if number == self.inbox.expected:
            self.inbox.advance(number + 1)
        self.is_closing = True

    # Refusing.

    def _reject(self, message: Message, wrong: SessionReject) -> None:
        """Say which rule the message breaks. Who is not who they say, or lives in another time, goes."""
        if message.type == tags.REJECT:
            return  # two machines that refuse each other's refusals never end
        tag = [(tags.REF_TAG, str(wrong.tag))] if wrong.tag is not None else []
        code = (tags.REJECT_REASON, str(wrong.reason.code))
        body = [*_about(message, wrong.reason.text), *tag, (tags.REF_MSG_TYPE, message.type), code]
        self.outbox.send_own(tags.REJECT, body, reversed_route(message))
        if wrong.reason in (Reason.COMP_ID, Reason.SENDING_TIME):
            self.log_out()

    def refuse(self, message: Message, wrong: BusinessReject) -> None:
        """Say that the application cannot serve a message that is well written."""
        named = [(tags.BUSINESS_REF_ID, wrong.ref_id)] if wrong.ref_id else []
        kind = (tags.REF_MSG_TYPE, message.type)
        code = (tags.BUSINESS_REASON, str(wrong.reason.code))
        self.outbox.send(tags.BUSINESS_REJECT, [*_about(message, str(wrong)), kind, *named, code])


def _about(message: Message, reason: str) -> Sequence[Field]:
    return [(tags.REF_SEQ_NUM, message.get(tags.MSG_SEQ_NUM)), (tags.TEXT, reason)]
