"""Roads: small networks by hand, random ones in every way, made-up cities beside scipy and RoutingKit."""

from itertools import pairwise
from math import hypot, inf
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from chapters import cli
from chapters.errors import UsageError
from chapters.geo import BadPlace
from zomato.dispatch import story as dispatch
from zomato.dispatch.instance import Instance, Order, Restaurant
from zomato.errors import BadMap, NoWay, UnknownNode
from zomato.roads import story
from zomato.roads import travel as travel_module
from zomato.roads.astar import Astar
from zomato.roads.contraction import Remaining, contract, shortcuts
from zomato.roads.dijkstra import Dijkstra
from zomato.roads.figures import drawn, looked
from zomato.roads.graph import Arc, Graph
from zomato.roads.hierarchy import NEVER, Hierarchy, meet
from zomato.roads.matrix import matrix
from zomato.roads.parts import largest, parts
from zomato.roads.snap import REACH_M, Snap
from zomato.roads.town import planned, town
from zomato.roads.travel import ByRoad
from zomato.scene.imagined import TERMS

ROUTERS = (Dijkstra, Astar, Hierarchy)
SQUARE = [(0, 0), (100, 0), (100, 100), (0, 100)]


def network(*arcs, spots=SQUARE):
    return Graph(spots, [Arc(*each) for each in arcs])


ROUND = network((0, 1, 10), (1, 2, 10), (2, 3, 10), (3, 0, 10), (1, 0, 10), (0, 2, 25))


@st.composite
def networks(draw):
    """Up to nine junctions, any arcs, parallel ones and loops too; times that no crow could beat."""
    count = draw(st.integers(1, 9))
    spots = draw(st.lists(st.tuples(*[st.integers(0, 50)] * 2), min_size=count, max_size=count))
    node = st.integers(0, count - 1)
    arcs = draw(st.lists(st.tuples(node, node, st.integers(1, 30)), max_size=30))
    return network(*arcs, spots=spots)


def truth(graph):
    """How long from each to each, by trying everything (Floyd and Warshall)."""
    count = len(graph)
    ms = [[0 if one == other else inf for other in range(count)] for one in range(count)]
    for arc in graph.arcs():
        ms[arc.tail][arc.head] = min(ms[arc.tail][arc.head], arc.ms)
    for middle in range(count):
        for one in range(count):
            for other in range(count):
                ms[one][other] = min(ms[one][other], ms[one][middle] + ms[middle][other])
    return ms


def takes(graph, nodes):
    """How long a way takes, arc by arc; fails where there is none."""
    quickest = {}
    for arc in graph.arcs():
        quickest[arc[:2]] = min(arc.ms, quickest.get(arc[:2], inf))
    return sum(quickest[pair] for pair in pairwise(nodes))


# By hand ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("router", ROUTERS)
def test_a_way_by_hand(router):
    found = router(ROUND).route(0, 2)
    assert (found.ms, found.nodes) == (20, (0, 1, 2))
    assert router(ROUND).route(2, 1).nodes == (
        2,
        3,
        0,
        1,
    )  # one-way streets lead back the other way
    assert router(ROUND).route(3, 3) == router(ROUND).route(3, 3)
    assert router(ROUND).route(3, 3).nodes == (3,) and router(ROUND).route(3, 3).ms == 0


def test_arcs_are_in_compressed_rows():
    assert ROUND.first == [0, 2, 4, 5, 6] and ROUND.heads == [1, 2, 2, 0, 3, 0]
    assert sorted(each[:3] for each in ROUND.arcs())[0] == (0, 1, 10)
    assert ROUND.metres(0, 2) == hypot(100, 100)


@pytest.mark.parametrize("router", ROUTERS)
def test_what_cannot_be_answered_is_said_in_one_line(router):
    island = network((0, 1, 5), (1, 0, 5), (2, 0, 5))
    for start, goal in ((0, 2), (0, 3), (3, 0)):
        with pytest.raises(NoWay, match=f"no way from node {start} to {goal}"):
            router(island).route(start, goal)
    for start, goal in ((-1, 0), (0, 4), (9, 9)):
        with pytest.raises(UnknownNode, match=r"there is no node (-1|4|9); .* 0 to 3"):
            router(island).route(start, goal)


def test_networks_of_nothing_are_refused_or_empty():
    with pytest.raises(UnknownNode, match="no node 7"):
        network((0, 7, 1))
    assert parts(Graph([], [])) == [] and len(largest(Graph([], []))) == 0
    with pytest.raises(UnknownNode, match="this network is empty"):
        Dijkstra(Graph([], [])).to_all(0)
    with pytest.raises(NoWay):
        matrix(Hierarchy(network((0, 1, 1))), [0], [1, 2])


