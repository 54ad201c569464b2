"""A restaurant: where it is, what it cooks, when, and for how much.

Invariant: facts never change; a menu with another price is another menu. An item's `version` goes up
with each change of its price, so a cart that remembers it notices. Page: docs/zomato/catalog.md
"""

from dataclasses import dataclass, replace

from chapters.geo import Place
from zomato.catalog.hours import Hours
from zomato.catalog.reviews import Rating
from zomato.errors import BadMenu, NoItem

PRICE_PAISE_MAX = 10_000_000  # a lakh of rupees
NAME_CHARS_MAX = 200
ITEMS_MAX = 1_000
UNRATED = Rating()


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a menu; its price in whole paise. Raises `BadMenu`."""

    id: str
    name: str
    price_paise: int
    version: int = 1
    is_vegetarian: bool = False
    is_available: bool = True

    def __post_init__(self) -> None:
        if type(self.price_paise) is not int or not 0 <= self.price_paise <= PRICE_PAISE_MAX:
            limit = f"whole paise, 0 to {PRICE_PAISE_MAX}"
            raise BadMenu(f"{self.id}: its price is {self.price_paise!r:.30}; it must be {limit}")
        _check_name(self.id, self.name)

    def at_price(self, price_paise: int) -> "Item":
        """Return the item at a price: a further version if it is another one, else itself."""
        if price_paise == self.price_paise:
            return self
        return replace(self, price_paise=price_paise, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Restaurant:
    """What is known of a restaurant. Raises `BadMenu`."""

    id: str
    name: str
    place: Place
    cuisines: tuple[str, ...]
    hours: Hours
    menu: tuple[Item, ...] = ()
    area: str = ""
    kind: str = ""
    cost_for_two_paise: int | None = None  # nobody has said
    rating: Rating = UNRATED
    closed_until_ns: int = 0
    known_for: tuple[str, ...] = ()  # dishes that people name; no menu, and no prices

    def __post_init__(self) -> None:
        _check_name(self.id, self.name)
        ids = {each.id for each in self.menu}
        if len(ids) < len(self.menu) or len(ids) > ITEMS_MAX:
            raise BadMenu(f"{self.id}: {len(self.menu)} items with {len(ids)} ids; "
                          f"each has its own, and there are at most {ITEMS_MAX}")  # fmt: skip

    def item(self, id: str) -> Item:
        """Return an item of the menu. Raises `NoItem`."""
        for each in self.menu:
            if each.id == id:
                return each
        raise NoItem(404, f"{self.id} has no item {id!r:.40}; GET its menu again")

    def with_item(self, item: Item) -> "Restaurant":
        """Return the restaurant with an item in place of the one of that id."""
        self.item(item.id)
        return replace(self, menu=tuple(item if e.id == item.id else e for e in self.menu))

    @property
    def is_vegetarian(self) -> bool:
        """Return whether nothing on the menu is not."""
        return bool(self.menu) and all(each.is_vegetarian for each in self.menu)


def is_open(restaurant: Restaurant, at_ns: int) -> bool:
    """Return whether it takes orders at an instant (ns since 1970): by its hours, and not closed early."""
    return at_ns >= restaurant.closed_until_ns and restaurant.hours.is_open(at_ns)


def _check_name(id: str, name: str) -> None:
    if not name.strip() or len(name) > NAME_CHARS_MAX:
        raise BadMenu(f"{id}: its name has {len(name)} letters; it must have 1 to {NAME_CHARS_MAX}")
