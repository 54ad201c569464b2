"""What the columns of restaurant files are called, and how their cells are read.

Scraped files differ: a rating is 4.1, 4.1/5, NEW, - or 0, and a cost 1200, "1,200" or nothing. A reader
returns the value, or raises `Dirt` with the reason. Page: docs/zomato/catalog.md
"""

import re
from collections.abc import Mapping

from chapters.errors import UsageError

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("restaurant id", "res_id", "id"),
    "name": ("restaurant name", "name"),
    "cuisines": ("cuisines type", "cuisines", "cuisine"),
    "kind": ("restaurant type", "rest_type"),
    "rating": ("rate (out of 5)", "aggregate rating", "aggregate_rating", "rate", "rating"),
    "votes": ("num of ratings", "votes"),
    "cost": (
        "avg cost (two people)", "average cost for two", "approx_cost(for two people)",
        "average_cost_for_two", "cost",
    ),
    "currency": ("currency",),
    "area": ("area", "locality", "location"),
    "district": ("listed_in(city)",),
    "known_for": ("dish_liked",),
    "address": ("local address", "address"),
    "lat": ("latitude", "lat"),
    "lon": ("longitude", "lon", "lng"),
    "hours": ("hours", "opening hours"),
}  # fmt: skip
NEEDED = ("name", "cuisines")
UNRATED = {"", "-", "--", "0", "0.0", "new", "nan", "not rated", "opening soon", "none", "null"}
UNKNOWN = {"", "-", "--", "nan", "none", "null"}
STARS = (1.0, 5.0)
VOTES_MAX = 10_000_000
RUPEES = (1.0, 100_000.0)
RUPEE_WORDS = ("rupee", "inr", "₹", "rs.")
MENDS_MAX = 10
BROKEN = "\N{REPLACEMENT CHARACTER}"


class Dirt(UsageError):
    """Why a cell is not taken; the row may still be."""


def places(heading: list[str]) -> dict[str, int]:
    """Return where in a row the columns are that are known, by our names."""
    there = {each.strip().casefold(): place for place, each in reversed(list(enumerate(heading)))}
    return {
        name: there[alias]
        for name, aliases in COLUMNS.items()
        for alias in reversed(aliases)
        if alias in there
    }


def stars_tenths(cell: str) -> int | None:
    """Return stars times ten; None where nobody has rated. Raises `Dirt`."""
    if cell.casefold() in UNRATED:
        return None
    found = _number(re.sub(r"\s*/\s*5$", "", cell))
    if not STARS[0] <= found <= STARS[1]:
        raise Dirt("no stars from 1 to 5")
    return round(found * 10)


def votes(cell: str) -> int:
    """Return how many have rated. Raises `Dirt`."""
    if cell.casefold() in UNKNOWN:
        return 0
    found = _number(cell.replace(",", ""))
    if not 0 <= found <= VOTES_MAX or found != int(found):
        raise Dirt("no whole number of votes")
    return int(found)


def cost_paise(cell: str, currency: str) -> int | None:
    """Return what two people pay; None where nobody says. Raises `Dirt`."""
    if cell.casefold() in UNKNOWN or cell == "0":
        return None
    if currency and not any(word in currency.casefold() for word in RUPEE_WORDS):
        raise Dirt("not in rupees")
    found = _number(cell.replace(",", ""))
    if not RUPEES[0] <= found <= RUPEES[1]:
        raise Dirt(f"no cost from {RUPEES[0]:g} to {RUPEES[1]:g} rupees")
    return round(found * 100)


def mended(text: str) -> str:
    """Return a text as it was before it was taken for Windows-1252 or Latin-1, perhaps several times.

    "Ã©" is "é", written in UTF-8 and read as Latin-1; some files were saved like that six times.
    """
    for _ in range(MENDS_MAX):
        try:
            better = text.encode("latin-1").decode("utf-8")
        except UnicodeError:
            break
        if better == text:
            break
        text = better
    return "".join(map(_printable, text))


def decoded(line: bytes) -> str:
    """Return a line of UTF-8, or else of Windows-1252; what is neither is marked as broken."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _printable(letter: str) -> str:
    """A control character of Latin-1 is what Windows-1252 has in its place: a quote, a dash."""
    if not "\x80" <= letter <= "\x9f":
        return letter
    return letter.encode("latin-1").decode("cp1252", errors="replace")


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise Dirt("no number") from None
