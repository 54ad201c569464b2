"""Plots as SVG text without any library: lines, steps and bars, with units on both axes.

A plot takes its colours from CSS variables of the page around it, so it is right on light and dark
pages, and every series has a dash pattern and a label besides its colour. `sparkline` draws in
eight characters what fits in a terminal's line. Page: docs/chapters/measure.md
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from chapters.measure.capacity import number_text
from chapters.measure.errors import NothingMeasured
from chapters.sim.errors import at_least
from chapters.sim.promises import Series

_WIDTH, _HEIGHT = 640, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 16, 40, 52
_BLOCKS = "▁▂▃▄▅▆▇█"
_COLOURS = ("#2f6fb3", "#c2571a", "#3c8d40", "#8a4fa3", "#9a7d0a")
_DASHES = ("", "6 3", "2 3", "8 3 2 3", "1 2")
_TICKS = 5
_SPAN_MIN = 1e-300  # of an axis: below it the steps between ticks are no numbers any more


@dataclass(frozen=True, slots=True)
class Axes:
    """What a plot says about its axes: a quantity with its unit, and whether it is logarithmic."""

    title: str
    x: str
    y: str
    x_log: bool = False
    y_log: bool = False


@dataclass(frozen=True, slots=True)
class _Scale:
    """Maps values from `low`..`high` to pixels `start`..`end`."""

    low: float
    high: float
    start: float
    end: float
    log: bool

    def __call__(self, value: float) -> float:
        low, high = self._bent(self.low), self._bent(self.high)
        share = (self._bent(value) - low) / (high - low)
        return self.start + share * (self.end - self.start)

    def _bent(self, value: float) -> float:
        return math.log10(max(value, self.low)) if self.log else value

    def ticks(self) -> list[float]:
        """Return round values on the axis."""
        if self.log:
            return self._powers()
        step = _round_step((self.high - self.low) / _TICKS)
        first = math.ceil(self.low / step)
        return [index * step for index in range(first, math.floor(self.high / step + 1e-9) + 1)]

    def _powers(self) -> list[float]:
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        # Few decades have room for 2 and 5 between the powers of ten.
        factors = (1, 2, 5) if last - first <= 3 else (1,)
        every = max(1, (last - first) // 8)
        ticks = [f * 10.0**power for power in range(first, last + 1, every) for f in factors]
        return [tick for tick in ticks if self.low <= tick <= self.high]


def lines(axes: Axes, *series: Series) -> str:
    """Return an SVG of the series as lines."""
    return _plot(axes, series, stepped=False)


def steps(axes: Axes, *series: Series) -> str:
    """Return an SVG of the series as steps: each value holds until the next."""
    return _plot(axes, series, stepped=True)


def bars(axes: Axes, values: Sequence[tuple[str, float]]) -> str:
    """Return an SVG of labelled horizontal bars; `axes.x` names their quantity and unit."""
    if not values:
        raise NothingMeasured(f"the plot {axes.title!r} has no bars")
    height = _TOP + 34 * len(values) + 30
    widest = max(max(value for _, value in values), 1e-12)
    body = "".join(
        _bar(label, value, value / widest, _TOP + 34 * index)
        for index, (label, value) in enumerate(values)
    )
    caption = f'<text x="170" y="{height - 8}" opacity=".7">{escape(axes.x)}</text>'
    return _document(axes.title, height, body + caption)


def sparkline(values: Sequence[float], within: tuple[float, float] | None = None) -> str:
    """Return the values as a line of block characters, lowest to highest: `▁▁▂▇█▃▁`.

    `within` is the lowest and the highest that is shown, so that several lines can be compared.
    """
    if not values:
        return ""
    low, high = within or (min(values), max(values))
    scale = (len(_BLOCKS) - 1) / (high - low) if high > low else 0.0
    return "".join(_BLOCKS[round((min(max(value, low), high) - low) * scale)] for value in values)


def _plot(axes: Axes, series: Sequence[Series], stepped: bool) -> str:
    points = [point for each in series for point in each.points]
    if not points:
        raise NothingMeasured(f"the plot {axes.title!r} has no points")
    x = _scale([point[0] for point in points], _LEFT, _WIDTH - _RIGHT, axes.x_log)
    y = _scale([point[1] for point in points], _HEIGHT - _BOTTOM, _TOP, axes.y_log)
    body = _grid(axes, x, y) + "".join(
        _curve(each, index, x, y, stepped) for index, each in enumerate(series)
    )
    return _document(axes.title, _HEIGHT, body + _legend(series))


def _scale(values: Sequence[float], start: float, end: float, log: bool) -> _Scale:
    # A linear axis begins at 0, because cut axes make small differences look large.
    low = min(value for value in values if value > 0) if log else min(0.0, *values, 0.0)
    high = max(values)
    if high - low < _SPAN_MIN:
        high = low * 10 if log else low + 1
    return _Scale(low, high, start, end, log)


def _round_step(step: float) -> float:
    """Return the next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= step * (1 - 1e-9))


