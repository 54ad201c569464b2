"""The accounts of the clearing house's ledger, and how shares and money come into it.

    7/shares/ACME  7/cash  7/margin  7/bill        of each account; its bill may be below zero
    house/shares/ACME  house/cash                  of the house, between all sellers and all buyers
    exchange/fees  house/fines                     what trading costs, and what lateness costs
    issuer/ACME  bank                the world outside: as far below zero as the others are above

Lots of a symbol are a unit of their own and so is money, so one entry of the ledger can hand over both,
and each sums to zero for itself. Money is in millionths. Page: docs/exchange/settlement.md
"""

from datetime import date

from chapters.ledger import Account, Entry, Ledger, Leg
from exchange.clearing.netting import HOUSE

MONEY = "money"
BANK, ISSUER = "bank", "issuer/"
FEES, FINES = "exchange/fees", "house/fines"
AGENT = -1  # who buys in, and sells out, for the house; no trader has this number


def owner(account: int) -> str:
    """Return an account's part of the names of what it has."""
    return {HOUSE: "house", AGENT: "agent"}.get(account, str(account))


def shares_of(account: int, symbol: str) -> str:
    return f"{owner(account)}/shares/{symbol}"


def cash_of(account: int) -> str:
    return f"{owner(account)}/cash"


def margin_of(account: int) -> str:
    return f"{account}/margin"


def bill_of(account: int) -> str:
    return f"{account}/bill"


def open_shares(ledger: Ledger, account: int, symbol: str) -> str:
    """Return the name of an account's lots of a symbol, opened if they were not.

    Those of the house may be below zero to the ledger, since it sets aside what it has yet to get;
    that they never are is seen to by settlement.py.
    """
    name = shares_of(account, symbol)
    ledger.open(Account(name, unit_of(symbol), may_overdraw=account == HOUSE))
    return name


def open_money(ledger: Ledger, account: int) -> None:
    """Open an account's money: what it pays with, what secures its debts, and what it is billed.

    The house may owe money, and so may its agent, who finds elsewhere what a market costs.
    """
    ledger.open(Account(cash_of(account), MONEY, may_overdraw=account <= HOUSE))
    if account > HOUSE:
        ledger.open(Account(margin_of(account), MONEY))
        ledger.open(Account(bill_of(account), MONEY, may_overdraw=True))


def unit_of(symbol: str) -> str:
    return f"lots of {symbol}"


def open_house(ledger: Ledger) -> None:
    """Open what is nobody's in particular."""
    ledger.open(Account(BANK, MONEY, may_overdraw=True))
    for name in (FEES, FINES):
        ledger.open(Account(name, MONEY, may_overdraw=name == FEES))  # rebates may exceed fees
    for account in (HOUSE, AGENT):
        open_money(ledger, account)


def deposit(
    ledger: Ledger, id: str, account: int, amount: int, symbol: str = "", *, day: date
) -> None:
    """Bring lots of `symbol`, or millionths of money, in from outside; twice with one id is once."""
    open_money(ledger, account)
    source, target, unit = BANK, cash_of(account), MONEY
    if symbol:
        source, target = f"{ISSUER}{symbol}", open_shares(ledger, account, symbol)
        unit = unit_of(symbol)
    ledger.open(Account(source, unit, may_overdraw=True))
    legs = (Leg(source, -amount), Leg(target, amount))
    ledger.post(Entry(f"deposit/{id}", legs, evening_of(day)))


def evening_of(day: date) -> str:
    """Return the period of what happens on a day and belongs to no stage of its settlement."""
    return f"{day}/evening"


def outside(ledger: Ledger) -> dict[str, int]:
    """Return how much of each unit has come in: constant, whatever trades and settles."""
    balances = ledger.balances().items()
    return {_unit(name): -amount for name, amount in balances if amount and _is_outside(name)}


def inside(ledger: Ledger) -> dict[str, int]:
    """Return how much of each unit everybody has together, the house, its bills and fees included."""
    found: dict[str, int] = {}
    for name, amount in ledger.balances().items():
        if not _is_outside(name):
            found[_unit(name)] = found.get(_unit(name), 0) + amount
    return {unit: amount for unit, amount in found.items() if amount}


def _is_outside(name: str) -> bool:
    return name == BANK or name.startswith(ISSUER)


def _unit(name: str) -> str:
    if name.startswith(ISSUER):
        return unit_of(name.removeprefix(ISSUER))
    symbol = name.partition("/shares/")[2]
    return unit_of(symbol) if symbol else MONEY
