"""How fast, against what: the servers beside moto and MiniStack, the parts beside their naive versions.

    servers    kit, moto, ministack: each takes its turn at a cell; CPU of all its processes an operation
    cluster    64 MiB at 4+2 over six nodes, ten processes, beside moto's one copy in memory
    parts      coders, signatures, listings, syncs: two pieces of code in one process

Every speed is a ratio of one run whose sides took turns. This store syncs before it answers; the peers
keep objects in memory and sync nothing. Peers are found where `KIT_PEERS` says, never fetched.
Page: docs/s3/speed.md
"""

from collections.abc import Callable, Iterator

from s3.bench import app, parts
from s3.bench.findings import Finding, Missing, Verdict

Told = Callable[[str], object]


def bench(*, quick: bool = False, on_progress: Told = lambda what: None) -> Iterator[Finding]:
    """Yield every ratio and figure as it is measured, each with its goal if it has one."""
    for each in _all(quick, on_progress):
        yield each
        if verdict := Verdict.of(each):
            yield verdict


def _all(quick: bool, on_progress: Told) -> Iterator[Finding]:
    yield from parts.measured(quick, on_progress)
    if not app.PROC.is_dir():
        yield Missing("the servers' CPU", "it is read from /proc, so run this on Linux")
        return
    yield from app.measured(quick, on_progress)
