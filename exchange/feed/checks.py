"""What the exercises on market data check: a book from messages, gaps that are closed, and candles.

Page: docs/exchange/feed.md
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from chapters.checking import JSON, Case, Stage
from chapters.sim import MS
from chapters.sim.clock import S
from exchange.candles import Candles
from exchange.feed.messages import Add, Cut, Delete, Executed, ExecutedAt, Message, Moved
from exchange.feed.packets import Packet
from exchange.feed.publisher import AGAIN_MAX
from exchange.feed.recovery import Ask
from exchange.feed.subscriber import GAP_MAX, WAITING_MAX, Subscriber, decide
from exchange.feed.world import World, market, poor
from exchange.market_data import FeedBook
from exchange.orders import BUY, SELL, Side

MARKET_COMMANDS = 400
LEVELS = 50
KINDS: dict[str, type] = {
    "add": Add,
    "executed": Executed,
    "executed at": ExecutedAt,
    "cut": Cut,
    "delete": Delete,
    "moved": Moved,
}


# A book from messages.


def followed(told: list[list[Any]]) -> JSON:
    """Return, after each message, both sides as [price, lots, orders], and the queue by numbers."""
    book, found = FeedBook(), list[JSON]()
    for number, (kind, *words) in enumerate(told, start=1):
        message: Message = KINDS[kind](1, 0, *words)
        book.apply(number, [message])
        found.append([*(_side(book, side) for side in (BUY, SELL)), len(book.trades)])
    return found


def _side(book: FeedBook, side: Side) -> JSON:
    depth = [[each.price, each.quantity, each.orders] for each in book.depth(side, LEVELS)]
    return {"depth": depth, "queue": [number for number, _, _ in book.orders(side)]}


def come(rng: Random) -> Iterator[Case]:
    yield ([["add", 1, BUY, 50, 100]],)
    yield ([["add", 1, BUY, 50, 100], ["add", 2, BUY, 30, 100], ["add", 3, SELL, 20, 105]],)
    prices = rng.sample(range(90, 100), 5)
    yield ([["add", n, BUY, 10 * n, price] for n, price in enumerate(prices, start=1)],)


def shrink(rng: Random) -> Iterator[Case]:
    two: list[JSON] = [["add", 1, BUY, 50, 100], ["add", 2, BUY, 30, 100]]
    yield ([*two, ["executed", 1, 20]],)
    yield ([*two, ["executed", 1, 20], ["executed", 1, 30]],)
    yield ([*two, ["cut", 1, rng.randint(1, 49)], ["executed", 2, 5]],)
    yield ([["add", 1, SELL, 50, 100], ["executed at", 1, 50, 99, True]],)


def leave(rng: Random) -> Iterator[Case]:
    three: list[JSON] = [
        ["add", n, SELL, 10 * n, price] for n, price in ((1, 100), (2, 100), (3, 101))
    ]
    for number in (1, 2, 3):
        yield ([*three, ["delete", number]],)
    yield ([*three, ["delete", 3], ["add", 4, SELL, rng.randint(1, 9), 101]],)


def move(rng: Random) -> Iterator[Case]:
    three: list[JSON] = [["add", n, BUY, 10 * n, 100] for n in (1, 2, 3)]
    yield ([*three, ["moved", 1, 10, 100]],)
    yield ([*three, ["moved", 2, 90, 101]],)
    yield ([*three, ["moved", 1, rng.randint(1, 9), 99], ["executed", 1, 1]],)


def explain_followed(args: Case, got: JSON, expected: JSON) -> str:
    """Tell the messages up to the first after which the book was wrong."""
    told: Any = args[0]
    mine: Any = got if isinstance(got, list) else []
    ours: Any = expected
    wrong = next((n for n, each in enumerate(ours) if n >= len(mine) or mine[n] != each), 0)
    shown = mine[wrong] if wrong < len(mine) else got
    messages = "\n".join(f"  {' '.join(map(str, each))}" for each in told[: wrong + 1])
    return f"after the messages\n{messages}\ncame back  {shown}\nexpected   {ours[wrong]}"


# Gaps.


def decided(number: int, count: int, expected: int, waiting: int) -> JSON:
    """Return the step for a packet of so many messages."""
    return decide(Packet("s", number, (b"m",) * count), expected, waiting).value


def early_and_late(rng: Random) -> Iterator[Case]:
    yield 10, 2, 10, 0
    yield 8, 2, 10, 0
    yield 8, 3, 10, 0
    yield 11, 1, 10, 0
    yield 1, 1, rng.randint(3, 90), 5


def silent(rng: Random) -> Iterator[Case]:
    yield 10, 0, 10, 0
    yield 13, 0, 10, 0
    yield 9, 0, 10, 0


def too_much(rng: Random) -> Iterator[Case]:
    yield 10 + GAP_MAX, 1, 10, 0
    yield 11 + GAP_MAX, 1, 10, 0
    yield 12, 3, 10, WAITING_MAX - 3
    yield 12, 3, 10, WAITING_MAX - 2
    yield 10, 3, 10, WAITING_MAX


class Recorded(Subscriber):
    """A subscriber that writes down what it would apply."""

    def __init__(self, expected: int) -> None:
        super().__init__()
        self.session, self.expected, self.applied = "s", expected, list[JSON]()

    def _apply(self, message: bytes) -> None:
        self._waiting.pop(self.expected, None)
        self.applied.append([self.expected, message.decode()])
        self.expected += 1


def heard(packets: list[list[int]], expected: int) -> JSON:
    """Hear packets of (number, count) a moment apart; return what was applied, and each question."""
    listener, asked = Recorded(expected), list[JSON]()
    for index, (number, count) in enumerate(packets):
        messages = tuple(f"m{each}".encode() for each in range(number, number + count))
        for question in listener.hear(index * 10 * MS, Packet("s", number, messages)):
            asked.append(list(question) if isinstance(question, Ask) else "a snapshot")
    return {"applied": listener.applied, "asked": asked, "waiting": len(listener._waiting)}


def in_turn(rng: Random) -> Iterator[Case]:
    yield [[5, 1], [6, 3], [9, 1]], 5
    yield [[5, 3], [6, 4], [6, 1]], 5
    yield [[3, 4], [3, 4], [7, 1]], 5


def out_of_turn(rng: Random) -> Iterator[Case]:
    yield [[6, 1], [5, 1]], 5
    yield [[8, 2], [6, 1], [5, 1], [7, 1]], 5
    yield [[7, 3], [7, 3], [5, 4], [10, 1]], 5
    yield [[20, 1], [10, 2], [5, 5]], 5
    numbers = list(range(5, 13))
    rng.shuffle(numbers)
    yield [[number, 1] for number in numbers], 5


def on_bad_lines(seed: int, loss: float) -> JSON:
    """Listen to a market on two lines that lose so much; return whether the book ended equal."""
    world = World(seed=seed, line=poor(loss))
    subscriber = world.join("trader")
    for command in market(Random(seed), MARKET_COMMANDS):
        world.apply(command)
        world.pass_time(MS // 2)
    world.pass_time(200 * MS)
    return [world.is_equal(subscriber), subscriber.expected, world.network.counts["lost"]]


def bad_lines(rng: Random) -> Iterator[Case]:
    for loss in (0.0, 0.1, 0.4):
        yield rng.randrange(1_000_000), loss


def told(args: Case, got: JSON) -> str:
    """Say how the learner's subscriber fared."""
    found: Any = got
    return (
        f"{found[1] - 1} messages followed on your code, {found[2]} packets lost, the book is equal"
    )


