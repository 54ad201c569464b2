"""A city is flat: metres east and north of an origin, instead of degrees.

    x = R · Δlon · cos(lat of the origin)        y = R · Δlat

Within 30 km of the origin, and below 60 degrees, a distance is off by less than 1 %: degrees of
longitude get shorter on the way to the pole, and the plane takes them all as long as at its origin.
Page: docs/chapters/geo.md
"""

from math import cos, degrees, radians

from chapters.geo.errors import FarAway
from chapters.geo.place import EARTH_M, Place, turned

REACH_M = 200_000.0  # beyond it a plane says nothing of use
M_A_DEGREE = radians(1) * EARTH_M


class Plane:
    """The plane that touches the Earth at `origin`."""

    def __init__(self, origin: Place) -> None:
        self.origin = origin
        self._m_a_lon = M_A_DEGREE * cos(radians(origin.lat))

    def xy(self, place: Place) -> tuple[float, float]:
        """Return metres east and north of the origin. Raises `FarAway`."""
        x = self._m_a_lon * turned(place.lon - self.origin.lon)
        y = M_A_DEGREE * (place.lat - self.origin.lat)
        if abs(x) > REACH_M or abs(y) > REACH_M:
            raise FarAway(f"{place} is over {REACH_M / 1000:.0f} km from {self.origin}")
        return x, y

    def place(self, x: float, y: float) -> Place:
        """Return the place at metres east and north of the origin."""
        lat = self.origin.lat + y / M_A_DEGREE
        return Place(
            lat, turned(self.origin.lon + degrees(x / EARTH_M) * M_A_DEGREE / self._m_a_lon)
        )
