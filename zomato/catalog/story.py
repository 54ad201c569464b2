"""A made-up city, or a file: who is best, who is open in the night, and what a cart notices.

Page: docs/zomato/catalog.md
"""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from chapters.sim.chance import Chance
from zomato.catalog.areas import ZONE
from zomato.catalog.catalog import Catalog
from zomato.catalog.facts import Priced
from zomato.catalog.files import Loaded, read
from zomato.catalog.hours import every_day, instant
from zomato.catalog.imagined import COUNT, HOLIDAY, imagined
from zomato.catalog.restaurant import Restaurant, is_open
from zomato.catalog.reviews import shrunken, usual_tenths

SHOWN = 3
DAYS = every_day("", ZONE)
MOMENTS = ("2026-11-27T12:30", "2026-11-27T16:30", "2026-11-27T21:00", "2026-11-28T01:30",
           "2026-10-20T21:00")  # fmt: skip
WHY = {"2026-11-28T01:30": "   spans of Friday", "2026-10-20T21:00": "   a holiday"}


def demo(*, seed: int = 7, restaurants: int = COUNT, file: str = "") -> None:
    """Tell of a city's stars, hours and prices; with a file, of what could be read of it."""
    if file:
        loaded = read(Path(file))
        found = list(loaded.restaurants.values())
        print("\n".join(what_was_read(loaded)), end="\n\n")
    else:
        found = list(imagined(Chance(seed).stream("restaurants"), count=restaurants).restaurants)
    print("\n".join(best(found)), end="\n\n")
    print("\n".join(opened(found)))
    if priced := next((each for each in found if each.menu), None):
        print()
        print("\n".join(prices(priced)))


def what_was_read(loaded: Loaded) -> Iterator[str]:
    """Yield what became of a file's rows."""
    yield f"{len(loaded.restaurants):,} of {loaded.rows:,} rows are restaurants"
    for (kind, field, why), count in loaded.counts.most_common():
        yield f"  {count:6,} × {kind}: {field} {why}"


def best(found: Collection[Restaurant]) -> Iterator[str]:
    """Yield who is best by the stars alone, and by how much they are to be believed."""
    usual = usual_tenths(each.rating for each in found)
    yield f"{len(found):,} restaurants, usually {usual / 10:.2f} stars"
    ways: dict[str, Callable[[Restaurant], float]] = {
        "the plain mean": lambda own: own.rating.mean or 0.0,
        "seven usual votes first": lambda own: shrunken(own.rating, usual),
    }
    for name, way in ways.items():
        yield f"  best by {name}:"
        for own in sorted(found, key=lambda own: (-way(own), own.id))[:SHOWN]:
            yield f"    {own.name[:28]:28} {way(own):.2f}   of {own.rating.votes:,} votes"


def opened(found: Collection[Restaurant]) -> Iterator[str]:
    """Yield how many are open at some moments, in a night and on a holiday too."""
    for text in MOMENTS:
        at_ns = instant(text, ZONE, HOLIDAY[0][0])
        count = sum(is_open(each, at_ns) for each in found)
        yield f"  open on {DAYS.local(at_ns):%a %d %b, %H:%M}   {count:6,}{WHY.get(text, '')}"


def prices(own: Restaurant) -> Iterator[str]:
    """Yield what happens to an item whose price changes, with somebody's cart in between."""
    catalog = Catalog([own])
    held = own.menu[0]
    catalog.apply(Priced(own.id, held.id, held.price_paise + 1_500), 0)
    now = catalog.item(own.id, held.id)
    yield f"  in the cart   {held.name}, version {held.version}, {held.price_paise / 100:.2f} rupees"
    yield f"  on the menu   {now.name}, version {now.version}, {now.price_paise / 100:.2f} rupees"


if __name__ == "__main__":
    demo()
