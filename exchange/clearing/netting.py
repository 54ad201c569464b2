"""The house steps between buyer and seller, and then all that one account owes in a symbol is one number.

    traded                 novated                      netted
    A ──60──► B            A ──60──► house ──60──► B     A delivers 20
    B ──60──► C            B ──60──► house ──60──► C     C receives 20
    C ──40──► A            C ──40──► house ──40──► A     B: nothing, but the difference in money
    3 deliveries           6                             2 deliveries

Novation: the house becomes buyer to every seller and seller to every buyer, so nobody need know whether
who was on the other side can pay. Netting: then one account's trades with it add up, whoever they were
with. Invariant: over all accounts an obligation's shares and its cash each sum to zero, symbol by symbol;
so the house itself owes nothing. O(trades). Source: NSCC's continuous net settlement.
Page: docs/exchange/clearing.md
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chapters.ledger import MICRO
from exchange.clearing.drop_copy import Execution
from exchange.json_fields import TICKS_PER_UNIT

HOUSE = 0  # the clearing house's own number; accounts count from 1
# Of money, for one lot; a basis point of it is one millionth.
MICRO_PER_TICK = MICRO // TICKS_PER_UNIT


class Contract(NamedTuple):
    """Somebody is to give `quantity` lots to somebody, for `cash` millionths of money."""

    buyer: int
    seller: int
    symbol: str
    quantity: int
    cash: int


class Net(NamedTuple):
    """What an account gets in a symbol: lots, and millionths of money; below zero, what it gives."""

    shares: int
    cash: int


Nets = dict[tuple[int, str], Net]  # by account and symbol


def contracts(executions: Iterable[Execution]) -> Iterator[Contract]:
    """Yield each execution as the contract that its two sides made with each other."""
    for each in executions:
        cash = each.price * each.quantity * MICRO_PER_TICK
        yield Contract(each.buyer, each.seller, each.symbol, each.quantity, cash)


def novate(made: Contract) -> tuple[Contract, Contract]:
    """Return the two contracts that replace the one: the house buys from the seller, and sells on."""
    return made._replace(buyer=HOUSE), made._replace(seller=HOUSE)


def net(made: Iterable[Contract]) -> Nets:
    """Return what each account gets and gives in each symbol, all its contracts together.

    In the order of accounts and symbols; who gets and gives nothing is left out.
    """
    sums: dict[tuple[int, str], list[int]] = {}
    for buyer, seller, symbol, quantity, cash in made:
        for account, sign in ((buyer, 1), (seller, -1)):
            own = sums.setdefault((account, symbol), [0, 0])
            own[0] += sign * quantity
            own[1] -= sign * cash
    return {key: Net(*own) for key, own in sorted(sums.items()) if any(own)}


def cleared(executions: Iterable[Execution]) -> Nets:
    """Return the obligations of a day's executions; the house is in the middle and owes nothing."""
    made = (each for pair in map(novate, contracts(executions)) for each in pair)
    nets = net(made)
    assert not any(account == HOUSE for account, _ in nets), "the house has taken a position"
    return nets


def deliveries(executions: Iterable[Execution]) -> tuple[int, int, int]:
    """Return how many deliveries a day takes: one a trade, netted by pairs, netted by the house."""
    trades = list(contracts(executions))
    pairs: dict[tuple[int, int, str], int] = {}
    for buyer, seller, symbol, quantity, _ in trades:
        sign = 1 if buyer < seller else -1
        key = (min(buyer, seller), max(buyer, seller), symbol)
        pairs[key] = pairs.get(key, 0) + sign * quantity
    bilateral = sum(lots != 0 for (one, other, _), lots in pairs.items() if one != other)
    nets = net(each for made in trades for each in novate(made))
    return len(trades), bilateral, sum(each.shares != 0 for each in nets.values())


def demo() -> None:
    """Three traders in a circle: each trade, and what is left of all of them."""
    from chapters.ledger import spell

    traded = [("A", "B", 60, 1000), ("B", "C", 60, 1002), ("C", "A", 40, 1001)]
    names = {"A": 1, "B": 2, "C": 3}
    made = []
    for seller, buyer, lots, ticks in traded:
        print(f"  {seller} sells {buyer} {lots} at {ticks / TICKS_PER_UNIT:.2f}")
        cash = ticks * lots * MICRO_PER_TICK
        made.append(Contract(names[buyer], names[seller], "ACME", lots, cash))
    print()
    for (account, symbol), (shares, cash) in net(e for c in made for e in novate(c)).items():
        print(f"  {'ABC'[account - 1]}: {shares:+4} {symbol}  {spell(cash):>8} of money")
