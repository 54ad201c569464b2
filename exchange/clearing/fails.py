"""What lateness costs: a fine for each day, and after some days the house buys at the market instead.

    due Fri 27    Mon 30       Tue 1        Wed 2
    fails         fails        fails        bought in: the agent delivers, who was late pays the difference
    fine          fine         fine

A fine is so many basis points of what is late, a day, and goes to those who waited for it; where nobody but
the house did, to the house. Fees are taken here too: from the taker of a trade, and less from the maker, or
even paid to it. A basis point of a tick is a whole number of millionths: nothing is ever rounded but the
division among those who waited, which leaves nothing over. Invariant: the legs of each sum to zero.
Source: CSDR's cash penalties, Delegated Regulation (EU) 2017/389: one basis point a day for liquid shares;
Regulation SHO, rule 204, for buying in. Page: docs/exchange/settlement.md
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chapters.errors import UsageError
from chapters.ledger import Leg, split
from exchange.clearing.accounts import AGENT, FINES, bill_of, cash_of, shares_of
from exchange.clearing.delivery import Obligation
from exchange.clearing.drop_copy import Execution
from exchange.clearing.netting import HOUSE, MICRO_PER_TICK
from exchange.orders import BUY

ONE_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Terms:
    """What the house asks for, in basis points of the price, and when it loses patience."""

    taker_fee_bps: int = 3
    maker_fee_bps: int = -1  # below zero it is a rebate: paid to who waited in the book
    fine_bps: int = 1  # a day
    buy_in_days: int = 3  # business days after the day on which it was due
    premium_bps: int = 200  # what buying in a hurry costs above the last price, and selling below
    initial_bps: int = 800  # margin on what is open

    def __post_init__(self) -> None:
        if self.taker_fee_bps + self.maker_fee_bps < 0:
            raise UsageError(
                f"a taker's fee of {self.taker_fee_bps} and a maker's of {self.maker_fee_bps} basis "
                f"points: the exchange would pay for each trade; let their sum be 0 or more"
            )
        if min(self.fine_bps, self.buy_in_days, self.premium_bps, self.initial_bps) < 0:
            raise UsageError(f"{self}: fines, days, premium and margin must be 0 or more")


def fees(executions: Iterable[Execution], terms: Terms) -> dict[int, int]:
    """Return what each account is billed for its trades, in millionths; below zero: what it gets."""
    found: dict[int, int] = {}
    for each in executions:
        ticks = each.price * each.quantity
        taker, maker = each.buyer, each.seller
        if each.taker_side != BUY:
            taker, maker = maker, taker
        for account, bps in ((taker, terms.taker_fee_bps), (maker, terms.maker_fee_bps)):
            found[account] = found.get(account, 0) + ticks * bps * MICRO_PER_TICK // ONE_BPS
    return found


def fine(
    owed: Obligation, lots: int, mark: int, waiting: Mapping[str, int], terms: Terms
) -> tuple[Leg, ...]:
    """Return who pays for `lots` that are late, and who gets it; nothing if it comes to nothing."""
    value = lots * mark * MICRO_PER_TICK if owed.shares else -owed.cash
    amount = value * terms.fine_bps // ONE_BPS
    if amount <= 0:
        return ()
    shares = split(amount, waiting) if waiting else {FINES: amount}
    return (
        Leg(bill_of(owed.account), -amount),
        *(Leg(name, share) for name, share in shares.items() if share),
    )


def close_out(owed: Obligation, moved: tuple[int, int], mark: int, terms: Terms) -> tuple[Leg, ...]:
    """Return the legs by which the agent takes the place of who is late, who pays the difference.

    `moved` are the shares and the cash of the part that is closed.
    """
    shares, cash = moved
    worse = ONE_BPS + (terms.premium_bps if shares < 0 else -terms.premium_bps)
    paid = -shares * mark * MICRO_PER_TICK * worse // ONE_BPS  # to the agent; below zero, by it
    legs = (
        Leg(shares_of(AGENT, owed.symbol), shares),
        Leg(shares_of(HOUSE, owed.symbol), -shares),
        Leg(cash_of(AGENT), paid),
        Leg(cash_of(HOUSE), -cash),
        Leg(bill_of(owed.account), cash - paid),
    )
    return tuple(leg for leg in legs if leg.amount)
