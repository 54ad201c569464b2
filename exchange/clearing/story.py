"""Five traders, a day's trades, and the days on which they settle: who comes up with what.

Page: docs/exchange/settlement.md
"""

from collections.abc import Iterator
from datetime import date

from chapters.ledger import MICRO, Ledger, spell
from chapters.sim import VirtualClock
from exchange.clearing import accounts, margin
from exchange.clearing.accounts import AGENT
from exchange.clearing.calendar import Calendar
from exchange.clearing.drop_copy import Execution
from exchange.clearing.fails import Terms
from exchange.clearing.settlement import ClearingHouse, Line
from exchange.orders import BUY

TITLE = "After the trade"
TRADED = date(2026, 11, 25)  # the day before a holiday
SYMBOL = "ACME"
TRADES = ((1, 2, 100, 1000), (1, 3, 50, 1004), (4, 5, 10, 1002), (2, 1, 20, 1001))
HAS = {1: (60, 5_000), 2: (0, 5_000), 3: (0, 5_000), 4: (10, 5_000), 5: (0, 0)}  # lots, money
DAYS = 4


def executions() -> list[Execution]:
    """Return the day's trades: seller, buyer, lots, ticks; the buyer came to the seller."""
    return [
        Execution(number, 0, 0, SYMBOL, ticks, lots, buyer, seller, 0, 0, BUY)
        for number, (seller, buyer, lots, ticks) in enumerate(TRADES, start=1)
    ]


def settle(ledger: Ledger, terms: Terms = Terms()) -> Iterator[tuple[ClearingHouse, list[Line]]]:
    """Clear the trades and settle them day by day; whoever dies in between calls it again."""
    house = ClearingHouse(ledger, calendar=Calendar(), terms=terms)
    for account, (lots, money) in HAS.items():
        for symbol, amount in ((SYMBOL, lots), ("", money * MICRO)):
            if amount:
                id = f"{account}/{symbol}"
                accounts.deposit(ledger, id, account, amount, symbol, day=TRADED)
    accounts.deposit(ledger, "agent/lots", AGENT, 1_000, SYMBOL, day=TRADED)
    house.clear(TRADED, executions())
    margin.call(house, TRADED)
    day = TRADED
    for _ in range(DAYS):
        day = house.calendar.after(day)
        lines = house.settle(day)
        margin.call(house, day)
        yield house, lines


def demo(*, fine: int = Terms().fine_bps, buy_in: int = Terms().buy_in_days) -> None:
    """Settle a small day; `fine` is in basis points a day, `buy-in` in business days."""
    terms = Terms(fine_bps=fine, buy_in_days=buy_in)
    for seller, buyer, lots, ticks in TRADES:
        print(f"  {seller} sells {buyer} {lots:3} {SYMBOL} at {ticks / 100:.2f}")
    said = ", ".join(f"{account} has {lots}" for account, (lots, _) in HAS.items() if lots)
    print(f"\n  {said}; 5 has no money. Traded on {TRADED:%a %d %b}, settles on T+1:\n")
    print("                account     owes   settled   left    fine")
    house = None
    for house, lines in settle(Ledger(clock=VirtualClock()), terms):
        house.check()
        for line in lines:
            owed = line.owed
            what = "delivers" if owed.gives else "buys"
            bought = " at the market" if house.bought_in(owed, line.day) else ""
            print(
                f"  {line.day:%a %d %b}   {owed.account} {what:9} {owed.lots:7} {line.settled:9}"
                f" {line.left:6} {spell(line.fine):>7}{bought}"
            )
        print()
    assert house is not None
    same = accounts.inside(house.ledger) == accounts.outside(house.ledger)
    print(f"  {'as much as came in is still there' if same else 'something was lost'}: "
          f"{accounts.inside(house.ledger)[accounts.unit_of(SYMBOL)]:,} lots, "
          f"{spell(accounts.inside(house.ledger)[accounts.MONEY])} of money")  # fmt: skip
