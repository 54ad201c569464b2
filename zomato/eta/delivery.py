"""What is known when an order is placed, and how long it took in the end.

Page: docs/zomato/eta.md
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """An order in the moment of the tap. Nothing here is of the future."""

    day: int
    minute: int  # of the day
    kitchen: str
    dishes: int
    waiting: int  # orders that the kitchen has taken and not finished
    straight_m: float
    road_min: float  # by an empty road, as zomato/roads says
    rain: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """And what became of it, in minutes."""

    asked: Asked
    prepared_min: float
    travelled_min: float

    @property
    def total_min(self) -> float:
        """Return the minutes from the tap to the door."""
        return self.prepared_min + self.travelled_min


@dataclass(frozen=True, slots=True)
class Estimate:
    """A range, and its middle: minutes that are as likely too few as too many."""

    low_min: float
    likely_min: float
    high_min: float
