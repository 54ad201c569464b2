"""A register kept twice: writes go to the primary, which tells its replica a while later.

    client ── write ──► primary ── lag ──► replica
    client ── read ───► either of them                  with a lag, a read may be stale

Reading from the replica is how many a real store got faster. Whether it is still *one* register is
what the checker says. Answers may be lost; then the client gives up and does not know.
Page: docs/chapters/linearizability.md
"""

from collections.abc import Callable
from random import Random

from chapters.checking import JSON
from chapters.linearizability.history import Operation
from chapters.linearizability.recorder import Recorder
from chapters.sim.clock import MS, VirtualClock
from chapters.sim.latency import Latency, LogNormal

LATENCY = LogNormal(median_ns=2 * MS, p99_ns=12 * MS)
PAUSE_NS_MAX = 8 * MS
TIMEOUT_NS = 40 * MS


class Replicas:
    """Two copies of one value; the second follows the first after `lag_ns`."""

    def __init__(self, *, clock: VirtualClock, lag_ns: int) -> None:
        self._clock, self._lag_ns = clock, lag_ns
        self.primary: JSON = None
        self.replica: JSON = None

    def write(self, value: JSON) -> JSON:
        """Set the primary now and the replica later; acknowledge at once."""
        self.primary = value
        self._clock.call_later(self._lag_ns, lambda: self._follow(value))
        return "ok"

    def read(self, *, nearby: bool) -> JSON:
        """Return the replica's value when the client is near that, else the primary's."""
        return self.replica if nearby else self.primary

    def _follow(self, value: JSON) -> None:
        self.replica = value


class Client:
    """Writes and reads one at a time, with a random pause in between, and takes it all down."""

    def __init__(
        self, name: str, store: Replicas, recorder: Recorder, *, clock: VirtualClock, rng: Random
    ) -> None:
        self._name, self._store, self._recorder = name, store, recorder
        self._clock, self._rng = clock, rng

    def work(self, operations: int, *, loss: float, latency: Latency = LATENCY) -> None:
        """Begin the next of so many operations after a pause; each begins the one after it."""
        if operations:
            self._clock.call_later(
                self._rng.randrange(PAUSE_NS_MAX), lambda: self._ask(operations, loss, latency)
            )

    def _ask(self, operations: int, loss: float, latency: Latency) -> None:
        input, act = self._choose(operations)
        begun = self._recorder.begin(self._name, "k", input)

        def act_and_answer() -> None:
            output = act()
            if self._rng.random() < loss:
                self._clock.call_later(TIMEOUT_NS, go_on)
            else:
                self._clock.call_later(latency(self._rng), lambda: answered(output))

        def answered(output: JSON) -> None:
            begun.returned(output)
            go_on()

        def go_on() -> None:
            self.work(operations - 1, loss=loss, latency=latency)

        self._clock.call_later(latency(self._rng), act_and_answer)

    def _choose(self, number: int) -> tuple[tuple[JSON, ...], Callable[[], JSON]]:
        if self._rng.random() < 0.4:
            value = f"{self._name}{number}"
            return ("write", value), lambda: self._store.write(value)
        nearby = self._rng.random() < 0.5
        return ("read",), lambda: self._store.read(nearby=nearby)


def record(
    rng: Random, *, lag_ns: int, clients: int = 3, operations: int = 6, loss: float = 0.05
) -> list[Operation]:
    """Return what so many clients saw of the register, each over so many operations."""
    clock = VirtualClock()
    recorder, store = Recorder(clock=clock), Replicas(clock=clock, lag_ns=lag_ns)
    for number in range(clients):
        name = chr(ord("a") + number)
        Client(name, store, recorder, clock=clock, rng=rng).work(operations, loss=loss)
    clock.run()
    return recorder.history()
