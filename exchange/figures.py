"""The drawings of the exchange's pages: each function runs the real code and draws what it did.

No drawing holds a result of its own: the book is a `Book`, the commits are a `Log`'s, the machines are
the capacity model's, and the table of books is measured. Colours are those of the page around them.
Page: docs/exchange/capacity.md
"""

from collections.abc import Callable, Iterator
from html import escape

from chapters.log import Log
from chapters.measure.plot import Axes, lines, steps
from chapters.measure.ratio import compare
from chapters.sim import US, Chance, SimDisk, VirtualClock
from chapters.sim.promises import Series
from exchange.book import Book, BookSide, Half, Level, Order
from exchange.flow.order_flow import generate
from exchange.flow.replay import Venue
from exchange.levels.ladder import LadderSide
from exchange.levels.naive import NaiveSide
from exchange.levels.sorted_levels import SortedSide
from exchange.market_data import depth_of
from exchange.orders import BUY, SELL, Cancel, New, Side
from exchange.story import capacity

INK, FAINT = "currentColor", "var(--kit-muted, #777)"
RULE, ACCENT = "var(--kit-rule, #999)", "var(--kit-accent, #2f6fb3)"
ROW_PX = 46
TABLE_X = (390, 490, 590)  # the middles of a table's columns
DEPTH_TICKS = 40  # the visible part of a book, a side


def order_path() -> str:
    """Draw an order's way: in at the gateway, through the one writer, out as answers and data."""
    boxes = [
        _box(0, 30, "client", "REST, resend"),
        _box(170, 30, "gateway", "reads, refuses"),
        _box(340, 30, "queue", "at most 10,000"),
        _box(510, 30, "sequencer", "one writer", strong=True),
        _box(680, 30, "engine", "commands → events"),
        _box(510, 150, "journal", "one sync a batch"),
        _box(340, 150, "follower", "another process"),
        _box(170, 150, "feed", "depth and trades"),
        _box(0, 150, "everybody", "a live page"),
    ]
    arrows = [
        *(_arrow(x, 58, x + 38, 58) for x in (132, 302, 472, 642)),
        _arrow(576, 86, 576, 150, "first"),
        *(_arrow(x + 38, 178, x, 178) for x in (472, 302, 132)),
        _note(406, 25, "answered, once the journal has it"),
        f'<path d="M746 30V10H66V28" fill="none" stroke="{FAINT}" stroke-width="1.5" '
        f'stroke-dasharray="5 4" marker-end="url(#exchange-tip)"/>',
    ]
    return _document("An order on its way through the exchange", 814, 216, *boxes, *arrows)


def book() -> str:
    """Draw the bids of a small book: the heap as it lies in memory, and each level's queue."""
    drawn = Book()
    orders = [(40, 1000), (60, 1002), (50, 998), (30, 1001), (25, 1002), (15, 1002), (35, 998)]
    for number, (quantity, price) in enumerate(orders, start=1):
        drawn.rest(Order(number, number, BUY, quantity, price))
    drawn.remove(drawn.orders[4])  # its level runs empty and stays in the heap
    half = drawn.bids
    assert isinstance(half, BookSide)
    rows = []
    for row, key in enumerate(half.heap):
        level = half.levels[key]
        rows.append(_cell(0, row, str(row), f"key {key}", strong=row == 0))
        rows.append(_arrow(132, _middle(row), 170, _middle(row)))
        rows += _queue(row, level)
    heads = [
        _note(0, 18, "heap, as it lies in memory", "start"),
        _note(236, 18, "level"),
        _note(330, 18, "queue: oldest first", "start"),
    ]
    height = 36 + ROW_PX * len(half.heap)
    return _document(
        "The bids: a heap of keys, and a queue of orders each", 640, height, *heads, *rows
    )


