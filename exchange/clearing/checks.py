"""What the exercises on clearing check: who owes what, and that shares and money move together.

Page: docs/exchange/clearing.md
"""

from collections.abc import Iterator, Sequence
from datetime import date
from random import Random

from chapters.checking import JSON, Case, Stage
from exchange.clearing.delivery import Obligation, affordable, legs, part
from exchange.clearing.netting import Contract, net, novate
from exchange.day import live
from exchange.day_report import verdicts

DUE = date(2026, 11, 27)
DAY_ORDERS = 1_200

Numbers = Sequence[int]


# Novation and netting.


def novated(buyer: int, seller: int, symbol: str, lots: int, cash: int) -> JSON:
    """Put the house in the middle of one contract."""
    return [list(each) for each in novate(Contract(buyer, seller, symbol, lots, cash))]


def netted(made: list[list[JSON]]) -> JSON:
    """Net contracts [buyer, seller, symbol, lots, cash]; return [account, symbol, shares, cash]."""
    found = net(_contract(*each) for each in made)
    return [[account, symbol, *own] for (account, symbol), own in found.items()]


def netted_by_house(made: list[list[JSON]]) -> JSON:
    """The same, each contract novated before."""
    found = net(each for one in made for each in novate(_contract(*one)))
    return [[account, symbol, *own] for (account, symbol), own in found.items()]


def _contract(buyer: JSON, seller: JSON, symbol: JSON, lots: JSON, cash: JSON) -> Contract:
    who = (int(str(buyer)), int(str(seller)))
    return Contract(*who, str(symbol), int(str(lots)), int(str(cash)))


def one_contract(rng: Random) -> Iterator[Case]:
    yield 7, 22, "ACME", 60, 60_300
    yield rng.randint(1, 9), rng.randint(10, 99), "BLUE", rng.randint(1, 99), rng.randint(1, 9_999)


def two_accounts(rng: Random) -> Iterator[Case]:
    yield ([[7, 22, "ACME", 60, 60_300]],)
    yield ([[7, 22, "ACME", 60, 60_300], [22, 7, "ACME", 20, 20_000]],)
    yield ([[7, 22, "ACME", 60, 60_300], [7, 22, "BLUE", 5, 900], [8, 7, "ACME", 1, 1_005]],)


def comes_out_even(rng: Random) -> Iterator[Case]:
    """Nothing left in shares, or nothing at all; and a trade with oneself."""
    yield ([[7, 22, "ACME", 60, 60_300], [22, 7, "ACME", 60, 60_900]],)
    yield ([[7, 22, "ACME", 60, 60_300], [22, 7, "ACME", 60, 60_300]],)
    yield ([[7, 7, "ACME", 60, 60_300], [8, 7, "ACME", 1, 1_000]],)


def many(rng: Random) -> Iterator[Case]:
    """A circle, then a crowd."""
    yield ([[2, 1, "ACME", 60, 60_000], [3, 2, "ACME", 60, 60_120], [1, 3, "ACME", 40, 40_040]],)
    for _ in range(3):
        crowd: list[JSON] = []
        for _ in range(30):
            lots = rng.randint(1, 50)
            symbol = rng.choice(("ACME", "BLUE"))
            crowd.append(
                [rng.randint(1, 6), rng.randint(1, 6), symbol, lots, lots * rng.randint(90, 110)]
            )
        yield (crowd,)


# Delivery versus payment.


def _owed(shares: int, cash: int) -> Obligation:
    return Obligation(DUE, 7, "ACME", shares, cash)


def cut(shares: int, cash: int, pieces: list[int]) -> JSON:
    """Cut an obligation into parts; return each, and what they come to together."""
    found, done = [], 0
    for lots in pieces:
        found.append(list(part(_owed(shares, cash), done, lots)))
        done += lots
    return [found, [sum(each) for each in zip(*found, strict=True)]]


def entries(shares: int, cash: int, done: int, lots: int) -> JSON:
    """Return the legs of a part, and what they sum to for shares and for money."""
    found = legs(_owed(shares, cash), done, lots)
    sums = [
        sum(leg.amount for leg in found if ("/shares/" in leg.account) == is_shares)
        for is_shares in (True, False)
    ]
    return [sorted([leg.account, leg.amount] for leg in found), sums]


def possible(shares: int, cash: int, done: int, own_shares: int, own_cash: int) -> JSON:
    """Return how many lots an account can give its side of."""
    return affordable(_owed(shares, cash), done, own_shares, own_cash)


def cuts(rng: Random) -> Iterator[Case]:
    yield -100, 100_500, [60, 40]
    yield 3, -100, [1, 1, 1]
    yield 7, -1_000, [2, 3, 2]
    yield 0, -50, [1]
    yield rng.randint(20, 40), -rng.randint(1_000, 9_999), [7, 5, 8]
    yield -rng.randint(20, 40), rng.randint(1_000, 9_999), [3, 11, 6]


def both_sides(rng: Random) -> Iterator[Case]:
    yield -100, 100_500, 0, 60
    yield 3, -100, 1, 1
    yield 20, 500, 0, 20
    yield 0, -50, 0, 1
    yield rng.randint(20, 40), -rng.randint(1_000, 9_999), 4, rng.randint(1, 16)


def is_there(rng: Random) -> Iterator[Case]:
    """Of shares and of money: all, too few, none."""
    yield -100, 100_500, 0, 60, 0
    yield -100, 100_500, 60, 60, 0
    yield -100, 100_500, 0, 0, 10**9
    yield 10, -1_000, 0, 0, 1_000
    yield 10, -1_000, 0, 0, 999
    yield 10, -1_000, 4, 0, 250
    yield 10, -1_000, 0, 0, 0
    yield 10, 500, 0, 0, 0
    yield -10, -500, 0, 10, 260
    yield 3, -100, 1, 0, rng.randint(20, 80)
    yield rng.randint(20, 40), -rng.randint(1_000, 9_999), 4, 0, rng.randint(0, 5_000)


# A day.


def day(seed: int) -> JSON:
    """Live a small day of the market; return what came of it, and whether promises were kept."""
    passed = live(seed=seed, orders=DAY_ORDERS)
    kept = [each.held for each in verdicts(passed)]
    days: JSON = [
        [on.isoformat(), sum(line.left for line in lines)] for on, lines in passed.settled
    ]
    return [len(passed.executions), len(passed.obligations), days, kept]


def some_day(rng: Random) -> Iterator[Case]:
    yield (rng.randrange(1_000_000),)


def told(args: Case, got: JSON) -> str:
    """Say how a day was settled on the learner's code."""
    assert isinstance(got, Sequence)
    trades, obligations, days, _ = got
    assert isinstance(days, Sequence)
    return (
        f"a day settles on your code: {trades} trades, {obligations} obligations, all of them settled "
        f"after {len(days)} days; no share and no money was made or lost"
    )


WHOLE_DAY = "a day of the market is settled"

STAGES = {
    "netting": [
        Stage("the house in the middle", one_contract, novated),
        Stage("what two accounts owe each other", two_accounts, netted, needs=()),
        Stage("what comes out even", comes_out_even, netted),
        Stage("many, with the house in between", many, netted_by_house, needs=(1, 3)),
        Stage(WHOLE_DAY, some_day, day, summary=told),
    ],
    "delivery-versus-payment": [
        Stage("parts that add up to all of it", cuts, cut),
        Stage("both sides in one entry", both_sides, entries),
        Stage("as much as is there", is_there, possible, needs=(1,)),
        Stage(WHOLE_DAY, some_day, day, needs=(2, 3), summary=told),
    ],
}
