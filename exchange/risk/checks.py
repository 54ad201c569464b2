"""What the exercises on limits check: reservations and pace; and a day of phases, bands and limits.

Page: docs/exchange/risk.md
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from chapters.checking import JSON, Case, Stage
from chapters.sim.clock import S
from exchange.control import (
    ALL,
    Block,
    Limits,
    Phase,
    PhaseChanged,
    Rules,
    SetLimits,
    SetPhase,
    Tick,
)
from exchange.engine import Engine
from exchange.orders import (
    BUY,
    SELL,
    Cancel,
    Command,
    Filled,
    Life,
    New,
    Rejected,
    Replace,
    Side,
)
from exchange.saying import words

SYMBOL = "ACME"
REFERENCE = 1_000


# Limits.


def promised(script: list[list[JSON]], limits: dict[str, int]) -> JSON:
    """Send account 7's (and others') orders under limits; return the events and the account."""
    engine, found = Engine({SYMBOL: Rules(reference_price=REFERENCE)}), list[JSON]()
    engine.apply(SetLimits(7, SYMBOL, Limits(**limits)))
    for number, (verb, *values) in enumerate(script):
        numbers = [int(str(value)) for value in values]
        command: Command
        if verb == "new":
            account, side, lots, price = numbers
            command = New(account, str(number), SYMBOL, Side(side), lots, price or None)
        elif verb == "replace":
            command = Replace(7, SYMBOL, *numbers)
        else:
            command = Cancel(7, SYMBOL, *numbers)
        events = engine.apply(command)
        owner = engine.risk.accounts[7]
        has: dict[str, JSON] = {"cash": owner.cash, "lots": owner.lots, "reserved": owner.reserved}
        found.append(
            [list(map(words, events)), {name: value for name, value in has.items() if value}]
        )
    return found


def buys_reserve(rng: Random) -> Iterator[Case]:
    lots = rng.randrange(10, 90)
    yield [["new", 7, 1, lots, 1000], ["new", 7, 1, 1, 1], ["cancel", 1]], {"credit": lots * 1000}
    yield [["new", 7, 1, 100, 1000], ["new", 7, 1, 1, 1]], {"credit": 100_001}


def sells_reserve(rng: Random) -> Iterator[Case]:
    lots = rng.randrange(10, 90)
    sell: list[JSON] = ["new", 7, -1, lots, 1000]
    yield [sell, ["new", 7, -1, 1, 1000], ["cancel", 1], sell], {"short_lots": lots}
    yield [["new", 7, -1, 1, 1000]], {"short_lots": 0}
    yield [["new", 7, 1, 9, 1000], ["new", 7, 1, 1, 1000]], {"short_lots": 0}


def fills_spend(rng: Random) -> Iterator[Case]:
    begun: list[list[JSON]] = [["new", 1, -1, 60, 900], ["new", 7, 1, 100, 1000]]
    yield [*begun, ["new", 7, 1, 6, 1000], ["new", 7, 1, 7, 1000]], {"credit": 100_000}
    yield [*begun, ["new", 7, -1, 60, 990], ["new", 7, -1, 1, 2000]], {"short_lots": 0}
    own: list[list[JSON]] = [["new", 7, -1, 50, 1000], ["new", 1, 1, 20, 1010]]
    yield [*own, ["new", 7, -1, 1, 1000], ["new", 7, 1, 20, 1000]], {"short_lots": 50, "credit": 0}


def in_its_place(rng: Random) -> Iterator[Case]:
    begun: list[list[JSON]] = [["new", 7, 1, 100, 1000], ["new", 7, -1, 50, 3000]]
    limits = {"credit": 100_000, "short_lots": 50}
    for change in ([1, 100, 1001], [1, 50, 2000], [2, 51, 3000], [2, rng.randrange(1, 50), 3000]):
        yield [*begun, ["replace", *change], ["new", 7, -1, 1, 3000]], limits


def hurried(times_ms: list[list[JSON]], here: int, everywhere: int, blocked: int) -> JSON:
    """Send orders at those times, to [ms, symbol]; return which were let in, or why not."""
    engine, found = Engine([SYMBOL, "GLOBEX"]), list[JSON]()
    for where, per_second in ((SYMBOL, here), (ALL, everywhere)):
        if per_second:
            engine.apply(SetLimits(7, where, Limits(messages_per_second=per_second)))
    for number, (ms, symbol) in enumerate(times_ms):
        if blocked and number in (blocked, blocked + 2):
            engine.apply(Block(7, SYMBOL, number == blocked))
        wish = New(7, str(number), str(symbol), BUY, 1, 1)
        first = engine.apply(wish, int(str(ms)) * 1_000_000)[0]
        found.append(first.reason.word if isinstance(first, Rejected) else "in")
    return found


def at_once(rng: Random) -> Iterator[Case]:
    per_second = rng.randrange(2, 6)
    yield [[0, SYMBOL]] * 8, per_second, 0, 0
    yield [[0, SYMBOL]] * 4, 0, 0, 0


def later(rng: Random) -> Iterator[Case]:
    yield [[ms, SYMBOL] for ms in (0, 0, 0, 499, 501, 502, 999, 1001, 2100, 2100, 2100)], 2, 0, 0
    yield [[100 * n, SYMBOL] for n in range(20)], 4, 0, 0


def both_limits(rng: Random) -> Iterator[Case]:
    turns: list[list[JSON]] = [[0, SYMBOL], [0, "GLOBEX"]]
    yield turns * 4, 0, 3, 0
    yield turns * 4, 2, 0, 0
    yield turns * 4, 2, 5, 0


def blocked_too(rng: Random) -> Iterator[Case]:
    yield [[0, SYMBOL], [0, SYMBOL], [0, "GLOBEX"], [0, SYMBOL], [0, SYMBOL]], 3, 0, 1
    yield [[0, SYMBOL]] * 6, 0, 0, 2


# A day of all of them.


def day(seed: int) -> JSON:
    """Play a day's phases with bands and limits; return what it came to, and a digest of its end."""
    rng, orders = Random(seed), 0
    engine = Engine({SYMBOL: Rules(reference_price=REFERENCE, band_bp=300, limit_state_ns=2 * S)})
    engine.apply(SetLimits(7, ALL, Limits(credit=90_000, short_lots=60, messages_per_second=3)))
    refused = lots = phases = 0
    for phase in (Phase.OPENING_AUCTION, Phase.CONTINUOUS, Phase.CLOSING_AUCTION, Phase.CLOSED):
        now_ns = engine.now_ns
        events = engine.apply(SetPhase(SYMBOL, phase), now_ns)
        for _ in range(60):
            orders += 1
            now_ns += rng.randrange(S)
            for symbol in engine.overdue(now_ns):
                events += engine.apply(Tick(symbol), now_ns)
            events += engine.apply(_some(rng, orders), now_ns)
        refused += sum(isinstance(event, Rejected) for event in events)
        lots += sum(event.quantity for event in events if isinstance(event, Filled))
        phases += sum(isinstance(event, PhaseChanged) for event in events)
    engine.risk.check()
    cash = engine.risk.accounts[7].cash
    return {"orders": orders, "lots": lots, "refused": refused, "phases": phases, "cash": cash}


