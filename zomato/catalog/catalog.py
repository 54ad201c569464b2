"""The truth about restaurants, and the list of what has changed, which others follow.

    fact ──► apply ──► restaurants as they are now          asked when an order is placed
                  └──► changes: 1, 2, 3, …                  followed by search, which is a little behind

Invariant: a fact that is refused changes nothing and gets no number. Whoever has seen change n and
applies those after it knows what the catalog knows. Only the last `changes_max` are kept; who is further
behind has to read everything again. Page: docs/zomato/catalog.md
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from zomato.catalog.facts import Closed, Delisted, Fact, Listed, Priced, Reviewed, Stocked
from zomato.catalog.restaurant import Item, Restaurant
from zomato.errors import AlreadyReviewed, Forgotten, NoRestaurant

CHANGES_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Change:
    """A fact with its number, and when it was applied."""

    number: int
    at_ns: int
    fact: Fact


class Catalog:
    """Restaurants by id."""

    def __init__(
        self, restaurants: Iterable[Restaurant] = (), *, changes_max: int = CHANGES_MAX
    ) -> None:
        self._restaurants = {each.id: each for each in restaurants}
        self._changes: deque[Change] = deque(maxlen=changes_max)
        self._reviewed: set[tuple[str, str]] = set()
        self._gone: dict[
            tuple[str, str], int
        ] = {}  # versions that items had when a menu was replaced
        self.last = 0  # the number of the last change

    def __iter__(self) -> Iterator[Restaurant]:
        return iter(self._restaurants.values())

    def __len__(self) -> int:
        return len(self._restaurants)

    def restaurant(self, id: str) -> Restaurant:
        """Return a restaurant as it is now. Raises `NoRestaurant`."""
        if id not in self._restaurants:
            raise NoRestaurant(404, f"there is no restaurant {id!r:.40}; search for one")
        return self._restaurants[id]

    def known(self, id: str) -> Restaurant | None:
        """Return a restaurant as it is now, or None: for those who follow, to whom gone is a fact."""
        return self._restaurants.get(id)

    def item(self, restaurant: str, item: str) -> Item:
        """Return an item as it is now. Raises `NoRestaurant`, `NoItem`."""
        return self.restaurant(restaurant).item(item)

    def apply(self, fact: Fact, at_ns: int) -> int:
        """Make a fact true, and return its number. Raises what the fact is refused for."""
        before = self._restaurants.get(fact.id)
        if isinstance(fact, Delisted):
            self.restaurant(fact.id)
            del self._restaurants[fact.id]
        else:
            self._restaurants[fact.id] = self._after(fact)
        if before is not None and isinstance(fact, Delisted | Listed):
            self._gone |= {(fact.id, each.id): each.version for each in before.menu}
        if isinstance(fact, Reviewed):
            self._reviewed.add((fact.customer, fact.order))
        self.last += 1
        self._changes.append(Change(self.last, at_ns, fact))
        return self.last

    def _after(self, fact: Fact) -> Restaurant:
        """What a restaurant is after a fact."""
        match fact:
            case Listed(told):
                known = self._restaurants.get(told.id, told)
                return replace(
                    told, rating=known.rating, closed_until_ns=known.closed_until_ns,
                    menu=tuple(self._versioned(each, known) for each in told.menu),
                )  # fmt: skip
            case Priced(id, item, price_paise):
                own = self.restaurant(id)
                return own.with_item(own.item(item).at_price(price_paise))
            case Stocked(id, item, is_available):
                own = self.restaurant(id)
                return own.with_item(replace(own.item(item), is_available=is_available))
            case Closed(id, until_ns):
                return replace(self.restaurant(id), closed_until_ns=until_ns)
            case Reviewed(id, customer, order, stars):
                if (customer, order) in self._reviewed:
                    raise AlreadyReviewed(
                        409, f"order {order!r:.40} has a review by {customer!r:.40} already"
                    )
                own = self.restaurant(id)
                return replace(own, rating=own.rating.with_stars(stars))
            case _:
                raise AssertionError(fact)

    def _versioned(self, item: Item, known: Restaurant) -> Item:
        """An item of a menu that is told anew: no version of it ever means two prices."""
        before = next((each for each in known.menu if each.id == item.id), item)
        if before is not item:
            return replace(item, version=before.at_price(item.price_paise).version)
        gone = self._gone.get((known.id, item.id), 0)  # it was there once, and comes again
        return replace(item, version=max(item.version, gone + 1))

    def changes_since(self, number: int) -> list[Change]:
        """Return the changes after that number, in order. Raises `Forgotten`."""
        kept = self.last - len(self._changes)  # the last change that is not kept
        if number < kept:
            raise Forgotten(f"changes after {number} are wanted; only those after {kept} are kept")
        return list(islice(self._changes, number - kept, None))
