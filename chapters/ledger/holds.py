"""What is set aside: reservations, each with an end.

    pending ──► settled      what was taken is posted
            ├─► void         it is given back
            └─► lapsed       nobody said anything in time: it is given back

Invariant: what is held of an account is the sum over its pending reservations, and a reservation ends
once. Time is told, never asked: what is due lapses when somebody next looks, in the order of the due
times, so it makes no difference when that is. O(log reservations). Page: docs/chapters/ledger.md
"""

import heapq
from dataclasses import replace

from chapters.ledger.entry import Reservation, State, taken
from chapters.ledger.errors import NotPending, UnknownEntry


class Holds:
    """All reservations of a ledger, and what the pending ones hold of each account."""

    def __init__(self) -> None:
        self._reservations: dict[str, Reservation] = {}
        self._held: dict[str, int] = {}
        self._due: list[tuple[int, str]] = []
        self.pending_count = 0

    def __contains__(self, id: str) -> bool:
        return id in self._reservations

    def __len__(self) -> int:
        return len(self._reservations)

    def get(self, id: str) -> Reservation:
        """Return the reservation as it is now. Raises `UnknownEntry`."""
        if id not in self._reservations:
            raise UnknownEntry(f"no reservation {id!r}")
        return self._reservations[id]

    def pending(self, id: str) -> Reservation:
        """Return the reservation if it still is one. Raises `UnknownEntry`, `NotPending`."""
        found = self.get(id)
        if found.state is not State.PENDING:
            raise NotPending(f"reservation {id!r} is {found.state.value}: nothing is set aside")
        return found

    def on(self, account: str) -> int:
        """Return how much of the account is held."""
        return self._held.get(account, 0)

    def put(self, reservation: Reservation) -> Reservation:
        """Set aside what its legs take."""
        assert reservation.id not in self._reservations, reservation.id
        self._reservations[reservation.id] = reservation
        heapq.heappush(self._due, (reservation.expires_at_ns, reservation.id))
        self._hold(reservation, 1)
        return reservation

    def end(self, id: str, state: State) -> Reservation:
        """Give back what it took, and remember how it ended. Raises as `pending` does."""
        ended = replace(self.pending(id), state=state)
        self._reservations[id] = ended
        self._hold(ended, -1)
        return ended

    def _hold(self, reservation: Reservation, sign: int) -> None:
        self.pending_count += sign
        for account, amount in taken(reservation.legs).items():
            self._held[account] = self.on(account) + sign * amount

    def lapse(self, now_ns: int) -> None:
        """End the reservations whose time is over."""
        while self._due and self._due[0][0] <= now_ns:
            _, id = heapq.heappop(self._due)
            if self._reservations[id].state is State.PENDING:
                self.end(id, State.LAPSED)

    def check(self) -> None:
        """Assert that what is held is what the pending reservations take."""
        held: dict[str, int] = {}
        pending = [each for each in self._reservations.values() if each.state is State.PENDING]
        for each in pending:
            for account, amount in taken(each.legs).items():
                held[account] = held.get(account, 0) + amount
        assert self.pending_count == len(pending)
        assert held == {account: amount for account, amount in self._held.items() if amount}
