"""One machine of the exchange: a standby until it is given an epoch, a primary until a later one.

    standby ──lease, a new epoch──► primary ──hears of a later epoch──► standby ──another state──► stopped
       │                                                                    │
       └ takes the primary's records, applies what is committed, compares   └ what it wrote and nobody
         the hash of its state, and claims the lease all the time             confirmed is cut off

Invariants: it confirms nothing to an epoch below one that it has seen; it applies only what is committed,
so nothing that it has computed or shown is ever taken back. Time comes with the records, and only goes on.
Page: docs/exchange/standby.md
"""

from collections.abc import Callable, Iterable, Sequence
from random import Random

from chapters.lease import Ask, Holder, Lease
from chapters.sim import spell
from chapters.sim.clock import Clock
from chapters.sim.disk import Disk, replace
from exchange.engine import Engine
from exchange.errors import BadRecord
from exchange.sequencer import SNAPSHOT, Replica, Sequenced
from exchange.sessions.clerks import Clerk, Clerks
from exchange.standby.audit import audit
from exchange.standby.copies import Copies
from exchange.standby.errors import Diverged
from exchange.standby.giver import NAME
from exchange.standby.journal import Journal
from exchange.standby.market_clock import MarketClock
from exchange.standby.messages import (
    STANDBY,
    STOPPED,
    Append,
    Behind,
    Claim,
    Confirm,
    Elsewhere,
    Enter,
    Message,
    Over,
    Recorded,
    Shown,
    Verdict,
    Watch,
)
from exchange.standby.primary import GIVER, Pace, Primary
from exchange.standby.steady import Steady

IDENTITY = "identity"  # the file with the disk's name
AUDITS_KEPT = 64
NO_AUDIT = (0, b"")


