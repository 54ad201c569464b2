"""The FIX door of a machine: open while it is primary, and shut as soon as it is not.

    standby   applied ──► tracker: every order of every FIX account is known before anybody asks
    primary   FIX ──► desk ──► Enter to this machine ──► two disks ──► applied ──► report

Session numbers are of one machine and one opening, so clients log on with ResetSeqNumFlag; orders are of
all machines, and so are the names of cancels and replaces: they stand in the journal, beside the command.
Who got no report asks again under the same ClOrdID, with PossResend, and is told what became of that order.
Reports come from what is applied, which is committed. Invariant: the door opens once all that earlier
primaries have left is applied, so what is resent is not carried out twice, but for a mass cancel, nor
refused as its own double.
Page: docs/exchange/standby.md
"""

import itertools
from collections.abc import Callable, Iterable, Mapping

from chapters.log import Reader
from chapters.sim.disk import Disk
from exchange.fix.acceptor import OURS, Acceptor, sessions_of
from exchange.fix.desk import Desk
from exchange.fix.store import Forgetful
from exchange.fix.tracker import Tracker
from exchange.fix.wire import Server
from exchange.orders import Command
from exchange.sequencer import JOURNAL, Replica, Sequenced
from exchange.standby.member import Member
from exchange.standby.messages import Done, Elsewhere, Enter, Message

CLIENTS = "fix"  # what the machine calls those who come through this door


class Door:
    """Sessions on a port, in front of a machine; `follow` hears all that the machine applies."""

    def __init__(
        self, accounts: Mapping[str, int], symbols: Iterable[str], now_ns: Callable[[], int]
    ):
        self._accounts, self._symbols, self._now_ns = accounts, list(symbols), now_ns
        self._tracker = Tracker(set(accounts.values()).__contains__)
        self._numbers = itertools.count()
        self._server: Server | None = None
        self._desk: Desk
        self._under_way: set[int] = set()  # what the machine has been handed, and not answered yet
        self._has_lost = False  # an order of which nobody here knows whether it will happen

    def learn(self, disk: Disk, up_to: int) -> None:
        """Learn the orders of the first records, which a machine has in its snapshot."""
        replica = Replica.first(disk)
        reader = Reader(disk=disk, name=JOURNAL, first=replica.sequence + 1)
        while replica.sequence < up_to:
            for done in replica.replay(reader.poll(up_to - replica.sequence)):
                self._tracker.learn(done)

    def follow(self, done: Sequenced) -> None:
        """Hear what was applied; tell it to whom it concerns, if the door is open."""
        if self._server is None:
            self._tracker.learn(done)
        else:
            desk = self._desk
            self._server.call(lambda: desk.apply([done], self._now_ns()))

    def hear(self, message: Message) -> None:
        """Hear the machine's answer to an order: reports say all but that it is not primary."""
        assert isinstance(message, Done | Elsewhere)
        self._under_way.discard(message.number)
        self._has_lost |= isinstance(message, Elsewhere)

    async def look(self, member: Member, host: str, port: int) -> None:
        """Open or shut the door, if it is time. Raises what went wrong behind it."""
        if self._server is None:
            # What an earlier desk has handed in would be news to the next one, and be done twice.
            if may_open(member) and not self._under_way:
                await self._open(member, host, port)
        elif self._server.failed is not None:
            raise self._server.failed
        elif member.primary is None or self._has_lost:
            self._server.close()
            self._server = None

    async def _open(self, member: Member, host: str, port: int) -> None:
        def enter(command: Command, words: str) -> None:
            number = next(self._numbers)
            self._under_way.add(number)
            member.handle(CLIENTS, Enter(number, command, words=words))

        store, self._has_lost = Forgetful(), False
        desk = self._desk = Desk(self._accounts, self._symbols, enter=enter)
        desk.tracker = self._tracker
        desk.correct()
        for session in sessions_of(OURS, self._accounts, store, desk, resets_on_logon=True):
            desk.add(session)
        acceptor = Acceptor(store, desk.sessions.values())
        self._server = Server(acceptor, self._now_ns, after_flush=desk.release)
        await self._server.listen(host, port)


def may_open(member: Member) -> bool:
    """Return whether the machine is primary, and has applied all that it found when it became so."""
    if member.primary is None:
        return False
    return member.replica.sequence >= member.journal.history.marks[-1].first
