"""Roads under a day that was made up on an empty plane.

The riders' pace is set so that a ride takes as long as in straight lines, on average. What is left is what
roads do beyond that: a restaurant across the river is far, and there is not as far as back.
Page: docs/zomato/roads.md
"""

from math import ceil, hypot
from random import Random

from zomato.dispatch.instance import Instance
from zomato.roads.graph import Graph
from zomato.roads.hierarchy import Hierarchy
from zomato.roads.town import BLOCK_M, town
from zomato.roads.travel import ByRoad
from zomato.scene.imagined import SIZE_M


def paved(rng: Random, instance: Instance) -> ByRoad:
    """Return how an imagined day rides by road; its ways are found beforehand, all at once."""
    made = town(rng, ceil(SIZE_M / BLOCK_M) ** 2)
    travel = ByRoad(Hierarchy(moved(made, SIZE_M / 2, SIZE_M / 2)))
    everybody = (instance.orders, instance.restaurants, instance.riders)
    travel.prepare((each.x, each.y) for some in everybody for each in some.values())
    rides = [
        (
            (instance.restaurants[each.restaurant].x, instance.restaurants[each.restaurant].y),
            (each.x, each.y),
        )
        for each in instance.orders.values()
    ]
    straight_m = sum(hypot(a - x, b - y) for (a, b), (x, y) in rides)
    by_road_min = sum(travel.minutes(*ride) for ride in rides)
    travel.pace = straight_m / instance.terms.metres_a_minute / by_road_min
    return travel


def moved(graph: Graph, x: float, y: float) -> Graph:
    """Return the same network, so many metres further east and north."""
    spots = [(a + x, b + y) for a, b in zip(graph.xs, graph.ys, strict=True)]
    return Graph(spots, graph.arcs())
