"""What the exercises on auctions, bands, breakers and limits check: small cases, then a day of all of them.

Page: docs/exchange/auctions.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.sim.clock import S
from exchange.control import Rules, SetPhase
from exchange.engine import Engine
from exchange.orders import (
    BUY,
    NO_LIMIT,
    SELL,
    Filled,
    New,
    Side,
)
from exchange.risk.checks import WHOLE
from exchange.saying import words
from exchange.sequencer import Sequenced
from exchange.sessions.auction import Curve, indicate
from exchange.sessions.bands import Bands
from exchange.sessions.breakers import Breakers, Member

SYMBOL = "ACME"
REFERENCE = 1_000
Levels = list[list[int]]  # [price, lots], the best first; price 0: market orders


# The auction's price.


def priced(demand: Levels, supply: Levels, reference: int, tick: int) -> JSON:
    """Return [price, lots, imbalance] of an auction, or None."""
    found = indicate(_curve(BUY, demand), _curve(SELL, supply), reference, tick)
    return None if found is None else list(found)


def _curve(side: Side, levels: Levels) -> Curve:
    return Curve(side, [(price or side * NO_LIMIT, lots) for price, lots in levels])


def most_lots(rng: Random) -> Iterator[Case]:
    lots = rng.randrange(10, 90)
    yield [[1002, 200], [1001, 200], [1000, 300]], [[997, 400], [998, 200], [1000, 100]], 0, 1
    yield [[0, 80]], [[1002, 40], [1004, 40]], 1000, 1
    yield [[998, 40], [996, 40]], [[0, 80]], 1000, 1
    yield [[1000, lots]], [[1001, lots]], 1000, 1
    yield [[1000, lots]], [[1000, lots + 1]], 0, 1


def least_left(rng: Random) -> Iterator[Case]:
    """The published example with 900 lots at several prices, and a drawn one like it."""
    yield (
        *([[102, 300], [100, 100], [99, 200], [98, 300]], [[96, 1000], [97, 250], [98, 250]]),
        *(0, 1),
    )
    yield [[102, 30], [101, 10], [99, 50], [96, 15]], [[95, 50], [97, 50], [98, 10]], 0, 1
    more = rng.randrange(10, 50)
    yield [[1010, 100], [1000, more]], [[990, 100], [1005, more]], 0, 1


def pressure(rng: Random) -> Iterator[Case]:
    yield [[1002, 400], [1001, 200]], [[998, 200], [999, 300]], 995, 1
    yield [[1002, 300], [1001, 200]], [[998, 200], [999, 400]], 1005, 1
    lots = rng.randrange(10, 50)
    yield [[1020, lots + 5]], [[980, lots]], 1000, 1
    yield [[1020, lots]], [[980, lots + 5]], 1000, 1
    yield [[0, lots + 5]], [[980, lots]], 1000, 1


def nearest(rng: Random) -> Iterator[Case]:
    for reference in (995, 999, 1000, 1001, 1010, 0):
        yield [[1002, 300], [1001, 200]], [[998, 200], [999, 300]], reference, 1
    for reference in (97, 99):
        yield [[100, 25], [97, 25]], [[95, 25], [98, 25]], reference, 1
    yield [[0, 900]], [[0, 800]], rng.randrange(900, 1100), 1
    yield [[1100, 10]], [[1000, 10]], 1073, 5


# Bands.


def banded(script: list[list[JSON]]) -> JSON:
    """Trade and look as the script says; return what each look found."""
    bands = Bands(Rules(reference_price=REFERENCE, band_bp=500))
    found = list[JSON]()
    for verb, *values in script:
        numbers = [int(str(value)) for value in values]
        if verb == "trade":
            bands.note(numbers[0] * S, numbers[1])
        elif verb == "limit":
            side = BUY if numbers[0] > 0 else SELL
            found.append(bands.clamp(side, numbers[1]))
        else:
            moved = bands.moved(numbers[0] * S)
            found.append([moved, bands.reference, bands.lower, bands.upper])
    return found


def clamped(rng: Random) -> Iterator[Case]:
    yield ([["limit", 1, 1040], ["limit", 1, 1050], ["limit", 1, 1051], ["limit", 1, 900]],)
    yield ([["limit", -1, 960], ["limit", -1, 950], ["limit", -1, 949], ["limit", -1, 1100]],)
    price = rng.randrange(1051, 2000)
    yield ([["limit", 1, price], ["limit", -1, price]],)


def by_a_percent(rng: Random) -> Iterator[Case]:
    yield ([["trade", 40, 1009], ["look", 40], ["trade", 41, 1031], ["look", 41]],)
    yield ([["trade", 40, 1010], ["look", 40]],)
    yield ([["trade", 40, 990], ["look", 40], ["trade", 41, 960], ["look", 41], ["look", 80]],)
    yield ([["look", 40]],)


def half_a_minute(rng: Random) -> Iterator[Case]:
    yield ([["trade", 29, 1040], ["look", 29], ["look", 30], ["trade", 31, 1100], ["look", 31]],)
    late = rng.randrange(61, 100)
    yield ([["trade", 30, 1040], ["look", 30], ["trade", 40, 1100], ["look", 59], ["look", late]],)


def five_minutes(rng: Random) -> Iterator[Case]:
    yield (
        [["trade", 10, 1000], ["trade", 100, 1016], ["look", 200], ["look", 309], ["look", 310]],
    )
    yield ([["trade", 10, 1020], ["trade", 11, 1000], ["look", 310], ["look", 311]],)
    prices: list[JSON] = [["trade", 40 + n, rng.randrange(960, 1040)] for n in range(20)]
    looks: list[JSON] = [["look", second] for second in (70, 120, 200, 345, 352)]
    yield ([*prices, *looks],)


def waiting(moves: list[list[int]]) -> JSON:
    """Enter [second, account, side, lots, price] orders; return the events, and when something is due."""
    engine, found = Engine({SYMBOL: Rules(reference_price=REFERENCE, band_bp=500)}), list[JSON]()
    for number, (second, account, side, lots, price) in enumerate(moves):
        wish = New(account, str(number), SYMBOL, Side(side), lots, price or None)
        events = engine.apply(wish, second * S)
        due_ns = engine.due_ns()
        found.append([list(map(words, events)), None if due_ns is None else due_ns // S])
    return found


def at_the_band(rng: Random) -> Iterator[Case]:
    second = rng.randrange(2, 9)
    yield ([[1, 1, 1, 10, 1049], [second, 2, 1, 10, 1060], [second + 1, 3, -1, 10, 1000]],)
    yield ([[1, 1, -1, 10, 951], [second, 2, -1, 10, 950], [second + 1, 3, 1, 10, 1000]],)
    yield ([[1, 1, 1, 10, 900], [second, 2, -1, 5, 0], [second + 1, 3, 1, 1, 960]],)
    yield ([[1, 1, -1, 10, 1100], [second, 2, 1, 5, 0], [second + 1, 3, -1, 1, 1040]],)
    yield ([[1, 1, 1, 10, 1060], [second, 2, 1, 10, 1060]],)


# Breakers.


def tripped(script: list[list[JSON]], last_s: int) -> JSON:
    """Let [second, symbol, price] be trades; return what is said after each, and when."""
    members = {"ACME": Member(1000, 3), "GLOBEX": Member(500, 2)}
    breakers = Breakers(members, last_ns=last_s * S if last_s else None)
    found = list[JSON]()
    for number, (second, symbol, price) in enumerate(script):
        ticks = int(str(price))
        wish = New(1, str(number), str(symbol), BUY, 1, ticks)
        fill = Filled(ticks, 1, number, 99)
        breakers.follow(Sequenced(number, wish, [fill], int(str(second)) * S))
        said = list[JSON]()
        while (due_ns := breakers.due_ns) is not None:
            for each in breakers.due(due_ns):
                assert isinstance(each, SetPhase)
                said.append([due_ns // S, each.symbol, each.phase.value, each.why.value])
        found.append([breakers.fallen_bp, said])
    return found


def falls(rng: Random) -> Iterator[Case]:
    yield [[1, "ACME", 950], [2, "GLOBEX", 460], [3, "ACME", 1000]], 0
    yield [[1, "ACME", 1100], [2, "GLOBEX", 470]], 0
    yield [[1, "ACME", rng.randrange(940, 1000)], [2, "OTHER", 1]], 0


def first_level(rng: Random) -> Iterator[Case]:
    yield [[rng.randrange(1, 500), "ACME", 900]], 0
    yield [[7, "ACME", 907], [8, "ACME", 906]], 0


def once_a_day(rng: Random) -> Iterator[Case]:
    yield [[1, "ACME", 900], [2, "ACME", 1000], [3, "ACME", 899], [4, "ACME", 820]], 0
    yield [[1, "ACME", 820], [2, "ACME", 830], [3, "ACME", 900], [4, "ACME", 815]], 0


def the_last(rng: Random) -> Iterator[Case]:
    yield [[1, "ACME", rng.randrange(500, 700)]], 0
    yield [[99, "ACME", 900], [100, "ACME", 830], [101, "ACME", 600]], 100
    yield [[100, "ACME", 900], [101, "ACME", 820]], 100


STAGES = {
    "auction-price": [
        Stage("the most lots", most_lots, priced),
        Stage("then the least left over", least_left, priced),
        Stage("what is left over pushes the price its way", pressure, priced),
        Stage("or else the reference decides", nearest, priced),
        WHOLE,
    ],
    "price-bands": [
        Stage("no further than the band", clamped, banded),
        Stage("the reference moves by a percent", by_a_percent, banded, needs=()),
        Stage("and holds for half a minute", half_a_minute, banded),
        Stage("trades of five minutes count", five_minutes, banded),
        Stage("somebody waits at the band", at_the_band, waiting, needs=(1,)),
        WHOLE,
    ],
    "circuit-breaker": [
        Stage("an index of prices and shares", falls, tripped),
        Stage("the first level halts everybody", first_level, tripped),
        Stage("each level once a day", once_a_day, tripped),
        Stage("the last level, and the last half hour", the_last, tripped),
    ],
}
