"""An evening of a pizzeria: money comes in, is spent, set aside, and divided; then the power fails.

Page: docs/chapters/ledger.md
"""

from chapters.ledger.entry import Account, Entry, Leg, Transfer
from chapters.ledger.journal import open_ledger
from chapters.ledger.ledger import Ledger
from chapters.ledger.money import MICRO, spell
from chapters.ledger.split import split
from chapters.sim.chance import Chance
from chapters.sim.clock import S, VirtualClock
from chapters.sim.disk import SimDisk
from chapters.sim.errors import at_least

TITLE = "The ledger"
NAMES = ("bank", "anna", "pizzeria", "courier", "platform")
SHARES = {"pizzeria": 75, "courier": 15, "platform": 10}  # of a sale, in per cent
TTL_NS = 3600 * S  # an hour to deliver
MISSING = 3  # units of money: what the dish cost that was sold out


def demo(*, seed: int = 7, price: int = 20, tips: int = 100, couriers: int = 3) -> None:
    """Show what stands in every account after each step, and that all of it sums to zero."""
    at_least(MISSING + 1, price=price)
    at_least(1, tips=tips, couriers=couriers)
    clock, disk = VirtualClock(), SimDisk(rng=Chance(seed).stream("disk"))
    ledger = open_ledger(clock=clock, disk=disk)
    open_accounts(ledger, couriers)
    print(f"  {'':28}" + "".join(f"{name:>10}" for name in NAMES) + "   anna may spend    sum")
    top_up_and_buy(ledger, price * MICRO)
    set_aside_and_settle(ledger, price * MICRO)
    share = divide_tips(ledger, tips * MICRO, couriers)
    disk.crash()
    show("the power fails; opened again", open_ledger(clock=clock, disk=disk))
    print(
        f"\n  {spell(tips * MICRO)} of tips over {couriers}: {', '.join(map(spell, share.values()))}"
    )


def open_accounts(ledger: Ledger, couriers: int) -> None:
    """Open an account for everybody; only the bank's, the world outside, may go below zero."""
    tipped = [f"courier-{number}" for number in range(1, couriers + 1)]
    for name in (*NAMES, *tipped):
        ledger.open(Account(name, "EUR", may_overdraw=name == "bank"))


def top_up_and_buy(ledger: Ledger, price: int) -> None:
    """Pay in, buy, and send the purchase again: a retry changes nothing."""
    ledger.post(Transfer("top-up", "bank", "anna", 50 * MICRO).entry())
    show("anna pays 50 in", ledger)
    ledger.post(sale("sale", price))
    show(f"a sale of {spell(price)}", ledger)
    ledger.post(sale("sale", price))
    show("the same, sent again", ledger)


def sale(id: str, price: int) -> Entry:
    """Return the entry of a sale: anna pays, and three get their shares of it."""
    shares = split(price, SHARES)
    return Entry(id, (Leg("anna", -price), *(Leg(name, each) for name, each in shares.items())))


def set_aside_and_settle(ledger: Ledger, price: int) -> None:
    """Set an order's price aside, and settle for a little less: one dish was sold out."""
    ledger.reserve("order", sale("order", price).legs, ttl_ns=TTL_NS)
    show(f"{spell(price)} set aside", ledger)
    spent = price - MISSING * MICRO
    ledger.settle("order", sale("order", spent).legs)
    show(f"settled, for {spell(spent)}", ledger)


def divide_tips(ledger: Ledger, amount: int, couriers: int) -> dict[str, int]:
    """Divide the evening's tips evenly; return the shares, which sum to all of it."""
    shares = split(amount, {f"courier-{number}": 1 for number in range(1, couriers + 1)})
    legs = (Leg("bank", -amount), *(Leg(name, share) for name, share in shares.items()))
    ledger.post(Entry("tips", legs))
    show("tips, to the couriers' own", ledger)
    return shares


def show(what: str, ledger: Ledger) -> None:
    """Print what stands in every account."""
    ledger.check()
    balances = ledger.balances()
    columns = "".join(f"{spell(balances[name]):>10}" for name in NAMES)
    total = spell(sum(balances.values()))
    print(f"  {what:28}{columns}   {spell(ledger.available('anna')):>14}   {total:>4}")


if __name__ == "__main__":
    demo()
