"""Delivery versus payment: shares and money change hands in one entry, or neither does.

    7 delivers 100 for 1,005.00            7/shares/ACME   −60     house/shares/ACME  +60
    and has 60 of them                     house/cash  −603.00     7/cash         +603.00
                                           one entry of the ledger: four legs, or none

A delivery of which only a part is there is made in part: what an account owes is the sum of many trades,
so nobody ever asked for it in one piece, and one missing lot should not stop all who wait behind it.
Invariant: however an obligation is cut into parts, its parts' lots and their money each add up to all of
it, and each part's money is that of its lots, rounded by less than a millionth. Source: BIS, "Delivery
versus payment in securities settlement systems", 1992 (model 1). Page: docs/exchange/settlement.md
"""

from dataclasses import dataclass
from datetime import date

from chapters.ledger import Leg
from exchange.clearing.accounts import cash_of, shares_of
from exchange.clearing.netting import HOUSE


@dataclass(frozen=True, slots=True)
class Obligation:
    """What an account gets from the house in a symbol on a day; below zero, what it gives."""

    due: date
    account: int
    symbol: str
    shares: int  # lots
    cash: int  # millionths of money

    @property
    def id(self) -> str:
        """Return the name under which all of it is booked."""
        return f"{self.due}/{self.account}/{self.symbol}"

    @property
    def gives(self) -> bool:
        """Return whether the house gets something before it gives: lots, or else money."""
        return self.shares < 0 or (not self.shares and self.cash < 0)

    @property
    def lots(self) -> int:
        """Return into how many pieces it can be cut; money alone is one piece."""
        return abs(self.shares) or 1


def part(owed: Obligation, done: int, lots: int) -> tuple[int, int]:
    """Return the shares and the cash of the next `lots`, when `done` were settled before."""
    shares = (owed.shares > 0) - (owed.shares < 0)
    before = owed.cash * done // owed.lots
    return shares * lots, owed.cash * (done + lots) // owed.lots - before


def legs(owed: Obligation, done: int, lots: int) -> tuple[Leg, ...]:
    """Return the next `lots` of `owed` as legs of one entry: between the account and the house."""
    shares, cash = part(owed, done, lots)
    moved = (
        Leg(shares_of(owed.account, owed.symbol), shares),
        Leg(shares_of(HOUSE, owed.symbol), -shares),
        Leg(cash_of(owed.account), cash),
        Leg(cash_of(HOUSE), -cash),
    )
    return tuple(leg for leg in moved if leg.amount)


def affordable(owed: Obligation, done: int, own_shares: int, own_cash: int) -> int:
    """Return how many of its open lots the account can give its side of, with what it has."""
    lots = owed.lots - done
    if owed.shares < 0:
        lots = min(lots, own_shares)
    if owed.cash < 0:
        # Paid so far, and what is left to pay with: how many lots is that, all counted from 0?
        paid_most = own_cash - owed.cash * done // owed.lots
        lots = min(lots, paid_most * owed.lots // -owed.cash - done)
    return max(lots, 0)
