"""The staged checks of the exchange's exercises: every case is a list of commands for a real engine.

Page: docs/exchange/matching.md
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from random import Random
from types import ModuleType
from typing import Any

from chapters.checking import JSON, Case, Stage
from chapters.sim.chance import Chance
from chapters.sim.clock import VirtualClock
from chapters.sim.disk import SimDisk
from exchange.book import Book, Order
from exchange.check_cases import (
    best_price_first,
    cancel_anywhere,
    cancel_many,
    even,
    first_come,
    now_or_never,
    one_meets_one,
    own_in_the_way,
    own_orders,
    partly,
    random_market,
    replaced,
)
from exchange.check_moves import SYMBOL, explain, play
from exchange.clearing import checks as clearing
from exchange.feed import checks as feed
from exchange.fix import checks as fix_checks
from exchange.floor import checks as floor
from exchange.flow import order_flow
from exchange.levels.worst_flows import lines_run
from exchange.matching import enter
from exchange.order_types import checks as order_checks
from exchange.orders import (
    BUY,
    DAY,
    Cancel,
    Command,
    New,
    Replace,
)
from exchange.records import checks as records
from exchange.risk import checks as risk_checks
from exchange.sequencer import Sequencer
from exchange.sessions import checks as session_checks
from exchange.standby import checks as standby
from exchange.surveillance import checks as surveillance

SYSTEM_COMMANDS = 12_000
CHUNK = 500  # commands; a wrong one is found within so many


def steps(count: int) -> JSON:
    """Return how many lines of the book run for one cancel in a queue of `count`, and of 10."""
    return _cancel_lines(count) <= _cancel_lines(10) + 5


def _cancel_lines(count: int) -> int:
    book = Book()
    orders = [Order(n, n, BUY, 1, 1000) for n in range(1, count + 1)]
    for order in orders:
        enter(book, order, DAY, [])
    return lines_run(lambda: book.remove(orders[count // 2]))


def best_steps(count: int) -> JSON:
    """Return whether asking for the best price of `count` levels takes few lines."""
    book = Book()
    for number in range(1, count + 1):
        enter(book, Order(number, number, BUY, 1, number), DAY, [])
    return lines_run(book.bids.best) < 40


def long_queues(rng: Random) -> Iterator[Case]:
    """A queue that is long enough to tell a walk from a step."""
    yield (rng.randrange(800, 1200),)


def explain_steps(args: Case, got: JSON, expected: JSON) -> str:
    """Say what was counted."""
    return f"with {args[0]} orders waiting, many more lines of Python run than with 10: is there a loop?"


def trade_all_day(seed: int, commands: int) -> JSON:
    """Run an exchange on a simulated disk, with a power failure in the middle; return its history."""
    disk = SimDisk(rng=Chance(seed).stream("disk"))
    history: list[JSON] = []
    fills = 0
    sequencer = Sequencer(clock=VirtualClock(), disk=disk, symbols=[SYMBOL])
    batch: list[Command] = []
    for number, command in enumerate(_flow(seed, commands), start=1):
        batch.append(command)
        if number % CHUNK == 0:
            done = sequencer.submit(batch)
            fills += sum(type(event).__name__ == "Filled" for each in done for event in each.events)
            sequencer.replica.engine.books[SYMBOL].check()
            history.append(sequencer.replica.state_hash.hex())
            batch = []
        if number == commands // 2:
            disk.crash()
            sequencer = Sequencer(clock=VirtualClock(), disk=disk, symbols=[SYMBOL])
    digest = sha256("".join(map(str, history)).encode()).hexdigest()[:16]
    return {"commands": commands, "fills": fills, "history": history, "digest": digest}


def _flow(seed: int, commands: int) -> Iterator[Command]:
    numbers: dict[int, int] = {}
    messages = order_flow.generate(Random(seed), commands)
    entered = 0
    for message in messages:
        owner = message.order_id % 40
        if message.kind == order_flow.CANCEL:
            yield Cancel(owner, SYMBOL, numbers.get(message.order_id, 0))
        elif message.kind == order_flow.MODIFY and message.order_id in numbers:
            yield Replace(owner, SYMBOL, numbers[message.order_id], message.quantity, message.price)
        else:
            entered += 1
            numbers[message.order_id] = entered
            name, lots, price = str(message.sequence), message.quantity, message.price
            yield New(owner, name, SYMBOL, message.side, lots, price, message.life)


def days(rng: Random) -> Iterator[Case]:
    """One day of a seeded market."""
    yield (rng.randrange(1_000_000), SYSTEM_COMMANDS)


def explain_day(args: Case, got: JSON, expected: JSON) -> str:
    """Say where the two histories part."""
    mine: Any = got if isinstance(got, dict) else {}
    ours: Any = expected
    pairs = zip(mine.get("history", []), ours["history"], strict=False)
    same = next((n for n, (left, right) in enumerate(pairs) if left != right), len(ours["history"]))
    first, last = same * CHUNK + 1, (same + 1) * CHUNK
    return (
        f"the exchange's history parts from the reference's within commands {first:,} to {last:,}"
    )


def day_summary(args: Case, got: JSON) -> str:
    """Say what the day came to."""
    day: Any = got
    return f"{day['commands']:,} commands, {day['fills']:,} fills, one power failure, no invariant broken"


def _stage(title: str, cases: Callable[[Random], Iterator[Case]]) -> Stage:
    return Stage(title, cases=cases, drive=play, explain=explain)


def _cost(title: str, drive: Callable[[int], JSON]) -> Stage:
    return Stage(title, cases=long_queues, drive=drive, explain=explain_steps)


BOOK_STAGES = {
    "price-time-priority": [
        _stage("one resting order, one incoming", one_meets_one),
        _stage("best price first", best_price_first),
        _stage("same price: first come, first served", first_come),
        _stage("nobody trades with themselves", own_orders),
        _stage("a market of random orders", random_market),
    ],
    "partial-fills": [
        _stage("quantities that come out even", even),
        _stage("a partial fill keeps its place", partly),
        _stage("a market of random orders", random_market),
    ],
    "constant-time-cancel": [
        _stage("first, middle, last and only order", cancel_anywhere),
        _stage("a queue emptied in any order", cancel_many),
        _cost("the same few steps in a long queue", steps),
        _stage("a market of random orders", random_market),
    ],
    "best-price": [
        _stage("the best of several prices", best_price_first),
        _stage("prices that ran empty", cancel_many),
        _cost("no search through all prices", best_steps),
        _stage("a market of random orders", random_market),
    ],
    "immediate-orders": [
        _stage("an order for the day waits", now_or_never("day")),
        _stage("immediate-or-cancel never waits", now_or_never("ioc")),
        _stage("fill-or-kill: all or nothing", now_or_never("fok")),
        _stage("fill-or-kill does not count its own orders", own_in_the_way),
        _stage("a market of random orders", random_market),
    ],
    "replace-and-priority": [
        _stage("fewer lots keep the place", replaced((-10, 0), (0, 0))),
        _stage("more lots, or another price, lose it", replaced((10, 0), (0, 2), (-5, 1))),
        _stage("a new price may trade at once", replaced((0, -5), (20, -6))),
    ],
}

SECTIONS: tuple[ModuleType, ...] = (
    order_checks,
    session_checks,
    risk_checks,
    feed,
    floor,
    clearing,
    surveillance,
    records,
    fix_checks,
    standby,
)
STAGES: dict[str, list[Stage]] = BOOK_STAGES | {
    name: stages for section in SECTIONS for name, stages in section.STAGES.items()
}

SYSTEM = Stage(
    "the exchange trades on your code",
    cases=days,
    drive=trade_all_day,
    explain=explain_day,
    summary=day_summary,
)
