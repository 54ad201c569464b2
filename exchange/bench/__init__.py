"""How fast, against what: every figure is a ratio of two programs that took turns in one process.

    books   the book beside other books, the engine beside the book, hostile flows
    entry   replaying a journal beside handing in its orders
    feed    a feed in bytes beside JSON, a ring beside sockets, one feed beside a queue for each
    clearing  what netting saves; surveillance beside the engine
    fix     FIX round trips beside those of QuickFIX
    native  the engine compiled, beside the same engine as it is
    risk    the engine with limits of each kind, beside the engine without any
    recovery  opening a journal with a snapshot beside without; takeovers
    latency from order to acknowledgement, at shares of the capacity

Page: docs/exchange/speed.md
"""

from collections.abc import Callable, Iterator

from exchange.bench import books, clearing, entry, feed, fix, latency, native, recovery, risk


def bench(
    *, quick: bool = False, on_progress: Callable[[str], object] = lambda what: None
) -> Iterator[object]:
    """Yield every ratio and figure as it is measured; `quick` takes seconds instead of minutes."""
    yield from books.cells(quick, on_progress)
    yield from entry.cells(quick, on_progress)
    yield from feed.cells(quick, on_progress)
    yield from native.cells(quick, on_progress)
    yield from risk.cells(quick, on_progress)
    yield from clearing.cells(quick, on_progress)
    yield from fix.cells(quick, on_progress)
    yield from recovery.cells(quick, on_progress)
    yield from latency.cells(quick, on_progress)
