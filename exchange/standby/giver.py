"""The giver of the lease: who may begin the next epoch, and whose disks have all that was acknowledged.

    Claim   from a disk that counts, and the lease is free    ──► Verdict: a lease with a new epoch
    Propose of the epoch that was given last                  ──► on disk, then Recorded
    Propose of an earlier epoch                               ──► Recorded, and what is on record is not it

It holds no orders and is in no order's way: while it is down, trading goes on, and only a takeover, or the
loss of a standby, has to wait. Invariants: two epochs are never given to two machines; a machine whose disk
does not count is never given one; what is on record changes under the latest epoch only.
It must not lie: its disk is assumed to keep what was synced. One that lost its disk knows fewer epochs than
those who ask, and gives no lease. Page: docs/exchange/standby.md
"""

import json

from chapters.lease import Answer, Fence, Fenced, Kind, Leases, answer
from chapters.sim.clock import Clock
from chapters.sim.disk import Disk, replace
from exchange.standby.messages import Claim, Propose, Recorded, Verdict
from exchange.standby.steady import Steady

NAME = "primary"  # of the lease
GRACE_S = 0.05  # by how much a holder's clock may fall behind in one term
RECORD = "disks"


class Giver:
    """Leases, a fence, and the disks that count."""

    def __init__(self, *, clock: Clock, disk: Disk, grace_s: float = GRACE_S) -> None:
        self._disk = disk
        self._leases = Leases(clock=Steady(clock), disk=disk, grace_s=grace_s)
        # Not that of the present lease: there may be none, and old primaries all the same.
        self._fence = Fence(self._leases.epoch)
        self._record = Recorded(0, 0, ())
        if RECORD in disk.names(RECORD):
            epoch, version, disks = json.loads(disk.read(RECORD))
            self._record = Recorded(epoch, version, tuple(disks))

    @property
    def counting(self) -> tuple[str, ...]:
        """The disks that have all that was acknowledged."""
        return self._record.disks

    def hear(self, message: Claim | Propose) -> Verdict | Recorded:
        """Return the answer, on disk before anybody hears of it."""
        if isinstance(message, Propose):
            return self._proposed(message)
        ask = message.ask
        if ask.kind is Kind.ACQUIRE and (why := self._why_not(message)):
            return Verdict(Answer(None, why, ask.epoch, ask.asked_ns), self._record.disks, why)
        found = answer(self._leases, ask)
        if found.lease is not None and ask.kind is Kind.ACQUIRE:
            self._fence.check(found.lease.epoch)
            if not self._record.disks:  # the very first primary: its disk is the history
                self._keep(Recorded(found.lease.epoch, 0, (message.disk,)))
        return Verdict(found, self._record.disks)

    def _why_not(self, claim: Claim) -> str:
        """Return why a machine may not begin an epoch, "" if it may, should the lease be free."""
        if claim.epoch_seen > self._fence.highest:
            known = self._fence.highest
            return f"epoch {claim.epoch_seen} is news to me, I know of {known}: was my disk lost?"
        if self._record.disks and claim.disk not in self._record.disks:
            return f"disk {claim.disk} may lack what was acknowledged"
        return ""

    def _proposed(self, wish: Propose) -> Recorded:
        try:
            self._fence.check(wish.epoch)
        except Fenced:
            return self._record
        if (wish.epoch, wish.version) > (self._record.epoch, self._record.version):
            self._keep(Recorded(wish.epoch, wish.version, wish.disks))
        return self._record

    def _keep(self, record: Recorded) -> None:
        text = json.dumps([record.epoch, record.version, record.disks])
        replace(self._disk, RECORD, text.encode())
        self._record = record
