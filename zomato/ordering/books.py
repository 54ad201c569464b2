"""What an order's money does, as entries of the ledger; and the bookkeeper that posts them.

    captured    gateway −total          orders +total           the customer's money waits
    delivered   orders −total           restaurant, rider, tax, platform, promotions, rounding +
    refunded    orders −total           gateway +total          cancelled: nobody earned anything
    missing     restaurant −amount      gateway +amount         a dish that was not in the bag

Invariant: an entry's id is the order's and the event's, so posted twice it counts once, and each sums
to zero. The `gateway` account is as far below zero as the payment company owes us.
Page: docs/zomato/money.md
"""

from collections.abc import Mapping
from typing import Any

from chapters.ledger import Account, Entry, Ledger, Leg
from zomato.ordering.bill import Bill, shares

MAY_OVERDRAW = ("gateway", "promotions", "rounding", "restaurant/")
UNIT = "paise"

Legs = list[tuple[str, int]]


def captured(paid: Bill) -> Legs:
    """Return the legs when the gateway has taken the money."""
    return [("gateway", -paid.total), ("orders", paid.total)]


def delivered(paid: Bill, restaurant: str, rider: str) -> Legs:
    """Return the legs when the order is at the door, and everybody has earned a share."""
    earned = shares(paid, restaurant, rider)
    return [("orders", -paid.total), *((name, each) for name, each in earned.items() if each)]


def refunded(paid: Bill) -> Legs:
    """Return the legs when a cancelled order's money is back."""
    return [("orders", -paid.total), ("gateway", paid.total)]


def missed(paise: int, restaurant: str) -> Legs:
    """Return the legs when a missing dish was paid back."""
    return [(f"restaurant/{restaurant}", -paise), ("gateway", paise)]


class Bookkeeper:
    """Posts what it is told into a ledger; told again, nothing changes."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def hear(self, facts: Mapping[str, Any]) -> None:
        """Post the entries of some news. Raises what a ledger does."""
        for id, legs in facts["entries"]:
            self._post(Entry(id, tuple(Leg(name, amount) for name, amount in legs)))

    def _post(self, entry: Entry) -> None:
        for leg in entry.legs:
            may = leg.account.startswith(MAY_OVERDRAW)
            self.ledger.open(Account(leg.account, UNIT, may_overdraw=may))
        self.ledger.post(entry)