def test_the_first_junction_in_common_is_not_the_best():
    """0 and 5 meet at 2 first: 5 + 5. Over 3 and 4 it is 7 + 1 + 1."""
    arcs = [(0, 2, 5), (2, 5, 5), (0, 3, 7), (3, 4, 1), (4, 5, 1)]
    graph = network(*arcs, spots=[(n, 0) for n in range(6)])
    assert Hierarchy(graph).route(0, 5).nodes == (0, 3, 4, 5)


# Properties -------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(networks())
def test_all_ways_agree_with_trying_everything(graph):
    ms, routers = truth(graph), [each(graph) for each in ROUTERS]
    for start in range(len(graph)):
        for goal in range(len(graph)):
            for router in routers:
                if ms[start][goal] == inf:
                    with pytest.raises(NoWay):
                        router.route(start, goal)
                    continue
                found = router.route(start, goal)
                assert found.ms == ms[start][goal] == takes(graph, found.nodes)
                assert (found.nodes[0], found.nodes[-1]) == (start, goal)


@settings(max_examples=100, deadline=None)
@given(networks(), st.randoms(use_true_random=False))
def test_to_take_a_junction_away_changes_no_time_between_the_others(graph, rng):
    left, ms = Remaining(graph), truth(graph)
    there = list(range(len(graph)))
    rng.shuffle(there)
    while there:
        node = there.pop()
        needed = shortcuts(left, node)
        left.remove(node)
        for arc in needed:
            left.add(arc)
        arcs = [(a, b, cost) for a in there for b, cost in left.out[a].items()]
        now = truth(network(*arcs, spots=[(0, 0)] * len(graph)))
        assert all(now[a][b] == ms[a][b] for a in there for b in there)


@settings(max_examples=60, deadline=None)
@given(networks())
def test_a_bound_is_never_too_much_and_falls_by_no_more_than_an_arc_takes(graph):
    astar, ms = Astar(graph), truth(graph)
    for goal in range(len(graph)):
        assert all(astar.least_ms(node, goal) <= ms[node][goal] for node in range(len(graph)))
        for arc in graph.arcs():
            assert astar.least_ms(arc.tail, goal) <= arc.ms + astar.least_ms(arc.head, goal)


@settings(max_examples=60, deadline=None)
@given(networks())
def test_the_largest_part_is_one_and_no_other_is_larger(graph):
    ms = truth(graph)
    together = [
        [b for b in range(len(graph)) if ms[a][b] < inf and ms[b][a] < inf]
        for a in range(len(graph))
    ]
    assert sorted(map(sorted, parts(graph))) == sorted(
        {tuple(each): each for each in together}.values()
    )
    kept = largest(graph)
    assert len(kept) == max(map(len, together))
    assert all(each < inf for row in truth(kept) for each in row)


@settings(max_examples=40, deadline=None)
@given(networks())
def test_a_table_is_what_single_questions_say(graph):
    part = largest(graph)
    everybody = range(len(part))
    assert matrix(Hierarchy(part), everybody, everybody) == truth(part)


def test_every_junction_goes_once_and_arcs_lead_upwards():
    made = contract(town(Random(1), 400))
    assert sorted(made.rank) == list(range(len(made.rank)))
    for rows in (made.up, made.down):
        for node, row in enumerate(rows):
            assert all(made.rank[other] > made.rank[node] for other in row)


def test_the_best_meeting_may_lie_far_from_one_end():
    """Stopped where both radii reach the best so far, this would be 10."""
    up = [[(2, 5), (4, 7)], [], [], [], [(3, 1)]]
    down = [[], [(3, 1), (2, 5)], [], [], []]
    hierarchy = Hierarchy(network((0, 1, 1), spots=[(0, 0)] * 5))
    hierarchy.up, hierarchy.down = up, down
    assert meet(hierarchy.outward(0), hierarchy.inward(1)) == (9, 3)
    assert meet(hierarchy.outward(3), hierarchy.inward(0)) == (NEVER, -1)


# Cities -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def city():
    return town(Random(5), 1_500)


def sparse(graph):
    """The network as scipy has it: of parallel arcs the quickest."""
    quickest = {}
    for arc in graph.arcs():
        quickest[arc[:2]] = min(arc.ms, quickest.get(arc[:2], arc.ms))
    tails, heads = zip(*quickest, strict=True)
    return csr_matrix((list(quickest.values()), (tails, heads)), shape=(len(graph),) * 2)


