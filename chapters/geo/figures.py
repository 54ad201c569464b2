"""The boxes of a quadtree over a city, drawn: small where many are.

Page: docs/chapters/geo.md
"""

from random import Random

from chapters.geo.place import Place
from chapters.geo.plane import Plane
from chapters.geo.quadtree import Quadtree
from chapters.geo.story import CITY, SIZE_M, city

RIDERS, SIDE = 1_500, 480


def boxes() -> str:
    """Return the leaves of a quadtree with its riders, as SVG."""
    plane, rng = Plane(CITY), Random(7)
    tree = Quadtree(plane)
    places = city(rng, RIDERS, plane)
    for number, place in enumerate(places):
        tree.put(f"rider-{number}", place)
    scale = SIDE / (2 * SIZE_M)
    parts = [
        f'<rect x="{SIDE / 2 + scale * (box.x - box.half):.1f}" '
        f'y="{SIDE / 2 - scale * (box.y + box.half):.1f}" width="{2 * scale * box.half:.1f}" '
        f'height="{2 * scale * box.half:.1f}" fill="none" stroke="var(--kit-muted, #777)" '
        'stroke-width="0.6"/>'
        for box in tree.leaves()
    ]
    parts += [_dot(plane, place, scale) for place in places]
    title = f"{RIDERS:,} riders in {len(parts) - RIDERS} boxes of at most sixteen"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" role="img" '
        f'width="{SIDE}"><title>{title}</title>{"".join(parts)}</svg>'
    )


def _dot(plane: Plane, place: Place, scale: float) -> str:
    x, y = plane.xy(place)
    return (
        f'<circle cx="{SIDE / 2 + scale * x:.1f}" cy="{SIDE / 2 - scale * y:.1f}" r="1.4" '
        'fill="var(--kit-accent, #c2571a)"/>'
    )
