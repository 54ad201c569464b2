"""The nouns of double entry: accounts, legs that sum to zero, entries, reservations.

    Entry "sale-1"     anna        −20.00     a debit: out of here
                       pizzeria    +17.00     a credit: into here
                       platform     +3.00
                                     0.00     nothing is made, nothing is lost

Money comes from outside through an account that may go below zero: it is as far below as all others
together are above. Shares and euros are different units, and each sums to zero for itself: one entry
can hand over both. Source: Pacioli, "Summa de arithmetica", 1494. Page: docs/chapters/ledger.md
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from chapters.ledger.errors import BadAmount
from chapters.ledger.money import whole

LEGS_MAX = 4096  # of one entry; a longer one would be split over several, by whoever knows how


@dataclass(frozen=True, slots=True)
class Account:
    """Where amounts of one unit are kept, and whether there may be less than nothing."""

    name: str
    unit: str = ""
    may_overdraw: bool = False


@dataclass(frozen=True, slots=True)
class Leg:
    """One line of an entry: so much into an account; below zero, out of it."""

    account: str
    amount: int


@dataclass(frozen=True, slots=True)
class Entry:
    """Legs that are posted together or not at all; the id makes sure that it is once.

    It may belong to a period, and name an entry that it corrects.
    """

    id: str
    legs: tuple[Leg, ...]
    period: str = ""
    corrects: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """The entry of two legs: `amount`, above zero, from `debit` to `credit`."""

    id: str
    debit: str
    credit: str
    amount: int

    def entry(self, period: str = "") -> Entry:
        """Return it as an entry. Raises `BadAmount`."""
        if whole(self.amount) <= 0:
            raise BadAmount(f"{self.id}: a transfer of {self.amount}; say more than 0, or swap")
        legs = (Leg(self.debit, -self.amount), Leg(self.credit, self.amount))
        return Entry(self.id, legs, period)


@dataclass(frozen=True, slots=True)
class Posting:
    """An entry that stands in the books: the `number`-th, since that instant."""

    number: int
    at_ns: int
    entry: Entry


class State(Enum):
    """What has become of a reservation."""

    PENDING = "pending"
    SETTLED = "settled"
    VOID = "void"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Reservation:
    """Legs that may be posted later; until then, what they take is not available."""

    id: str
    legs: tuple[Leg, ...]
    ttl_ns: int
    expires_at_ns: int
    state: State = State.PENDING


def net(legs: Iterable[Leg]) -> dict[str, int]:
    """Return what each account gains by these legs together; below zero, what it gives."""
    sums: dict[str, int] = {}
    for leg in legs:
        sums[leg.account] = sums.get(leg.account, 0) + whole(leg.amount)
    return sums


def taken(legs: Iterable[Leg]) -> dict[str, int]:
    """Return what each account gives by these legs together; those that gain are left out."""
    return {name: -amount for name, amount in net(legs).items() if amount < 0}
