"""How fast, how true: search beside tantivy, starts beside the figure of 2010, taste beside implicit.

    search   queries a CPU-second, the slowest of a hundred, and hits with a mistake in each word
    start    from tap to sound on a simulated line, with what is at hand and without
    near     the nearest artists, by two indexes and by looking at all
    taste    models on what 1,892 people heard, each one's share that was hidden

Every speed is a ratio of one run whose sides took turns. Page: docs/spotify/speed.md
"""

from collections.abc import Callable, Iterator

from spotify.bench import near, search, start, taste


def bench(
    *, quick: bool = False, on_progress: Callable[[str], object] = lambda what: None
) -> Iterator[object]:
    """Yield every ratio and figure as it is measured, each with its goal if it has one."""
    yield from search.cells(quick, on_progress)
    yield from start.cells(quick, on_progress)
    yield from near.cells(quick, on_progress)
    yield from taste.cells(quick, on_progress)
