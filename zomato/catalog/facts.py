"""What happens to a catalog: facts, each about one restaurant.

Page: docs/zomato/catalog.md
"""

from dataclasses import dataclass
from typing import TypeAlias

from zomato.catalog.restaurant import Restaurant


@dataclass(frozen=True, slots=True)
class Listed:
    """A restaurant is new, or all of it is as told here; its rating and what is closed stay as they are."""

    restaurant: Restaurant

    @property
    def id(self) -> str:
        """Return whom it is about, as with the other facts."""
        return self.restaurant.id


@dataclass(frozen=True, slots=True)
class Delisted:
    """It is gone."""

    id: str


@dataclass(frozen=True, slots=True)
class Priced:
    """An item has another price."""

    id: str
    item: str
    price_paise: int


@dataclass(frozen=True, slots=True)
class Stocked:
    """An item is there, or not."""

    id: str
    item: str
    is_available: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """It takes no orders before an instant, whatever its hours say; 0 is: open again."""

    id: str
    until_ns: int


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Somebody says how an order was."""

    id: str
    customer: str
    order: str
    stars: int


Fact: TypeAlias = Listed | Delisted | Priced | Stocked | Closed | Reviewed