class Member:
    """A machine called `name`; `send` may lose what it is given, and what comes goes to `handle`.

    Opening it recovers its journal. Any error of its disk is raised through `handle` or a timer: the
    machine must then start again.
    """

    def __init__(
        self,
        name: str,
        peers: Iterable[str],
        *,
        clock: Clock,
        rng: Random,
        disk: Disk,
        send: Callable[[str, Message], object],
        symbols: Iterable[str],
        pace: Pace = Pace(),
        clerks: Sequence[Clerk] = (),
        on_applied: Callable[[Sequenced], object] = lambda done: None,
        on_news: Callable[[str], object] = lambda words: None,
    ) -> None:
        """`on_news` hears what an operator has to know."""
        self.name, self._peers = name, tuple(peers)
        self._clock, self._disk, self._send, self._pace = Steady(clock), disk, send, pace
        self._on_applied, self._on_news = on_applied, on_news
        self.disk = identity(disk, name, rng)
        if not disk.names(SNAPSHOT):
            Replica(Engine(symbols)).save(disk)
        self.replica = Replica.restore(disk)
        self.journal = Journal(disk=disk, applied=self.replica.sequence)
        self._wall = clock  # may be set back
        self._market = self._market_clock()
        if self.journal.last < self.replica.sequence:
            raise BadRecord(
                f"the journal of {name} ends at {self.journal.last}, its snapshot is of "
                f"{self.replica.sequence}: a part of it is gone. Start it with an empty folder"
            )
        self.epoch = self.journal.history.epoch  # the highest that it has heard of
        self.primary: Primary | None = None
        self._clerks = Clerks(clerks)
        self.leader = self._leader_disk = ""  # whose records it takes
        self.stopped = self.barred = ""  # why: of its own accord, by the giver
        self._counting: tuple[str, ...] = ()
        self._audits: dict[int, bytes] = {}
        self.holder = Holder(
            NAME, name, pace.ttl_s, clock=self._clock, send=self._claim, on_start=self._begin,
            on_stop=lambda: None,
        )  # fmt: skip
        self.holder.start()

    def handle(self, source: str, message: object) -> None:
        """Take in a message of a peer, the giver or a client."""
        if isinstance(message, Watch):
            self._watched(source, message.after)
        if self.stopped:
            return
        try:
            self._handle(source, message)
        except Diverged as error:
            self.stop(str(error))

    def stop(self, why: str) -> None:
        """Take part no longer: confirm nothing, claim nothing, until somebody has looked at it."""
        self.stopped = why
        self._on_news(f"{self.name} stops: {why}")
        self._step_down()
        self.holder.give_up()

    def _handle(self, source: str, message: object) -> None:
        primary = self.primary
        match message:
            case Verdict(found, disks, barred):
                self._counting = disks
                self._bar(barred)
                self.holder.heard(found)
            case Append():
                self._append(source, message)
            case Over(epoch):
                self._see(epoch)
            case Enter(number):
                if primary is None:
                    self._send(source, Elsewhere(number, self.leader))
                else:
                    primary.enter(source, message)
            case Confirm(epoch) if primary and epoch == primary.epoch:
                primary.confirmed(source, message)
            case Behind(epoch) if primary and epoch == primary.epoch:
                primary.behind(source, message)
            case Recorded() if primary:
                primary.on_record(message)

    def _bar(self, why: str) -> None:
        """Hear why the giver would not make this machine primary; tell the operator, when that changes."""
        before, self.barred = self.barred, why and f"the giver says: {why}"
        if why and before != self.barred:
            self._on_news(f"{self.name} may not become primary, {self.barred}")

    def _watched(self, source: str, after: int) -> None:
        """Say how this machine is; a primary has more to show."""
        if self.primary is not None:
            self.primary.watch(source, after)
        else:
            role = STOPPED if self.stopped else STANDBY
            last, committed = self.journal.last, self.replica.sequence
            why = self.stopped or self.barred
            self._send(source, Shown(role, self.epoch, last, committed, why=why))

    def _claim(self, ask: Ask) -> None:
        self._send(GIVER, Claim(ask, self.disk, self.journal.history.epoch))

    def _begin(self, lease: Lease) -> None:
        """Be the primary of the lease's epoch; the one before it is not waited for."""
        if lease.epoch <= self.epoch:
            return
        self.epoch = lease.epoch
        earlier, self.primary = self.primary, self._primary(lease.epoch)
        before, self._leader_disk, self.leader = self._leader_disk, self.disk, self.name
        if earlier is not None:
            self.primary.follow(earlier)
        self.primary.begin({before} - {self.disk, ""})
        self._on_news(f"{self.name} begins epoch {lease.epoch}")
        if self.behind_ns:
            self._tell_time(self.behind_ns)

    def _tell_time(self, behind_ns: int) -> None:
        behind = f"is {spell(behind_ns)} behind" if behind_ns else "has caught up with"
        self._on_news(f"{self.name}'s clock {behind} the market's time")

    def _market_clock(self) -> MarketClock:
        return MarketClock(self._wall, self.journal.time_ns, self._tell_time)

    @property
    def behind_ns(self) -> int:
        """How far this primary's clock is behind the market's time, which goes at half speed meanwhile."""
        return self._market.behind_ns if self.primary is not None else 0

    def _primary(self, epoch: int) -> Primary:
        self._market = self._market_clock()
        copies = Copies(self.disk, self._counting, copies_min=self._pace.copies_min)
        copies.committed = self.replica.sequence
        return Primary(
            epoch, copies, self._peers, clock=self._clock, market=self._market,
            send=self._send, journal=self.journal, engine=self.replica.engine,
            clerks=self._clerks, apply=self._apply, audit=self._last_audit, pace=self._pace,
        )  # fmt: skip

    def _append(self, source: str, message: Append) -> None:
        """Take the primary's records: on disk first, then confirmed; applied as far as committed."""
        if message.epoch < self.epoch:
            self._send(source, Over(self.epoch))
            return
        self.leader, self._leader_disk = source, message.disk
        self._see(message.epoch)
        journal = self.journal
        if not journal.has(message.previous):
            marks = tuple(journal.history.marks)
            self._send(source, Behind(self.epoch, self.disk, marks, journal.last))
            return
        up_to = journal.take(message.previous, message.payloads)
        self._apply(min(message.committed, up_to))
        self._compare(*message.audit)
        self._send(source, Confirm(self.epoch, self.disk, up_to))

    def _see(self, epoch: int) -> None:
        """Hear of an epoch; if it is a later one, an earlier primary's time is over."""
        if epoch > self.epoch:
            self.epoch = epoch
            self._step_down()
            self.holder.lost(self.holder.epoch)

    def _step_down(self) -> None:
        if self.primary is not None:
            self.primary.close("" if self.leader == self.name else self.leader)
            self.primary = None

    def _apply(self, up_to: int) -> list[Sequenced]:
        """Let records happen up to `up_to`; return what the commands among them did."""
        found: list[Sequenced] = []
        while record := self.journal.next(up_to):
            for done in self.replica.replay([record]):
                self._clerks.follow(done)
                self._on_applied(done)
                found.append(done)
            if record.sequence % self._pace.audit_every == 0:
                turn = record.sequence // self._pace.audit_every
                self._audits[record.sequence] = audit(self.replica, turn)
                self._audits.pop(record.sequence - AUDITS_KEPT * self._pace.audit_every, None)
            # A primary has no time for that: a snapshot takes longer, the more orders there have been.
            if record.sequence % self._pace.snapshot_every == 0 and self.primary is None:
                self.replica.save(self._disk)
        return found

    def _last_audit(self) -> tuple[int, bytes]:
        every = self._pace.audit_every
        last = self.replica.sequence // every * every
        return (last, self._audits[last]) if last in self._audits else NO_AUDIT

    def _compare(self, sequence: int, theirs: bytes) -> None:
        """Compare states with the primary. Raises `Diverged` when they are not the same.

        A snapshot may have the mistake too, so the next start goes through all of the journal.
        """
        ours = self._audits.get(sequence, theirs)
        if ours != theirs:
            Replica.distrust(self._disk)
            raise Diverged(
                f"{self.name} is not in its primary's state behind record {sequence}: "
                f"{ours.hex()[:8]} here, {theirs.hex()[:8]} there. Start it again, from its journal"
            )


def identity(disk: Disk, machine: str, rng: Random) -> str:
    """Return the disk's own name: a machine that got an empty disk is not the one that it was."""
    if IDENTITY not in disk.names(IDENTITY):
        replace(disk, IDENTITY, f"{machine}.{rng.getrandbits(32):08x}".encode())
    return disk.read(IDENTITY).decode()
