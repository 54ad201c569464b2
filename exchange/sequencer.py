"""One writer puts every command in one order, journals it, and only then lets it happen.

    commands ──► number them ──► journal: one write, one sync ──► engine ──► acknowledge

Whatever has been acknowledged is in the journal, so after a crash the same exchange is back: newest
snapshot, then the journal's commands after it. Commands of one batch share one sync (group commit).
Invariant: `state_hash` after n commands is the same in every process that ever applied them.
Cost: one sync a batch; recovery checks all of the journal and applies what is newer than the
newest snapshot.
Source: the article's sequencer; LMAX's business logic processor. Page: docs/exchange/journal.md
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from chapters.errors import Definite, Indefinite
from chapters.log import Log, Reader, Record
from chapters.sim.clock import Clock
from chapters.sim.disk import Disk, replace
from chapters.sim.trace import span
from exchange.codec import decode, encode, encode_events, epoch_in, time_in, words_in
from exchange.control import Rules, Tick
from exchange.engine import Engine
from exchange.errors import BadRecord, Halted, Unacknowledged
from exchange.orders import Command, Event
from exchange.sessions.clerks import Clerk, Clerks

HASH_BYTES = 16
SNAPSHOTS_KEPT = 2  # the newest may be the one that a bad disk has spoiled
JOURNAL = "journal"
SNAPSHOT = "snapshot-"


@dataclass(frozen=True, slots=True)
class Sequenced:
    """A command, its place in the one order of all commands, and what it did."""

    sequence: int
    command: Command
    events: list[Event]
    now_ns: int = 0  # of the command, as the engine counts: it never goes back
    words: str = ""  # that it was journalled with: how a client calls it


class Replica:
    """An engine, the number of the last command it applied, and a hash of all that ever happened.

    The sequencer holds one, and so does whoever follows the journal: the market data feed, a standby.
    """

    def __init__(self, engine: Engine, sequence: int = 0, state_hash: bytes = bytes(HASH_BYTES)):
        self.engine = engine
        self.sequence = sequence
        self.state_hash = state_hash

    def apply(self, command: Command, now_ns: int = 0, words: str = "") -> Sequenced:
        """Apply the next `command`, of that time, and chain what it did to the hash of all before."""
        events = self.engine.apply(command, now_ns)
        self.sequence += 1
        chained = self.state_hash + encode_events(events)
        self.state_hash = blake2b(chained, digest_size=HASH_BYTES).digest()
        return Sequenced(self.sequence, command, events, self.engine.now_ns, words)

    def replay(self, records: Iterable[Record]) -> Iterator[Sequenced]:
        """Apply the commands of journal `records`, yielding what each did."""
        for record in records:
            assert record.sequence == self.sequence + 1, "the journal goes on after this replica"
            if epoch_in(record.payload):
                self.sequence += 1  # a new primary began; the market did not notice
                continue
            now_ns, command = decode(record.payload)
            yield self.apply(command, now_ns, words_in(record.payload))

    def save(self, disk: Disk) -> None:
        """Write a snapshot of this moment, whole or not at all; forget all but the newest few."""
        state = self.state_hash + self.engine.dump()
        checksum = blake2b(state, digest_size=HASH_BYTES).digest()
        replace(disk, f"{SNAPSHOT}{self.sequence:016d}", checksum + state)
        # The oldest stays: it says which symbols there are, and from it all can be replayed.
        for name in _snapshots(disk)[1:-SNAPSHOTS_KEPT]:
            disk.remove(name)

    @staticmethod
    def distrust(disk: Disk) -> None:
        """Put all snapshots but the first aside: what was computed is in doubt, the journal is not."""
        for name in _snapshots(disk)[1:]:
            disk.rename(name, f"doubtful-{name}")
        disk.sync_names()

    @classmethod
    def restore(cls, disk: Disk) -> "Replica":
        """Return the newest snapshot that is whole. Raises `BadRecord` when there is none."""
        return cls._found(disk, reversed(_snapshots(disk)))

    @classmethod
    def first(cls, disk: Disk) -> "Replica":
        """Return the oldest snapshot: the exchange before its first command. Raises `BadRecord`."""
        return cls._found(disk, _snapshots(disk))

    @classmethod
    def _found(cls, disk: Disk, names: Iterable[str]) -> "Replica":
        for name in names:
            saved = disk.read(name)
            checksum, state = saved[:HASH_BYTES], saved[HASH_BYTES:]
            if blake2b(state, digest_size=HASH_BYTES).digest() == checksum:
                try:
                    engine = Engine.load(state[HASH_BYTES:])
                except (KeyError, TypeError, ValueError) as error:
                    raise BadRecord(
                        f"{name} is whole, but of another version of the exchange ({error!r}): open the "
                        "folder with the version that wrote it, or begin in another folder"
                    ) from error
                return cls(engine, int(name.removeprefix(SNAPSHOT)), state[:HASH_BYTES])
        raise BadRecord("no whole snapshot: this folder holds no exchange, or a damaged one")


class Sequencer:
    """The one writer of the journal. Opening it recovers all that was ever acknowledged."""

    def __init__(
        self,
        *,
        clock: Clock,
        disk: Disk,
        symbols: Iterable[str] | Mapping[str, Rules],
        clerks: Sequence[Clerk] = (),
    ) -> None:
        """`clerks` are asked, each time, for what they have to say; it is journalled like an order.

        They hear all that has ever happened, so with some of them all of the journal is applied, twice.
        """
        self._clock = clock
        self._clerks = Clerks(clerks)
        self._unsaid: list[Command] = []  # by the clerks, and not journalled yet
        self._disk = disk
        self._journal = Log(disk=disk, name=JOURNAL)
        if not _snapshots(disk) and not self._journal.last:
            Replica(Engine(symbols)).save(disk)
        self.replica = Replica.restore(disk)
        if self._journal.last < self.replica.sequence:
            raise BadRecord(
                f"the journal ends at command {self._journal.last}, the newest snapshot is of "
                f"{self.replica.sequence}: a part of it is gone. Restore {JOURNAL}/ from a copy"
            )
        self.cut_bytes = self._journal.cut_bytes
        self.recovered = sum(
            1 for _ in self.replica.replay(self.records(self.replica.sequence + 1))
        )
        last = next(self.records(self._journal.last), None) if self._journal.last else None
        self._time_ns = time_in(last.payload) if last else 0
        for done in self.history() if self._clerks else ():
            self._clerks.follow(done)

    def submit(self, commands: Sequence[Command]) -> list[Sequenced]:
        """Journal all `commands` with one sync, apply them, and return what each did.

        Before them go, in the journal and in what is returned, the ticks of symbols in which something
        is due, and what the clerks have to say; with no `commands` and nothing due, nothing is written.
        Whoever gets the result may acknowledge it. Raises `Halted` (definite: none is journalled) or
        `Unacknowledged` (indefinite: the exchange must be opened again to know).
        """
        now_ns = self._time_ns = self.now_ns()
        due: list[Command] = [Tick(symbol) for symbol in self.replica.engine.overdue(now_ns)]
        self._unsaid += self._clerks.due(now_ns)
        commands = [*due, *self._unsaid, *commands]
        if not commands:
            return []
        try:
            with span("journalled and synced", commands=len(commands)):
                for command in commands:
                    self._journal.append(encode(now_ns, command))
                self._journal.commit()
        except Definite as error:
            self._journal.discard()
            raise Halted(
                f"the journal takes no more orders ({error}); none of these was entered"
            ) from error
        except Indefinite as error:
            raise Unacknowledged(f"the journal's state is unknown ({error})") from error
        self._unsaid.clear()
        with span("matched", commands=len(commands)):
            results = [self.replica.apply(command, now_ns) for command in commands]
        for done in results if self._clerks else ():
            self._clerks.follow(done)
        return results

    def take(self, payloads: Sequence[bytes]) -> list[Sequenced]:
        """Journal and apply records that others have written; return what the commands did."""
        records = [Record(self._journal.append(each), each) for each in payloads]
        self._journal.commit()
        results = list(self.replica.replay(records))
        for done in results:
            self._time_ns = max(self._time_ns, done.now_ns)
        return results

    def due_in_ns(self) -> int | None:
        """Return how long until something is due by itself, and `submit` should be called; None: never."""
        times = (self.replica.engine.due_ns(), self._clerks.due_ns)
        due_ns = min((each for each in times if each is not None), default=None)
        return None if due_ns is None else max(0, due_ns - self.now_ns())

    def now_ns(self) -> int:
        """Return the time that a command would be journalled with.

        A clock may be set back, or be another machine's; the market's time goes on.
        """
        return max(self._clock.now_ns(), self._time_ns)

    def snapshot(self) -> None:
        """Save the state, so that the next recovery replays only what comes after now."""
        self.replica.save(self._disk)

    def records(self, first: int) -> Iterator[Record]:
        """Yield the journal's records from number `first` on."""
        return self._journal.read(first)

    def history(self) -> Iterator[Sequenced]:
        """Yield what every command did, from the first one on: a second engine does it all again."""
        replica = Replica.first(self._disk)
        return replica.replay(self.records(replica.sequence + 1))


