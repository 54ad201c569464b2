"""A market told to readers on fast and slow lines, in virtual time; and what a queue for each would hold.

Page: docs/exchange/market-data.md
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from random import Random

from chapters.fanout import Reader
from chapters.fanout.queues import QueueReader, Queues
from chapters.portal.history import Event
from chapters.sim import MS, Chance, S, SimDisk, VirtualClock
from exchange.board.board import NAME, Board
from exchange.feed.world import SYMBOLS, market
from exchange.sequencer import Follower, Sequencer
from exchange.spectator import Spectator

KINDS = {"fast": 1_000_000, "slow": 8_000, "asleep": 1_000_000}  # bytes a second
POLL_NS = 50 * MS
COMMANDS_A_POLL = 4
SLEEP_S = (5, 15)
KEPT = 256  # trades
GRACE_NS = 10 * S  # after the last command, until one looks who has what


@dataclass(slots=True)
class Watcher:
    """The far end of a line; a chunk takes its time, and the line is busy until then."""

    kind: str
    clock: VirtualClock
    born_ns: dict[int, int]  # when each event was published
    reader: Reader | QueueReader | None = None
    trades: list[int] = field(default_factory=list)
    begun: int = 0  # how often it was told to begin anew
    since: int = 0  # the id after which it has every trade
    pictures: int = 0
    age_ns: int = 0  # of the oldest picture that came

    def send(self, chunk: bytes) -> bool:
        """Take a chunk."""
        now_ns, (begin_ns, end_ns) = self.clock.now_ns(), (each * S for each in SLEEP_S)
        is_asleep = self.kind == "asleep" and begin_ns <= now_ns < end_ns
        takes_ns = len(chunk) * S // KINDS[self.kind] + (end_ns - now_ns if is_asleep else 0)
        self.clock.call_later(takes_ns, lambda: self._seen(chunk))
        return False

    def _seen(self, chunk: bytes) -> None:
        for text in chunk.decode().split("\n\n")[:-1]:
            lines = dict(line.split(": ", 1) for line in text.split("\n"))
            number = int(lines.get("id", 0))
            if lines["event"] == "reset":
                self._begin()
            elif lines["event"] == "trade":
                self.trades.append(number)
            elif lines["event"] == "depth":
                self.pictures += 1
                self.age_ns = max(self.age_ns, self.clock.now_ns() - self.born_ns[number])
        assert self.reader is not None
        self.reader.drained()

    def _begin(self) -> None:
        assert isinstance(self.reader, Reader)
        self.trades, self.since = [], self.reader.at
        self.begun += 1

    def missed(self, trades: Iterable[int]) -> int:
        """Return how many trades since its beginning have not come."""
        return len({each for each in trades if each > self.since} - set(self.trades))


class Watched:
    """A market of so many seconds, its readers, and what they have seen."""

    def __init__(self, *, seconds: int, readers: int, seed: int) -> None:
        self.clock = VirtualClock()
        self._born_ns: dict[int, int] = {}
        self._readers = readers
        self.trades: list[int] = []
        self.queued_max = 0
        self.published = 0
        self._board, self._queues = Board(kept=KEPT), Queues()
        self.watchers = [self._watcher(kind) for kind in KINDS for _ in range(readers)]
        for each in self.watchers:
            each.reader = self._board.hub.join(NAME, each)
        for kind in KINDS:  # one stands for all of its kind: a queue does not depend on another
            watcher = self._watcher(kind)
            watcher.reader = self._queues.join(watcher)
        self._play(seconds, seed)

    def _watcher(self, kind: str) -> Watcher:
        return Watcher(kind, self.clock, self._born_ns)

    def _play(self, seconds: int, seed: int) -> None:
        disk = SimDisk(rng=Chance(seed).stream("disk"))
        sequencer = Sequencer(clock=self.clock, disk=disk, symbols=SYMBOLS)
        spectator, commands = Spectator(Follower(disk=disk)), market(Random(seed), 10**9)
        while self.clock.now_ns() < seconds * S:
            sequencer.submit(list(islice(commands, COMMANDS_A_POLL)))
            self._publish(spectator.poll())
            self.clock.advance(POLL_NS)
        self.clock.advance(GRACE_NS)

    def _publish(self, events: list[Event]) -> None:
        for event in events:
            self._born_ns[event.id] = self.clock.now_ns()
            self._queues.change(event.id, event.encode())
        self.trades += [event.id for event in events if event.name == "trade"]
        self.published += len(events)
        self._board.publish(events)
        waiting = sum(len(each.waiting) for each in self._queues.readers)
        self.queued_max = max(self.queued_max, waiting * self._readers)

    def of(self, kind: str) -> list[Watcher]:
        """Return the readers of a kind."""
        return [each for each in self.watchers if each.kind == kind]

    @property
    def missed(self) -> int:
        """Return how many trades did not come to somebody who was not told to begin anew."""
        return sum(each.missed(self.trades) for each in self.watchers)

    @property
    def kept_max(self) -> int:
        """Return how many events the board keeps at most, for all readers together."""
        values = len(SYMBOLS) * 5  # depth, quote, three candles
        return KEPT + values + 1
