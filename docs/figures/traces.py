"""One request through a system, as a waterfall: run when the site is built."""

from html import escape
from importlib import import_module

from chapters.sim.trace import Trace
from chapters.sim.waterfall import Row, rows, to_svg

NARROW, ROW, HEAD = 350, 32, 30  # a phone's width, less its margins


def exchange() -> str:
    """An order from the gateway to its fill."""
    return to_svg(_exchange())


def exchange_narrow() -> str:
    """The same for a phone: each bar below its name, without the places in the code."""
    trace = _exchange()
    found = rows(trace)
    body = "".join(_narrow_row(row, HEAD + ROW * index) for index, row in enumerate(found))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {NARROW} {HEAD + ROW * len(found)}"'
        f' role="img" class="narrow" font-family="var(--kit-font, sans-serif)" font-size="12.5"'
        f' fill="currentColor"><title>{escape(trace.title)}</title>'
        f'<text x="0" y="14" font-size="14" font-weight="600">{escape(trace.title)}</text>{body}'
        "</svg>"
    )


def _exchange() -> Trace:
    made: Trace = import_module("exchange.story").trace(seed=7, real=False)
    return made


def _narrow_row(row: Row, y: int) -> str:
    """Name and start above, the bar (a dot for a moment) below."""
    indent = len(row.tree) * 4
    when = f"{row.start} + {row.duration}" if row.duration else row.start
    x = 4 + row.left * (NARROW - 8)
    colour = "var(--kit-bad, #c0392b)" if row.failed else "var(--kit-accent, #2f6fb3)"
    width = max(2.0, row.width * (NARROW - 8))
    bar = f'<rect x="{x:.1f}" y="{y + 20}" width="{width:.1f}" height="5" rx="2" fill="{colour}"/>'
    dot = f'<circle cx="{x:.1f}" cy="{y + 22.5}" r="3" fill="{colour}"/>'
    return (
        f'<text x="{indent}" y="{y + 13}">{escape(row.name)}</text>'
        f'<text x="{NARROW}" y="{y + 13}" text-anchor="end" font-size="11" '
        f'fill="var(--kit-muted, #777)">{when}</text>{dot if row.is_note else bar}'
    )
