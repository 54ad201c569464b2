"""What the store was asked lately: how often, for which keys, and how that went.

    60 buckets of one second        ─ ─ ▂ ▅ █ ▆ ▂ ─      requests, and of each second the busiest prefixes
    the last 200 requests           GetObject photos/a.jpg 200 0.6 ms

Bounds: `SECONDS` × `PREFIXES_MAX` counters and `LOG_MAX` lines, however much is asked; a prefix that comes
when a second's table is full is not counted for that second. Cost: some 2 µs a request.
Page: docs/s3/console.md
"""

from collections import Counter, deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from random import Random

from chapters.sim.clock import Clock, S
from s3.errors import Refused
from s3.http import Request, Response
from s3.metadata.keys import object_key
from s3.metadata.partitions import Partitions
from s3.routes import operation_of
from s3.service import Service

SECONDS = 60
HOT_S = 10  # what "lately" means for prefixes
HOT_SHOWN = 8
PREFIXES_MAX = 100  # counted in one second
LOG_MAX = 200
RANGE_RATE_MAX = 10.0  # requests a second at which a range of keys is split; S3 takes 3,500

Answer = Callable[[Service, Request], Response]


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that was answered; `number` counts them, `took_ms` is up to the first byte."""

    number: int
    at_ms: int
    operation: str
    path: str
    bucket: str
    status: int
    took_ms: float


@dataclass(slots=True)
class _Second:
    at_s: int
    count: int = 0
    prefixes: Counter[str] = field(default_factory=Counter)


class Heat:
    """Counts of the last minute. With threads around, `guard` is a lock."""

    def __init__(
        self, *, clock: Clock, rng: Random, guard: AbstractContextManager[object] | None = None
    ) -> None:
        self._clock = clock
        self._guard = guard or nullcontext()
        self._seconds: deque[_Second] = deque(maxlen=SECONDS + 1)
        self._log: deque[Seen] = deque(maxlen=LOG_MAX)
        self.last = 0  # the number of the last request
        self._partitions = Partitions(clock=clock, rng=rng, rate_max=RANGE_RATE_MAX)

    def watch(self, answer: Answer) -> Answer:
        """Return `answer` with every request noted."""

        def watched(service: Service, request: Request) -> Response:
            begun_ns = self._clock.now_ns()
            response = answer(service, request)
            self.note(request, response.status, self._clock.now_ns() - begun_ns)
            return response

        return watched

    def note(self, request: Request, status: int, took_ns: int) -> None:
        """Count a request that was answered."""
        now_ns = self._clock.now_ns()
        operation = _operation(request)
        path = f"/{request.bucket}/{request.key}" if request.bucket else "/"
        facts = (now_ns // 1_000_000, operation, path, request.bucket, status, took_ns / 1e6)
        with self._guard:
            self.last += 1
            self._log.append(Seen(self.last, *facts))
            second = self._second(now_ns // S)
            second.count += 1
            if request.bucket:
                prefix = prefix_of(request.bucket, request.key)
                if prefix in second.prefixes or len(second.prefixes) < PREFIXES_MAX:
                    second.prefixes[prefix] += 1
                self._partitions.note(object_key(request.bucket, request.key))

    def log(self, after: int = 0) -> list[Seen]:
        """Return the last requests behind number `after`, oldest first."""
        with self._guard:
            return [seen for seen in self._log if seen.number > after]

    def per_second(self) -> list[int]:
        """Return the requests of each of the last `SECONDS` full seconds, oldest first."""
        now_s = self._clock.now_ns() // S
        with self._guard:
            counts = {second.at_s: second.count for second in self._seconds}
        return [counts.get(at_s, 0) for at_s in range(now_s - SECONDS, now_s)]

    def hottest(self) -> list[tuple[str, float]]:
        """Return the prefixes asked for most in the last `HOT_S` seconds, in requests a second."""
        now_s = self._clock.now_ns() // S
        total: Counter[str] = Counter()
        with self._guard:
            for second in self._seconds:
                if now_s - HOT_S <= second.at_s < now_s:
                    total += second.prefixes
        return [(prefix, count / HOT_S) for prefix, count in total.most_common(HOT_SHOWN)]

    def ranges(self) -> int:
        """Return into how many ranges the keys would be cut by their heat; see partitions.py."""
        with self._guard:
            self._partitions.rebalance()
            return len(self._partitions.ranges)

    def _second(self, now_s: int) -> _Second:
        if not self._seconds or self._seconds[-1].at_s < now_s:
            self._seconds.append(_Second(now_s))
        return self._seconds[-1]


def prefix_of(bucket: str, key: str) -> str:
    """Return the bucket and the first folder of a key: what a workload usually has in common."""
    folder, slash, _ = key.partition("/")
    return f"{bucket}/{folder}{slash}" if slash else f"{bucket}/"


def _operation(request: Request) -> str:
    try:
        return operation_of(request)
    except Refused:
        return request.method
