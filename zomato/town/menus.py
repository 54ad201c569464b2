"""What the restaurants of a day have on their menus, and how they are found.

A day knows where its restaurants are and nothing else; names, dishes and hours are of the made-up city, one
restaurant for each. Page: docs/zomato/serve.md
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

from chapters.geo import Plane
from chapters.sim.clock import S
from zomato.catalog.areas import CITY, ZONE
from zomato.catalog.catalog import Catalog
from zomato.catalog.facts import Priced
from zomato.catalog.hours import instant
from zomato.catalog.imagined import imagined
from zomato.catalog.restaurant import Restaurant as Cook
from zomato.catalog.restaurant import is_open
from zomato.dispatch.instance import Restaurant
from zomato.ordering.bill import Dish
from zomato.search.desk import Desk
from zomato.search.follower import Follower
from zomato.search.search import Search

MIDNIGHT_NS = instant("2026-11-27T00:00", ZONE, date(2026, 11, 27))  # a Friday
BUSY_HOURS = (12.0, 16.0, 20.0, 22.0)  # when a restaurant of a day must be open
SHARE_OPEN = 3  # of so many restaurants of a city at least one is
LINES_MAX, QUANTITY_MAX = 3, 2
CHANGES_EVERY_MIN, DEARER_PAISE = 40, 5_00
FOLLOWS_NS = 300 * S  # of the day's time, until the index reads what has changed


class Menus:
    """The restaurants of a day, by its ids; `minute` tells the time of the day."""

    def __init__(
        self, rng: Random, places: Iterable[Restaurant], minute: Callable[[], float]
    ) -> None:
        wanted = list(places)
        x = sum(each.x for each in wanted) / len(wanted)
        y = sum(each.y for each in wanted) / len(wanted)
        plane, self._minute = Plane(CITY), minute
        city = imagined(rng, count=SHARE_OPEN * len(wanted) + 30).restaurants
        cooks = [each for each in city if each.menu and all(_opens(each, at) for at in BUSY_HOURS)]
        assert len(cooks) >= len(wanted), (len(cooks), len(wanted))
        made = [
            replace(cook, id=each.id, place=plane.place(each.x - x, each.y - y))
            for cook, each in zip(cooks, wanted, strict=False)
        ]
        self.catalog = Catalog(made)
        search = Search(self.catalog, CITY)
        search.refresh(self.now_ns())
        self._follower, self._rng = Follower(search, every_ns=FOLLOWS_NS), rng
        self.desk = Desk(self.catalog, search, CITY, ZONE, self.now_ns)

    def __contains__(self, id: str) -> bool:
        return self.catalog.known(id) is not None

    def pass_minute(self) -> None:
        """Let a kitchen change a price now and then; the search hears of it a little later."""
        if self._rng.random() < 1 / CHANGES_EVERY_MIN:
            own = self._rng.choice(list(self.catalog))
            item = self._rng.choice(own.menu)
            self.catalog.apply(
                Priced(own.id, item.id, item.price_paise + DEARER_PAISE), self.now_ns()
            )
        self._follower.tick(self.now_ns())

    def now_ns(self) -> int:
        """Return the time of the day at hand, in nanoseconds since 1970."""
        return MIDNIGHT_NS + round(self._minute() * 60 * S)

    def is_open(self, id: str, at_ns: int) -> bool:
        """Return whether a restaurant is open, so long after midnight."""
        return is_open(self.catalog.restaurant(id), MIDNIGHT_NS + at_ns)

    def dish(self, id: str, dish: str) -> Dish | None:
        """Return a dish as the menu says now; None if there is none, or none left."""
        own = self.catalog.known(id)
        for each in own.menu if own else ():
            if each.id == dish and each.is_available:
                return Dish(each.id, each.name, each.price_paise)
        return None

    def lines(self, rng: Random, id: str) -> list[dict[str, Any]]:
        """Return what somebody may order there, as the lines of a cart."""
        menu = [each for each in self.catalog.restaurant(id).menu if each.is_available]
        return [
            {"dish": each.id, "quantity": rng.randint(1, QUANTITY_MAX), "price": each.price_paise}
            for each in rng.sample(menu, rng.randint(1, min(LINES_MAX, len(menu))))
        ]

    def names(self) -> dict[str, str]:
        """Return the name of each restaurant."""
        return {each.id: each.name for each in self.catalog}


def _opens(restaurant: Cook, hour: float) -> bool:
    return is_open(restaurant, MIDNIGHT_NS + round(hour * 3600 * S))
