"""Places, letters, boxes and squares: published values, and everybody looked at."""

import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.errors import UsageError
from chapters.geo import (
    BadHash,
    BadPlace,
    Brute,
    FarAway,
    Grid,
    Place,
    Plane,
    Prefixes,
    Quadtree,
    geohash,
    story,
)
from chapters.geo.figures import boxes
from chapters.geo.place import EARTH_M, metres, turned
from chapters.geo.quadtree import LEAF

CITY = Place(12.9716, 77.5946)
PLACES = st.builds(Place, st.floats(-90, 90), st.floats(-180, 180))


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [  # quarters of great circles, and Berlin to Paris
        (Place(0, 0), Place(0, 90), math.pi / 2 * EARTH_M / 1000),
        (Place(90, 0), Place(0, 123), math.pi / 2 * EARTH_M / 1000),
        (Place(-90, 0), Place(90, 0), math.pi * EARTH_M / 1000),
        (Place(52.52, 13.405), Place(48.8566, 2.3522), 877.5),
    ],
)
def test_a_distance_is_that_on_the_sphere(one, other, km):
    assert metres(one, other) / 1000 == pytest.approx(km, rel=1e-3)
    assert metres(other, one) == metres(one, other) and metres(one, one) == 0


@pytest.mark.parametrize(
    ("lat", "lon", "said"),
    [
        (91, 0, r"latitude is 91; it must be -90 to 90 \(are latitude and longitude swapped\?\)"),
        (400, 0, "latitude is 400; it must be -90 to 90$"),
        (0, 180.5, "longitude is 180.5"),
        (math.nan, 0, "latitude is nan"),
        (0, math.inf, "longitude is inf"),
    ],
)
def test_what_is_not_on_earth_is_refused(lat, lon, said):
    with pytest.raises(BadPlace, match=said):
        Place(lat, lon)


@given(
    st.floats(-60, 60), st.floats(-180, 180), st.floats(-17_000, 17_000), st.floats(-17_000, 17_000)
)
def test_a_city_is_flat_to_a_hundredth(lat, lon, x, y):
    plane = Plane(Place(lat, lon))
    place = plane.place(x, y)
    assert plane.xy(place) == pytest.approx((x, y), abs=1e-4)
    assert metres(plane.origin, place) == pytest.approx(math.hypot(x, y), rel=0.01, abs=1e-3)


@pytest.mark.parametrize(("lat", "off"), [(12.97, 0.001), (60.17, 0.007)])
def test_how_far_off_a_plane_is_at_the_rim_of_a_city(lat, off):
    plane = Plane(Place(lat, 25))
    place = plane.place(17_000, 17_000)
    assert abs(metres(plane.origin, place) / math.hypot(17_000, 17_000) - 1) < off


def test_a_plane_ends():
    with pytest.raises(FarAway, match="over 200 km"):
        Plane(CITY).xy(Place(28.6, 77.2))


# Letters ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lat", "lon", "text"),
    [  # Wikipedia, "Geohash"
        (42.605, -5.603, "ezs42"),
        (57.64911, 10.40744, "u4pruydqqvj"),
        (-25.382708, -49.265506, "6gkzwgjzn820"),
        (0, 0, "s"),
        (90, 180, "b"),
        (-90, -180, "0"),
    ],
)
def test_a_place_has_the_letters_that_others_give_it(lat, lon, text):
    assert geohash.encode(Place(lat, lon), len(text)) == text
    south_west, north_east = geohash.corners(text)
    assert south_west.lat <= lat <= north_east.lat
    assert south_west.lon <= lon <= north_east.lon or lon == 180


@given(PLACES, st.integers(1, 12))
def test_the_middle_of_a_cell_has_the_cells_letters(place, length):
    text = geohash.encode(place, length)
    south_west, north_east = geohash.corners(text)
    middle = Place((south_west.lat + north_east.lat) / 2, (south_west.lon + north_east.lon) / 2)
    assert geohash.encode(middle, length) == text
    assert text.startswith(geohash.encode(place, max(1, length - 1)))


@given(PLACES, st.integers(1, 12))
def test_neighbours_touch_and_name_each_other(place, length):
    own = geohash.encode(place, length)
    around = geohash.neighbours(own)
    centre = geohash.cell(own)
    is_rim = centre.row in (0, centre.rows - 1)
    assert len(around) == (5 if is_rim else 8) and own not in around
    for each in around:
        assert own in geohash.neighbours(each)
        other = geohash.cell(each)
        east = abs(other.column - centre.column)
        assert min(east, centre.columns - east) <= 1 and abs(other.row - centre.row) <= 1


def test_neighbours_across_the_date_line_and_at_the_pole():
    assert geohash.neighbours("ezs42") == [
        "ezs48", "ezs49", "ezs43", "ezs41", "ezs40", "ezefp", "ezefr", "ezefx",
    ]  # fmt: skip
    fiji, beyond = Place(-17, 179.99999), Place(-17, -179.99999)
    assert geohash.encode(beyond, 6) in geohash.neighbours(geohash.encode(fiji, 6))
    assert metres(fiji, beyond) < 3
    assert geohash.neighbours("z") == ["b", "8", "x", "w", "y"]


@pytest.mark.parametrize("text", ["", "a", "ezs4!", "EZS42", "0" * 13])
def test_what_is_no_geohash_is_refused(text):
    with pytest.raises(BadHash):
        geohash.cell(text)
    with pytest.raises(BadHash, match="1 to 12"):
        geohash.encode(CITY, 13)


