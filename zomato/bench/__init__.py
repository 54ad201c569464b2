"""How fast, how true: dispatch beside what was published, places beside Valkey, search judged by customers.

    dispatch   click to door and pay on published instances, every rule checked
    money      evenings in bad weather, mistakes that are noticed, a city's day of 30,000 orders
    near       the ten nearest of 100,000, by a grid, beside Valkey's GEO commands
    search     NDCG@10 of its order, questions a second, and what a refresh costs
    sessions   ten thousand who follow an order each, at one gateway, that is killed
    ways       roads of 100,000 junctions: the hierarchy beside Dijkstra's algorithm and RoutingKit
    estimates  when it will be here: how far off, how often the range holds
    surge      swing and service of a damped price, beside at once and fixed
    taste      lists that know the hour, beside popularity and beside an oracle

Every speed is a ratio of one run. Page: docs/zomato/speed.md
"""

from collections.abc import Callable, Iterator

from zomato.bench import days, estimates, money, near, search, sessions, surge, taste, ways


def bench(
    *, quick: bool = False, on_progress: Callable[[str], object] = lambda what: None
) -> Iterator[object]:
    """Yield every ratio and figure as it is measured, each with its goal if it has one."""
    yield from days.cells(quick, on_progress)
    yield from near.cells(quick, on_progress)
    yield from money.cells(quick, on_progress)
    yield from search.cells(quick, on_progress)
    yield from sessions.cells(quick, on_progress)
    yield from ways.cells(quick, on_progress)
    yield from estimates.cells(quick, on_progress)
    yield from surge.cells(quick, on_progress)
    yield from taste.cells(quick, on_progress)
