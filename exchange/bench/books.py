"""The book beside other books, the engine beside the book, and flows that bring down some kind of book.

Flows are generated from seeds beforehand and the garbage collector rests while the clock runs, so that
matching is what is measured. Page: docs/exchange/speed.md
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random

from sortedcontainers import SortedDict

from chapters.measure.ratio import Ratio, compare
from exchange.book import Book, Half, Order
from exchange.engine import Engine
from exchange.flow.order_flow import CANCEL, Message, generate
from exchange.levels.ladder import LadderSide
from exchange.levels.naive import NaiveSide
from exchange.levels.sorted_levels import SortedSide
from exchange.matching import enter
from exchange.orders import BUY, DAY, SELL, Accepted, Cancel, Canceled, Event, New, Reason

SYMBOL = "ACME"
OfFlow = New | Cancel  # what a flow is made of

QUICK, FULL = (30_000, 3), (200_000, 7)  # messages, rounds


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Ratio]:
    """Yield the ratios of this file as they are measured."""
    messages, rounds = QUICK if quick else FULL
    flow = commands(generate(Random(7), messages))
    for names, run, baseline in pairs(flow):
        on_progress(" against ".join(names))
        yield compare(run, baseline, rounds=rounds, names=names)
    on_progress("hostile flows, the worst against their mean")
    yield worst_flow(messages // 4, rounds)


def commands(messages: Iterable[Message]) -> list[OfFlow]:
    """Return a flow as the engine's commands, each order under the number that it will get."""
    numbers: dict[int, int] = {}
    made: list[OfFlow] = []
    entered = 0
    for message in messages:
        if message.order_id in numbers:
            owner = _owner(message)
            made.append(Cancel(owner, SYMBOL, numbers.pop(message.order_id)))
        if message.kind != CANCEL:
            entered += 1
            numbers[message.order_id] = entered
            name, lots = str(message.sequence), message.quantity
            made.append(New(_owner(message), name, SYMBOL, message.side, lots, message.price))
    return made


def _owner(message: Message) -> int:
    return 1 + message.order_id % 100


Pair = tuple[tuple[str, str], Callable[[], object], Callable[[], object]]


def pairs(flow: list[OfFlow]) -> Iterator[Pair]:
    """Yield what is compared on one flow: ((name, baseline's name), run, baseline)."""
    ours = "the book"
    yield (ours, "a SortedDict probe"), lambda: bare(flow), lambda: probe(flow)
    others: list[tuple[str, Callable[[], Half]]] = [
        ("the same rules on SortedDict levels", SortedSide),
        ("the price ladder", LadderSide),
        ("the naive sorted list", NaiveSide),
    ]
    for name, side in others:
        yield (ours, name), lambda: bare(flow), lambda side=side: bare(flow, side)  # type: ignore[misc]
    yield ("the whole engine", "the book"), lambda: whole(flow), lambda: bare(flow)
    yield (
        ("the whole engine", "the book with its reports"),
        lambda: whole(flow),
        lambda: reporting(flow),
    )


def bare(flow: Iterable[OfFlow], side: Callable[[], Half] | None = None) -> Book:
    """Rest, match and cancel; fills are the only output."""
    book = Book(side) if side else Book()
    number = 0
    for command in flow:
        if isinstance(command, New):
            account, _, _, way, quantity, price, _, _, self_trade, _ = command
            number += 1
            fills: list[Event] = []
            enter(book, Order(number, account, way, quantity, price or 0, self_trade), DAY, fills)
        elif (order := book.orders.get(command.order_id)) is not None:
            book.remove(order)
    return book


def reporting(flow: Iterable[OfFlow]) -> Book:
    """The same, and each order and cancel is acknowledged by an event, as an engine must."""
    book = Book()
    number = 0
    for command in flow:
        if isinstance(command, New):
            account, _, _, way, quantity, price, _, _, self_trade, _ = command
            number += 1
            events: list[Event] = [Accepted(number, command)]
            enter(book, Order(number, account, way, quantity, price or 0, self_trade), DAY, events)
        elif (order := book.orders.get(command.order_id)) is not None:
            book.remove(order)
            events = [Canceled(order.id, order.quantity, Reason.BY_CLIENT)]
    return book


def whole(flow: Iterable[OfFlow]) -> Engine:
    """The engine: symbols, client ids, validation, orders of every kind, every event."""
    engine = Engine([SYMBOL])
    apply = engine.apply
    for command in flow:
        apply(command)
    return engine


