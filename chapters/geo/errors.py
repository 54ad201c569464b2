"""What can go wrong with places.

    KitError
    └── UsageError
        ├── BadPlace        latitude or longitude that no place on Earth has
        ├── BadHash         text that is no geohash
        └── FarAway         a place that is too far from a plane's origin to be drawn on it

Page: docs/chapters/geo.md
"""

from chapters.errors import UsageError


class BadPlace(UsageError):
    """A latitude lies between -90 and 90 degrees, a longitude between -180 and 180."""


class BadHash(UsageError):
    """A geohash is 1 to 12 of 32 characters: digits and lower case letters without a, i, l and o."""


class FarAway(UsageError):
    """A plane is true near its origin only."""