def _queue(row: int, level: Level) -> Iterator[str]:
    total = f"{level.quantity} lots" if level.first else "empty: swept later"
    yield _cell(170, row, f"{level.price / 100:.2f}", total, dashed=level.first is None)
    for place, order in enumerate(level):
        x = 330 + 106 * place
        middle = _middle(row)
        yield _arrow(x - 28, middle, x, middle, tail=place > 0)
        yield _cell(x, row, f"#{order.id}", f"{order.quantity} lots", width=78)


def _cell(
    x: float,
    row: int,
    title: str,
    note: str,
    *,
    width: float = 132,
    strong: bool = False,
    dashed: bool = False,
) -> str:
    y = 30 + ROW_PX * row
    return _box(x, y, title, note, width=width, height=38, strong=strong, dashed=dashed)


def _middle(row: int) -> float:
    return 30 + ROW_PX * row + 19


def commits(seed: int = 7, orders: int = 40) -> list[tuple[list[int], int, int]]:
    """Return each commit of a seeded run: when its orders arrived, when it began, when it ended (ns).

    Orders arrive 30 µs apart on average, whether or not the disk is busy; what waits shares a sync.
    """
    chance, clock = Chance(seed), VirtualClock()
    log = Log(disk=SimDisk(rng=chance.stream("disk"), clock=clock))
    arriving = chance.stream("orders")
    due, waiting = 0, []
    for _ in range(orders):
        due += round(arriving.expovariate(1 / (30 * US)))
        waiting.append(due)
    found = []
    while waiting:
        clock.advance(max(0, waiting[0] - clock.now_ns()))
        begun = clock.now_ns()
        batch = [due for due in waiting if due <= begun]
        for _ in batch:
            log.append(b"an order")
        log.commit()
        found.append((batch, begun, clock.now_ns()))
        waiting = waiting[len(batch) :]
    return found


def group_commit() -> str:
    """Draw orders that arrive one by one, and the syncs that they share."""
    found = commits()
    last = found[-1][2]
    scale = 600 / last
    parts = [_note(0, 18, "orders arrive", "start"), _note(0, 118, "write and sync", "start")]
    for batch, begun, ended in found:
        x, end = 100 + begun * scale, 100 + ended * scale
        for due in batch:
            at = 100 + due * scale
            parts.append(_line(at, 30, at, 44, ACCENT) + _line(at, 44, x, 84, RULE))
        parts.append(
            f'<rect x="{x:.1f}" y="86" width="{max(2.0, end - x):.1f}" height="22" rx="2" '
            f'fill="{ACCENT}" opacity=".75"/>'
            + _text(str(len(batch)), (x + end) / 2, 126, 12, FAINT)
        )
    caption = f"{sum(len(batch) for batch, *_ in found)} orders, {len(found)} syncs, "
    parts.append(_note(700, 18, caption + f"{last / 1_000_000:.1f} ms of virtual time", "end"))
    return _document("Group commit: whoever waits shares the next sync", 720, 136, *parts)


def depth(messages: int = 20_000) -> str:
    """Draw the depth of a generated market's book: lots within so many ticks of the best price."""
    venue = Venue()
    for message in generate(Chance(7).stream("figure"), messages):
        venue.report(message)
    axes = Axes(
        f"The book after {messages:,} generated messages",
        "ticks from the best price of the side",
        "lots, cumulated",
    )
    return steps(axes, _cumulated("bids", venue.book, BUY), _cumulated("asks", venue.book, SELL))


def _cumulated(label: str, drawn: Book, side: Side) -> Series:
    total, points = 0, []
    nearest = depth_of(drawn, side, DEPTH_TICKS)
    for level in nearest:
        distance = level.price - nearest[0].price
        total += level.quantity
        if abs(distance) <= DEPTH_TICKS:
            points.append((float(distance), float(total)))
    return Series(label, "lots", tuple(points))


