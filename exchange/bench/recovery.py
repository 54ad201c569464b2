"""How long an exchange is away: a journal replayed with and without a snapshot, and a takeover.

Page: docs/exchange/standby.md
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from chapters.measure.findings import Figure, Finding
from chapters.measure.ratio import Ratio, compare
from chapters.sim.clock import S
from chapters.sim.real import RealDisk, WallClock
from exchange.bench.books import SYMBOL, commands
from exchange.breaking.stations import lengths_ms
from exchange.flow.order_flow import generate
from exchange.sequencer import Sequencer

QUICK, FULL = ((2_000, 8_000), 3), ((20_000, 80_000), 5)  # commands in the journal, rounds
TAKEOVERS_QUICK, TAKEOVERS_FULL = 2, 10
TAKEOVER_MS_MAX = 500
BATCH = 1_000


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield the ratios of this file."""
    lengths, rounds = QUICK if quick else FULL
    on_progress("recovery with a snapshot and without")
    for length in lengths:
        yield with_snapshot(length, rounds=rounds)
    yield Figure("commands replayed", per_second(lengths[-1]), "/s")
    on_progress("takeovers of real processes")
    took = sorted(lengths_ms(TAKEOVERS_QUICK if quick else TAKEOVERS_FULL))
    yield Figure("a takeover, the middle one", took[len(took) // 2], "ms", most=TAKEOVER_MS_MAX)


def with_snapshot(length: int, *, rounds: int) -> Ratio:
    """Compare opening a journal of `length` commands with a snapshot of its end and from the beginning."""
    with TemporaryDirectory() as name:
        plain, saved = Path(name, "plain"), Path(name, "saved")
        _fill(plain, length, saves=False)
        _fill(saved, length, saves=True)
        return compare(
            lambda: opened(saved),
            lambda: opened(plain),
            rounds=rounds,
            names=(f"recovery of {length:,} with a snapshot", "without one"),
        )


def per_second(length: int) -> float:
    """Return how many commands a second are replayed."""
    with TemporaryDirectory() as name:
        _fill(Path(name), length, saves=False)
        clock = WallClock()
        began_ns = clock.now_ns()
        count = opened(Path(name))
        return count * S / (clock.now_ns() - began_ns)


def _fill(folder: Path, length: int, *, saves: bool) -> None:
    flow = list(commands(generate(Random(7), length)))
    with RealDisk(folder) as disk:
        sequencer = Sequencer(clock=WallClock(), disk=disk, symbols=[SYMBOL])
        for start in range(0, len(flow), BATCH):
            sequencer.submit(flow[start : start + BATCH])
        if saves:
            sequencer.snapshot()


def opened(folder: Path) -> int:
    """Open an exchange; return how many commands it had to apply."""
    with RealDisk(folder) as disk:
        return Sequencer(clock=WallClock(), disk=disk, symbols=[SYMBOL]).recovered