def _some(rng: Random, number: int) -> New:
    side = rng.choice((BUY, SELL))
    price = None if rng.random() < 0.1 else REFERENCE + rng.randint(-45, 45)
    account = 7 if rng.random() < 0.4 else rng.randint(1, 5)
    return New(account, str(number), SYMBOL, side, rng.randint(1, 30), price, Life.DAY)


def days(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        yield (rng.randrange(1_000_000),)


def told(args: Case, got: JSON) -> str:
    """Say what the day came to on the learner's code."""
    seen: Any = got
    return (
        f"a day on your code: {seen['orders']} orders, {seen['refused']} of them refused, "
        f"{seen['lots']} lots traded, {seen['phases']} phases"
    )


WHOLE = Stage("a day of phases, bands and limits", days, day, summary=told)


STAGES = {
    "reservations": [
        Stage("an open buy reserves cash", buys_reserve, promised),
        Stage("an open sell reserves shares", sells_reserve, promised, needs=()),
        Stage("a fill spends what it cost", fills_spend, promised, needs=(1, 2)),
        Stage("a change needs only what it adds", in_its_place, promised),
        WHOLE,
    ],
    "message-rate": [
        Stage("so many at once", at_once, hurried),
        Stage("and again after a while", later, hurried),
        Stage("here and everywhere", both_limits, hurried),
        Stage("blocked is not too fast", blocked_too, hurried),
        WHOLE,
    ],
}