def books(messages: int = 3_000) -> str:
    """Draw a table of each flow on each kind of book: its CPU time as a multiple of the heap's."""
    from exchange.bench.books import hostile_flows

    kinds: list[tuple[str, Callable[[], Half]]] = [
        ("price ladder", LadderSide),
        ("SortedDict", SortedSide),
        ("naive list", NaiveSide),
    ]
    heads = [_note(x, 16, name) for x, (name, _) in zip(TABLE_X, kinds, strict=True)]
    cells = []
    for row, (name, flow) in enumerate(hostile_flows(messages).items()):
        y, made = 44 + 26 * row, list(flow)
        cells += [_line(0, y - 18, 640, y - 18, RULE), _text(name, 0, y, 13, INK, "start")]
        cells += [
            _text(_against_heap(made, side), x, y, 13, INK)
            for x, (_, side) in zip(TABLE_X, kinds, strict=True)
        ]
    return _document("How much longer other books take than the heap", 640, 240, *heads, *cells)


def _against_heap(flow: list[New | Cancel], side: Callable[[], Half]) -> str:
    from exchange.bench.books import bare

    try:
        return f"{compare(lambda: bare(flow), lambda: bare(flow, side), rounds=3).ratio:.1f}×"
    except AssertionError:  # the ladder's bound
        return "refuses"


def machines() -> str:
    """Draw how many engines the busiest second takes, by how much busier it is than the mean."""
    model = capacity()
    points = [
        (float(peak), model.value("partitions", peak_factor=peak)) for peak in range(1, 61, 3)
    ]
    axes = Axes("Machines for the busiest second", "busiest second against the mean", "machines")
    return lines(axes, Series("machines", "machines", tuple(points)))


def batches() -> str:
    """Draw what one writer can journal, by how many messages share a sync."""
    model = capacity()
    engine = model.value("engine_rate")
    sizes = [2**power for power in range(11)]
    journal = [(float(size), model.value("one_writer", batch=size)) for size in sizes]
    flat = tuple((float(size), engine) for size in sizes)
    axes = Axes(
        *("What a sync allows", "messages that share a sync", "messages/s"), x_log=True, y_log=True
    )
    return lines(
        axes,
        Series("the journal", "messages/s", tuple(journal)),
        Series("the engine, one core", "messages/s", flat),
    )


def _box(
    x: float,
    y: float,
    title: str,
    note: str,
    *,
    width: float = 132,
    height: float = 56,
    strong: bool = False,
    dashed: bool = False,
) -> str:
    middle, centre = x + width / 2, y + height / 2
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" '
        f'fill="var(--kit-raised, none)" stroke="{ACCENT if strong else RULE}" '
        f'stroke-width="1.5"{dash}/>'
        + _text(title, middle, centre - 2, 14, INK)
        + _text(note, middle, centre + 14, 11, FAINT)
    )


def _arrow(x1: float, y1: float, x2: float, y2: float, label: str = "", tail: bool = False) -> str:
    tip = "url(#exchange-tip)"
    start = f' marker-start="{tip}"' if tail else ""
    said = _text(label, (x1 + x2) / 2 + 8, (y1 + y2) / 2 + 4, 12, FAINT, "start") if label else ""
    return (
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{FAINT}" stroke-width="1.5" '
        f'marker-end="{tip}"{start}/>{said}'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<path d="M{x1:.1f} {y1}L{x2:.1f} {y2}" stroke="{colour}" stroke-width="1.5"/>'


def _note(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return _text(text, x, y, 12, FAINT, anchor)


def _text(text: str, x: float, y: float, size: int, colour: str, anchor: str = "middle") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
        f'fill="{colour}">{escape(text)}</text>'
    )


def _document(title: str, width: int, height: int, *parts: str) -> str:
    tip = (
        '<defs><marker id="exchange-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        f'markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="{FAINT}"/>'
        "</marker></defs>"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 {width + 4} {height + 4}" '
        f'role="img" width="{width}" font-family="var(--kit-font, system-ui, sans-serif)">'
        f"<title>{escape(title)}</title>{tip}{''.join(parts)}</svg>"
    )


def demo() -> None:
    """Say how many syncs 40 orders needed."""
    found = commits()
    for batch, begun, ended in found:
        print(f"{begun / 1000:>8.1f} µs  {len(batch):>3} orders in {(ended - begun) / 1000:.1f} µs")
