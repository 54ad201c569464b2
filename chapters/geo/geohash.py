"""A place as a few letters: the longer the common beginning, the nearer, and mostly the other way round.

    longitude  1 0 1 1 0     halves of the world: 1 is the eastern one, then of that the eastern one, …
    latitude    0 1 1 0 1    1 is the northern one
    together   1001111001…   five bits a letter: 10011 is "m", 11001 is "t"

Two places side by side may have nothing in common, if a border of a large cell runs between them: ask
for the neighbours too. Cells next to one another at ±180 degrees are neighbours; beyond a pole there
is nobody. Source: Niemeyer 2008; Morton 1966 for the order. Page: docs/chapters/geo.md
"""

from dataclasses import dataclass
from math import asin, cos, degrees, radians, sin

from chapters.geo.errors import BadHash
from chapters.geo.place import EARTH_M, LAT_MAX, LON_MAX, Place

LETTERS = "0123456789bcdefghjkmnpqrstuvwxyz"
BITS = 5  # a letter
LENGTH_MAX = 12
AROUND = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))  # north, clockwise


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell by its number from the west and from the south, of those that have `length` letters."""

    column: int
    row: int
    length: int

    @property
    def columns(self) -> int:
        """Return how many there are around the Earth: the first bit is the longitude's."""
        return 1 << (BITS * self.length + 1) // 2

    @property
    def rows(self) -> int:
        """Return how many there are from pole to pole."""
        return 1 << BITS * self.length // 2


def encode(place: Place, length: int) -> str:
    """Return the geohash of a place, of `length` letters. Raises `BadHash`."""
    return name(cell_of(place, length))


def cell_of(place: Place, length: int) -> Cell:
    """Return the cell that holds a place. Raises `BadHash`."""
    if not 1 <= length <= LENGTH_MAX:
        raise BadHash(f"length is {length}; a geohash has 1 to {LENGTH_MAX} letters")
    grid = Cell(0, 0, length)
    column = int((place.lon + LON_MAX) / (2 * LON_MAX) * grid.columns)
    row = int((place.lat + LAT_MAX) / (2 * LAT_MAX) * grid.rows)
    return Cell(column % grid.columns, min(row, grid.rows - 1), length)  # 180 is -180; the pole


def name(cell: Cell) -> str:
    """Return a cell's letters: the bits of column and row by turns, the column's first."""
    bits = BITS * cell.length
    x, y = bits - bits // 2, bits // 2  # bits left of each
    number = 0
    for turn in range(bits):
        if turn % 2 == 0:
            x -= 1
            number = number << 1 | cell.column >> x & 1
        else:
            y -= 1
            number = number << 1 | cell.row >> y & 1
    return "".join(LETTERS[number >> BITS * place & 31] for place in range(cell.length - 1, -1, -1))


def cell(text: str) -> Cell:
    """Return the cell of a geohash. Raises `BadHash`."""
    if not 1 <= len(text) <= LENGTH_MAX:
        raise BadHash(f"{text[:20]!r} has {len(text)} letters; a geohash has 1 to {LENGTH_MAX}")
    bits = []
    for letter in text:
        value = LETTERS.find(letter)
        if value < 0:
            raise BadHash(f"{text!r}: {letter!r} is no letter of a geohash ({LETTERS})")
        bits += [value >> place & 1 for place in range(BITS - 1, -1, -1)]
    column = sum(bit << place for place, bit in enumerate(reversed(bits[::2])))
    row = sum(bit << place for place, bit in enumerate(reversed(bits[1::2])))
    return Cell(column, row, len(text))


def corners(text: str) -> tuple[Place, Place]:
    """Return a geohash's corners, south-west and north-east. Raises `BadHash`."""
    found = cell(text)
    width, height = 2 * LON_MAX / found.columns, 2 * LAT_MAX / found.rows
    south, west = found.row * height - LAT_MAX, found.column * width - LON_MAX
    return Place(south, west), Place(south + height, west + width)


def neighbours(text: str) -> list[str]:
    """Return the cells around one, from the north clockwise; at a pole there are fewer than eight."""
    centre = cell(text)
    found = [
        Cell((centre.column + east) % centre.columns, centre.row + north, centre.length)
        for east, north in AROUND
        if 0 <= centre.row + north < centre.rows
    ]
    return list(dict.fromkeys(name(each) for each in found if each != centre))


def length_for(radius_m: float, lat: float) -> int:
    """Return the most letters whose cells a circle cannot jump over; 0 if none, as around a pole."""
    angle = radius_m / EARTH_M
    if angle >= radians(LAT_MAX - abs(lat)):
        return 0
    north, east = degrees(angle), degrees(asin(sin(angle) / cos(radians(lat))))
    for length in range(LENGTH_MAX, 0, -1):
        grid = Cell(0, 0, length)
        if 2 * LAT_MAX / grid.rows >= north and 2 * LON_MAX / grid.columns >= east:
            return length
    return 0
