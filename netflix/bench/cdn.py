"""Placement and fill: what moves when an edge leaves, and what the origin sends in the busiest hour.

Page: docs/netflix/fill.md
"""

from collections.abc import Callable, Iterator
from statistics import median

from chapters.measure.findings import Figure, Finding
from netflix.cdn.day import last_day
from netflix.cdn.placement import moved, place

TITLES, EDGES = 20_000, 8
ROOMS = (0.5, 1.0, 1.5)  # of all edges together, as a share of the catalogue
DAYS = 3


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield the copies moved beside those that must, and origin bytes with a fill beside those without."""
    on_progress("an edge leaves")
    yield Figure(
        f"titles moved when one of {EDGES} edges leaves, to 1/{EDGES} of them", _moved(), most=1.1
    )
    seeds = (1,) if quick else (1, 2, 3)
    for room in ROOMS:
        on_progress(f"days with room for {room:.0%} of the catalogue")
        found = [_busiest_hours(seed, room) for seed in seeds]
        said = f"origin bytes in the busiest hour, room for {room:.0%}: filled, to"
        yield Figure(f"{said} edges that keep what was asked of them", median(f / n for n, _, f in found),
                     most=0.2 if room >= 1 else None)  # fmt: skip
        yield Figure(f"{said} the same with placement", median(f / max(1, p) for _, p, f in found))


def _moved() -> float:
    """The worst of all edges that may leave."""
    edges = {f"edge-{number}": 1.0 for number in range(EDGES)}
    plays = dict.fromkeys(map(str, range(TITLES)), 1.0)
    before = place(plays, edges)
    left = ({name: 1.0 for name in edges if name != gone} for gone in edges)
    return max(moved(before, place(plays, each)) for each in left) / (TITLES / EDGES)


def _busiest_hours(seed: int, room: float) -> tuple[int, int, int]:
    nearest = last_day("nearest", DAYS, seed=seed, room=room).peak_bytes
    placed = last_day("placed", DAYS, seed=seed, room=room).peak_bytes
    return nearest, placed, last_day("filled", DAYS, seed=seed, room=room).peak_bytes
