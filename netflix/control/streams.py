"""How many screens at once: leases that must be renewed, so that nobody has to say goodbye.

    play ──► a lease for LEASE_S ──► heartbeat: LEASE_S from now ──► … ──► stop, or silence: it ends

Invariant: an account never has more live leases than its plan has streams. Of two plays for the last one,
one wins. Source for leases: Gray and Cheriton, SOSP 1989. Page: docs/netflix/play.md
"""

from chapters.sim.clock import Clock, S
from netflix.control.accounts import Account, AccountId
from netflix.errors import Refused

LEASE_S = 45  # three heartbeats of 15 s: two may be lost
ACCOUNTS_MAX = 100_000  # with leases at one time, in one process


class Streams:
    """The live leases of all accounts."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._until_ns: dict[AccountId, dict[str, int]] = {}

    def acquire(self, account: Account, session: str) -> None:
        """Give `session` a lease. Raises `Refused` with 429 when all of the plan's streams are in use."""
        live = self._live(account.id)
        if session not in live and len(live) >= account.plan.streams:
            plan = account.plan
            wait_s = -(-(min(live.values()) - self._clock.now_ns()) // S)
            raise Refused(
                429,
                f"{plan.name} plays on {plan.streams} at once, and {len(live)} are playing; "
                f"stop one, or wait up to {wait_s} s",
            )
        if account.id not in self._until_ns and len(self._until_ns) >= ACCOUNTS_MAX:
            self._sweep()
        self._until_ns.setdefault(account.id, live)[session] = self._clock.now_ns() + LEASE_S * S

    def renew(self, account: Account, session: str) -> bool:
        """Prolong a lease; return whether it was still live. One that ran out must be acquired anew."""
        live = self._live(account.id)
        if session not in live:
            return False
        live[session] = self._clock.now_ns() + LEASE_S * S
        return True

    def release(self, account: Account, session: str) -> None:
        """End a lease now."""
        self._until_ns.get(account.id, {}).pop(session, None)

    def playing(self, account: Account) -> list[str]:
        """Return the sessions with a live lease."""
        return list(self._live(account.id))

    def _live(self, account: AccountId) -> dict[str, int]:
        now_ns = self._clock.now_ns()
        found = self._until_ns.get(account, {})
        for session in [each for each, until_ns in found.items() if until_ns <= now_ns]:
            del found[session]
        return found

    def _sweep(self) -> None:
        for account in list(self._until_ns):
            if not self._live(account):
                del self._until_ns[account]
        if len(self._until_ns) >= ACCOUNTS_MAX:
            raise Refused(503, f"{ACCOUNTS_MAX} accounts are playing here; try again in a minute")
