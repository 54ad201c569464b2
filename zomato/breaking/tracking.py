"""The gateway dies and comes back, while people with good lines and bad ones follow their orders.

A second is a minute of the day. Page: docs/zomato/breaking.md
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from chapters.fanout import Hub, NoSuchFeed, Reader
from chapters.sim.chance import Chance
from chapters.sim.clock import MS, S, VirtualClock, spell
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Verdict
from zomato.dispatch.day import Day
from zomato.dispatch.rolling import Rolling
from zomato.live import Live
from zomato.scene.imagined import imagined
from zomato.tracking.facts import BEGIN, READY, STATE, Fact, fact_of
from zomato.tracking.relay import Relay
from zomato.tracking.teller import Teller, lines

ORDERS, RIDERS, OWN = 80, 25, 20
ROUNDS = 3  # of the dispatcher's mending: it is not what is tested
BEGINS_MIN, PLACE_EVERY_S, WATCHED_S = 12 * 60.0, 4, 120
CALM_S = 60  # in the end, so that slow lines can bring what they have
TELL_NS = 300 * MS
BACK_NS = (S, 3 * S)  # what a browser waits before it comes back
BYTES_A_S = {"fast": 50_000, "slow": 60}
STALE_S_MAX = 10


@dataclass(slots=True)
class Town:
    """The day, what it tells, and a gateway that may be dead."""

    clock: VirtualClock
    live: Live
    until_s: int
    teller: Teller = field(default_factory=lambda: Teller("day"))
    relay: Relay | None = None
    hub: Hub = field(default_factory=Hub)
    phones: list["Phone"] = field(default_factory=list)
    changes: dict[str, list[int]] = field(default_factory=dict)
    until_ns: dict[tuple[str, str], int] = field(
        default_factory=dict
    )  # when a position was no more
    at: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        """Start a gateway, which is told everything; if there is one, nothing is to be done."""
        if self.relay is not None:
            return
        self.hub = Hub()
        self.relay = Relay(self.hub)
        self._hear(self.teller.everything().splitlines(keepends=True))

    def kill(self) -> None:
        """Kill the gateway: connections break, and what is on them is gone."""
        self.relay, self.hub = None, Hub()
        for each in self.phones:
            each.away()

    def tell(self) -> None:
        """Let time pass up to now, and tell what is new."""
        self.live.pass_to(BEGINS_MIN + self.clock.now_ns() / S)
        facts = self.teller.news(self.live)
        for fact in facts:
            self._note(fact)
        if self.relay is not None:
            self._hear(lines(facts).splitlines(keepends=True))
        if self.clock.now_ns() < self.until_s * S:
            self.clock.call_later(TELL_NS, self.tell)

    def _hear(self, told: Iterable[bytes]) -> None:
        assert self.relay is not None
        for line in told:
            if line == BEGIN:
                self.relay.begin()
            elif line == READY:
                self.relay.ready()
            else:
                self.relay.hear(fact_of(line))

    def _note(self, fact: Fact) -> None:
        if fact.kind == STATE:
            self.changes.setdefault(fact.order, []).append(fact.number)
        elif fact.kind == "position":
            old, new = self.at.get(fact.order, ""), fact.data.decode()
            self.until_ns[fact.order, old] = self.clock.now_ns()
            self.until_ns.pop((fact.order, new), None)
            self.at[fact.order] = new


@dataclass(slots=True)
class Phone:
    """Somebody who follows an order, comes back by itself, and writes down what it saw."""

    town: Town
    order: str
    kind: str
    rng: Random
    last: str = ""
    numbers: list[int] = field(default_factory=list)
    snapshots: int = 0
    positions: int = 0
    stale_ns: int = 0  # how long a position had not been true any more when it came, at most
    _reader: Reader | None = None
    _connection: int = 0

    def open(self) -> None:
        """Connect, or try again a little later."""
        try:
            self._reader = self.town.hub.join(self.order, self, self.last)
        except NoSuchFeed:
            self.away()

    def away(self) -> None:
        """The connection is gone, and what was on it; come back."""
        self._connection += 1
        self._reader, connection = None, self._connection
        self.town.clock.call_later(
            self.rng.randint(*BACK_NS),
            lambda: self.open() if connection == self._connection else None,
        )

    def send(self, chunk: bytes) -> bool:
        """Be a line: the chunk is here when the line has carried it, unless it broke."""
        takes_ns, connection = len(chunk) * S // BYTES_A_S[self.kind], self._connection
        self.town.clock.call_later(
            takes_ns, lambda: self._came(chunk) if connection == self._connection else None
        )
        return False

    def _came(self, chunk: bytes) -> None:
        for text in chunk.decode().strip().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in text.splitlines())
            if "id" in fields:
                self.last = fields["id"]
                self.numbers.append(int(self.last.rpartition("-")[2]))
                self.snapshots += fields["event"] == "snapshot"
            elif fields["event"] == "position":
                now = self.town.clock.now_ns()
                key = self.order, fields["data"]
                self.positions += 1
                self.stale_ns = max(self.stale_ns, now - self.town.until_ns.get(key, now))
        if self._reader is not None:
            self._reader.drained()


def gateway_killed(*, seed: int = 7, kills: int = 5, dead: int = 10) -> Outcome:
    """All that a gateway knows is gone, again and again; the town knows it, and browsers come back."""
    at_least(0, kills=kills, dead=dead)
    town = followed(seed, kills, dead)
    missed = sum(len(_missed(town, each)) for each in town.phones)
    changes = sum(map(len, town.changes.values()))
    stale = {
        kind: max(each.stale_ns for each in town.phones if each.kind == kind) for kind in BYTES_A_S
    }
    positions = {
        kind: sum(each.positions for each in town.phones if each.kind == kind) for kind in BYTES_A_S
    }
    return Outcome(
        title=f"the gateway is killed {kills} times, for {dead} s; {len(town.phones)} phones follow orders",
        verdicts=(
            Verdict(
                "nobody misses a change",
                not missed,
                f"{missed} missed; there were {changes}, each followed by one slow and one fast",
            ),
            Verdict(
                "nobody is told one twice, or in another order",
                all(each.numbers == sorted(set(each.numbers)) for each in town.phones),
                "each came back with the id of what it had last",
            ),
            Verdict(
                "nobody has to begin anew",
                all(each.snapshots == 1 for each in town.phones),
                "one snapshot each, at the beginning",
            ),
            Verdict(
                f"no position comes {STALE_S_MAX} s after it was true",
                max(stale.values()) <= STALE_S_MAX * S,
                f"slow lines {spell(stale['slow'])} at most, fast ones {spell(stale['fast'])}",
            ),
        ),
        lines=(
            f"positions that came: {positions['fast']:,} on fast lines, {positions['slow']:,} on slow ones",
        ),
        next_commands=("kit serve zomato", "kit run fanout"),
        replay=f"kit break zomato gateway-killed --seed {seed} --kills {kills} --dead {dead}",
    )


def followed(seed: int, kills: int, dead: int) -> Town:
    """Return a town in which orders were placed and followed, while the gateway was killed now and then."""
    chance, clock = Chance(seed), VirtualClock()
    day = imagined(chance.stream("town"), orders=ORDERS, riders=RIDERS)
    live = Live(Day(day, Rolling(rng=chance.stream("dispatcher"), rounds=ROUNDS)))
    live.pass_to(BEGINS_MIN)
    town, rng = Town(clock, live, WATCHED_S + dead), chance.stream("phones")
    town.start()
    town.tell()

    def order() -> None:
        restaurant = rng.choice(live.places()["restaurants"])
        x, y = (restaurant[axis] + rng.uniform(-1500, 1500) for axis in "xy")
        id = live.place(restaurant["id"], x, y)
        for kind in BYTES_A_S:
            town.phones.append(Phone(town, id, kind, rng))
            town.phones[-1].away()

    for number in range(OWN):
        clock.call_later(number * PLACE_EVERY_S * S, order)
    for number in range(1, kills + 1):
        at_ns = number * WATCHED_S * S // (kills + 1)
        clock.call_later(at_ns, town.kill)
        clock.call_later(at_ns + dead * S, town.start)
    clock.run((WATCHED_S + dead + CALM_S) * S)
    return town


def _missed(town: Town, phone: Phone) -> set[int]:
    """Changes since its first snapshot that never came."""
    first = phone.numbers[0] if phone.numbers else 0
    return {each for each in town.changes[phone.order] if each >= first} - set(phone.numbers)
