"""What the exercises on places check: letters of a place, cells next door, and rings that are enough.

Page: docs/chapters/geo.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.geo import geohash
from chapters.geo.brute import Brute
from chapters.geo.grid import Grid
from chapters.geo.place import Place
from chapters.geo.plane import Plane

CITY = (12.9716, 77.5946)


def letters(lat: float, lon: float, length: int) -> JSON:
    """Return the geohash of a place."""
    return geohash.encode(Place(lat, lon), length)


def around(text: str) -> JSON:
    """Return the neighbours of a cell."""
    return geohash.neighbours(text)


def nearest(cell_m: float, spots: list[list[float]], asked: list[float], count: int) -> JSON:
    """Put places at metres from the middle of a city into a grid; return who is nearest, and how near."""
    plane = Plane(Place(*CITY))
    grid = Grid(plane, cell_m)
    for number, spot in enumerate(spots):
        grid.put(f"r{number}", plane.place(*spot))
    found = grid.nearest(plane.place(*asked), count)
    return [[each.id, round(each.metres, 3)] for each in found]


def spared(cell_m: float, seed: str, count: int) -> JSON:
    """Ask a grid of 2,000 places; return whether it is right, and looked at less than a tenth."""
    rng, plane = Random(seed), Plane(Place(*CITY))
    grid, brute = Grid(plane, cell_m), Brute(plane)
    for number in range(2_000):
        place = plane.place(rng.uniform(-3000, 3000), rng.uniform(-3000, 3000))
        grid.put(f"r{number}", place)
        brute.put(f"r{number}", place)
    asked = plane.place(rng.uniform(-2000, 2000), rng.uniform(-2000, 2000))
    return [grid.nearest(asked, count) == brute.nearest(asked, count), grid.looked < 200]


def explain_spared(args: Case, got: JSON, expected: JSON) -> str:
    """Say what the two answers are."""
    return f"equal to looking at all 2,000, looked at fewer than 200: {got}; both must be true"


def one_letter(rng: Random) -> Iterator[Case]:
    yield 42.605, -5.603, 1
    yield 57.64911, 10.40744, 1
    for _ in range(4):
        yield round(rng.uniform(-89, 89), 4), round(rng.uniform(-179, 179), 4), 1


def many_letters(rng: Random) -> Iterator[Case]:
    yield 42.605, -5.603, 5
    yield 57.64911, 10.40744, 11
    for length in (2, 3, 6, 9, 12):
        yield round(rng.uniform(-89, 89), 4), round(rng.uniform(-179, 179), 4), length


def at_the_rim(rng: Random) -> Iterator[Case]:
    for lat in (-90.0, 90.0):
        yield lat, round(rng.uniform(-179, 179), 4), rng.randint(2, 9)
    for lon in (-180.0, 180.0):
        yield round(rng.uniform(-89, 89), 4), lon, rng.randint(2, 9)


def inland(rng: Random) -> Iterator[Case]:
    yield ("ezs42",)
    yield ("tdr1v",)
    for length in (3, 4, 7):
        place = Place(rng.uniform(-60, 60), rng.uniform(-150, 150))
        yield (geohash.encode(place, length),)


def date_line(rng: Random) -> Iterator[Case]:
    for lon in (-179.9999, 179.9999):
        for length in (2, 5):
            yield (geohash.encode(Place(rng.uniform(-60, 60), lon), length),)


def poles(rng: Random) -> Iterator[Case]:
    for lat in (-89.9999, 89.9999):
        for length in (1, 4):
            yield (geohash.encode(Place(lat, rng.uniform(-150, 150)), length),)


def spread(rng: Random, size: float, count: int) -> list[JSON]:
    """Return metres east and north of so many."""
    return [[round(rng.uniform(-size, size), 1) for _ in "xy"] for _ in range(count)]


def crowds(rng: Random) -> Iterator[Case]:
    for count in (1, 5):
        yield 100, spread(rng, 400, 60), [round(rng.uniform(-200, 200), 1) for _ in "xy"], count


def across_borders(rng: Random) -> Iterator[Case]:
    """One in the own square, far; another beyond a border, near."""
    yield 100, [[95, 95], [-2, 5]], [5, 5], 1
    yield 100, [[90, 50], [-5, 50]], [5, 50], 1
    yield 100, [[50, 50], [110, 50]], [95, 50], 1
    yield 100, [[95, 95], [50, -5], [205, 50]], [50, 5], 2
    for _ in range(4):
        yield 100, spread(rng, 150, 6), [rng.randint(1, 99), rng.randint(1, 99)], rng.randint(1, 3)


def few(rng: Random) -> Iterator[Case]:
    yield 100, [], [0, 0], 3
    yield 100, spread(rng, 5000, 3), [0, 0], 5
    yield 50, [[-9000, 9000]], [9000, -9000], 1


def large(rng: Random) -> Iterator[Case]:
    for cell_m in (100, 250):
        yield cell_m, f"{rng.random():.6f}", rng.randint(3, 12)


STAGES = {
    "geohash": [
        Stage("one letter: five halvings, east first", one_letter, letters),
        Stage("longer ones: the bits go on by turns across letters", many_letters, letters),
        Stage("at the poles and at 180 degrees", at_the_rim, letters),
    ],
    "neighbours": [
        Stage("eight of them, from the north clockwise", inland, around),
        Stage("at 180 degrees east begins the west", date_line, around),
        Stage("beyond a pole there is nobody", poles, around),
    ],
    "nearest": [
        Stage("the nearest of many, and how near they are", crowds, nearest),
        Stage("somebody beyond a border may be nearer", across_borders, nearest),
        Stage("fewer than were asked for, and far away", few, nearest),
        Stage("and most of them are not looked at", large, spared, explain=explain_spared),
    ],
}
