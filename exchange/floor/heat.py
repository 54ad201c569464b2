"""The book over time as a grid: for each half second and price, how many lots waited, in the mean.

    price                                   a cell = lots × how long they waited in the column,
    338.12 │ ░ ░ ▒ ▓ █                              divided by the column's length
    338.11 │ ░ ▒ ▒ ░ ·      asks
    338.10 │ · · ▼ ▲ ░      ▲ ▼ trades
    338.09 │ ▒ ▓ ▓ █ █      bids
           └──────────► time

The mean over time, and not the last value: a quote that is there for a millisecond weighs a millisecond,
however often the clock happens to find it. Invariant: the lots of a price, added up over its cells, are
its lots × time. Cost: O(levels) a look. Page: docs/exchange/page.md
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from chapters.sim.clock import MS, S
from exchange.market_data import DepthLevel, Trade
from exchange.order_json import Json, price_text
from exchange.orders import BUY, SELL

COLUMN_NS = 500 * MS
COLUMNS_MAX = 240  # two minutes
LEVELS = 40  # prices a side
TRADES_MAX = 60  # of a column: the last ones

TAKERS = {BUY: "buy", SELL: "sell", None: None}  # in an auction nobody takes

Lots = dict[int, float]  # price → lots
Sides = tuple[list[DepthLevel], list[DepthLevel]]  # bids, asks


@dataclass(slots=True)
class Column:
    """What waited, and what traded, in one stretch of time."""

    number: int  # it begins at number × COLUMN_NS
    bids: Lots = field(default_factory=dict)
    asks: Lots = field(default_factory=dict)
    best_bid: int | None = None  # at its end
    best_ask: int | None = None
    trades: deque[Trade] = field(default_factory=lambda: deque(maxlen=TRADES_MAX))

    def set_best(self, bids: list[DepthLevel], asks: list[DepthLevel]) -> None:
        """Note the best prices."""
        self.best_bid = bids[0].price if bids else None
        self.best_ask = asks[0].price if asks else None


class HeatMap:
    """The last two minutes of a book, from looks at its depth."""

    def __init__(self) -> None:
        self.columns: deque[Column] = deque(maxlen=COLUMNS_MAX)
        self._since_ns = self._sequence = 0
        self._sides: Sides = ([], [])

    def look(self, at_ns: int, depth: Sides, trades: Iterable[Trade]) -> None:
        """From `at_ns` on the depth is this; those of `trades` that no look has seen are new."""
        if self.columns:
            self._hold(at_ns)
        column = self._column(at_ns // COLUMN_NS)
        new = [each for each in trades if each.sequence > self._sequence]
        column.trades.extend(new)
        column.set_best(*depth)
        self._sequence = max((each.sequence for each in new), default=self._sequence)
        self._since_ns, self._sides = at_ns, depth

    def _hold(self, until_ns: int) -> None:
        """Let the depth of the last look have waited until now."""
        bids, asks = self._sides
        for number, share in shares(self._since_ns, until_ns):
            column = self._column(number)
            for lots, levels in ((column.bids, bids), (column.asks, asks)):
                for level in levels:
                    lots[level.price] = lots.get(level.price, 0.0) + level.quantity * share
            column.set_best(bids, asks)

    def _column(self, number: int) -> Column:
        if not self.columns or self.columns[-1].number < number:
            self.columns.append(Column(number))
        return self.columns[-1]

    def json(self, now_ns: int) -> Json:
        """Return the columns for a page; `now` in columns, so that it can go on by itself."""
        return {
            "column_ms": COLUMN_NS // MS,
            "columns_max": COLUMNS_MAX,
            "now": now_ns / COLUMN_NS,
            "columns": [_json(column) for column in self.columns],
        }


def shares(since_ns: int, until_ns: int) -> list[tuple[int, float]]:
    """Return which columns a stretch of time touches, and which share of each it covers.

    At most the last `COLUMNS_MAX` of them: what is older is not kept anyway.
    """
    last = until_ns // COLUMN_NS
    first = max(since_ns // COLUMN_NS, last - COLUMNS_MAX + 1)
    found = []
    for number in range(first, last + 1):
        begins, ends = number * COLUMN_NS, (number + 1) * COLUMN_NS
        covered = min(until_ns, ends) - max(since_ns, begins)
        if covered > 0:
            found.append((number, covered / COLUMN_NS))
    return found


def _json(column: Column) -> Json:
    return {
        "number": column.number,
        "bids": [(price, round(lots)) for price, lots in column.bids.items()],
        "asks": [(price, round(lots)) for price, lots in column.asks.items()],
        "bid": column.best_bid,
        "ask": column.best_ask,
        "trades": [
            (trade.price, trade.quantity, TAKERS[trade.taker_side]) for trade in column.trades
        ],
    }


SHADES = " ░▒▓█"
TEXT_ROWS = 18


def drawn(heat: HeatMap) -> list[str]:
    """Return the map as lines of characters: darker is more lots, ▲ ▼ are trades."""
    seen = [each for column in heat.columns for each in (column.best_bid, column.best_ask) if each]
    if not seen:
        return ["  nobody waits"]
    low, high = min(seen), max(seen)
    step = -(-(high - low + 9) // TEXT_ROWS)  # ticks in a row
    floors = range(high + 4 - step, low - 5 - step, -step)
    grid = [[_lots(c, range(floor, floor + step)) for c in heat.columns] for floor in floors]
    most = max(map(max, grid))
    lines = []
    for floor, row in zip(floors, grid, strict=True):
        pairs = zip(heat.columns, row, strict=True)
        cells = "".join(_cell(column, lots, floor, step, most) for column, lots in pairs)
        lines.append(f"  {price_text(floor)} │{cells}│")
    return lines


def _lots(column: Column, row: range) -> float:
    return sum(side.get(price, 0.0) for side in (column.bids, column.asks) for price in row)


def _cell(column: Column, lots: float, floor: int, step: int, most: float) -> str:
    traded = [each.taker_side or 0 for each in column.trades if 0 <= each.price - floor < step]
    if traded:
        return "●" if not sum(traded) else "▲" if sum(traded) > 0 else "▼"
    return SHADES[round((lots / (most or 1)) ** 0.7 * (len(SHADES) - 1))]


def demo(*, seed: int = 7, seconds: int = 30, regime: str = "news") -> None:
    """Draw a regime's market as characters: darker is more lots, ▲ ▼ are trades."""
    from exchange.floor.crowd import Flow
    from exchange.floor.pit import Pit
    from exchange.floor.regimes import regime_named

    heat, pit = HeatMap(), Pit(Flow(regime_named(regime).within(seconds), seed, 100.0))
    for at_ns in range(0, seconds * S + 1, 100 * MS):
        pit.run(at_ns)
        heat.look(at_ns, pit.depth(LEVELS), pit.trades)
    for line in drawn(heat):
        print(line)