@settings(max_examples=300)
@given(PLACES, st.floats(1, 3_000_000), st.floats(0, 2 * math.pi), st.floats(0, 1))
def test_a_circle_is_within_the_cells_around(place, radius_m, bearing, share):
    length = geohash.length_for(radius_m, place.lat)
    other = moved(place, share * radius_m * 0.999, bearing)
    if length:
        own = geohash.encode(place, length)
        assert geohash.encode(other, length) in [own, *geohash.neighbours(own)]


def moved(place: Place, distance_m: float, bearing: float) -> Place:
    """The place at a distance and bearing from another one, on the sphere."""
    lat, angle = math.radians(place.lat), distance_m / EARTH_M
    north = math.asin(
        math.sin(lat) * math.cos(angle) + math.cos(lat) * math.sin(angle) * math.cos(bearing)
    )
    east = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(lat),
        math.cos(angle) - math.sin(lat) * math.sin(north),
    )
    return Place(math.degrees(north), turned(place.lon + math.degrees(east)))


# Indexes ----------------------------------------------------------------------------------------

SPOTS = st.one_of(
    st.tuples(st.floats(-5000, 5000), st.floats(-5000, 5000)),
    st.tuples(
        st.integers(-3, 3).map(lambda n: n * 250.0), st.integers(-3, 3).map(lambda n: n * 250.0)
    ),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "put", "put", "remove"]), st.integers(0, 30), SPOTS),
    max_size=60,
)


@settings(max_examples=150)
@given(STEPS, SPOTS, st.integers(1, 12))
def test_grid_and_quadtree_find_what_looking_at_everybody_finds(steps, asked, count):
    plane = Plane(CITY)
    brute = Brute(plane)
    others = (Grid(plane), Grid(plane, 40), Quadtree(plane))
    for what, number, spot in steps:
        for index in (brute, *others):
            if what == "put":
                index.put(f"r{number}", plane.place(*spot))
            else:
                index.remove(f"r{number}")
    expected = brute.nearest(plane.place(*asked), count)
    for index in others:
        assert index.nearest(plane.place(*asked), count) == expected


@settings(max_examples=60)
@given(STEPS, SPOTS, st.integers(1, 12))
def test_geohashes_in_order_find_the_nearest_on_the_sphere(steps, asked, count):
    plane, index, at = Plane(Place(60.17, 179.99)), Prefixes(), {}
    for what, number, spot in steps:
        if what == "put":
            at[f"r{number}"] = plane.place(*spot)
            index.put(f"r{number}", at[f"r{number}"])
        else:
            at.pop(f"r{number}", None)
            index.remove(f"r{number}")
    place = plane.place(*asked)
    expected = sorted((metres(place, each), id) for id, each in at.items())[:count]
    assert [(each.metres, each.id) for each in index.nearest(place, count)] == expected


def test_near_a_pole_and_around_the_world_all_are_found():
    index = Prefixes()
    rng = Random(3)
    places = {f"{n}": Place(rng.uniform(-90, 90), rng.uniform(-180, 180)) for n in range(300)}
    for id, place in places.items():
        index.put(id, place)
    for asked in (Place(90, 0), Place(-89.9, 77), Place(0, 180), Place(12, -179.9)):
        expected = sorted((metres(asked, each), id) for id, each in places.items())[:7]
        assert [(each.metres, each.id) for each in index.nearest(asked, 7)] == expected
        assert len(index.nearest(asked, 1000)) == 300
        around = index.within(asked, 2_000_000)
        everybody = sorted((metres(asked, place), id) for id, place in places.items())
        assert [each.id for each in around] == [id for far, id in everybody if far <= 2_000_000]


def test_many_at_one_spot_divide_no_box_for_ever():
    plane = Plane(CITY)
    tree = Quadtree(plane)
    for number in range(200):
        tree.put(f"{number:03}", CITY)
    assert [each.id for each in tree.nearest(CITY, 3)] == ["000", "001", "002"]
    tree.put("far", plane.place(9000, 9000))
    assert tree.nearest(plane.place(8000, 9000), 1)[0].id == "far"


def test_boxes_hold_sixteen_and_are_small_where_many_are():
    plane = Plane(CITY)
    tree = Quadtree(plane)
    for number, place in enumerate(story.city(Random(1), 2000, plane)):
        tree.put(f"{number}", place)
    leaves = tree.leaves()
    assert max(len(box.spots) for box in leaves) <= LEAF
    assert sum(len(box.spots) for box in leaves) == 2000
    assert len({box.half for box in leaves}) > 4


def test_a_grid_looks_at_few_and_everybody_in_the_same_cell_is_not_enough():
    plane, rng = Plane(CITY), Random(5)
    ways = story.indexes(plane, 250)
    for number, place in enumerate(story.city(rng, 5000, plane)):
        for index in ways.values():
            index.put(f"{number}", place)
    right = story.compared(ways, story.city(rng, 50, plane), 10)
    everybody, own_cell, around, quadtree, grid = right.values()
    assert everybody == quadtree == grid == 10 and around > 9.8 and own_cell < 7
    assert ways["grid of 250 m"].looked < 0.05 * ways["everybody"].looked


def test_the_demonstration_prints_its_table(capsys):
    story.demo(riders=500, questions=20)
    assert capsys.readouterr().out.count("10.00") >= 3
    with pytest.raises(UsageError, match="cell"):
        story.demo(cell=0)


def test_the_drawing_shows_boxes_and_riders():
    assert boxes().count("<circle") == 1500 and boxes().count("<rect") > 100
