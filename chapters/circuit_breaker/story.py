"""A server is slow for five seconds. Its clients retry. Does it ever come back?

    clients ──► queue ──► one server        a client gives up after a second; its request stays in the queue

Page: docs/chapters/circuit_breaker.md
"""

from collections import deque
from dataclasses import dataclass, field
from random import Random

from chapters.circuit_breaker.breaker import Breaker
from chapters.circuit_breaker.retry import Budget, backoff_s
from chapters.errors import UsageError
from chapters.sim.chance import Chance
from chapters.sim.clock import MS, S, VirtualClock
from chapters.sim.errors import at_least

TITLE = "Circuit breakers"
SECONDS = 60
SLOW_FROM_S, SLOW_TO_S = 15, 20
PATIENCE_NS = 1 * S
RETRIES = 3
QUEUE_MAX = 20_000
RATE_MAX = 2_000  # a minute of more takes the demonstration longer than anyone waits
BARS = " ▁▂▃▄▅▆▇█"
KINDS = (("retries", False, False), ("a budget", True, False), ("and a breaker", True, True))


@dataclass(slots=True)
class Job:
    """One request in the queue, with the time at which its client gives up."""

    attempt: int
    until_ns: int


@dataclass(slots=True)
class Storm:
    """Clients and a server, in virtual time."""

    rng: Random
    rate: int
    capacity: int
    slow: float
    budget: Budget | None
    breaker: Breaker | None
    clock: VirtualClock
    queue: deque[Job] = field(default_factory=deque)
    is_busy: bool = False
    served: list[int] = field(default_factory=lambda: [0] * SECONDS)
    sent: int = 0

    def run(self) -> list[int]:
        """Return how many requests were answered in time, second by second."""
        self.clock.call_later(0, self._arrive)
        self.clock.run(SECONDS * S)
        return self.served

    def _arrive(self) -> None:
        if self.budget:
            self.budget.request()
        self._send(1)
        self.clock.call_later(round(self.rng.expovariate(self.rate) * S), self._arrive)

    def _send(self, attempt: int) -> None:
        if self.breaker and not self.breaker.allow():
            return
        self.sent += 1
        if len(self.queue) >= QUEUE_MAX:
            self._failed(attempt, 0)
            return
        job = Job(attempt, self.clock.now_ns() + PATIENCE_NS)
        self.queue.append(job)
        self.clock.call_later(PATIENCE_NS, lambda: self._give_up(job))
        self._serve()

    def _serve(self) -> None:
        if self.queue and not self.is_busy:
            self.is_busy = True
            second = self.clock.now_ns() // S
            share = self.slow if SLOW_FROM_S <= second < SLOW_TO_S else 1.0
            self.clock.call_later(round(S / (self.capacity * share)), self._done)

    def _done(self) -> None:
        job, self.is_busy = self.queue.popleft(), False
        if self.clock.now_ns() <= job.until_ns:
            self.served[min(SECONDS - 1, self.clock.now_ns() // S)] += 1
            took_ns = self.clock.now_ns() - (job.until_ns - PATIENCE_NS)
            job.until_ns = 0
            if self.breaker:
                self.breaker.succeeded(took_ns)
        self._serve()

    def _give_up(self, job: Job) -> None:
        """The client has waited long enough; the server will work for it all the same."""
        if job.until_ns:
            self._failed(job.attempt, PATIENCE_NS)

    def _failed(self, attempt: int, took_ns: int) -> None:
        if self.breaker:
            self.breaker.failed(took_ns)
        if attempt <= RETRIES and (self.budget is None or self.budget.try_retry()):
            wait_ns = round(backoff_s(attempt, rng=self.rng) * S)
            self.clock.call_later(wait_ns, lambda: self._send(attempt + 1))


def storm(
    seed: int, *, rate: int, capacity: int, slow: float, with_budget: bool, with_breaker: bool
) -> Storm:
    """Return a storm of that seed, not yet begun."""
    at_least(1, rate=rate, capacity=capacity)
    if rate > RATE_MAX:
        raise UsageError(f"rate is {rate}; it must be at most {RATE_MAX}")
    if not 0.01 <= slow <= 1:
        raise UsageError(f"slow is {slow:g}; it is a share of the capacity, from 0.01 to 1")
    chance, clock = Chance(seed), VirtualClock()
    breaker = Breaker(clock=clock, rng=chance.stream("breaker"), window=100, calls_min=50)
    return Storm(
        rng=chance.stream("clients"),
        rate=rate,
        capacity=capacity,
        slow=slow,
        budget=Budget() if with_budget else None,
        breaker=breaker if with_breaker else None,
        clock=clock,
    )


def demo(*, seed: int = 7, rate: int = 80, capacity: int = 100, slow: float = 0.3) -> None:
    """Let the server be slow for five seconds, before three kinds of clients."""
    print(
        f"{rate} requests a second for a server that can do {capacity}; from second {SLOW_FROM_S} to"
    )
    print(
        f"{SLOW_TO_S} it does {slow:.0%} of that. Clients wait for {PATIENCE_NS // MS} ms, then retry.\n"
    )
    print(f"  {'answered in time, second by second':{14 + SECONDS}} at the end   sent")
    for name, budget, breaker in KINDS:
        found = storm(
            seed, rate=rate, capacity=capacity, slow=slow, with_budget=budget, with_breaker=breaker
        )
        served = found.run()
        bars = "".join(BARS[min(8, 8 * each // rate)] for each in served)
        after = sum(served[-10:]) / 10
        print(f"  {name:13} {bars} {after:8.0f}/s {found.sent:6,}")


if __name__ == "__main__":
    demo()
