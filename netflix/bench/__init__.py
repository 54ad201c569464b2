"""How fast, how true: ladders beside the fixed one, sessions beside a reference, caches beside a library.

    abr      agreement with Sabre's figures, CPU a title, beside a simulator that walks in small steps
    encode   what a ladder of its own saves a title, at equal VMAF
    cdn      what moves when an edge leaves; the busiest hour with a fill, beside that without
    shed     people answered through a surge of prefetch, with shedding and without
    recs     models beside popularity on MovieLens
    cache    hit ratios and requests a second beside libcachesim

Every speed is a ratio of one run whose sides took turns. Page: docs/netflix/speed.md
"""

from collections.abc import Callable, Iterator

from netflix.bench import abr, cache, cdn, encode, recs, shed


def bench(
    *, quick: bool = False, on_progress: Callable[[str], object] = lambda what: None
) -> Iterator[object]:
    """Yield every ratio and figure as it is measured, each with its goal if it has one."""
    yield from abr.cells(quick, on_progress)
    yield from cache.cells(quick, on_progress)
    yield from cdn.cells(quick, on_progress)
    yield from shed.cells(quick, on_progress)
    yield from recs.cells(quick, on_progress)
    yield from encode.cells(quick, on_progress)
