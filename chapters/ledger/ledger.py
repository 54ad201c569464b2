"""Money moves between accounts, and none is made or lost: every entry sums to zero, and happens once.

    post(entry)      known already? ──► the first answer
                     balanced? affordable? open period? ──► refuse, nothing has changed
                     write it down ──► change the balances ──► answer

Invariant: in each unit all balances sum to zero, and an account that may not be overdrawn has no less
than what is held of it: 0 ≤ held ≤ balance. So a reservation can always be settled.

Everything that could be refused is looked at before anything is written, and it is written before
anything changes: a failure at any point leaves a ledger in which the whole entry stands, or nothing
of it. All is O(legs), and O(log reservations) for the clock. Page: docs/chapters/ledger.md
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from chapters.ledger.commands import Close, Command, Reserve, Settle, Void
from chapters.ledger.entry import (
    LEGS_MAX,
    Account,
    Entry,
    Leg,
    Posting,
    Reservation,
    State,
    net,
    taken,
)
from chapters.ledger.errors import (
    AccountReused,
    BadAmount,
    BeyondReservation,
    EntryReused,
    LedgerFull,
    Overdrawn,
    Unbalanced,
    UnknownAccount,
    UnknownEntry,
)
from chapters.ledger.holds import Holds
from chapters.ledger.money import AMOUNT_MAX
from chapters.ledger.periods import Periods

Record: TypeAlias = Callable[[int, Command], None]


class Calendar(Protocol):
    """What a ledger asks a clock."""

    def now_ns(self) -> int:
        """Return nanoseconds since some fixed instant, the same one after a restart."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a ledger holds, since it never forgets an id."""

    accounts: int = 1_000_000
    ids: int = 10_000_000
    pending: int = 100_000


def unwritten(at_ns: int, command: Command) -> None:
    """Write nothing down: a ledger in memory."""


