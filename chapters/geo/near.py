"""What every index of places answers: who is nearest, and how many were looked at for it.

Page: docs/chapters/geo.md
"""

from collections.abc import Iterable
from heapq import nsmallest
from typing import NamedTuple, Protocol

from chapters.geo.place import Place


class Near(NamedTuple):
    """Somebody, and how far away; of two as far, the smaller id comes first."""

    metres: float
    id: str


class Index(Protocol):
    """Places by id, that may move. `looked` counts the distances computed so far."""

    looked: int

    def put(self, id: str, place: Place) -> None:
        """Set where somebody is; whoever is known already has moved."""

    def remove(self, id: str) -> None:
        """Forget somebody; who is not known is no error."""

    def nearest(self, place: Place, count: int) -> list[Near]:
        """Return the `count` nearest, the nearest first; fewer, if there are no more."""


def best(found: Iterable[Near], count: int) -> list[Near]:
    """Return the `count` nearest of them."""
    return nsmallest(count, found)
