"""A place on Earth, and how far it is to another one.

Invariant: a `Place` is on Earth; what is not was refused when it was made. Distances are those on a
sphere: up to 0.5 % off, since the Earth is a little flat. Source: Sinnott, "Virtues of the
haversine", 1984. Page: docs/chapters/geo.md
"""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from chapters.geo.errors import BadPlace

EARTH_M = 6_371_008.8  # the mean radius of the IUGG
LAT_MAX, LON_MAX = 90.0, 180.0


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees north and degrees east. Raises `BadPlace`."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not -LAT_MAX <= self.lat <= LAT_MAX:  # of a number that is none, too
            swapped = " (are latitude and longitude swapped?)" if abs(self.lat) <= LON_MAX else ""
            raise BadPlace(f"latitude is {self.lat}; it must be -90 to 90{swapped}")
        if not -LON_MAX <= self.lon <= LON_MAX:
            raise BadPlace(f"longitude is {self.lon}; it must be -180 to 180")


def metres(one: Place, other: Place) -> float:
    """Return how far it is from one place to the other over the sphere."""
    north = radians(other.lat - one.lat) / 2
    east = radians(other.lon - one.lon) / 2
    share = sin(north) ** 2 + cos(radians(one.lat)) * cos(radians(other.lat)) * sin(east) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(share)))


def turned(lon: float) -> float:
    """Return a longitude, or a difference of two, within -180 to 180: 181 east is 179 west."""
    return (lon + LON_MAX) % (2 * LON_MAX) - LON_MAX
