"""A thousand people follow five riders; some lines are slow, some sleep. Two ways to tell them.

Page: docs/chapters/fanout.md
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from chapters.fanout.hub import Hub
from chapters.fanout.queues import Queues
from chapters.sim.clock import S, VirtualClock, spell
from chapters.sim.errors import at_least

TITLE = "Fan-out"
RIDERS = 5
CHANGE_EVERY_S = 4  # the positions of all riders come every second, a change this often
PAD = "." * 60  # what else a message says
KINDS = {"fast": 100_000, "slow": 250, "asleep": 100_000}  # bytes a second; 450 are published
SLEEPS_S = (10, 50)
GRACE_S = 3  # after the last message, until one looks who has what
NAME = "town"


class Follower(Protocol):
    """What readers have in common in both ways."""

    def drained(self) -> None:
        """The line is free again."""


@dataclass(slots=True)
class Person:
    """The far end of a line, and what was seen there; a chunk takes its time, and the line is busy then."""

    kind: str
    clock: VirtualClock
    reader: Follower | None = None
    changes: list[int] = field(default_factory=list)
    snapshot: int = 0
    values: int = 0
    age_ns: int = 0  # of the oldest position that came as news

    def send(self, chunk: bytes) -> bool:
        """Take a chunk."""
        now, (begin, end) = self.clock.now_ns(), (each * S for each in SLEEPS_S)
        asleep = end - now if self.kind == "asleep" and begin <= now < end else 0
        takes_ns = len(chunk) * S // KINDS[self.kind]
        self.clock.call_later(asleep + takes_ns, lambda: self._seen(chunk))
        return False

    def behind(self, published: list[int]) -> int:
        """Return how many changes have not come, and are in no snapshot either."""
        return len({each for each in published if each > self.snapshot} - set(self.changes))

    def _seen(self, chunk: bytes) -> None:
        for line in chunk.decode().splitlines():
            what, at_ns, number, _ = line.split(" ")
            if what == "change":
                self.changes.append(int(number))
            elif what == "snapshot":
                self.snapshot = int(number)
            else:
                self.values += 1
                self.age_ns = max(self.age_ns, self.clock.now_ns() - int(at_ns))
        if self.reader:
            self.reader.drained()


class ByFeed:
    """Tell people by one feed, and a number for each of them."""

    def __init__(self, people: list[Person], kept: int) -> None:
        self._hub = Hub(readers_max=len(people), kept=kept)
        self._feed = self._hub.open(NAME)
        self._kept = kept
        for each in people:
            each.reader = self._hub.join(NAME, each)

    def change(self, number: int, chunk: bytes) -> None:
        """Publish a change, which is the snapshot from now on as well."""
        self._feed.change(number, chunk)
        self._feed.whole(number, chunk.replace(b"change", b"snapshot"))
        self._hub.tell(NAME)

    def value(self, number: int, key: str, chunk: bytes) -> None:
        """Publish a position."""
        self._feed.value(number, key, chunk)
        self._hub.tell(NAME)

    def waiting(self) -> int:
        """Return how many messages are kept, at most."""
        return self._kept + RIDERS + 1


class ByQueues(Queues):
    """Tell people by a queue for each."""

    def __init__(self, people: list[Person]) -> None:
        super().__init__()
        for each in people:
            each.reader = self.join(each)

    def waiting(self) -> int:
        """Return how many messages wait in all queues."""
        return sum(len(each.waiting) for each in self.readers)


def watched(
    begin: Callable[[list[Person]], ByFeed | ByQueues],
    *,
    readers: int,
    slow: int,
    asleep: int,
    seconds: int,
) -> tuple[list[Person], list[int], int]:
    """Let time pass; return the people, the changes there were, and the most messages that waited."""
    clock = VirtualClock()
    kinds = ["slow"] * slow + ["asleep"] * asleep + ["fast"] * (readers - slow - asleep)
    people = [Person(kind, clock) for kind in kinds]
    way, number, published, most = begin(people), 0, list[int](), 0
    for second in range(1, seconds + 1):
        clock.run(second * S)
        for rider in range(RIDERS):
            number += 1
            chunk = f"value {clock.now_ns()} {number} {PAD}\n".encode()
            way.value(number, f"rider-{rider}", chunk)
        if second % CHANGE_EVERY_S == 0:
            number += 1
            published.append(number)
            way.change(number, f"change {clock.now_ns()} {number} {PAD}\n".encode())
        most = max(most, way.waiting())
    clock.run((seconds + GRACE_S) * S)
    return people, published, most


def demo(
    *, readers: int = 1_000, slow: int = 40, asleep: int = 10, seconds: int = 60, kept: int = 8
) -> None:  # fmt: skip
    """Tell a thousand people where riders are, by a queue for each and by one feed for all."""
    at_least(1, readers=readers, seconds=seconds, kept=kept)
    at_least(0, slow=slow, asleep=asleep, others=readers - slow - asleep)
    ways: dict[str, Callable[[list[Person]], ByFeed | ByQueues]] = {
        "a queue for each": ByQueues,
        "one feed for all": lambda people: ByFeed(people, kept),
    }
    print(
        f"{readers:,} readers, {slow} slow, {asleep} asleep from {SLEEPS_S[0]} to {SLEEPS_S[1]} s\n"
    )
    print("                    readers   positions   oldest   changes behind   snapshots")
    for name, begin in ways.items():
        people, published, most = watched(
            begin, readers=readers, slow=slow, asleep=asleep, seconds=seconds
        )
        print(f"  {name}: {most:,} messages wait at most")
        for kind in KINDS:
            _row(kind, [each for each in people if each.kind == kind], published)


def _row(kind: str, people: list[Person], published: list[int]) -> None:
    if not people:
        return
    values = sum(each.values for each in people) / len(people)
    oldest = spell(max(each.age_ns for each in people))
    behind, snapshots = (
        sum(each.behind(published) for each in people),
        sum(each.snapshot > 0 for each in people),
    )
    print(
        f"    {kind:14} {len(people):8,} {values:11,.0f} {oldest:>8} {behind:16,} {snapshots:11,}"
    )


if __name__ == "__main__":
    demo()
