"""A trace as a waterfall: who called whom, when, for how long, and where in the code.

`rows` is the layout, plain data that any terminal or page can draw; `to_svg` is one such drawing,
self-contained and readable on light and dark pages. Page: docs/chapters/sim.md
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from html import escape

from chapters.sim.chance import Chance
from chapters.sim.clock import US, VirtualClock, spell
from chapters.sim.disk import SimDisk
from chapters.sim.errors import at_least
from chapters.sim.fan_out import SimPool, fan_out
from chapters.sim.trace import Attribute, Span, Trace, note, span, tracing

_ROW_PX = 24
_BAR_X, _BAR_PX, _WIDTH_PX = 390, 280, 960
_HEAD_PX = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a waterfall; `left` and `width` are fractions of the whole trace's time."""

    start: str  # since the trace began: "412 ms"
    tree: str  # "├─ ", "│  └─ ", "" at the root
    name: str
    detail: str  # attributes: "order=5 price=10.01"
    place: str  # "exchange/gateway.py:88"
    duration: str  # "" for a note
    left: float
    width: float
    is_note: bool
    failed: bool

    @property
    def text(self) -> str:
        """Return tree and name, the row's left column."""
        return f"{self.tree}{self.name}"


def rows(trace: Trace) -> list[Row]:
    """Return one row per span and note, children under their parent, in order of opening."""
    if not trace.spans:
        return []
    origin_ns = min(each.start_ns for each in trace.spans)
    total_ns = max(1, max(_end_ns(each) for each in trace.spans) - origin_ns)
    return [_row(each, tree, origin_ns, total_ns) for each, tree in _walk(trace)]


def bar(row: Row, columns: int) -> str:
    """Return the row's bar in `columns` characters, `·` for a note: for terminals."""
    left = min(columns - 1, round(row.left * columns))
    if row.is_note:
        return (" " * left + "·").ljust(columns)
    length = max(1, min(columns - left, round(row.width * columns)))
    return (" " * left + "━" * length).ljust(columns)


def to_text(trace: Trace, columns: int = 24) -> list[str]:
    """Return the waterfall as lines of plain text, for demos and pipes."""
    found = rows(trace)
    widest = max((len(row.text) for row in found), default=0)
    return [
        f"{row.start:>8}  {row.text:<{widest}}  {bar(row, columns)} {row.duration:>8}  "
        f"{row.place}  {row.detail}".rstrip()
        for row in found
    ]


def to_svg(trace: Trace) -> str:
    """Return the waterfall as an SVG document that takes its colours from the page around it."""
    found = rows(trace)
    height = _HEAD_PX + _ROW_PX * len(found) + 8
    body = "".join(_svg_row(row, _HEAD_PX + _ROW_PX * index) for index, row in enumerate(found))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH_PX} {height}" role="img" '
        f'class="waterfall" font-family="var(--kit-mono, ui-monospace, monospace)" '
        f'font-size="13" fill="currentColor"><title>{escape(trace.title)}</title>'
        f'<text x="0" y="16" font-weight="bold">{escape(trace.title)}</text>{body}</svg>'
    )


def example(seed: int = 7, nodes: int = 5, need: int = 3) -> Trace:
    """Return the trace of one write to `nodes` nodes that is acknowledged by the first `need`."""
    clock, chance = VirtualClock(), Chance(seed)
    pool = SimPool(clock=clock, rng=chance.stream("pool"))
    disks = [SimDisk(rng=chance.stream(f"disk/{node}"), clock=clock) for node in range(nodes)]
    with tracing(clock, f"One write, acknowledged by {need} of {nodes}") as trace:
        with span("put", key="diary", need=need):
            with span("bytes checked", bytes=7):
                clock.spend(300 * US)
            fan_out([partial(_store, disk) for disk in disks], need=need, pool=pool)
            note("acknowledged", copies=need)
        clock.run()
    return trace


def _store(disk: SimDisk) -> None:
    with span("stored"):
        disk.append("diary", b"synced.")
        with span("synced"):
            disk.sync("diary")


def example_svg() -> str:
    """Return the example's waterfall, for the docs."""
    return to_svg(example())


def demo(*, seed: int = 7, nodes: int = 5, need: int = 3) -> None:
    """Trace one write to several nodes: the stragglers finish after the acknowledgement."""
    at_least(1, need=need)
    at_least(need, nodes=nodes)
    print("\n".join(to_text(example(seed, nodes, need))))


def _walk(trace: Trace) -> Iterator[tuple[Span, str]]:
    """Yield every span with its tree drawing, depth first."""
    families: dict[int, list[Span]] = {}
    for each in trace.spans:
        families.setdefault(each.parent.index if each.parent else -1, []).append(each)
    # A stack of our own: a deep trace must not meet Python's recursion limit.
    stack = [(root, "", "") for root in reversed(families.get(-1, []))]
    while stack:
        each, tree, indent = stack.pop()
        yield each, tree
        children = families.get(each.index, [])
        for child in reversed(children):
            last = child is children[-1]
            branch, below = ("└─ ", "   ") if last else ("├─ ", "│  ")
            stack.append((child, indent + branch, indent + below))


def _row(each: Span, tree: str, origin_ns: int, total_ns: int) -> Row:
    lasted_ns = _end_ns(each) - each.start_ns
    return Row(
        start=spell(each.start_ns - origin_ns),
        tree=tree,
        name=each.name,
        detail=" ".join(f"{key}={_plain(value)}" for key, value in each.attributes.items()),
        place=each.place,
        duration="" if each.is_note else spell(lasted_ns),
        left=(each.start_ns - origin_ns) / total_ns,
        width=lasted_ns / total_ns,
        is_note=each.is_note,
        failed="error" in each.attributes,
    )


def _end_ns(each: Span) -> int:
    return each.start_ns if each.end_ns is None else each.end_ns


def _plain(value: Attribute) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _svg_row(row: Row, y: int) -> str:
    base = y + 16
    tree = escape(row.text).replace(" ", "\u00a0")
    detail = f"<title>{escape(row.detail or row.name)}</title>"
    return (
        f"<g>{detail}"
        f'<text x="70" y="{base}" text-anchor="end" opacity=".6">{row.start}</text>'
        f'<text x="82" y="{base}">{tree}</text>'
        f"{_svg_bar(row, y)}"
        f'<text x="{_WIDTH_PX}" y="{base}" text-anchor="end" opacity=".6" font-size="11">'
        f"{escape(row.place)}</text></g>"
    )


def _svg_bar(row: Row, y: int) -> str:
    x = _BAR_X + row.left * _BAR_PX
    colour = "var(--kit-bad, #c0392b)" if row.failed else "var(--kit-accent, #2f6fb3)"
    if row.is_note:
        return f'<circle cx="{x:.1f}" cy="{y + 12}" r="4" fill="{colour}"/>'
    width = max(2.0, row.width * _BAR_PX)
    return (
        f'<rect x="{x:.1f}" y="{y + 5}" width="{width:.1f}" height="13" rx="2" fill="{colour}"/>'
        f'<text x="{x + width + 5:.1f}" y="{y + 16}" font-size="11">{row.duration}</text>'
    )
