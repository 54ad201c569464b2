"""The same question answered in three ways, drawn: which junctions each of them looked at.

Page: docs/zomato/roads.md
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from random import Random

from zomato.roads.graph import Graph, Route
from zomato.roads.story import NAMES, across, routers
from zomato.roads.town import town

SIDE, GAP, HEAD = 300, 24, 46  # pixels of a drawing, between two, above each
WAVES = (
    0.95,
    0.7,
    0.48,
    0.3,
)  # how strongly what was looked at is drawn, from the first to the last
QUICK_M_A_S = 9.5  # of a street that is drawn broader
NODES, SEED = 4_500, 11


def looked() -> str:
    """Return three searches through a made-up city, as SVG."""
    graph = town(Random(SEED), NODES)
    ways = routers(graph)
    start, goal = across(graph)
    return drawn(graph, {name: way.route(start, goal) for name, way in ways.items()})


def drawn(graph: Graph, routes: Mapping[str, Route], credit: str = "") -> str:
    """Return an SVG with a drawing for each route, and a line of `credit` for the map."""
    place = _Place(graph)
    width, height = len(routes) * (SIDE + GAP) - GAP, HEAD + place.height + (18 if credit else 4)
    parts = [f'<defs><g id="{_id(graph)}" fill="none">{"".join(_roads(graph, place))}</g></defs>']
    for number, (name, route) in enumerate(routes.items()):
        parts.append(f'<g transform="translate({number * (SIDE + GAP)} {HEAD})">')
        parts += [*_heading(name, route, len(graph)), f'<use href="#{_id(graph)}"/>']
        parts += [*_search(route, place), "</g>"]
    if credit:
        parts.append(_text(0, height - 4, 11, "var(--kit-muted, #777)", credit))
    title = "; ".join(f"{NAMES.get(n, n)}: {len(r.looked):,} looked at" for n, r in routes.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" role="img" '
        f'width="{width}" font-family="var(--kit-font, system-ui, sans-serif)">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _id(graph: Graph) -> str:
    """A name for the roads, which are drawn once and shown three times."""
    return f"roads-{len(graph)}-{len(graph.heads)}"


class _Place:
    """From metres to pixels: the whole network in a frame, north at the top."""

    def __init__(self, graph: Graph) -> None:
        self._graph, self._west, self._north = graph, min(graph.xs), max(graph.ys)
        wide, high = max(graph.xs) - self._west, self._north - min(graph.ys)
        self._scale = SIDE / max(wide, high, 1)
        self._aside = (SIDE - self._scale * wide) / 2
        self.height = self._scale * high

    def __call__(self, node: int) -> str:
        x = self._aside + self._scale * (self._graph.xs[node] - self._west)
        return f"{x:.1f} {self._scale * (self._north - self._graph.ys[node]):.1f}"


def _roads(graph: Graph, place: _Place) -> Iterable[str]:
    """All roads as two paths: the quick ones broader."""
    streets: dict[frozenset[int], bool] = {}  # both directions are one line
    for each in graph.arcs():
        speed = 1000 * graph.metres(each.tail, each.head) / each.ms
        streets.setdefault(frozenset((each.tail, each.head)), speed > QUICK_M_A_S)
    for is_quick, width in ((False, 0.4), (True, 1.1)):
        lines = [
            "M" + "L".join(place(node) for node in sorted(ends))
            for ends, quick in streets.items()
            if quick == is_quick
        ]
        yield (
            f'<path d="{"".join(lines)}" stroke="var(--kit-faint, #999)" '
            f'stroke-opacity="0.35" stroke-width="{width}"/>'
        )


def _search(route: Route, place: _Place) -> Iterable[str]:
    """What was looked at, the first strongest; then the way itself and its ends."""
    size = 2.2 if len(route.looked) > 1_000 else 3.6
    step = -(-len(route.looked) // len(WAVES)) or 1
    for wave, strength in reversed([*enumerate(WAVES)]):
        nodes = route.looked[wave * step : (wave + 1) * step]
        yield (
            f'<path d="{"".join(f"M{place(node)}h0" for node in nodes)}" fill="none" '
            f'stroke="var(--kit-series-1, #14706a)" stroke-opacity="{strength}" '
            f'stroke-width="{size}" stroke-linecap="round"/>'
        )
    yield (
        f'<path d="M{"L".join(place(node) for node in route.nodes)}" fill="none" '
        'stroke="var(--kit-accent, #a8401d)" stroke-width="2.6" stroke-linejoin="round"/>'
    )
    for node in (route.nodes[0], route.nodes[-1]):
        x, y = place(node).split()
        yield (
            f'<circle cx="{x}" cy="{y}" r="4.6" fill="var(--kit-accent, #a8401d)" '
            'stroke="var(--kit-paper, #fff)" stroke-width="1.6"/>'
        )


def _heading(name: str, route: Route, nodes: int) -> Sequence[str]:
    told = f"{len(route.looked):,} of {nodes:,} looked at"
    return (
        _text(0, -26, 15, "currentColor", NAMES.get(name, name), "600"),
        _text(0, -9, 12, "var(--kit-muted, #777)", told),
    )


def _text(x: float, y: float, size: int, fill: str, text: str, weight: str = "400") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" font-weight="{weight}" '
        f'fill="{fill}">{escape(text)}</text>'
    )
