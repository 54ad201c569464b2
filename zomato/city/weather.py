"""The day's weather and its festival: when people are hungrier than usual, and riders slower.

Page: docs/zomato/city.md
"""

from dataclasses import dataclass
from random import Random

from zomato.surge.hexes import Hex, hex_at

HOURS = (
    0.2, 0.1, 0.1, 0.0, 0.0, 0.1, 0.3, 0.8, 1.6, 1.9, 1.6, 2.4,
    4.6, 4.9, 3.2, 2.2, 2.0, 2.4, 3.6, 5.6, 6.6, 5.8, 3.6, 1.4,
)  # fmt: skip  # how hungry a city is, by the hour
RAIN_HUNGER, RAIN_PACE = 1.4, 0.7
FESTIVAL_HUNGER = 3.0
MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Weather:
    """Rain from one minute to another, and a festival somewhere, from one hour to another."""

    rain_min: tuple[int, int]
    festival_min: tuple[int, int]
    festival: Hex

    def hunger(self, minute: float, cell: Hex | None = None) -> float:
        """Return how much is ordered then, in that cell or in a usual one, where 1 is a quiet hour."""
        found = HOURS[int(minute // 60) % 24]
        if self.rain_min[0] <= minute < self.rain_min[1]:
            found *= RAIN_HUNGER
        if cell == self.festival and self.festival_min[0] <= minute < self.festival_min[1]:
            found *= FESTIVAL_HUNGER
        return found

    def pace(self, minute: float) -> float:
        """Return how quick riders are, where 1 is dry."""
        return RAIN_PACE if self.rain_min[0] <= minute < self.rain_min[1] else 1.0


def forecast(rng: Random, cells: list[Hex]) -> Weather:
    """Return the weather of a day: rain for an hour or two, a festival of three hours."""
    rain, festival = rng.randint(11 * 60, 20 * 60), rng.randint(17, 19) * 60
    return Weather(
        (rain, rain + rng.randint(60, 120)), (festival, festival + 180), rng.choice(sorted(cells))
    )


def cell_of(spot: tuple[float, float]) -> Hex:
    """Return the hexagon of a place."""
    return hex_at(*spot)
