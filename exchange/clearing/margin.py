"""What the house holds of yours until you have delivered: for what may happen, and for what has.

    open: +100 ACME at 10.05, now 9.80     initial     8 % of 980.00               78.40
                                           variation   what is lost at the mark   +25.00
                                           margin                                 103.40

Between the trade and its settlement the price moves, and who loses by it is tempted not to come. So the
house asks for the loss that there is already (variation margin: each evening, at the last price), and for
one that there may be until tomorrow (initial margin). A gain is not paid out before settlement, but
counts against losses in other symbols of the account. Invariant: what is held is what was asked for, or
all that was there. Source: PFMI, principles 4 and 6 (CPMI-IOSCO 2012); here in its simplest form.
Page: docs/exchange/clearing.md
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from chapters.ledger import Entry, Leg
from exchange.clearing.accounts import cash_of, evening_of, margin_of
from exchange.clearing.delivery import Obligation, part
from exchange.clearing.netting import MICRO_PER_TICK
from exchange.clearing.settlement import ClearingHouse


@dataclass(frozen=True, slots=True)
class Margin:
    """What an account should have with the house, in millionths of money, and why."""

    initial: int
    variation: int  # what is lost at the mark; below zero: gained

    @property
    def required(self) -> int:
        return max(0, self.initial + max(0, self.variation))


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked of an account, and what is held of it now."""

    account: int
    margin: Margin
    held: int

    @property
    def is_met(self) -> bool:
        return self.held >= self.margin.required


def margins(
    left: Iterable[tuple[Obligation, int]], marks: Mapping[str, int], initial_bps: int
) -> dict[int, Margin]:
    """Return each account's margin: `left` are its obligations, and their lots that were settled."""
    found: dict[int, Margin] = {}
    for owed, done in left:
        shares, cash = part(owed, done, owed.lots - done)
        value = shares * marks[owed.symbol]  # ticks; times basis points it is millionths
        before = found.get(owed.account, Margin(0, 0))
        found[owed.account] = Margin(
            before.initial + abs(value) * initial_bps,
            before.variation - value * MICRO_PER_TICK - cash,
        )
    return found


def call(house: ClearingHouse, day: date) -> list[Call]:
    """Bring each account's margin to what it should be, and end the day; return what came of it.

    Money moves between the account's cash and its margin, as far as there is any. Of a day that has
    ended nothing is asked any more.
    """
    ledger, period = house.ledger, evening_of(day)
    if ledger.is_closed(period):
        return []
    left = [(owed, owed.lots - house.left(owed)) for owed in house.owed.values()]
    asked = margins(left, house.marks, house.terms.initial_bps)
    calls = []
    for account, margin in sorted(asked.items()):
        held = ledger.balance(margin_of(account))
        moved = min(margin.required - held, ledger.available(cash_of(account)))
        if moved:
            legs = (Leg(cash_of(account), -moved), Leg(margin_of(account), moved))
            ledger.post(Entry(f"margin/{account}@{day}", legs, period))
        calls.append(Call(account, margin, held + moved))
    ledger.close(period)
    return calls


def demo(*, bought: int = 1005, mark: int = 980, lots: int = 100, initial: int = 800) -> None:
    """Show what a buyer of some lots has to leave with the house, prices in ticks of 0.01."""
    from chapters.ledger import spell

    owed = Obligation(date(2026, 11, 27), 7, "ACME", lots, -lots * bought * MICRO_PER_TICK)
    margin = margins([(owed, 0)], {"ACME": mark}, initial)[7]
    print(f"  {lots} lots bought at {bought / 100:.2f}, now at {mark / 100:.2f}")
    print(f"  initial    {spell(margin.initial):>12}   {initial / 100:g} % of what they are worth")
    print(f"  variation  {spell(margin.variation):>12}   lost so far")
    print(f"  margin     {spell(margin.required):>12}")