# Candles.


def added_up(trades: list[list[int]], interval_s: int, count: int, now_s: int) -> JSON:
    """Return the last candles, as lists."""
    candles = Candles(interval_s * S)
    for time_ms, price, quantity in trades:
        candles.add(time_ms * MS, price, quantity)
    return [[each.start_ns // S, *each[1:]] for each in candles.last(count, now_s * S)]


def one_interval(rng: Random) -> Iterator[Case]:
    yield [[0, 100, 5]], 1, 1, 0
    yield [[0, 100, 5], [400, 107, 1], [600, 95, 2], [900, 101, 3]], 1, 1, 0
    yield [[61_000, 100, 5], [119_999, 90, 1]], 60, 1, 61


def borders(rng: Random) -> Iterator[Case]:
    yield [[999, 100, 1], [1_000, 101, 1]], 1, 2, 1
    yield [[59_999, 100, 1], [60_000, 101, 1], [119_999, 102, 1]], 60, 2, 60
    yield [[rng.randrange(1_000) + 1_000 * n, 100 + n, n + 1] for n in range(6)], 2, 3, 5


def nothing_traded(rng: Random) -> Iterator[Case]:
    yield [[0, 100, 5], [200, 104, 5], [3_000, 90, 1]], 1, 5, 3
    yield [[0, 100, 5]], 1, 3, 9
    yield [[5_000, 100, 5]], 1, 9, 6
    yield [], 1, 5, 9
    yield [[0, 100, 1], [8_000, 90, 1]], 1, 3, 5


def older(rng: Random) -> Iterator[Case]:
    yield [[5_000, 100, 1], [3_000, 90, 2]], 1, 2, 5
    yield [[5_000, 100, 1], [4_999, 110, 2], [6_000, 95, 1]], 1, 2, 6


def any_market(rng: Random) -> Iterator[Case]:
    for interval_s in (1, 5):
        times = sorted(rng.randrange(30_000) for _ in range(25))
        trades = [[each, rng.randint(90, 110), rng.randint(1, 50)] for each in times]
        yield trades, interval_s, 10, 29


STAGES = {
    "market-by-price": [
        Stage("orders that come to rest", come, followed, explain=explain_followed),
        Stage("fewer lots, the place is kept", shrink, followed, explain=explain_followed),
        Stage("who is gone, and a price with nobody", leave, followed, explain=explain_followed),
        Stage("who moves goes to the back", move, followed, explain=explain_followed),
        Stage("a market on bad lines", bad_lines, on_bad_lines, summary=told),
    ],
    "gap-recovery": [
        Stage("next, had already, or too early", early_and_late, decided),
        Stage("a packet without messages is news too", silent, decided),
        Stage("too far, or too much to keep", too_much, decided),
        Stage("each message once", in_turn, heard, needs=(1,)),
        Stage("what came early is applied in its turn", out_of_turn, heard),
        Stage("a market on bad lines", bad_lines, on_bad_lines, needs=(3, 5), summary=told),
    ],
    "candles": [
        Stage("one interval", one_interval, added_up),
        Stage("an interval begins at a multiple of its length", borders, added_up),
        Stage("an interval in which nothing traded", nothing_traded, added_up),
        Stage("a trade that claims to be older", older, added_up, needs=(2,)),
        Stage("a market", any_market, added_up, needs=(3, 4)),
    ],
}

assert AGAIN_MAX < GAP_MAX < WAITING_MAX, "a gap is asked for in parts, and what follows it is kept"
