"""The ten nearest by Uber's H3: hexagons of about 170 m, and rings of them around whoever asks.

A ring more is looked at than is needed to have enough, as one does with it; that is not exact, and how
often it is right is printed beside. Page: docs/zomato/speed.md
"""

from importlib import import_module
from typing import Any

from chapters.geo import Near, Place
from chapters.geo.place import metres

RESOLUTION = 9
RINGS_MAX = 60


class Hexagons:
    """Places by the hexagon that H3 puts them in. Raises `ImportError` without `h3`."""

    def __init__(self) -> None:
        self._h3: Any = import_module("h3")
        self._in: dict[str, dict[str, Place]] = {}
        self._cell_of: dict[str, str] = {}

    def put(self, id: str, place: Place) -> None:
        """Set where somebody is."""
        cell = self._h3.latlng_to_cell(place.lat, place.lon, RESOLUTION)
        if self._cell_of.get(id) not in (None, cell):
            del self._in[self._cell_of[id]][id]
        self._cell_of[id] = cell
        self._in.setdefault(cell, {})[id] = place

    def nearest(self, place: Place, count: int) -> list[Near]:
        """Return the nearest of those in the rings that were looked at."""
        middle = self._h3.latlng_to_cell(place.lat, place.lon, RESOLUTION)
        found: dict[str, Place] = {}
        is_enough = False
        for ring in range(RINGS_MAX):
            for cell in self._h3.grid_ring(middle, ring):
                found |= self._in.get(cell, {})
            if is_enough:
                break
            is_enough = len(found) >= count
        near = sorted((metres(place, where), id) for id, where in found.items())
        return [Near(*each) for each in near[:count]]