def _grid(axes: Axes, x: _Scale, y: _Scale) -> str:
    parts = []
    for tick in x.ticks():
        parts.append(
            f'<text x="{x(tick):.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">'
            f"{number_text(tick)}</text>"
        )
    for tick in y.ticks():
        parts.append(
            f'<path d="M{_LEFT} {y(tick):.1f}H{_WIDTH - _RIGHT}" stroke="currentColor" '
            f'opacity=".15"/><text x="{_LEFT - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">'
            f"{number_text(tick)}</text>"
        )
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(
        f'<text x="{middle}" y="{_HEIGHT - 10}" text-anchor="middle">{escape(axes.x)}</text>'
        f'<text x="0" y="{_TOP - 10}" opacity=".8">{escape(axes.y)}</text>'
    )
    return "".join(parts)


def _curve(series: Series, index: int, x: _Scale, y: _Scale, stepped: bool) -> str:
    pixels = [(x(px), y(py)) for px, py in series.points]
    start, *rest = pixels
    path = f"M{start[0]:.1f} {start[1]:.1f}" + "".join(
        f"H{px:.1f}V{py:.1f}" if stepped else f"L{px:.1f} {py:.1f}" for px, py in rest
    )
    dash = f' stroke-dasharray="{_DASHES[index % 5]}"' if _DASHES[index % 5] else ""
    return f'<path d="{path}" fill="none" stroke="{_colour(index)}" stroke-width="2"{dash}/>'


def _legend(series: Sequence[Series]) -> str:
    parts = []
    for index, each in enumerate(series):
        y = _TOP + 8 + 18 * index
        dash = f' stroke-dasharray="{_DASHES[index % 5]}"' if _DASHES[index % 5] else ""
        parts.append(
            f'<path d="M{_LEFT + 12} {y}h24" stroke="{_colour(index)}" stroke-width="2"{dash}/>'
            f'<text x="{_LEFT + 42}" y="{y + 4}">{escape(each.label)}</text>'
        )
    return "".join(parts)


def _bar(label: str, value: float, share: float, y: int) -> str:
    width = max(1.0, share * 380)
    return (
        f'<text x="160" y="{y + 16}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="170" y="{y}" width="{width:.1f}" height="22" rx="2" fill="{_colour(0)}"/>'
        f'<text x="{170 + width + 6:.1f}" y="{y + 16}">{number_text(value)}</text>'
    )


def _colour(index: int) -> str:
    return f"var(--kit-series-{index % 5 + 1}, {_COLOURS[index % 5]})"


def _document(title: str, height: int, body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'class="plot" font-family="var(--kit-font, system-ui, sans-serif)" font-size="12" '
        f'fill="currentColor"><title>{escape(title)}</title>'
        f'<text x="0" y="14" font-size="14" font-weight="bold">{escape(title)}</text>{body}</svg>'
    )


def demo(*, points: int = 48) -> None:
    """Draw a day's orders as a sparkline: lunch, dinner, night."""
    at_least(1, points=points)
    day = [_orders(24 * index / points) for index in range(points)]
    print(f"  00:00 {sparkline(day)} 24:00   {max(day):.0f} orders/s at the peak")


def _orders(hour: float) -> float:
    return sum(height * math.exp(-((hour - at) ** 2) / 3) for at, height in ((13, 60), (20, 100)))
