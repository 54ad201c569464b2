"""Compare our books with the payment company's statement, line by line.

Invariant: nothing is found if and only if both sides know the same movements under the same keys, of
the same amounts. Each difference names a key, what we have and what they have: somebody has to look at
it. Page: docs/zomato/money.md
"""

from collections.abc import Iterable
from dataclasses import dataclass

from chapters.ledger import Posting
from zomato.gateway.gateway import Movement
from zomato.ordering.bill import rupees


@dataclass(frozen=True, slots=True)
class Difference:
    """A key, and what each side has under it, in paise; None for nothing."""

    key: str
    ours: int | None
    theirs: int | None

    def __str__(self) -> str:
        ours, theirs = (
            "nothing" if each is None else rupees(each) for each in (self.ours, self.theirs)
        )
        return f"{self.key}: we have {ours}, they have {theirs}"


def reconcile(postings: Iterable[Posting], statement: Iterable[Movement]) -> list[Difference]:
    """Return what differs, in the order of the keys. O(both)."""
    ours = {
        posting.entry.id: -leg.amount
        for posting in postings
        for leg in posting.entry.legs
        if leg.account == "gateway"
    }
    theirs: dict[str, int] = {}
    for line in statement:
        theirs[line.key] = theirs.get(line.key, 0) + line.paise
    return [
        Difference(key, ours.get(key), theirs.get(key))
        for key in sorted(ours.keys() | theirs.keys())
        if ours.get(key) != theirs.get(key)
    ]
