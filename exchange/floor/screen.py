"""A market in a terminal: depth to both sides of the middle, the tape, the price's line, the phase.

    a seeded crowd on an engine ──┐
    a served exchange, asked ─────┴──► Frame, a few times a second ──► draw ──► lines of styled text

Drawing is a function of a `Frame` and a width, so a pipe gets the very frames that a terminal shows.
Meaning is in place and mark: bids left, asks right, ▲ a buyer took, ▼ a seller did; colour only adds.
Page: docs/exchange/regimes.md
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote

from chapters.measure.plot import sparkline
from chapters.sim.clock import S, SleepingClock
from exchange.control import Phase
from exchange.floor.client import Client
from exchange.floor.crowd import Flow
from exchange.floor.pit import SYMBOL, Pit
from exchange.json_fields import read_price
from exchange.market_data import DepthLevel, Trade
from exchange.order_json import price_text
from exchange.orders import BUY, SELL
from exchange.sessions.phases import SHUT

FRAMES_PER_S = 5
LEVELS = 10  # prices a side
WIDTH_MIN, WIDTH_TAPE = 72, 104  # columns; from the second on the tape is a column of its own
TAPE_WIDTH = 26
FIGURES = 20  # columns of a level's price and lots
PRICES_KEPT = 400
RATE_OVER = FRAMES_PER_S  # frames: messages a second are those of the last second

SIDES = {"buy": BUY, "sell": SELL}
WORDS = {phase.value: f"{phase.value}: takes no orders" for phase in SHUT}
MARKS = {BUY: "▲", SELL: "▼", None: "●"}  # in an auction nobody takes
STYLES = {BUY: "buy", SELL: "sell", None: ""}

Span = tuple[str, str]  # text and its style: "", "buy", "sell", "strong", "faint"
Line = list[Span]


class Frame(NamedTuple):
    """What is on the screen at one moment."""

    symbol: str
    mood: str
    phase: str
    at_s: float
    seconds: float
    per_second: float
    bids: list[DepthLevel]
    asks: list[DepthLevel]
    trades: list[Trade]  # the newest first
    prices: list[float]  # the last price at each look, in ticks


class Looks:
    """Keeps what a line of the last prices and a rate need."""

    def __init__(self, symbol: str, mood: str, seconds: float) -> None:
        self._about = (symbol, mood)
        self._seconds = seconds
        self._prices: deque[float] = deque(maxlen=PRICES_KEPT)
        self._sequences: deque[int] = deque(maxlen=RATE_OVER + 1)

    def frame(
        self,
        at_s: float,
        sequence: int,
        phase: str,
        sides: tuple[list[DepthLevel], list[DepthLevel]],
        trades: list[Trade],
    ) -> Frame:
        """Return the frame of now."""
        self._sequences.append(sequence)
        if trades:
            self._prices.append(float(trades[0].price))
        over_s = (len(self._sequences) - 1) / FRAMES_PER_S
        rate = (sequence - self._sequences[0]) / over_s if over_s else 0.0
        names = (*self._about, phase)
        return Frame(*names, at_s, self._seconds, rate, *sides, trades, list(self._prices))


def watched(flow: Flow, mood: str, seconds: float) -> Iterator[Frame]:
    """Yield the frames of a seeded market, `FRAMES_PER_S` for each of its seconds."""
    pit, looks = Pit(flow), Looks(SYMBOL, mood, seconds)
    for number in range(round(seconds * FRAMES_PER_S) + 1):
        pit.run(number * S // FRAMES_PER_S)
        phase = pit.engine.markets[SYMBOL].phase.value
        trades = list(pit.trades)[::-1]
        yield looks.frame(number / FRAMES_PER_S, pit.sequence, phase, pit.depth(LEVELS), trades)


def asked(address: str, seconds: float, *, clock: SleepingClock) -> Iterator[Frame]:
    """Yield the frames of a served exchange, asked when each is due. Raises what `Client` does."""
    with Client(address) as client:
        looks = Looks(client.symbol, "served", seconds)
        start_ns = clock.now_ns()
        for number in range(round(seconds * FRAMES_PER_S) + 1):
            clock.sleep_until(start_ns + number * S // FRAMES_PER_S)
            yield _asked(client, looks, number / FRAMES_PER_S)


def _asked(client: Client, looks: Looks, at_s: float) -> Frame:
    symbol = quote(client.symbol)
    book = client.ask("GET", f"/api/book/{symbol}?depth={LEVELS}")
    tape = client.ask("GET", f"/api/trades/{symbol}?limit=50")["trades"]
    bids, asks = (
        [DepthLevel(_ticks(price), *rest) for price, *rest in book[side]]
        for side in ("bids", "asks")
    )
    trades = [
        Trade(
            each["sequence"], _ticks(each["price"]), each["quantity"], SIDES.get(each["taker_side"])
        )
        for each in tape
    ]
    status = client.status()
    phase = Phase.HALTED.value if status["halted"] else status["markets"][client.symbol]["phase"]
    return looks.frame(at_s, status["sequence"], phase, (bids, asks), trades)


def _ticks(price: str) -> int:
    return read_price({"price": price}, "price") or 0


def draw(frame: Frame, width: int) -> list[Line]:
    """Return the frame as lines of at most `width` columns; narrower than `WIDTH_MIN` scrolls."""
    width = max(width, WIDTH_MIN)
    has_column = width >= WIDTH_TAPE
    left = width - TAPE_WIDTH - 3 if has_column else width
    lines = [_head(frame, width), _price_line(frame, width), []]
    body = [_heads(left), *(_level(frame, place, left) for place in range(LEVELS))]
    if has_column:
        tape = [[("trades", "faint")], *_tape(frame.trades, LEVELS)]
        body = [
            [*line, (" │ ", "faint"), *told]
            for line, told in zip(body, [*tape, *([[]] * len(body))], strict=False)
        ]
    lines += body
    if not has_column:
        lines += [[], _tape_line(frame.trades, width)]
    return [_cut(line, width) for line in lines]


def _cut(line: Line, width: int) -> Line:
    cut: Line = []
    for text, style in line:
        cut.append((text[:width], style))
        width -= len(cut[-1][0])
    return cut


def _head(frame: Frame, width: int) -> Line:
    price, style = "no trade yet", ""
    if frame.trades:
        last = frame.trades[0]
        price, style = f"{price_text(last.price)} {_mark(last)}", _style(last)
    about = f"   {_spread(frame)}   {frame.mood}   "
    phase, is_shut = WORDS.get(frame.phase, frame.phase), frame.phase in WORDS
    rate = "" if is_shut else f"  {frame.per_second:>6,.0f} msg/s"  # the words need its room
    when = f"{frame.at_s:,.0f} s of {frame.seconds:,.0f}{rate}"
    room = width - len(frame.symbol) - len(price) - len(about + phase) - len(when) - 3
    return [
        (f" {frame.symbol}  ", "strong"),
        (price, style),
        (about, ""),
        (phase, "strong" if is_shut else ""),
        (" " * max(1, room), ""),
        (when, "faint"),
    ]


def _spread(frame: Frame) -> str:
    if not frame.bids or not frame.asks:
        return "one-sided"
    return f"spread {price_text(frame.asks[0].price - frame.bids[0].price)}"


def _price_line(frame: Frame, width: int) -> Line:
    if not frame.prices:
        return [(" no trade yet", "faint")]
    low, high = min(frame.prices), max(frame.prices)
    ends = f" {price_text(round(low))} to {price_text(round(high))}"
    line = sparkline(frame.prices[-(width - len(ends) - 2) :])
    return [(f" {line}", ""), (ends, "faint")]


def _heads(width: int) -> Line:
    half = (width - 3) // 2
    rest = width - half - 3
    asks = f"{'ask':<10} {'lots':>7}".ljust(rest)
    return [("lots        bid".rjust(half), "faint"), (" │ ", "faint"), (asks, "faint")]


def _level(frame: Frame, place: int, width: int) -> Line:
    half = (width - 3) // 2
    rest = width - half - 3
    most = max((level.quantity for level in (*frame.bids, *frame.asks)), default=1)
    bid, ask = (side[place] if place < len(side) else None for side in (frame.bids, frame.asks))
    (bid_price, bid_lots), (ask_price, ask_lots) = _figures(bid), _figures(ask)
    best = place == 0
    return [
        (_bar(bid, most, half - FIGURES).rjust(half - FIGURES), "buy"),
        (f"  {bid_lots:>7} {bid_price:>10}", "buy" if best else ""),
        (" │ ", "faint"),
        (f"{ask_price:<10} {ask_lots:>7}  ", "sell" if best else ""),
        (_bar(ask, most, rest - FIGURES).ljust(rest - FIGURES), "sell"),
    ]


def _figures(level: DepthLevel | None) -> tuple[str, str]:
    return ("", "") if level is None else (price_text(level.price), f"{level.quantity:,}")


def _bar(level: DepthLevel | None, most: int, room: int) -> str:
    return "" if level is None else "█" * max(1, round(level.quantity / most * room))


def _tape(trades: Sequence[Trade], rows: int) -> list[Line]:
    return [
        [(f"{_mark(each)} {price_text(each.price):>8} {each.quantity:>7,}", _style(each))]
        for each in trades[:rows]
    ]


def _tape_line(trades: Sequence[Trade], width: int) -> Line:
    line: Line = [(" trades ", "faint")]
    used = 8
    for each in trades:
        text = f" {_mark(each)} {each.quantity:,} @ {price_text(each.price)} "
        if used + len(text) > width:
            break
        used += len(text)
        line.append((text, _style(each)))
    return line


def _mark(trade: Trade) -> str:
    return MARKS[trade.taker_side]


def _style(trade: Trade) -> str:
    return STYLES[trade.taker_side]


def demo(*, seed: int = 7, seconds: int = 20) -> None:
    """Two frames of a market to which a headline comes."""
    from exchange.floor.regimes import regime_named

    flow = Flow(regime_named("news").within(seconds), seed, 200.0)
    frames = list(watched(flow, "news", seconds))
    for frame in (frames[len(frames) // 4], frames[len(frames) // 2]):
        for line in draw(frame, 80):
            print("".join(text for text, _ in line).rstrip())
        print()
