"""What concurrent clients saw of a key, recorded while replicas crash, pause and are cut off.

    front-1  ── client-1, client-3 ──┐                      weather: kill, crash, pause, cut,
    front-2  ── client-2, client-4 ──┴── a, b, c            each mended again

Every answer is judged by what it promises. 2xx, 404 and 412 are answers. 503 says that nothing
happened, and the checker takes the store by its word: if it did happen, somebody reads a value that
nobody wrote. 500, or no answer, may be either. So a history that holds says that *each* of these words
was true. Page: docs/s3/consistency.md
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import permutations
from random import Random
from typing import Protocol

from chapters.checking import JSON
from chapters.linearizability import Operation, Recorder, Verdict, check
from chapters.sim.chance import Chance
from chapters.sim.clock import MS, S
from chapters.sim.faults import Schedule, storm
from chapters.sim.network import Network
from s3.consistency.model import OneKey, etag
from s3.scene.replicas import REPLICAS
from s3.scene.requests import Answered
from s3.scene.store import BUCKET, LINK, Store

CLIENTS = 4
KEYS = ("x", "y")
KINDS = {"get": 6, "put": 4, "create": 2, "replace": 2, "delete": 2, "list": 1}
THINK_NS = 40 * MS
WATCH_NS = 50 * MS
RUN_NS_MAX = 120 * S
FAULTS = 8
LOSSY = replace(LINK, loss=0.01)  # a front end's connection, which breaks now and then
POOR = replace(LINK, loss=0.02, duplication=0.02)  # between replicas, for whom Raft must be ready
STEPS_MAX = 300_000  # of the checker, a key

Input = tuple[JSON, ...]


class Asker(Protocol):
    """A client: in simulation, or over HTTP."""

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        query: dict[str, str] | None = None,
        **headers: str,
    ) -> Answered: ...
    def put(self, path: str, body: bytes, **headers: str) -> Answered: ...
    def get(self, path: str, **headers: str) -> Answered: ...
    def delete(self, path: str, **headers: str) -> Answered: ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """A history, what the checker says of it, and the weather it was made in."""

    history: list[Operation]
    verdict: Verdict
    schedule: Schedule

    @property
    def open(self) -> int:
        """How many operations nobody knows the outcome of."""
        return sum(each.is_open for each in self.history)


class Customer:
    """One client: draws what to ask, asks, and takes down the answer."""

    def __init__(
        self,
        name: str,
        client: Asker,
        recorder: Recorder,
        rng: Random,
        values: dict[str, str],
    ) -> None:
        self._name = name
        self._client = client
        self._recorder = recorder
        self._rng = rng
        self._values = values  # by ETag, of all that anybody ever wrote: shared by the customers
        self._count = 0
        self._known: dict[str, JSON] = {}  # the value last seen of each key

    def once(self) -> None:
        """Ask for one thing."""
        key = self._rng.choice(KEYS)
        input = self._draw(key)
        started = self._recorder.begin(self._name, key, input)
        answered = self._ask(key, input)
        if answered.status == 503 or answered.code == "ConditionalRequestConflict":
            started.dropped()
        elif answered.status < 500:
            output = self._read(input, answered)
            if input[0] in ("get", "list"):
                self._known[key] = output
            started.returned(output)

    def _draw(self, key: str) -> Input:
        (kind,) = self._rng.choices(list(KINDS), list(KINDS.values()))
        if kind in ("get", "list", "delete"):
            return (kind,)
        self._count += 1
        value = f"{self._name}/{self._count}"
        self._values[etag(value.encode())] = value
        if kind == "replace":
            return kind, self._known.get(key) or "never written", value
        return kind, value

    def _ask(self, key: str, input: Input) -> Answered:
        path = f"/{BUCKET}/{key}"
        match input:
            case ("get",):
                return self._client.get(path)
            case ("list",):
                return self._client.ask(
                    "GET", f"/{BUCKET}", query={"list-type": "2", "prefix": key}
                )
            case ("delete",):
                return self._client.delete(path)
            case ("create", value):
                return self._client.put(path, str(value).encode(), if_none_match="*")
            case ("replace", old, value):
                match_ = f'"{etag(str(old).encode())}"'
                return self._client.put(path, str(value).encode(), if_match=match_)
        return self._client.put(path, str(input[1]).encode())

    def _read(self, input: Input, answered: Answered) -> JSON:
        """Return the answer as the model spells it."""
        if input[0] == "get":
            return answered.body.decode() if answered.status == 200 else None
        if input[0] == "list":
            return self._values.get(_listed_etag(answered))
        return "ok" if answered.status < 300 else str(answered.status)


def _listed_etag(answered: Answered) -> str:
    """Return the first ETag of a listing; "" if it is empty."""
    found = answered.body.partition(b"<ETag>")[2].partition(b"</ETag>")[0]
    return found.decode().replace("&quot;", "").strip('"')


def record(
    seed: int,
    *,
    operations: int = 200,
    faults: int = FAULTS,
    cache_ns: int = 0,
    schedule: Schedule | None = None,
) -> Recorded:
    """Let clients of two front ends work through bad weather; judge what they saw.

    With `cache_ns`, each front end remembers what it has read for so long: S3 before 2020.
    """
    with Store(seed, replicas=3, fronts=2).with_bucket() as store:
        _roughen(store.simulation.network)
        if cache_ns:
            store.remember(cache_ns)
        recorder = Recorder(clock=store.clock)
        turns = operations // CLIENTS
        until_ns = turns * 3 * THINK_NS
        if schedule is None:
            rng = Chance(seed).stream("weather")
            fronts = [f"front-{number}" for number in (1, 2)]
            schedule = storm(
                rng=rng, names=REPLICAS, until_ns=until_ns, faults=faults, peers=fronts
            )
        _strike(store, schedule)
        values: dict[str, str] = {}
        for number in range(CLIENTS):
            _start(store, number, recorder, turns, values)
        _run(store, until_ns)
        history = recorder.history()
    return Recorded(history, check(history, OneKey(), steps_max=STEPS_MAX), schedule)


def _roughen(network: Network) -> None:
    """Let the network lose messages, and repeat those that are not on a connection."""
    for source, target in permutations((*REPLICAS, "front-1", "front-2"), 2):
        is_inside = source in REPLICAS and target in REPLICAS
        network.set_link(source, target, POOR if is_inside else LOSSY)


def _start(
    store: Store, number: int, recorder: Recorder, turns: int, values: dict[str, str]
) -> None:
    name = f"client-{number + 1}"
    rng = store.simulation.chance.stream(name)
    customer = Customer(name, store.client(number % 2), recorder, rng, values)

    def live() -> None:
        for _ in range(turns):
            customer.once()
            store.tasks.sleep_until(store.clock.now_ns() + rng.randrange(2 * THINK_NS))

    store.tasks.start(live, delay_ns=number * MS)


def _strike(store: Store, schedule: Schedule) -> None:
    """Let the weather come; its times count from now."""
    processes, network = store.simulation.processes, store.simulation.network
    acts: dict[str, Callable[..., object]] = {
        "kill": processes.kill,
        "crash": processes.crash,
        "restart": processes.restart,
        "pause": processes.pause,
        "resume": processes.resume,
        "cut": network.cut,
        "heal": network.heal,
    }
    for fault in schedule:
        store.clock.call_later(fault.at_ns, partial(acts[fault.kind], *fault.args))


def _run(store: Store, until_ns: int) -> None:
    """Run until all customers are through, with a bound; start again what its own disk stopped."""
    end_ns = store.clock.now_ns() + until_ns + RUN_NS_MAX
    while store.tasks.running and store.clock.now_ns() < end_ns:
        store.clock.advance(WATCH_NS)
