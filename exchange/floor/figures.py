"""The drawings of the floor's pages: how busy regimes are, a book over time, the hockey stick.

Each runs the real code and draws what it did; colours are those of the page around it.
Page: docs/exchange/regimes.md
"""

from collections.abc import Callable
from html import escape

from chapters.measure.plot import Axes, lines
from chapters.sim.clock import MS, S
from chapters.sim.promises import Series
from exchange.floor.crowd import Flow
from exchange.floor.heat import LEVELS, Column, HeatMap
from exchange.floor.pit import Pit
from exchange.floor.regimes import REGIMES, regime_named
from exchange.order_json import price_text

WIDTH, HEIGHT, AXIS, FOOT = 640, 300, 64, 22
SHADES = 6  # of lots; one path each keeps the drawing small
STICK_S = 0.4  # for each share of the capacity


def paces() -> str:
    """Draw how busy some regimes are over their cycle."""
    axes = Axes("How busy it is", "seconds of the cycle", "messages, against the cycle's mean")
    names = ("open", "news", "crash", "close")
    return lines(axes, *(_pace(name) for name in names))


def _pace(name: str) -> Series:
    regime = REGIMES[name]
    points = [regime.cycle_s * step / 200 for step in range(200)]
    return Series(name, "", tuple((at_s, regime.pace_at(at_s)) for at_s in points))


def stick() -> str:
    """Measure, here and now, how long an acknowledgement takes at shares of the capacity."""
    from exchange.bench.latency import stick as measured

    found = list(measured(STICK_S))
    axes = Axes("From order to acknowledgement", "% of capacity", "ms")
    series = (
        Series("p50", "ms", tuple((100 * each.share, each.p50_ns / MS) for each in found)),
        Series("p99", "ms", tuple((100 * each.share, each.p99_ns / MS) for each in found)),
    )
    return lines(axes, *series)


def heat(regime: str = "news", seconds: int = 60, seed: int = 7) -> str:
    """Draw a regime's book over a minute."""
    heat, pit = HeatMap(), Pit(Flow(regime_named(regime).within(seconds), seed, 60.0))
    for at_ns in range(0, seconds * S + 1, 100 * MS):
        pit.run(at_ns)
        heat.look(at_ns, pit.depth(LEVELS), pit.trades)
    return _Sheet(list(heat.columns)[:-1], f"The book in the regime '{regime}'").svg()


class _Sheet:
    """A heat map on paper: columns of time, rows of prices."""

    def __init__(self, columns: list[Column], title: str) -> None:
        best = [each for c in columns for each in (c.best_bid, c.best_ask) if each]
        self._columns, self._title = columns, title
        self._low, self._high = min(best) - 12, max(best) + 12
        self._step = max(1, (self._high - self._low) // 70)  # ticks in a row
        self._width = (WIDTH - AXIS) / len(columns)

    def svg(self) -> str:
        """Return the drawing."""
        body = self._cells("bids", "var(--kit-buy, #14706a)")
        body += self._cells("asks", "var(--kit-sell, #b3362f)")
        body += self._line(lambda c: c.best_bid, "") + self._line(lambda c: c.best_ask, "3 2")
        body += "".join(self._trades(number, column) for number, column in enumerate(self._columns))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'font-family="var(--kit-font, system-ui, sans-serif)" font-size="11" '
            f'fill="currentColor"><title>{escape(self._title)}</title>{body}{self._axes()}</svg>'
        )

    def _y(self, price: float) -> float:
        return (HEIGHT - FOOT) * (1 - (price - self._low) / (self._high - self._low))

    def _cells(self, side: str, colour: str) -> str:
        rows: list[dict[int, float]] = []
        for column in self._columns:
            lots: dict[int, float] = {}
            for price, each in getattr(column, side).items():
                row = (price - self._low) // self._step
                lots[row] = lots.get(row, 0.0) + each
            rows.append({row: each for row, each in lots.items() if 0 <= row < self._rows})
        amounts = sorted(each for lots in rows for each in lots.values())
        most = amounts[int(len(amounts) * 0.97)] if amounts else 1.0
        paths: list[list[str]] = [[] for _ in range(SHADES)]
        for number, lots in enumerate(rows):
            for row, each in lots.items():
                paths[min(SHADES - 1, int(each / most * SHADES))].append(self._cell(number, row))
        return "".join(
            f'<path d="{"".join(paths[shade])}" fill="{colour}" opacity="{(shade + 1) / SHADES:.2f}"/>'
            for shade in range(SHADES)
        )

    @property
    def _rows(self) -> int:
        return (self._high - self._low) // self._step

    def _cell(self, number: int, row: int) -> str:
        top = self._y(self._low + (row + 1) * self._step)
        height = self._y(self._low) - self._y(self._low + self._step)
        width = self._width + 0.3
        return f"M{number * self._width:.1f} {top:.1f}h{width:.1f}v{height:.1f}h-{width:.1f}z"

    def _line(self, best: Callable[[Column], int | None], dash: str) -> str:
        path, pen = "", "M"
        for number, column in enumerate(self._columns):
            if (price := best(column)) is None:
                pen = "M"
                continue
            path += f"{pen}{number * self._width:.1f} {self._y(price + 0.5):.1f}h{self._width:.1f}"
            pen = "L"
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        return f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="1"{dashes}/>'

    def _trades(self, number: int, column: Column) -> str:
        sums: dict[tuple[int, int], int] = {}
        for trade in column.trades:
            key = (trade.price, int(trade.taker_side or 0))
            sums[key] = sums.get(key, 0) + trade.quantity
        return "".join(
            self._mark(number, price, way, lots) for (price, way), lots in sums.items() if way
        )

    def _mark(self, number: int, price: int, way: int, lots: int) -> str:
        size = min(5.0, 1.5 + lots**0.5 / 6)
        x, y = (number + 0.5) * self._width, self._y(price + 0.5)
        colour = "var(--kit-buy, #14706a)" if way > 0 else "var(--kit-sell, #b3362f)"
        return (
            f'<path d="M{x:.1f} {y - way * size:.1f}l{size:.1f} {way * 1.7 * size:.1f}h-{2 * size:.1f}z" '
            f'fill="{colour}" stroke="var(--kit-paper, #fff)" stroke-width=".6"/>'
        )

    def _axes(self) -> str:
        step = max(1, (self._high - self._low) // 6)
        prices = range(self._low + step // 2, self._high, step)
        labels = "".join(
            f'<text x="{WIDTH - AXIS + 8}" y="{self._y(price) + 4:.1f}">{price_text(price)}</text>'
            for price in prices
        )
        seconds = len(self._columns) // 2
        times = "".join(
            f'<text x="{2 * at * self._width:.1f}" y="{HEIGHT - 5}">{at} s</text>'
            for at in range(0, seconds, 15)
        )
        return labels + times
