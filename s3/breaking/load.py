"""Clients at work while something breaks: what they were told, and whether it was true.

Each writes a new object or reads a known one, over and over, and compares every byte that it gets.
Page: docs/s3/breaking.md
"""

from collections import Counter

from chapters.sim.clock import MS
from chapters.sim.promises import Series, Verdict
from s3.scene.requests import Answered
from s3.scene.store import BUCKET, Store

CLIENTS = 4
THINK_NS = 5 * MS
OBJECT_BYTES = 20_000
TICK_NS = 50 * MS  # of the plot


class Load:
    """The clients of one store, and what they saw."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.acknowledged: dict[str, bytes] = {}
        self.statuses: dict[str, Counter[int]] = {"put": Counter(), "get": Counter()}
        self.wrong = 0  # answers with other bytes than were stored
        self._good_ns: list[int] = []  # when something was answered with 200
        self._begun_ns = store.clock.now_ns()
        self._rng = store.simulation.chance.stream("load")

    def start(self, requests: int) -> None:
        """Let the clients begin; each makes so many requests."""
        for number in range(CLIENTS):
            self.store.tasks.start(lambda number=number: self._live(number, requests), number * MS)  # type: ignore[misc]

    def finish(self) -> None:
        """Run until all clients are through."""
        while self.store.tasks.running:
            self.store.clock.advance(TICK_NS)

    def _live(self, number: int, requests: int) -> None:
        client = self.store.client(number % len(self.store.fronts))
        for count in range(requests):
            if count % 2 == 0 or not self.acknowledged:
                path, body = f"/{BUCKET}/{number}-{count}", self._rng.randbytes(OBJECT_BYTES)
                answered = client.put(path, body)
                if answered.is_ok:
                    self.acknowledged[path] = body
                self._note("put", answered)
            else:
                path = self._rng.choice(list(self.acknowledged))
                answered = client.get(path)
                self.wrong += answered.is_ok and answered.body != self.acknowledged[path]
                self._note("get", answered)
            self.store.tasks.sleep_until(self.store.clock.now_ns() + THINK_NS)

    def _note(self, kind: str, answered: Answered) -> None:
        self.statuses[kind][answered.status if answered.is_whole else 0] += 1
        if answered.is_ok:
            self._good_ns.append(self.store.clock.now_ns())

    def refused(self, kind: str) -> int:
        """Return how many requests of a kind were not answered with success."""
        return sum(count for status, count in self.statuses[kind].items() if status != 200)

    def readable(self) -> int:
        """Read all that was acknowledged, now; return how much of it is there, byte for byte."""
        client = self.store.client()
        return sum(client.get(path).body == body for path, body in self.acknowledged.items())

    def said(self) -> Verdict:
        """The promise that a refusal is a SlowDown, and nothing else."""
        others = {
            status
            for counts in self.statuses.values()
            for status in counts
            if status not in (200, 503)
        }
        refused = self.refused("put") + self.refused("get")
        return Verdict(
            "what cannot be done is refused with SlowDown",
            not others,
            f"{refused} refused" + (f"; also {sorted(others)}" if others else ""),
        )

    def series(self) -> Series:
        """Return how much was answered well, over time."""
        ticks = Counter((at_ns - self._begun_ns) // TICK_NS for at_ns in self._good_ns)
        last = max(ticks, default=0)
        points = ((tick * TICK_NS / 1e9, ticks[tick] * 1e9 / TICK_NS) for tick in range(last + 1))
        return Series("answered well", "requests/s", tuple(points))