def test_a_city_is_of_one_piece_and_the_same_for_a_seed(city):
    assert 1_300 < len(city) < 1_700
    pieces, _ = connected_components(sparse(city), connection="strong")
    assert pieces == 1
    again = town(Random(5), 1_500)
    assert (again.xs, again.heads, again.ms) == (city.xs, city.heads, city.ms)
    with pytest.raises(UsageError, match="nodes is 99"):
        town(Random(1), 99)


def test_a_city_has_one_way_streets_rings_and_a_river_that_few_roads_cross(city):
    pairs = {each[:2] for each in city.arcs()}
    assert 0.1 < sum((b, a) not in pairs for a, b in pairs) / len(pairs) < 0.5
    assert {"Ring 1", "Ring 2", "Ramp"} < set(city.streets)
    plan = planned(Random(5), 1_500)
    banks = [plan.bank(x, y) for x, y in zip(city.xs, city.ys, strict=True)]
    leaving = {arc.street for arc in city.arcs() if banks[arc.tail] != banks[arc.head]}
    assert leaving and all(name.startswith(("Avenue", "Ring", "Ramp")) for name in leaving)
    assert banks.count(1) > 100 and banks.count(-1) > 100


def test_all_three_find_what_scipy_finds(city):
    rng = Random(3)
    starts = [rng.randrange(len(city)) for _ in range(5)]
    found = dijkstra(sparse(city), indices=starts)
    plain, astar, hierarchy = (each(city) for each in ROUTERS)
    for row, start in enumerate(starts):
        assert plain.to_all(start) == {n: int(ms) for n, ms in enumerate(found[row])}
        for goal in rng.sample(range(len(city)), 60):
            assert hierarchy.ms(start, goal) == found[row][goal] == astar.route(start, goal).ms
            assert takes(city, hierarchy.route(start, goal).nodes) == found[row][goal]


def test_the_hierarchy_looks_at_least_and_astar_at_less_than_dijkstra(city):
    routes = [
        [way.route(a, b) for way in story.routers(city).values()] for a, b in [(3, 900), (40, 1200)]
    ]
    for plain, astar, hierarchy in routes:
        assert 3 * len(hierarchy.looked) < len(astar.looked) < len(plain.looked)


def test_routingkit_agrees(city):
    peer = pytest.importorskip("pyroutingkit", reason="the extra `bench` is not installed")
    arcs, topology = list(city.arcs()), peer.CCHTopology()
    ends = [np.array([each[end] for each in arcs], np.uint32) for end in (0, 1)]
    topology.build(*ends, np.array(city.ys, np.float32), np.array(city.xs, np.float32), len(city))
    metric = peer.CCHMetric(topology)
    metric.customize(np.array([each.ms for each in arcs], np.uint32))
    everybody, hierarchy = list(range(0, len(city), 40)), Hierarchy(city)
    theirs = metric.distances_many_to_many(
        np.array(everybody, np.uint32), np.array(everybody, np.uint32)
    )
    assert np.array_equal(theirs, matrix(hierarchy, everybody, everybody))


@pytest.mark.slow
def test_a_hundred_thousand_junctions_are_contracted_and_exact():
    graph = town(Random(7), 101_000)
    assert len(graph) >= 100_000
    hierarchy, rng = Hierarchy(graph), Random(1)
    for _ in range(5):
        start = rng.randrange(len(graph))
        found = Dijkstra(graph).to_all(start)
        goals = rng.sample(range(len(graph)), 200)
        assert matrix(hierarchy, [start], goals) == [[found[goal] for goal in goals]]
        assert [hierarchy.ms(start, goal) for goal in goals] == [found[goal] for goal in goals]


# Places beside the road, and a dispatcher -------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(st.floats(-1500, 1500), st.floats(-1500, 1500))
def test_a_place_is_snapped_to_the_nearest_junction(x, y):
    node, metres = SNAP.nearest(x, y)
    nearest = min(hypot(a - x, b - y) for a, b in zip(SMALL.xs, SMALL.ys, strict=True))
    assert metres == pytest.approx(nearest, abs=1e-3)
    assert hypot(SMALL.xs[node] - x, SMALL.ys[node] - y) == pytest.approx(nearest, abs=1e-3)


SMALL = town(Random(2), 900)
SNAP = Snap(SMALL)


