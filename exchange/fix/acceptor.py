"""Who is calling: each connection finds its session by its first message, and a session has one at most.

    bytes ──► Connection: framer ──► message ──► Session ──► application
    flush:  note progress ──► sync the store ──► what waits may be sent

Whatever came since the last flush shares one sync. Nothing is sent before that. A caller whom nobody knows,
or who begins with anything but a logon, is hung up on without a word.
Invariant: what `take` returns is durable. Page: docs/exchange/fix.md
"""

from collections.abc import Iterable, Iterator
from typing import Protocol

from chapters.sim.clock import S
from exchange.fix import tags
from exchange.fix.errors import Garbled
from exchange.fix.framing import Framer
from exchange.fix.message import Message, read
from exchange.fix.outbox import Identity
from exchange.fix.session import Application, Session
from exchange.fix.store import SessionLog

OURS = "KIT"  # the exchange's CompID, unless told otherwise
LOGON_NS_MAX = 10 * S  # a caller who has not logged on by then is hung up on
CONNECTIONS_MAX = 500  # sockets; logged on or not


class SessionStore(Protocol):
    """Where sessions keep what must outlive them."""

    def session(self, name: str) -> SessionLog: ...
    def commit(self) -> None: ...


def sessions_of(
    ours: str, theirs: Iterable[str], store: SessionStore, application: Application, *,
    resets_on_logon: bool = False,
) -> Iterator[Session]:  # fmt: skip
    """Yield a session with each of `theirs`, as the store remembers it."""
    for name in theirs:
        identity = Identity(ours, name)
        log = store.session(str(identity))
        yield Session(identity, log, application, resets_on_logon=resets_on_logon)


class Acceptor:
    """The sessions that may log on, and the connections that there are."""

    def __init__(self, store: SessionStore, sessions: Iterable[Session]) -> None:
        self.sessions = {(each.identity.ours, each.identity.theirs): each for each in sessions}
        self.connections: set[Connection] = set()
        self._store = store
        self._taken: set[Session] = set()  # sessions that have a connection

    def connect(self, now_ns: int) -> "Connection":
        """Return a new connection, of nobody yet."""
        connection = Connection(self, now_ns)
        connection.is_closing = len(self.connections) >= CONNECTIONS_MAX
        self.connections.add(connection)
        return connection

    def tick(self, now_ns: int) -> None:
        """Do what is due by now on every connection."""
        for connection in list(self.connections):
            connection.tick(now_ns)

    def flush(self) -> None:
        """Make durable all that has happened; then what the connections hold may be sent."""
        for session in self.sessions.values():
            session.note_progress()
        self._store.commit()

    def claim(self, message: Message) -> Session | None:
        """Return the session that the message is for, unless there is none or it is taken."""
        session = self.sessions.get((message.get(tags.TARGET), message.get(tags.SENDER)))
        if session is None or session in self._taken:
            return None
        self._taken.add(session)
        return session

    def release(self, connection: "Connection") -> None:
        """Forget a connection that is gone; its session may be had by another."""
        self.connections.discard(connection)
        if connection.session is not None:
            self._taken.discard(connection.session)
            connection.session.disconnected()
            connection.session = None


class Connection:
    """One connection: bytes in, and what is to be sent."""

    def __init__(self, acceptor: Acceptor, now_ns: int) -> None:
        self.session: Session | None = None
        self.is_closing = False
        self._acceptor = acceptor
        self._framer = Framer()
        self._began_ns = now_ns

    def received(self, data: bytes, now_ns: int) -> None:
        """Take in bytes as they come. Garbled messages are left out: their gap will show."""
        for frame in self._framer.feed(data):
            if self.is_closing:
                return
            try:
                self._message(read(frame), now_ns)
            except Garbled:
                # Who cannot say who they are is nobody.
                self.is_closing = self.session is None

    def _message(self, message: Message, now_ns: int) -> None:
        if self.session is None:
            self.session = self._acceptor.claim(message)
        if self.session is None:
            self.is_closing = True
            return
        self.session.received(message, now_ns)
        self.is_closing = self.session.is_closing

    def tick(self, now_ns: int) -> None:
        """Do what is due by now."""
        if self.session is not None:
            self.session.tick(now_ns)
            self.is_closing = self.session.is_closing
        elif now_ns - self._began_ns >= LOGON_NS_MAX:
            self.is_closing = True

    def take(self) -> list[bytes]:
        """Return what is to be sent; call `Acceptor.flush` first."""
        return self.session.outbox.take() if self.session is not None else []

    def gone(self) -> None:
        """The other side, or the line, is no more."""
        self._acceptor.release(self)
