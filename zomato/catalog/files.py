"""Restaurants from a file that somebody scraped: what can be read is, and what cannot is told.

    a cell that says nothing of use     the restaurant is taken without it       counted
    a row without a name or a place     refused                                  counted
    a file without the columns          `BadFile`

Nothing is guessed but this: a row without coordinates stands somewhere in its area, at a spot that
follows from its name; and who does not say when it opens is taken to be open from 11 to 23 o'clock.
Three shapes are known, two of Bengaluru and one of the world; see `columns.py`.
Page: docs/zomato/catalog.md
"""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from chapters.geo import BadPlace, Place, Plane, metres
from chapters.sim.chance import Chance
from zomato.catalog import columns
from zomato.catalog.areas import AREAS, CITY, ZONE
from zomato.catalog.columns import BROKEN, Dirt, decoded, mended, places
from zomato.catalog.hours import Hours, every_day
from zomato.catalog.restaurant import NAME_CHARS_MAX, Restaurant
from zomato.catalog.reviews import Rating
from zomato.errors import BadFile, BadHours

ROWS_MAX = 200_000
REMARKS_MAX = 1_000  # kept one by one; all are counted
LINE_BYTES_MAX = 4_000_000
CITY_M = 60_000.0  # further away is another city
SPREAD_M = 700.0  # of those without coordinates around the middle of their area
ASSUMED_HOURS = "11:00-23:00"
REFUSED = "row refused"


@dataclass(frozen=True, slots=True)
class Remark:
    """What was not taken: a cell, or with it the whole row."""

    line: int
    field: str
    value: str
    why: str
    is_row: bool

    def __str__(self) -> str:
        return f"line {self.line}, {self.field}: {self.value!r:.60} {self.why}"


@dataclass(slots=True)
class Loaded:
    """What was read, and what was not."""

    restaurants: dict[str, Restaurant] = field(default_factory=dict)
    rows: int = 0
    refused: int = 0
    remarks: list[Remark] = field(default_factory=list)
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def remark(self, line: int, name: str, value: str, why: str, is_row: bool = False) -> None:
        """Take note of what is not taken."""
        self.refused += is_row
        self.counts[REFUSED if is_row else "noted", name, why] += 1
        if len(self.remarks) < REMARKS_MAX:
            self.remarks.append(Remark(line, name, value[:100], why, is_row))


class RowRefused(Exception):
    """A row that cannot be taken."""

    def __init__(self, field: str, value: str, why: str) -> None:
        super().__init__(field, value, why)
        self.field, self.value, self.why = field, value, why


def read(path: Path, city: Place = CITY) -> Loaded:
    """Return the restaurants within 60 km of a city's middle. Raises `BadFile`."""
    loaded, seen = Loaded(), dict[object, int]()
    rows = _rows(path, loaded)
    heading = next(rows, (0, [""]))[1]
    where = places(heading)
    if missing := [each for each in columns.NEEDED if each not in where]:
        names = " or ".join(columns.COLUMNS[missing[0]])
        raise BadFile(f"{path}: no column is called {names}; there are {', '.join(heading)!r:.200}")
    for line, cells in rows:
        loaded.rows += 1
        try:
            if loaded.rows > ROWS_MAX:
                raise BadFile(f"{path}: more than {ROWS_MAX} rows; split the file")
            if len(cells) != len(heading):
                raise RowRefused(
                    "row", ",".join(cells), f"has not the {len(heading)} fields of the heading"
                )
            row = Row(line, {name: cells[at].strip() for name, at in where.items()}, loaded)
            made = row.restaurant(city, seen)
            loaded.restaurants[made.id] = made
        except RowRefused as refused:
            loaded.remark(line, refused.field, refused.value, refused.why, is_row=True)
    return loaded


