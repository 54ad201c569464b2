"""Which edge should this viewer ask, and which next if that one does not answer?

    score = distance + load + (not here: a fetch) + (failed lately: a lot)          the lowest first

Invariant: while one edge lives, the list is not empty; an edge that is known to be dead is not in it. What
is known is as old as the last look: an edge that died a moment ago may still come first, and the player
goes on to the next. Page: docs/netflix/steering.md
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chapters.geo import Place
from chapters.geo.place import metres
from netflix.errors import Refused

FETCH_MS = 60.0  # what a miss costs a viewer: the way to the origin and back
FULL_MS = 400.0  # what an edge under full load costs; half a load costs a quarter of it
FAILURE_MS = 250.0  # for each failure that was seen lately
FAILURES_MAX = 8  # more are no worse
DEAD_AFTER_S = 3.0  # nothing heard for so long
GLASS_M_A_MS = 200_000.0  # how far light comes in a cable
DETOUR = 1.6  # cables do not run in great circles
LAST_MILE_MS = 3.0  # from the viewer's door to the nearest exchange, and back


@dataclass(frozen=True, slots=True)
class EdgeState:
    """What is known of an edge. `load` from 0 to 1; `heard_s` when it last answered; failures, of late."""

    name: str
    url: str
    load: float
    heard_s: float
    failures: int = 0
    titles: frozenset[str] = frozenset()  # that it holds, as far as is known


def rank(
    edges: Sequence[EdgeState], title: str, *, distance_ms: dict[str, float], now_s: float
) -> list[EdgeState]:
    """Return the living edges, the one to ask first at the front.

    `distance_ms` is how far each is from the viewer; equal scores are ordered by name.
    Raises `Refused` with 503 when no edge lives.
    """
    alive = [edge for edge in edges if now_s - edge.heard_s <= DEAD_AFTER_S]
    if not alive:
        raise Refused(503, "no edge answers; try again in a few seconds")
    return sorted(
        alive, key=lambda edge: (score_ms(edge, title, distance_ms.get(edge.name, 0.0)), edge.name)
    )


def score_ms(edge: EdgeState, title: str, distance_ms: float) -> float:
    """Return what asking this edge costs a viewer, in milliseconds of waiting, roughly."""
    load = min(1.0, max(0.0, edge.load))
    fetch = 0.0 if title in edge.titles else FETCH_MS
    failures = min(edge.failures, FAILURES_MAX) * FAILURE_MS
    return distance_ms + FULL_MS * load * load + fetch + failures


def way_ms(viewer: Place, edge: Place) -> float:
    """Return a guess at the round trip to an edge, from where both are, until somebody has measured."""
    return LAST_MILE_MS + 2 * DETOUR * metres(viewer, edge) / GLASS_M_A_MS