def test_a_place_outside_is_refused():
    with pytest.raises(
        UnknownNode, match=f"no road within {REACH_M:.0f} m of 9000 m east, 0 m north"
    ):
        SNAP.nearest(9_000, 0)
    with pytest.raises(UsageError, match="over 200 km"):
        SNAP.nearest(3e6, 0)
    with pytest.raises(BadPlace, match="latitude"):
        SNAP.nearest(0, 3e7)
    with pytest.raises(BadPlace, match="nan"):
        SNAP.nearest(float("nan"), 0)


def test_rides_are_by_road_where_a_day_has_roads():
    graph = network((0, 1, 60_000), (1, 0, 240_000), spots=[(0, 0), (400, 0)])
    travel = ByRoad(Hierarchy(graph))
    orders = {"o1": Order("o1", 400, 0, 0, "r1", 10)}
    paved = Instance("paved", TERMS, orders, {}, {"r1": Restaurant("r1", 0, 0)}, travel)
    straight = Instance("straight", TERMS, orders, {}, {"r1": Restaurant("r1", 0, 0)})
    assert (straight.minutes("r1", "o1"), straight.minutes("o1", "r1")) == (2, 2)
    assert (paved.minutes("r1", "o1"), paved.minutes("o1", "r1")) == (1, 4)
    assert paved.minutes("r1", "r1") == 0
    assert travel.minutes((0, 100), (400, 0)) == 1 + 100 / 200
    travel.pace = 2.0
    assert travel.minutes((0, 0), (400, 0)) == 2


def test_ways_found_at_once_are_those_found_one_by_one():
    one, other = ByRoad(Hierarchy(SMALL)), ByRoad(Hierarchy(SMALL))
    rng = Random(4)
    spots = [(rng.uniform(-1500, 1500), rng.uniform(-1500, 1500)) for _ in range(8)]
    one.prepare(spots)
    for a in spots:
        for b in spots:
            assert one.minutes(a, b) == other.minutes(a, b)


def test_ways_that_are_kept_are_bounded(monkeypatch):
    monkeypatch.setattr(travel_module, "KEPT_MAX", 3)
    travel, rng = ByRoad(Hierarchy(SMALL)), Random(4)
    spots = [(rng.uniform(-1500, 1500), rng.uniform(-1500, 1500)) for _ in range(6)]
    once = [travel.minutes(a, b) for a in spots for b in spots]
    assert once == [travel.minutes(a, b) for a in spots for b in spots]
    assert len(travel._ms) <= 3


def test_a_published_day_has_no_roads(capsys):
    assert cli.run(["zomato", "dispatch", "somewhere", "--roads"]) == 2
    assert "leave out --roads" in capsys.readouterr().err


def test_a_day_is_dispatched_by_road():
    by_road, straight = (
        dict(dispatch.compared(seed=7, orders=30, riders=10, roads=roads))
        for roads in (True, False)
    )
    assert all(found.delivered == 30 for found in by_road.values())
    assert by_road != straight


# The demonstration ------------------------------------------------------------------------------


def test_the_demonstration_prints_three_ways_that_agree_and_draws_them(capsys, tmp_path):
    story.demo(nodes=400, pairs=10, svg=str(tmp_path / "ways.svg"))
    out = capsys.readouterr().out
    assert "10 of 10 are as long in all three ways" in out and "diagonal as above" in out
    drawing = (tmp_path / "ways.svg").read_text("utf-8")
    assert drawing.count("<use ") == 3 and "Contraction hierarchy" in drawing
    with pytest.raises(UsageError, match="choose another place with --svg"):
        story.demo(nodes=100, pairs=1, svg=str(tmp_path / "no" / "folder.svg"))
    with pytest.raises(UsageError, match="pairs"):
        story.demo(pairs=0)


def test_whoever_trusts_straight_lines_is_deceived_by_a_river_and_not_on_a_plain():
    plain = [(0, 1, 10), (1, 0, 10), (1, 2, 10), (2, 1, 10)]
    assert (
        story.deceived(Hierarchy(network(*plain, spots=[(0, 0), (1, 0), (2, 0)])), Random(1)) == 0
    )
    assert story.deceived(Hierarchy(SMALL), Random(1)) > 20


def test_the_figure_is_the_same_each_time_and_no_larger_than_a_page_can_bear():
    assert looked() == looked() and len(looked()) < 300_000


def test_a_map_is_credited_in_its_drawing():
    route = Dijkstra(ROUND).route(0, 2)
    assert "© somebody" in drawn(ROUND, {"dijkstra": route}, "© somebody")


def test_a_map_that_is_not_there_is_named():
    with pytest.raises(BadMap, match=r"nowhere\.osm\.pbf"):
        story.demo(map="nowhere.osm.pbf")
