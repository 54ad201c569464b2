"""A lock that gives itself back: whoever holds it must say again and again that they still want it.

    ada ──acquire──► epoch 1 ────────renew───────renew─ ✘ ada is silent
                                                        │◄── ttl ──►│◄ grace ►│
    ben ──acquire──► no ──────────► no ───────────────► no ─────────────────► epoch 2

A lock waits for ever for a holder that has died. A lease ends by the clock, so nobody has to find
out whether the holder is dead or slow, which nobody can. Invariants: the giver's clock never shows
two leases of one name running; and every grant has an epoch above all before, across any crash.

The giver waits for `ttl_s` and a grace, the holder counts on less than `ttl_s` (chapters.lease.holder):
so their clocks may run apart a little. After a restart the giver cannot know which leases were
renewed or given back, so it takes all for just renewed, and waits one term longer than it might
have to. That is why renewing costs no write. Only `take_over` ends a lease before its time. It is
safe for resources behind a fence, and for no others.

Source: Gray & Cheriton, "Leases", SOSP 1989. Page: docs/chapters/lease.md
"""

from dataclasses import dataclass, replace

from chapters.lease.errors import BadTerm, Held, Lost, TooManyLeases
from chapters.lease.journal import Grant, Journal
from chapters.sim.clock import Clock, S
from chapters.sim.disk import Disk

GRACE_S = 0.2  # by how much a holder's clock may fall behind the giver's in one term
TTL_S_MAX = 3600.0  # after a restart somebody may have to wait for that long
LEASES_MAX = 100_000  # at a time


@dataclass(frozen=True, slots=True)
class Lease(Grant):
    """A grant that runs until `until_s` by the giver's clock; no holder may reckon with that."""

    until_s: float


class Leases:
    """Gives each name to one holder at a time."""

    def __init__(
        self,
        *,
        clock: Clock,
        disk: Disk,
        name: str = "leases",
        grace_s: float = GRACE_S,
        leases_max: int = LEASES_MAX,
    ) -> None:
        self._clock, self._grace_s, self._leases_max = clock, grace_s, leases_max
        self._journal = Journal(disk=disk, name=name)
        self._held = {
            grant.name: self._running(grant) for grant in self._journal.recovered.values()
        }

    @property
    def epoch(self) -> int:
        """The highest epoch ever given, of any name, whether that lease is still known or not.

        What a fence begins with after a restart: `current` knows only who holds something now.
        """
        return self._journal.epoch

    def acquire(self, name: str, holder: str, ttl_s: float) -> Lease:
        """Return a new lease of `name`, on disk before anybody knows of it.

        Its present holder gets a new one too, with a new epoch: what asks may be a second life of
        that holder, and the first may have writes under way. Raises `Held` while somebody else
        holds it, `BadTerm`, `TooManyLeases`, and what the journal's disk raises.
        """
        lease = self.current(name)
        if lease is not None and lease.holder != holder:
            left_s = lease.until_s - self._now_s()
            raise Held(f"{name} is with {lease.holder} for {left_s:.3g} s more; ask again then")
        return self._give(name, holder, ttl_s)

    def take_over(self, name: str, holder: str, ttl_s: float) -> Lease:
        """Return a new lease of `name`, whoever holds it; that one will be told at its renewal.

        Until then two believe that they hold it. Raises as `acquire` does, but never `Held`.
        """
        return self._give(name, holder, ttl_s)

    def renew(self, name: str, epoch: int) -> Lease:
        """Return the lease with a new end, also when it was over and nobody else has asked.

        Raises `Lost` if `epoch` is not that of the latest lease of `name`.
        """
        lease = self._held.get(name)
        if lease is None or lease.epoch != epoch:
            now = f"at {lease.epoch}, with {lease.holder}" if lease else "with nobody"
            raise Lost(
                f"{name} is no longer held under epoch {epoch}, it is {now}; acquire it anew"
            )
        self._held[name] = replace(lease, until_s=self._until_s(lease.ttl_s))
        return self._held[name]

    def release(self, name: str, epoch: int) -> None:
        """End the lease now, if it is still the latest; otherwise change nothing."""
        lease = self._held.get(name)
        if lease is not None and lease.epoch == epoch:
            del self._held[name]

    def current(self, name: str) -> Lease | None:
        """Return the lease of `name` that runs now, if any."""
        lease = self._held.get(name)
        return lease if lease is not None and self._is_running(lease) else None

    def _give(self, name: str, holder: str, ttl_s: float) -> Lease:
        """Return the lease of `name` under the next epoch: first to the journal, then to the world."""
        self._admit(name, ttl_s)
        grant = Grant(name, holder, self._journal.epoch + 1, ttl_s)
        self._journal.add(grant)
        self._held[name] = self._running(grant)
        return self._held[name]

    def _admit(self, name: str, ttl_s: float) -> None:
        """Raise `BadTerm`, or `TooManyLeases` if there is no room for another name."""
        if not 0 < ttl_s <= TTL_S_MAX:
            raise BadTerm(f"a lease of {ttl_s:g} s; say more than 0, at most {TTL_S_MAX:g}")
        if len(self._held) >= self._leases_max or self._journal.is_long(len(self._held)):
            self._tidy()
        if name not in self._held and len(self._held) >= self._leases_max:
            raise TooManyLeases(f"{len(self._held)} leases are running: no room for {name}")

    def _tidy(self) -> None:
        """Forget the leases that are over, and write the others anew if the journal is long."""
        self._held = {name: each for name, each in self._held.items() if self._is_running(each)}
        if self._journal.is_long(len(self._held)):
            self._journal.rewrite(self._held.values())

    def _running(self, grant: Grant) -> Lease:
        until_s = self._until_s(grant.ttl_s)
        return Lease(grant.name, grant.holder, grant.epoch, grant.ttl_s, until_s)

    def _is_running(self, lease: Lease) -> bool:
        return self._now_s() < lease.until_s

    def _until_s(self, ttl_s: float) -> float:
        return self._now_s() + ttl_s + self._grace_s

    def _now_s(self) -> float:
        return self._clock.now_ns() / S
