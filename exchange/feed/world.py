"""A publisher, two lines that lose and repeat packets, listeners, and whoever answers their questions.

    exchange ──► line-a ──╥──► listener        both lines carry every packet, each loses others
             ──► line-b ──╜       │  ▲
                 recovery ◄───────┘  └── the messages asked for, or a snapshot

Virtual time, seeded luck: a run is the same again under the same seed. Page: docs/exchange/feed.md
"""

from collections.abc import Iterator, Sequence
from random import Random

from chapters.sim import MS, Chance, VirtualClock
from chapters.sim.latency import LogNormal, Uniform
from chapters.sim.network import Link, Network
from exchange.engine import Engine
from exchange.feed.packets import unpack
from exchange.feed.publisher import KEPT, Publisher, Snapshot
from exchange.feed.recovery import Ask, AskSnapshot, Question, answers
from exchange.feed.subscriber import Subscriber
from exchange.feed.view import View
from exchange.orders import BUY, PLAIN, SELL, Cancel, Command, Life, New, Peg, Replace, Terms
from exchange.sequencer import Replica

SYMBOLS = ("ACME", "BOLT")
LINES = ("line-a", "line-b")
RECOVERY = "recovery"
SESSION = "day-1"
HEARTBEAT_NS = 10 * MS  # of silence; then the next number is said
LOOK_NS = 5 * MS  # a listener with a gap looks at its watch so often
GOOD = Link(LogNormal(MS // 10, MS // 2))


def poor(loss: float) -> Link:
    """Return a line that loses so many packets, repeats a tenth as many, and lets them overtake."""
    return Link(Uniform(MS // 10, 3 * MS), loss=loss, duplication=loss / 10)


def market(rng: Random, count: int) -> Iterator[Command]:
    """Yield the commands of a small market of two symbols; one order in six has terms."""
    for number in range(1, count + 1):
        symbol, account = rng.choice(SYMBOLS), rng.randint(1, 9)
        draw, earlier = rng.random(), rng.randint(1, number)
        side, lots = rng.choice((BUY, SELL)), rng.randint(1, 90)
        price = 1_000 - side * min(int(3 * rng.paretovariate(1.1)) - 5, 60)
        if draw < 0.3:
            yield Cancel(account, symbol, earlier)
        elif draw < 0.35:
            yield Replace(account, symbol, earlier, lots, price)
        else:
            life = Life.IMMEDIATE_OR_CANCEL if draw > 0.95 else Life.DAY
            wish = New(account, f"o{number}", symbol, side, lots, price, life)
            yield wish if life is not Life.DAY else wish._replace(terms=_terms(rng, wish))


def _terms(rng: Random, wish: New) -> Terms:
    """Return an iceberg's, a hidden order's, a stop's or a peg's, or nobody's."""
    draw, price = rng.random(), wish.price or 0
    if draw < 0.06:
        return Terms(display=rng.randint(3, 20))
    if draw < 0.1:
        return Terms(display=0)
    if draw < 0.14:
        return Terms(stop_price=price + 4 * wish.side)
    return Terms(peg=Peg.PRIMARY) if draw < 0.16 else PLAIN


class Listener:
    """A subscriber with a network and a watch."""

    def __init__(self, name: str, clock: VirtualClock, network: Network) -> None:
        self.name = name
        self.subscriber = Subscriber()
        self._clock, self._network = clock, network
        self._looks = False
        network.attach(name, self._heard)

    def _heard(self, source: str, what: object) -> None:
        now_ns = self._clock.now_ns()
        if isinstance(what, Snapshot):
            self._ask(self.subscriber.hear_snapshot(now_ns, what))
        elif isinstance(what, bytes):
            self._ask(self.subscriber.hear(now_ns, unpack(what)))

    def _ask(self, questions: list[Question]) -> None:
        for question in questions:
            self._network.send(self.name, RECOVERY, question)
        if not self._looks and not self.subscriber.is_whole:
            self._looks = True
            self._clock.call_later(LOOK_NS, self._look)

    def _look(self) -> None:
        self._looks = False
        self._ask(self.subscriber.tick(self._clock.now_ns()))


class World:
    """An exchange whose feed goes out on two lines."""

    def __init__(
        self,
        *,
        seed: int,
        line: Link = GOOD,
        kept: int = KEPT,
        lines: Sequence[str] = LINES,
    ) -> None:
        chance = Chance(seed)
        self.clock = VirtualClock()
        self.network = Network(clock=self.clock, rng=chance.stream("network"), link=GOOD)
        self.replica = Replica(Engine(SYMBOLS))
        self.publisher = Publisher(View(self.replica.engine), SESSION, kept=kept)
        self.listeners: dict[str, Listener] = {}
        self._line, self._lines = line, lines
        self._silent_since_ns = 0
        self.network.attach(RECOVERY, self._asked)

    def is_equal(self, subscriber: Subscriber) -> bool:
        """Whether the subscriber is up to date, and has every order, each in its place."""
        is_up_to_date = subscriber.expected == self.publisher.number + 1
        return is_up_to_date and same_books(self.publisher.view, subscriber)

    def join(self, name: str) -> Subscriber:
        """Let somebody listen from now on."""
        for line in self._lines:
            self.network.set_link(line, name, self._line)
        self.listeners[name] = Listener(name, self.clock, self.network)
        return self.listeners[name].subscriber

    def apply(self, command: Command) -> None:
        """Let a command happen, and tell everybody."""
        done = self.replica.apply(command, self.clock.now_ns())
        self._send(*self.publisher.publish([done]))

    def pass_time(self, duration_ns: int) -> None:
        """Let time pass, with a heartbeat now and then."""
        end_ns = self.clock.now_ns() + duration_ns
        while self.clock.now_ns() < end_ns:
            if self.clock.now_ns() - self._silent_since_ns >= HEARTBEAT_NS:
                self._send(self.publisher.heartbeat())
            self.clock.advance(min(HEARTBEAT_NS, end_ns - self.clock.now_ns()))

    def _send(self, *packets: bytes) -> None:
        for packet in packets:
            self._silent_since_ns = self.clock.now_ns()
            for line in self._lines:
                for name in self.listeners:
                    self.network.send(line, name, packet)

    def _asked(self, source: str, question: object) -> None:
        assert isinstance(question, Ask | AskSnapshot)
        for answer in answers(self.publisher, question):
            self.network.send(RECOVERY, source, answer)


def same_books(view: View, subscriber: Subscriber) -> bool:
    """Whether the subscriber has every order of the exchange's own copy, each in its place."""
    ours, theirs = view.books, subscriber.books.by_symbol
    return list(ours) == list(theirs) and all(
        list(ours[symbol].orders(side)) == list(theirs[symbol].orders(side))
        for symbol in ours
        for side in (BUY, SELL)
    )