class Follower:
    """A replica that follows another process's journal, always a moment behind it."""

    def __init__(self, *, disk: Disk) -> None:
        self.replica = Replica.restore(disk)
        self._reader = Reader(disk=disk, name=JOURNAL, first=self.replica.sequence + 1)

    def poll(self) -> list[Sequenced]:
        """Return what the commands did that were journalled since the last call; may be nothing."""
        return list(self.replica.replay(self._reader.poll()))


def _snapshots(disk: Disk) -> list[str]:
    names = disk.names(SNAPSHOT)
    return [name for name in names if name.removeprefix(SNAPSHOT).isdecimal()]


def demo() -> None:
    """Orders are acknowledged, the machine dies, and the same exchange is back: its hash says so."""
    from chapters.sim import Chance, SimDisk, VirtualClock
    from exchange.orders import BUY, SELL, New

    disk = SimDisk(rng=Chance(7).stream("disk"))
    first = Sequencer(clock=VirtualClock(), disk=disk, symbols=["ACME"])
    first.submit([New(1, f"b{n}", "ACME", BUY, 100, 1000 - n) for n in range(5)])
    first.submit([New(2, "s1", "ACME", SELL, 150, 998)])
    print("before the crash ", first.replica.sequence, first.replica.state_hash.hex())
    disk.crash()
    second = Sequencer(clock=VirtualClock(), disk=disk, symbols=["ACME"])
    print("after recovery   ", second.replica.sequence, second.replica.state_hash.hex())