class Row:
    """A row by our names of columns."""

    def __init__(self, line: int, cells: dict[str, str], loaded: Loaded) -> None:
        self.line, self.cells, self._loaded = line, cells, loaded

    def text(self, name: str) -> str:
        """Return a cell, mended if it was saved wrongly; "" if there is none."""
        raw = self.cells.get(name, "")
        found = raw if raw.isascii() else mended(raw)
        if found != raw:
            self._left_out(name, raw, "was saved in a wrong encoding, and is mended")
        if BROKEN in found:
            self._left_out(name, raw, "has broken bytes; they are shown as question marks")
        return found

    def restaurant(self, city: Place, seen: dict[object, int]) -> Restaurant:
        """Return what the row says. Raises `RowRefused`."""
        name, area = self.text("name"), self.text("area")
        if not 1 <= len(name) <= NAME_CHARS_MAX:
            raise RowRefused("name", name, f"must have 1 to {NAME_CHARS_MAX} letters")
        id = self.cells.get("id") or f"c{self.line}"
        for key in (("id", id), (name, area, self.text("address"))):
            if seen.setdefault(key, self.line) != self.line:
                raise RowRefused("name", name, "is there twice")
        return Restaurant(
            id,
            name,
            self.place(city, name, area),
            self.list("cuisines"),
            self.hours(),
            area=area,
            kind=self.text("kind"),
            cost_for_two_paise=self.cost_paise(),
            rating=self.rating(),
            known_for=self.list("known_for"),
        )

    def list(self, name: str) -> tuple[str, ...]:
        """Return what a cell tells with commas between, nothing twice."""
        parts = (each.strip() for each in self.text(name).split(","))
        return tuple(dict.fromkeys(each for each in parts if each))

    def place(self, city: Place, name: str, area: str) -> Place:
        """Return where it is: as the row says, or somewhere in its area. Raises `RowRefused`."""
        if "lat" not in self.cells or "lon" not in self.cells:
            known = [each for each in (area, self.text("district")) if each in AREAS]
            if not known:
                raise RowRefused("area", area, "is not known, and there are no coordinates")
            return _somewhere(AREAS[known[0]], f"{name}/{area}")
        lat, lon = self.cells["lat"], self.cells["lon"]
        try:
            found = Place(float(lat), float(lon))
        except ValueError:
            raise RowRefused("lat, lon", f"{lat}, {lon}", "are no numbers") from None
        except BadPlace:
            raise RowRefused("lat, lon", f"{lat}, {lon}", "are on no map") from None
        if metres(found, city) > CITY_M:
            raise RowRefused("lat, lon", f"{lat}, {lon}", _far(found, city))
        return found

    def rating(self) -> Rating:
        """Return stars and votes; neither counts without the other."""
        if "rating" not in self.cells:
            return Rating()
        cell, votes = self.cells["rating"], self.cells.get("votes", "")
        try:
            tenths, count = columns.stars_tenths(cell), columns.votes(votes)
        except Dirt as why:
            self._left_out("rating", f"{cell} by {votes}", f"is {why}")
            return Rating()
        if tenths and count:
            return Rating(count, count * tenths)
        self._left_out("rating", f"{cell} by {votes}", "has no stars, or no votes")
        return Rating()

    def cost_paise(self) -> int | None:
        """Return what two people pay."""
        if "cost" not in self.cells:
            return None
        cell = self.cells["cost"]
        try:
            found = columns.cost_paise(cell, self.cells.get("currency", ""))
        except Dirt as why:
            self._left_out("cost", f"{cell} {self.cells.get('currency', '')}".strip(), f"is {why}")
            return None
        if found is None:
            self._left_out("cost", cell, "says nothing")
        return found

    def hours(self) -> Hours:
        """Return its hours, the same each day; usual ones if it does not say."""
        if text := self.cells.get("hours", ""):
            try:
                return every_day(text, ZONE)
            except BadHours as why:
                self._left_out("hours", text, f"cannot be: {why}")
        return _ASSUMED

    def _left_out(self, name: str, value: str, why: str) -> None:
        self._loaded.remark(self.line, name, value, why)


_ASSUMED = every_day(ASSUMED_HOURS, ZONE)


def _somewhere(middle: Place, name: str) -> Place:
    """A spot around a middle that is always the same for a name."""
    rng, plane = Chance(0).stream(name), Plane(middle)
    return plane.place(rng.gauss(0, SPREAD_M), rng.gauss(0, SPREAD_M))


def _far(found: Place, city: Place) -> str:
    with suppress(BadPlace):
        if metres(Place(found.lon, found.lat), city) <= CITY_M:
            return "are latitude and longitude swapped"
    return "are far from the city"


def _rows(path: Path, loaded: Loaded) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line each ends on; what csv cannot read is refused. Raises `BadFile`."""
    try:
        with path.open("rb") as file:
            lines = (decoded(each) for each in iter(lambda: file.readline(LINE_BYTES_MAX), b""))
            reader = csv.reader(lines)
            while True:
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as why:
                    loaded.rows += 1
                    loaded.remark(reader.line_num, "row", "", f"cannot be read: {why}", True)
                    continue
                if cells and any(cells):
                    yield reader.line_num, _unwrapped(cells)
    except OSError as why:
        raise BadFile(f"{path}: {why.strerror}; say the name of a csv file") from None


def _unwrapped(cells: list[str]) -> list[str]:
    """A row whose whole text was quoted as one field is read once more."""
    if len(cells) > 1 or "," not in cells[0]:
        cells[0] = cells[0].removeprefix("\ufeff")
        return cells
    return next(csv.reader(StringIO(cells[0].removeprefix("\ufeff"))), cells)