class Ledger:
    """Accounts, entries, reservations and periods.

    `record` is called with each command that is accepted, before anything changes; what it raises,
    the command raises. `chapters.ledger.journal` opens a ledger that writes to disk.
    """

    def __init__(
        self, *, clock: Calendar, record: Record = unwritten, limits: Limits = Limits()
    ) -> None:
        self._clock, self._record, self._limits = clock, record, limits
        self._now_ns = clock.now_ns()
        self._accounts: dict[str, Account] = {}
        self._balances: dict[str, int] = {}
        self._postings: dict[str, Posting] = {}
        self._holds = Holds()
        self._periods = Periods()

    def open(self, account: Account) -> Account:
        """Add an account; the same one again changes nothing. Raises `AccountReused`, `LedgerFull`."""
        known = self._accounts.get(account.name)
        if known is not None:
            if known != account:
                raise AccountReused(f"{account.name!r} is open already, as {known}")
            return known
        self._refuse_more("accounts", len(self._accounts), self._limits.accounts)
        self._look_at_clock()
        self._record(self._now_ns, account)
        self._balances[account.name] = 0
        self._accounts[account.name] = account
        return account

    def post(self, entry: Entry) -> Posting:
        """Post all legs of `entry`, or none; the same entry again gets the first answer.

        Raises `EntryReused`, `Unbalanced`, `BadAmount`, `UnknownAccount`, `Overdrawn`,
        `PeriodClosed`, `UnknownEntry` (what it corrects), `LedgerFull`.
        """
        self._look_at_clock()
        known = self._postings.get(entry.id)
        if known is not None and known.entry == entry:
            return known
        self._refuse_reuse(entry.id)
        gains = self._balanced(entry.legs)
        self._refuse_overdraft(gains)
        self._refuse_unfit(entry, gains)
        self._record(self._now_ns, entry)
        return self._book(entry, gains)

    def reserve(self, id: str, legs: tuple[Leg, ...], *, ttl_ns: int) -> Reservation:
        """Set aside what `legs` take, until it is settled, voided, or `ttl_ns` have passed.

        The same call again returns the reservation as it is now. Raises as `post` does.
        """
        assert ttl_ns > 0, ttl_ns
        self._look_at_clock()
        if id in self._holds:
            known = self._holds.get(id)
            if (known.legs, known.ttl_ns) == (legs, ttl_ns):
                return known
        self._refuse_reuse(id)
        self._refuse_overdraft(self._balanced(legs))
        self._refuse_more("pending", self._holds.pending_count, self._limits.pending)
        self._record(self._now_ns, Reserve(id, legs, ttl_ns))
        return self._holds.put(Reservation(id, legs, ttl_ns, self._now_ns + ttl_ns))

    def settle(self, id: str, legs: tuple[Leg, ...] | None = None, *, period: str = "") -> Posting:
        """Post what was reserved, or other `legs` that take no more from any account.

        What is not taken is given back. The same call again gets the first answer. Raises
        `UnknownEntry`, `EntryReused`, `NotPending`, `BeyondReservation`, `Unbalanced`, `BadAmount`,
        `UnknownAccount`, `PeriodClosed`.
        """
        self._look_at_clock()
        reserved = self._holds.get(id)
        entry = Entry(id, reserved.legs if legs is None else legs, period)
        if id in self._postings:
            if self._postings[id].entry != entry:
                raise EntryReused(f"{id!r} was settled already, with other legs or period")
            return self._postings[id]
        self._holds.pending(id)
        gains = self._balanced(entry.legs)
        self._refuse_beyond(reserved, entry)
        self._refuse_unfit(entry, gains)
        self._record(self._now_ns, Settle(id, entry.legs, period))
        self._holds.end(id, State.SETTLED)
        return self._book(entry, gains)

    def void(self, id: str) -> Reservation:
        """Give back what was reserved; nothing to do if it was voided or has lapsed.

        Raises `UnknownEntry`, `NotPending` if it was settled.
        """
        self._look_at_clock()
        if self._holds.get(id).state in (State.VOID, State.LAPSED):
            return self._holds.get(id)
        self._holds.pending(id)
        self._record(self._now_ns, Void(id))
        return self._holds.end(id, State.VOID)

    def close(self, period: str) -> None:
        """Close the books of `period` and of all before it; once they are, nothing happens."""
        self._look_at_clock()
        if not self._periods.is_closed(period):
            self._record(self._now_ns, Close(period))
            self._periods.close(period)

    def is_closed(self, period: str) -> bool:
        """Return whether the books of `period` are closed."""
        return self._periods.is_closed(period)

    def _look_at_clock(self) -> None:
        """Take the time by which the next command is decided: it never runs backwards."""
        self._now_ns = max(self._now_ns, self._clock.now_ns())
        self._holds.lapse(self._now_ns)

    def _refuse_reuse(self, id: str) -> None:
        if id in self._postings or id in self._holds:
            raise EntryReused(f"{id!r} stands for something else: take another id")
        self._refuse_more("ids", len(self._postings) + len(self._holds), self._limits.ids)

    def _balanced(self, legs: tuple[Leg, ...]) -> dict[str, int]:
        """Return what each account gains by `legs`, which sum to zero in each unit."""
        if not 2 <= len(legs) <= LEGS_MAX:
            raise Unbalanced(f"{len(legs)} legs: say 2 to {LEGS_MAX}")
        gains = net(legs)
        sums: dict[str, int] = {}
        for name, amount in gains.items():
            unit = self._account(name).unit
            sums[unit] = sums.get(unit, 0) + amount
        for unit, left in sums.items():
            if left:
                raise Unbalanced(f"the legs in {unit or 'the unit'} sum to {left}, not to 0")
        return gains

    def _refuse_overdraft(self, gains: Mapping[str, int]) -> None:
        for name, amount in gains.items():
            left = self._balances[name] - self._holds.on(name)
            if amount < 0 and left + amount < 0 and not self._accounts[name].may_overdraw:
                raise Overdrawn(f"{name!r} has {left} available, and {-amount} would be taken")

    def _refuse_beyond(self, reserved: Reservation, entry: Entry) -> None:
        aside = taken(reserved.legs)
        for name, amount in taken(entry.legs).items():
            if amount > aside.get(name, 0):
                raise BeyondReservation(
                    f"{entry.id!r} set {aside.get(name, 0)} of {name!r} aside, and {amount} would "
                    f"be taken"
                )

    def _refuse_unfit(self, entry: Entry, gains: Mapping[str, int]) -> None:
        """Refuse a closed period, a correction of nothing, and a balance that grows too large."""
        self._periods.must_be_open(entry.period)
        if entry.corrects and entry.corrects not in self._postings:
            raise UnknownEntry(f"{entry.id!r} corrects {entry.corrects!r}, which was never posted")
        for name, amount in gains.items():
            if abs(self._balances[name] + amount) > AMOUNT_MAX:
                raise BadAmount(f"{name!r} would hold more than {AMOUNT_MAX}")

    def _refuse_more(self, what: str, count: int, limit: int) -> None:
        if count >= limit:
            raise LedgerFull(f"{count} {what} are the limit of this ledger")

    def _book(self, entry: Entry, gains: Mapping[str, int]) -> Posting:
        """Change the balances; nothing here can fail."""
        for name, amount in gains.items():
            self._balances[name] += amount
        self._periods.add(entry.period, gains)
        posting = Posting(len(self._postings) + 1, self._now_ns, entry)
        self._postings[entry.id] = posting
        return posting

    def _account(self, name: str) -> Account:
        if name not in self._accounts:
            raise UnknownAccount(f"no account {name!r}: open it first")
        return self._accounts[name]

    def balance(self, name: str) -> int:
        """Return what is in the account. Raises `UnknownAccount`."""
        return self._balances[self._account(name).name]

    def available(self, name: str) -> int:
        """Return what is in the account and not held; below zero only if it may be."""
        self._look_at_clock()
        return self.balance(name) - self._holds.on(name)

    def balances(self) -> dict[str, int]:
        """Return what is in each account, by name."""
        return dict(sorted(self._balances.items()))

    def posting(self, id: str) -> Posting:
        """Return the entry with that id as it stands in the books. Raises `UnknownEntry`."""
        if id not in self._postings:
            raise UnknownEntry(f"no entry {id!r}")
        return self._postings[id]

    def postings(self) -> Iterator[Posting]:
        """Yield all entries, in the order in which they were posted."""
        yield from self._postings.values()

    def reservation(self, id: str) -> Reservation:
        """Return the reservation as it is now. Raises `UnknownEntry`."""
        self._look_at_clock()
        return self._holds.get(id)

    def turnover(self, period: str) -> dict[str, int]:
        """Return what each account gained in that period."""
        return self._periods.turnover(period)

    def check(self) -> None:
        """Assert the invariants, from the entries up. O(everything)."""
        found = dict.fromkeys(self._accounts, 0)
        sums: dict[str, int] = {}
        for posting in self.postings():
            for leg in posting.entry.legs:
                found[leg.account] += leg.amount
        for name, balance in found.items():
            account = self._accounts[name]
            sums[account.unit] = sums.get(account.unit, 0) + balance
            assert account.may_overdraw or 0 <= self._holds.on(name) <= balance, name
        assert found == self._balances
        assert not any(sums.values()), sums
        self._holds.check()
        assert [each.number for each in self.postings()] == list(range(1, len(self._postings) + 1))