@dataclass(slots=True)
class _Resting:
    """The probe's order."""

    side: int
    price: int
    quantity: int


def probe(flow: Iterable[OfFlow]) -> int:
    """The book that one writes in an hour: SortedDict of OrderedDicts; return the lots traded."""
    sides: dict[int, SortedDict] = {BUY: SortedDict(), SELL: SortedDict()}
    orders: dict[int, _Resting] = {}
    number = traded = 0
    for command in flow:
        if isinstance(command, New):
            number += 1
            _, _, _, side, quantity, price, *_ = command
            _, left = _probe_match(sides[-side], orders, side * (price or 0), quantity)
            traded += quantity - left
            if left:
                order = orders[number] = _Resting(side, price or 0, left)
                levels = sides[side]
                level = levels.get(-side * order.price)
                if level is None:
                    level = levels[-side * order.price] = OrderedDict()
                level[number] = order
        elif (found := orders.pop(command.order_id, None)) is not None:
            levels, key = sides[found.side], -found.side * found.price
            level = levels[key]
            del level[command.order_id]
            if not level:
                del levels[key]
    return traded


Fills = list[tuple[int, int, int]]  # key, quantity, maker


def _probe_match(
    levels: SortedDict, orders: dict[int, _Resting], limit_key: int, quantity: int
) -> tuple[Fills, int]:
    fills: Fills = []
    while quantity and levels:
        key, level = levels.peekitem(0)
        if key > limit_key:
            break
        while quantity and level:
            number, maker = next(iter(level.items()))
            lots = min(quantity, maker.quantity)
            fills.append((key, lots, number))
            maker.quantity -= lots
            quantity -= lots
            if not maker.quantity:
                del level[number], orders[number]
        if not level:
            del levels[key]
    return fills, quantity


def worst_flow(messages: int, rounds: int) -> Ratio:
    """Compare the book on its worst flow with the mean of all of them, per message."""
    flows = {name: list(made) for name, made in hostile_flows(messages).items()}
    one = {name: compare(lambda f=f: bare(f), _nothing, rounds=rounds) for name, f in flows.items()}  # type: ignore[misc]
    per_message = {name: one[name].name_ns / len(flows[name]) for name in flows}
    mean = sum(per_message.values()) / len(per_message)
    worst = max(per_message, key=lambda name: per_message[name])
    ratio = mean / per_message[worst]
    names = (f"the book on its worst flow ({worst})", f"the mean of {len(flows)} flows")
    return Ratio(names[0], names[1], per_message[worst], mean, ratio, ratio, ratio, rounds)


def _nothing() -> None: ...


def hostile_flows(messages: int) -> dict[str, Iterator[OfFlow]]:
    """Return flows that each bring down some kind of book."""
    return {
        "a usual market": iter(commands(generate(Random(7), messages))),
        "one price": (_new(n, BUY, 1_000) for n in range(messages)),
        "ever new prices": (_new(n, BUY, n + 1) for n in range(messages)),
        "prices far apart": (_new(n, BUY, 1 + n * 7_919_993 % 10**11) for n in range(messages)),
        "in and out, never the same price": _flicker(messages),
        "in and out at the best price": _flicker(messages, spread=1),
        "one deep queue, canceled from the middle": _deep_queue(messages),
        "a sweep of the whole book, again and again": _sweeps(messages),
    }


def _new(number: int, side: int, price: int, quantity: int = 10) -> New:
    return New(number % 100, str(number), SYMBOL, BUY if side == BUY else SELL, quantity, price)


def _flicker(messages: int, spread: int = 1_000_003) -> Iterator[OfFlow]:
    for number in range(1, messages // 2 + 1):
        yield _new(number, BUY, 1 + number * 104_729 % spread)
        yield Cancel(number % 100, SYMBOL, number)


def _deep_queue(messages: int) -> Iterator[OfFlow]:
    half = messages // 2
    yield from (_new(number, BUY, 1_000) for number in range(1, half + 1))
    order = list(range(1, half + 1))
    Random(7).shuffle(order)
    yield from (Cancel(number % 100, SYMBOL, number) for number in order)


def _sweeps(messages: int, depth: int = 50) -> Iterator[OfFlow]:
    for number in range(1, messages + 1):
        if number % (depth + 1):
            yield _new(number, SELL, 1_000 + number % (depth + 1))
        else:
            yield _new(number, BUY, 1_000 + depth, 10 * depth)
