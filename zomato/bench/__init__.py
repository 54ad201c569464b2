"""How fast, how true: dispatch on published days beside what was published, places beside Valkey.

    dispatch   click to door and pay on published instances, every rule checked
    near       the ten nearest of 100,000, by a grid, beside Valkey's GEO commands
    surge      swing and service of a damped price, beside at once and fixed
    taste      lists that know the hour, beside popularity and beside an oracle

Every speed is a ratio of one run. Page: docs/zomato/speed.md
"""

from collections.abc import Callable, Iterator

from zomato.bench import days, near, surge, taste


def bench(
    *, quick: bool = False, on_progress: Callable[[str], object] = lambda what: None
) -> Iterator[object]:
    """Yield every ratio and figure as it is measured, each with its goal if it has one."""
    yield from days.cells(quick, on_progress)
    yield from near.cells(quick, on_progress)
    yield from surge.cells(quick, on_progress)
    yield from taste.cells(quick, on_progress)
