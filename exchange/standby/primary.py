"""The machine that acknowledges: it writes, its standbys write, and then its clients are told.

    orders ──► one batch ──┬──► Append to the standbys ──► their disks ──► Confirm ──┐
                           └──► own journal, one sync ───────────────────────────────┴─► committed
    committed ──► engine ──► Done                       nothing is applied before it is committed

It begins with a record of its epoch, and what it begins with is what it found: an order that an earlier
primary wrote and never acknowledged happens after all. It ends when it hears of a later epoch, not when a
clock says so: whoever began that epoch has a disk that counts, and confirms nothing to this one any more.
Cost: one sync here, one there, at the same time, for a batch of up to `BATCH_MAX`.
Page: docs/exchange/standby.md
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from chapters.sim.clock import MS, Clock
from exchange.codec import encode, encode_epoch, encode_worded
from exchange.control import Tick
from exchange.engine import Engine
from exchange.orders import Accepted, Command, New, Reason
from exchange.sequencer import Sequenced
from exchange.sessions.clerks import Clerks
from exchange.standby.copies import Copies
from exchange.standby.history import Place, agreed
from exchange.standby.journal import Journal
from exchange.standby.market_clock import MarketClock
from exchange.standby.messages import (
    Append,
    Behind,
    Confirm,
    Done,
    Elsewhere,
    Enter,
    Message,
    Propose,
    Recorded,
)
from exchange.standby.watchers import Watchers

BATCH_MAX = 256  # orders that share a sync
NEAR = 4 * BATCH_MAX  # records that a standby may lack to be waited for
WAITING_MAX = 10_000  # orders; a client that comes beyond it is told to come again

GIVER = "giver"

Asked = tuple[str, Enter]  # a client and what it wants


class Pace(NamedTuple):
    """How often, how long, how many."""

    ttl_s: float = 0.3  # of the lease; a takeover takes about that long
    beat_ns: int = 30 * MS  # the primary is heard at least so often
    patience_ns: int = 150 * MS  # a standby that is behind for longer stops counting
    copies_min: int = 1  # disks; with fewer nothing is acknowledged
    audit_every: int = 1_024  # records; then the state is hashed, on every machine
    snapshot_every: int = 250_000  # records
    chunk: int = 1_024  # records in one message to a standby that is catching up


@dataclass(slots=True)
class Peer:
    """A standby as the primary knows it."""

    name: str
    sent: int  # the last record sent to it
    disk: str = ""  # "" until it has answered
    heard_ns: int = 0
    behind: Behind | None = None  # answered since the last beat


class Primary:
    """One epoch of one primary. `apply` makes committed records happen, and returns what they did."""

    def __init__(
        self,
        epoch: int,
        copies: Copies,
        peers: Iterable[str],
        *,
        clock: Clock,
        market: MarketClock,
        send: Callable[[str, Message], object],
        journal: Journal,
        engine: Engine,
        clerks: Clerks,
        apply: Callable[[int], list[Sequenced]],
        audit: Callable[[], tuple[int, bytes]],
        pace: Pace,
    ) -> None:
        self.epoch, self.copies, self.is_over = epoch, copies, False
        self._clock, self._market, self._send = clock, market, send
        self._journal, self._engine = journal, engine
        self._clerks, self._apply, self._audit, self._pace = clerks, apply, audit, pace
        self._peers = {name: Peer(name, journal.last) for name in peers}
        self._waiting: deque[Asked] = deque()
        self._asked: dict[int, Asked] = {}  # by record
        self._wakes = False
        self._lasts: deque[tuple[int, int]] = deque()  # (time, last record) of the last beats
        self._began_ns = clock.now_ns()
        self._watchers = Watchers(epoch, copies, journal, send=send, chunk=pace.chunk)
        self._next: dict[str, int] = {}  # by client: the number that may come next in this epoch

    def begin(self, suspects: Iterable[str] = ()) -> None:
        """Write down that the epoch begins, tell the standbys, and drop the disks that are suspected.

        The record comes first: once it is synced, this disk refuses all earlier primaries, also after
        a restart. Only then may the set of disks change, and only with that set may anything commit.
        """
        self._write([encode_epoch(self._market.now_ns(), self.epoch)])
        self._propose(self.copies.recorded - set(suspects))
        self._beat()

    def enter(self, source: str, order: Enter) -> None:
        """Take an order in; it is answered once it is committed."""
        if len(self._waiting) >= WAITING_MAX:
            self._send(source, Elsewhere(order.number, ""))
        elif not order.epoch or self._is_next(source, order):
            self._waiting.append((source, order))
            self._wake()

    def _is_next(self, source: str, order: Enter) -> bool:
        """Return whether an order that names an epoch is of this one, new, and behind its sender's last."""
        if order.epoch != self.epoch or order.number != self._next.get(source, order.first):
            return False
        self._next[source] = order.number + 1
        return True

    def watch(self, source: str, after: int) -> None:
        """Show a client what is committed, from now on too."""
        self._watchers.asked(source, after)

    def confirmed(self, source: str, message: Confirm) -> None:
        """Note what a standby has on its disk; send it more, and let it count if it has all."""
        peer = self._heard(source, message.disk)
        self._commit(self.copies.hold(message.disk, message.up_to))
        peer.sent = max(peer.sent, message.up_to)
        if message.up_to == peer.sent < self._journal.last:
            self._send_more(peer)
        self._court(message.disk, message.up_to)

    def behind(self, source: str, message: Behind) -> None:
        """Go on from where the standby's journal and this one agree; once a beat for the same one."""
        peer, journal = self._heard(source, message.disk), self._journal
        if peer.behind == message:
            return
        peer.behind = message
        common = agreed(journal.history.marks, journal.last, message.marks, message.last)
        peer.sent = max(common, self.copies.held(message.disk))
        self._send_more(peer)

    def on_record(self, message: Recorded) -> None:
        """Hear what the giver has on record."""
        if message.epoch == self.epoch:
            self._commit(self.copies.on_record(message.version, message.disks))

    def close(self, primary: str) -> None:
        """Acknowledge nothing any more: whether these orders will happen, the next primary knows."""
        self.is_over = True
        for source, order in (*self._waiting, *self._asked.values()):
            self._send(source, Elsewhere(order.number, primary))

    def follow(self, earlier: "Primary") -> None:
        """Go on for an earlier epoch of this same machine: its journal is here, and its clients wait."""
        earlier.is_over = True
        self._asked = earlier._asked
        self._waiting = deque(asked for asked in earlier._waiting if not asked[1].epoch)
        self._wake()

    def _heard(self, source: str, disk: str) -> Peer:
        peer = self._peers[source]
        if disk != peer.disk:
            self.copies.forget(peer.disk)
            peer.disk = disk
        peer.heard_ns = self._clock.now_ns()
        return peer

    def _court(self, disk: str, up_to: int) -> None:
        """Let a standby count again: wait for it once it is near, ask for it once it is there."""
        if disk not in self.copies.recorded and self.copies.is_settled:
            if self.copies.may_join(disk):
                self._propose(self.copies.recorded | {disk})
            elif self._journal.last - up_to <= NEAR:
                self.copies.wait_for(disk)

    def _wake(self) -> None:
        if not self._wakes:
            self._wakes = True
            self._clock.call_later(0, self._flush)

    def _flush(self) -> None:
        """Write whatever waits by now, as one batch; what is due goes first."""
        self._wakes = False
        if self.is_over:
            return
        now_ns = self._market.now_ns()
        due: list[Command] = [Tick(symbol) for symbol in self._engine.overdue(now_ns)]
        due += self._clerks.due(now_ns)
        payloads = [encode(now_ns, command) for command in due]
        for _ in range(min(BATCH_MAX, len(self._waiting))):
            asked = self._waiting.popleft()
            payloads.append(encode_worded(now_ns, asked[1].command, asked[1].words))
            if not asked[1].epoch:
                self._asked[self._journal.last + len(payloads)] = asked
        if payloads:
            self._write(payloads)
        if self._waiting:
            self._wake()

    def _write(self, payloads: list[bytes]) -> None:
        """Send a batch to the standbys that have all before it, and put it on this disk meanwhile.

        If this disk fails now, the machine has to stop: its standby may have what it has not.
        """
        previous = self._journal.end
        self._journal.append(payloads)
        for peer in self._peers.values():
            if peer.sent == previous.sequence:
                self._append(peer, previous, tuple(payloads))
        self._commit(self.copies.hold(self.copies.own, self._journal.sync()))

    def _append(self, peer: Peer, previous: Place, payloads: tuple[bytes, ...]) -> None:
        peer.sent = previous.sequence + len(payloads)
        own, committed = self.copies.own, self.copies.committed
        message = Append(self.epoch, own, previous, payloads, committed, self._audit())
        self._send(peer.name, message)

    def _send_more(self, peer: Peer) -> None:
        previous = self._journal.place(peer.sent)
        self._append(peer, previous, self._journal.read(peer.sent + 1, self._pace.chunk))

    def _commit(self, up_to: int) -> None:
        self._watchers.show(up_to)
        for done in self._apply(up_to):
            asked = self._asked.pop(done.sequence, None)
            if asked is not None:
                self._answer(*asked, done)

    def _answer(self, source: str, order: Enter, done: Sequenced) -> None:
        copies = self.copies.copies(done.sequence)
        order_id, reason = _outcome(self._engine, order, done)
        self._send(source, Done(order.number, order_id, done.sequence, self.epoch, copies, reason))

    def _beat(self) -> None:
        """Be heard, by all; look who was not, and whether time itself has something to do."""
        if self.is_over:
            return
        self._clock.call_later(self._pace.beat_ns, self._beat)
        for peer in self._peers.values():
            self._append(peer, self._journal.place(peer.sent), ())
            peer.behind = None
        late = self._late()
        self._commit(self.copies.give_up_on(late))
        if not self.copies.is_settled:
            self._say(self.copies.version, self.copies.wanted)
        else:
            self._propose(self.copies.recorded - late)
        now_ns = self._market.now_ns()
        if self._engine.overdue(now_ns) or self._clerks.are_due(now_ns):
            self._wake()

    def _late(self) -> set[str]:
        """Return the disks that were silent, or behind, for longer than the primary's patience."""
        now_ns = self._clock.now_ns()
        self._lasts.append((now_ns, self._journal.last))
        while len(self._lasts) > 1 and self._lasts[1][0] <= now_ns - self._pace.patience_ns:
            self._lasts.popleft()
        since_ns, due = self._lasts[0]
        if now_ns - max(since_ns, self._began_ns) < self._pace.patience_ns:
            return set()
        heard = {peer.disk: peer.heard_ns for peer in self._peers.values()}
        return {
            disk
            for disk in self.copies.counting - {self.copies.own}
            if self.copies.held(disk) < due or heard.get(disk, 0) <= since_ns
        }

    def _propose(self, disks: frozenset[str]) -> None:
        """Ask the giver to put these disks on record, unless they are, or would be too few."""
        if disks != self.copies.recorded and len(disks) >= self._pace.copies_min:
            self._say(self.copies.propose(disks), disks)

    def _say(self, version: int, disks: frozenset[str]) -> None:
        self._send(GIVER, Propose(self.epoch, version, tuple(sorted(disks))))


def _outcome(engine: Engine, order: Enter, done: Sequenced) -> tuple[int, str]:
    """Return the order's number, and why there is none; a resent order has the number it was given."""
    first, command = done.events[0], order.command
    if isinstance(first, Accepted):
        return first.order_id, ""
    reason = getattr(first, "reason", None)
    if order.is_resent and reason is Reason.DUPLICATE_CLIENT_ID and isinstance(command, New):
        return engine.order_id(command.account, command.client_id) or 0, ""
    return 0, reason.word if reason is not None else ""
