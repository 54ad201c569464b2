"""The checks of this chapter's exercises. Page: docs/chapters/measure.md"""

import random
from collections.abc import Callable, Iterable

from chapters.checking import JSON, Case, Stage
from chapters.errors import Definite
from chapters.measure.histogram import Histogram, bucket, highest
from chapters.measure.load import Load, on_time, open_loop, steady
from chapters.sim.clock import MS, VirtualClock


def small_values(rng: random.Random) -> Iterable[Case]:
    return [([0, 1, 2],), ([126, 127, 128, 129],), ([rng.randrange(256) for _ in range(6)],)]


def shared_values(rng: random.Random) -> Iterable[Case]:
    edges = [([2**bits - 1, 2**bits, 2**bits + 1],) for bits in (8, 9, 10, 20)]
    return [*edges, ([rng.randrange(2**40) for _ in range(6)],)]


def buckets(values: list[int]) -> JSON:
    """Number the bucket of each value."""
    return [bucket(value) for value in values]


def indices(rng: random.Random) -> Iterable[Case]:
    return [([0, 127, 128, 255],), ([256, 257, 384],), ([rng.randrange(4000) for _ in range(6)],)]


def tops(chosen: list[int]) -> JSON:
    """Name the greatest value of each bucket."""
    return [highest(index) for index in chosen]


def samples(rng: random.Random) -> Iterable[Case]:
    return [([round(rng.lognormvariate(15, 1)) for _ in range(200)],) for _ in range(3)]


def percentiles(values: list[int]) -> JSON:
    """Report the percentiles of the values."""
    histogram = Histogram(values)
    return {f"p{percent}": histogram.percentile(percent) for percent in (1, 50, 90, 99)}


def quick(rng: random.Random) -> Iterable[Case]:
    return [([10, 20, 30], [1, 2, 3]), ([0, rng.randint(50, 90)], [rng.randint(1, 9), 4])]


def stalls(rng: random.Random) -> Iterable[Case]:
    stall = rng.randint(30, 60)
    return [([0, 10, 20, 30], [1, 35, 1, 1]), ([0, 1, 2, 3, 4, 5], [stall, 1, 1, 1, 1, 1])]


def failures(rng: random.Random) -> Iterable[Case]:
    return [([0, 10, 20], [1, -1, 1]), ([0, 1, 2, 3], [rng.randint(5, 9), -2, -2, 1])]


def requests(due_ms: list[int], service_ms: list[int]) -> JSON:
    """Make each request at its time; a negative service time is a failure. Latencies in ms."""
    clock = VirtualClock()
    serve = _server(clock, service_ms)
    latencies = [on_time(serve, i, due * MS, clock) for i, due in enumerate(due_ms)]
    return [None if each is None else each / MS for each in latencies]


def explain_requests(args: Case, got: JSON, expected: JSON) -> str:
    """Show when each request was due and how long the server took for it."""
    due_ms, service_ms = args
    return (
        f"requests due at {due_ms} ms; the server takes {service_ms} ms (negative: it fails)\n"
        f"latencies {got} ms\nexpected  {expected} ms"
    )


def whole_tests(rng: random.Random) -> Iterable[Case]:
    return [(400, 800, rng.randint(100, 700), 500) for _ in range(3)]


def load_test(rate_per_s: int, count: int, stalled: int, stall_ms: int) -> JSON:
    """Load a server that stalls once: the report's percentiles, in ms."""
    clock = VirtualClock()
    service_ms = [stall_ms if index == stalled else 1 for index in range(count)]
    load = open_loop(_server(clock, service_ms), steady(rate_per_s, count), clock=clock)
    return _in_ms(load)


def summarise(args: Case, got: JSON) -> str:
    """Say what the learner's load test saw."""
    return f"a stall of {args[3]} ms, as your load test reports it: {got}"


def _server(clock: VirtualClock, service_ms: list[int]) -> Callable[[int], None]:
    def serve(index: int) -> None:
        clock.spend(abs(service_ms[index]) * MS)
        if service_ms[index] < 0:
            raise Definite("refused")

    return serve


def _in_ms(load: Load) -> JSON:
    shown = {f"p{p}": load.latency.percentile(p) // MS for p in (50, 90, 99)}
    return {**shown, "max": load.latency.max // MS, "failed": load.failed}


STAGES = {
    "histogram-bucket": [
        Stage("small values have a bucket each", cases=small_values, drive=buckets),
        Stage("larger values share, without gaps", cases=shared_values, drive=buckets),
        Stage("the greatest value of a bucket", cases=indices, drive=tops, needs=()),
        Stage("percentiles are right to 1/128", cases=samples, drive=percentiles, needs=(2, 3)),
    ],
    "coordinated-omission": [
        Stage("a quick server", cases=quick, drive=requests, explain=explain_requests),
        Stage("a server that stalls", cases=stalls, drive=requests, explain=explain_requests),
        Stage(
            "a failed request has no latency",
            cases=failures,
            drive=requests,
            explain=explain_requests,
            needs=(1,),
        ),
        Stage(
            "a whole load test sees the stall",
            cases=whole_tests,
            drive=load_test,
            needs=(2, 3),
            summary=summarise,
        ),
    ],
}
