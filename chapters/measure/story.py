"""The same server measured twice: a polite tester reports 1 ms, an honest one reports a second.

The server needs 1 ms a request and stalls once, for a second, as for a garbage collection. The
closed loop waits for it and therefore asks one slow question; the open loop keeps asking, as
customers do. Everything is virtual time, so the difference is no noise.
Page: docs/chapters/measure.md
"""

from collections.abc import Callable

from chapters.measure.histogram import Histogram, bucket, highest
from chapters.measure.load import Load, closed_loop, open_loop, poisson
from chapters.measure.plot import Axes, lines, sparkline
from chapters.sim.chance import Chance
from chapters.sim.clock import MS, S, VirtualClock, spell
from chapters.sim.errors import at_least
from chapters.sim.promises import Series

PERCENTS = (50.0, 90.0, 99.0, 99.9)
_COLUMNS = 60


def stalling_server(
    clock: VirtualClock, *, service_ns: int = MS, stall_at_ns: int = 2 * S, stall_ns: int = S
) -> Callable[[int], None]:
    """Return a server that answers after `service_ns`, except that it once stalls."""
    stalls = [stall_at_ns]

    def serve(index: int) -> None:
        if stalls and clock.now_ns() >= stalls[0]:
            stalls.pop()
            clock.spend(stall_ns)
        clock.spend(service_ns)

    return serve


def measure_both(
    seed: int, rate_per_s: int, seconds: int, stall_ms: int
) -> tuple[Load, Load, list[int]]:
    """Return the closed loop's and the open loop's report, and the open loop's latencies."""
    count = rate_per_s * seconds
    closed_clock, open_clock = VirtualClock(), VirtualClock()
    closed_server = stalling_server(closed_clock, stall_ns=stall_ms * MS)
    closed = closed_loop(closed_server, count, clock=closed_clock)
    due = poisson(Chance(seed).stream("arrivals"), rate_per_s, count)
    server = stalling_server(open_clock, stall_ns=stall_ms * MS)
    seen: list[int] = []

    def watched(index: int) -> None:
        server(index)
        seen.append(open_clock.now_ns() - due[index])

    return closed, open_loop(watched, due, clock=open_clock), seen


def demo(*, seed: int = 7, rate_per_s: int = 400, seconds: int = 10, stall_ms: int = 1000) -> None:
    """Measure a server that stalls once, politely and honestly."""
    at_least(1, rate_per_s=rate_per_s, seconds=seconds)
    at_least(0, stall_ms=stall_ms)
    closed, opened, seen = measure_both(seed, rate_per_s, seconds, stall_ms)
    print(f"a server of 1 ms a request that stalls once, for {stall_ms} ms\n")
    print(f"  {'':>8}{'closed loop':>14}{'open loop':>14}")
    for percent in PERCENTS:
        shown = [spell(load.latency.percentile(percent)) for load in (closed, opened)]
        print(f"  p{percent:<7g}{shown[0]:>14}{shown[1]:>14}")
    print(f"  {'max':<8}{spell(closed.latency.max):>14}{spell(opened.latency.max):>14}")
    print(f"  {'slow':<8}{_slow(closed.latency):>14}{_slow(opened.latency):>14}")
    every = max(1, len(seen) // _COLUMNS)
    worst = [max(seen[index : index + every]) for index in range(0, len(seen), every)]
    print(f"\n  open loop, worst latency over time  {sparkline(worst)}")
    if stall_ms:
        print(
            "  The closed loop stopped asking while the server stood still: coordinated omission."
        )


def _slow(latency: Histogram) -> str:
    """Return how many requests took more than 10 ms."""
    slow = sum(count for top, count in latency.buckets() if top > 10 * MS)
    return f"{slow}/{latency.count}"


def latency_plot() -> str:
    """Return an SVG of both testers' latency by percentile."""
    closed, opened, _ = measure_both(7, 400, 10, 1000)
    return lines(
        Axes("One server, two testers", "requests, from fastest to slowest (%)", "latency (ms)"),
        _by_percentile("closed loop: asks when answered", closed.latency),
        _by_percentile("open loop: asks when due", opened.latency),
    )


def error_plot() -> str:
    """Return an SVG of how much too high the histogram can be, by the size of the value."""
    indices = range(2, bucket(100_000))
    lowest = [highest(index - 1) + 1 for index in indices]
    points = tuple(
        (least, 100 * (highest(index) / least - 1))
        for index, least in zip(indices, lowest, strict=True)
    )
    return lines(
        Axes(
            "The price of a small histogram",
            "value (ns, logarithmic)",
            "error at worst (%)",
            x_log=True,
        ),
        Series("worst case", "%", points),
    )


def _by_percentile(label: str, latency: Histogram) -> Series:
    percents = [percent / 2 for percent in range(1, 201)]
    points = tuple((percent, latency.percentile(percent) / MS) for percent in percents)
    return Series(label, "ms", points)
