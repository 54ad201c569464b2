"""A limit for each client, and a bound on how many clients are remembered.

Invariant: at most CLIENTS_MAX numbers are kept. The client that has been silent longest is forgotten first,
and forgetting is harmless as soon as its expected time has passed: a client of whom nothing is known has a
full burst, and so has one that was silent for long enough. Page: docs/chapters/rate_limit.md
"""

from collections import OrderedDict

from chapters.rate_limit.gcra import Gcra
from chapters.sim.clock import Clock

CLIENTS_MAX = 100_000


class Limiter:
    """GCRA for each of many clients."""

    def __init__(self, rule: Gcra, *, clock: Clock, clients_max: int = CLIENTS_MAX) -> None:
        self._rule, self._clock, self._clients_max = rule, clock, clients_max
        self._expected_ns: OrderedDict[str, int] = OrderedDict()

    def allow(self, client: str) -> bool:
        """Return whether a request of `client` is let through now."""
        now_ns = self._clock.now_ns()
        allowed, expected_ns = self._rule.decide(now_ns, self._expected_ns.get(client, now_ns))
        self._expected_ns[client] = expected_ns
        self._expected_ns.move_to_end(client)
        if len(self._expected_ns) > self._clients_max:
            self._expected_ns.popitem(last=False)
        return allowed

    def retry_after_ns(self, client: str) -> int:
        """Return how long `client` should wait before it asks again."""
        now_ns = self._clock.now_ns()
        return self._rule.retry_after_ns(now_ns, self._expected_ns.get(client, now_ns))


class FixedWindow:
    """For comparison: so many in each second of the clock; over a boundary, twice as many at once."""

    def __init__(self, count: int, window_ns: int, *, clock: Clock) -> None:
        self._count, self._window_ns, self._clock = count, window_ns, clock
        self._window, self._seen = -1, 0

    def allow(self) -> bool:
        """Return whether a request is let through now."""
        window = self._clock.now_ns() // self._window_ns
        if window != self._window:
            self._window, self._seen = window, 0
        self._seen += 1
        return self._seen <= self._count
