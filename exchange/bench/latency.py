"""From order to acknowledgement, at 10 % to 90 % of what the exchange can do: where the stick bends.

    capacity      as many orders as it takes, always some waiting: messages/s
    10 % … 90 %   an open loop of that rate, each order timed from when it was due

In one run: first the capacity, then the shares of it, on a real disk with its syncs, HTTP left out. Who
sends shares the process and its lock with the exchange, so a real one's knee lies farther to the right.
Page: docs/exchange/regimes.md
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from chapters.measure import Histogram, poisson
from chapters.sim.clock import S, spell
from chapters.sim.real import RealDisk, WallClock
from exchange.app import Exchange
from exchange.bench.books import SYMBOL, commands
from exchange.errors import Halted
from exchange.flow.order_flow import generate
from exchange.orders import New
from exchange.sequencer import Sequenced, Sequencer

SHARES = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9)
AT_ONCE = 1_000  # orders under way while the capacity is measured
QUICK_S, FULL_S = 0.25, 2.0  # for each share


@dataclass(frozen=True, slots=True)
class Latency:
    """What waiting for an acknowledgement is like at a share of the capacity; times in ns."""

    share: float
    offered_per_s: float
    p50_ns: int
    p99_ns: int
    max_ns: int
    refused: int

    def __str__(self) -> str:
        p50, p99, most = spell(self.p50_ns), spell(self.p99_ns), spell(self.max_ns)
        rate = f"{self.share:>4.0%} of capacity, {self.offered_per_s:>7,.0f} orders/s"
        return f"{rate}: acknowledged in p50 {p50}, p99 {p99}, at most {most}"


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Latency]:
    """Yield the latency at each share of the capacity."""
    yield from stick(QUICK_S if quick else FULL_S, on_progress)


def stick(
    seconds: float, on_progress: Callable[[str], object] = lambda what: None
) -> Iterator[Latency]:
    """Measure the capacity for so many seconds, then each share of it for as long."""
    clock, orders = WallClock(), _orders()
    with TemporaryDirectory() as name, RealDisk(Path(name)) as disk:
        running = Exchange(Sequencer(clock=clock, disk=disk, symbols=[SYMBOL]))
        on_progress("how many orders it takes")
        rate = capacity(running, orders, clock, seconds)
        for share in SHARES:
            on_progress(f"at {share:.0%} of {rate:,.0f} orders/s")
            count = max(100, round(rate * share * seconds))
            due = poisson(Random(7), rate * share, count)
            yield _at(share, running, list(islice(orders, count)), due, clock)
        running.close()


def _orders() -> Iterator[New]:
    """Yield new orders of a plausible market, no two under one name."""
    for day in range(10**6):
        for order in commands(generate(Random(day), 20_000)):
            if isinstance(order, New):
                yield order._replace(client_id=f"{day}-{order.client_id}")


def capacity(running: Exchange, orders: Iterator[New], clock: WallClock, seconds: float) -> float:
    """Return how many orders a second are acknowledged when there are always some waiting."""
    flow = list(islice(orders, AT_ONCE))
    done, busy_ns = 0, 0
    while busy_ns < seconds * S:
        begun = clock.now_ns()
        for future in [running.enter_soon(order) for order in flow]:
            future.result()
        busy_ns += clock.now_ns() - begun
        done += len(flow)
        flow = list(islice(orders, AT_ONCE))  # drawn while the clock does not run
    return done * S / busy_ns


def _at(
    share: float, running: Exchange, flow: Sequence[New], due_ns: Sequence[int], clock: WallClock
) -> Latency:
    """Send each order when it is due, and time its acknowledgement from then on."""
    latencies, refused = Histogram(), 0
    waiting: list[Future[Sequenced]] = []
    start_ns = clock.now_ns()
    for order, due in zip(flow, due_ns, strict=True):
        clock.sleep_until(start_ns + due)
        try:
            future = running.enter_soon(order)
        except Halted:  # more wait than there is room for
            refused += 1
            continue
        future.add_done_callback(partial(_heard, latencies, start_ns + due, clock))
        waiting.append(future)
    for future in waiting:
        future.result()
    offered = len(flow) * S / due_ns[-1]
    p50, p99 = (latencies.percentile(percent) for percent in (50, 99))
    return Latency(share, offered, p50, p99, latencies.max, refused)


def _heard(
    latencies: Histogram, due_ns: int, clock: WallClock, future: "Future[Sequenced]"
) -> None:
    latencies.add(max(0, clock.now_ns() - due_ns))
