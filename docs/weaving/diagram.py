"""Boxes and arrows as SVG, in the colours of the page: for figures that explain a flow.

flow = Diagram(640, 120)
client = flow.box(0, 40, "client", "FIX or HTTP")
engine = flow.box(240, 40, "engine", "one writer")
flow.arrow(client, engine, "order")
return flow.svg("An order on its way")
"""

from dataclasses import dataclass
from html import escape

BOX_WIDTH, BOX_HEIGHT = 132, 50
MARK = (
    '<defs><marker id="kit-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
    'markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" '
    'fill="var(--kit-muted, #777)"/></marker></defs>'
)


@dataclass(frozen=True, slots=True)
class Box:
    """A box by its left upper corner, in the units of the drawing."""

    x: float
    y: float
    width: float
    height: float

    def edge_towards(self, other: "Box") -> tuple[float, float]:
        """The middle of the side that faces `other`."""
        right, down = other.x - self.x, other.y - self.y
        middle = (self.x + self.width / 2, self.y + self.height / 2)
        if other.x >= self.x + self.width or other.x + other.width <= self.x:
            return (self.x + self.width if right > 0 else self.x, middle[1])
        return (middle[0], self.y + self.height if down > 0 else self.y)


class Diagram:
    """A drawing that grows box by box and arrow by arrow."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._parts: list[str] = []

    def box(
        self,
        x: float,
        y: float,
        title: str,
        note: str = "",
        *,
        width: float = BOX_WIDTH,
        height: float = BOX_HEIGHT,
        strong: bool = False,
    ) -> Box:
        """Draw a box and return it, to draw arrows from and to; `strong` ones are the point."""
        edge = "accent" if strong else "rule"
        self._parts.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6" '
            f'fill="var(--kit-raised, #fff)" stroke="var(--kit-{edge}, #999)" stroke-width="1.5"/>'
        )
        middle, centre = x + width / 2, y + height / 2
        self._text(title, middle, centre - 3 if note else centre + 5, 15, weight=600)
        if note:
            self._text(note, middle, centre + 15, 12, muted=True)
        return Box(x, y, width, height)

    def arrow(self, start: Box, end: Box, label: str = "", *, dashed: bool = False) -> None:
        """Draw an arrow between the sides that face each other, its label above the middle."""
        (x1, y1), (x2, y2) = start.edge_towards(end), end.edge_towards(start)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self._parts.append(
            f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="var(--kit-muted, #777)" '
            f'stroke-width="1.5" marker-end="url(#kit-tip)"{dash}/>'
        )
        if label and x1 == x2:
            self._text(label, x1 + 8, (y1 + y2) / 2 + 4, 12, muted=True, anchor="start")
        elif label:
            self._text(label, (x1 + x2) / 2, (y1 + y2) / 2 - 7, 12, muted=True)

    def note(self, x: float, y: float, text: str, *, anchor: str = "start") -> None:
        """Write a remark at a place of its own."""
        self._text(text, x, y, 13, muted=True, anchor=anchor)

    def svg(self, title: str) -> str:
        """Return the drawing; `title` is what a screen reader says."""
        width, height = self._size
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
            f'width="{width}" font-family="var(--kit-font, sans-serif)">'
            f"<title>{escape(title)}</title>{MARK}{''.join(self._parts)}</svg>"
        )

    def _text(
        self,
        text: str,
        x: float,
        y: float,
        size: int,
        *,
        weight: int = 400,
        muted: bool = False,
        anchor: str = "middle",
    ) -> None:
        fill = "var(--kit-muted, #777)" if muted else "currentColor"
        self._parts.append(
            f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" '
            f'text-anchor="{anchor}" fill="{fill}">{escape(text)}</text>'
        )
