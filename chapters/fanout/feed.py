"""What is published, kept once for all readers; a reader is a number, not a queue.

    changes   … 38 │ 41  44  47        a ring of the last `kept`: each must reach everybody
    values    rider-7: 46  rider-9: 48     one a key: a newer one takes the older one's place
                     ▲
    a reader at 41 is given 44 46 47 48, in this order, and is at 48 then
    a reader at 30 has lost its place: 38 is gone, and it may not have had it

The source numbers what it publishes; numbers rise. Invariant: who is at N has had every change up to N
since it began, and no value that was older than another of the same key that it had before.
Cost: a change or a value O(1); a reader O(what it has not had), and no memory while it waits.
Page: docs/chapters/fanout.md
"""

from collections import deque
from collections.abc import Iterable

from chapters.fanout.errors import LostPlace
from chapters.sim.errors import at_least

KEPT = 256  # changes: how far behind a reader may be and still miss nothing
BATCH_BYTES = 16 * 1024  # of changes in one batch: what a slow reader's line may have to hold
Numbered = tuple[int, bytes]


class Feed:
    """Changes, values, and a snapshot to begin with."""

    __slots__ = ("_changes", "_kept", "_values", "_whole", "forgotten", "life", "newest")

    def __init__(self, life: str = "", *, kept: int = KEPT, forgotten: int = 0) -> None:
        at_least(1, kept=kept)
        self.life, self._kept = life, kept
        self._changes: deque[Numbered] = deque()
        self._values: dict[str, Numbered] = {}  # in the order of their numbers
        self._whole: Numbered = (0, b"")
        self.newest = forgotten
        self.forgotten = forgotten  # changes up to this number are not to be had here

    def change(self, number: int, chunk: bytes) -> None:
        """Publish what must reach every reader."""
        self._go_on(number)
        self._changes.append((number, chunk))
        if len(self._changes) > self._kept:
            self.forgotten, _ = self._changes.popleft()

    def value(self, number: int, key: str, chunk: bytes) -> None:
        """Publish the newest value of `key`; who has not had the one before never will."""
        self._go_on(number)
        self._values.pop(key, None)
        self._values[key] = number, chunk

    def whole(self, number: int, chunk: bytes) -> None:
        """Set the snapshot: all that a reader needs to go on from `number` with the changes after it."""
        self._whole = number, chunk

    def after(self, at: int, most_bytes: int = BATCH_BYTES) -> Numbered:
        """Return where a reader is that was at `at`, once it has had the batch that comes with it.

        A batch ends before the change that makes it larger than `most_bytes`, but has one at least.
        Values do not count: there is one a key. Raises `LostPlace`.
        """
        if not self.forgotten <= at <= self.newest:
            raise LostPlace(f"place {at} is not in {self.forgotten} to {self.newest}")
        changes = _since(at, reversed(self._changes))
        batch = _fitting(changes, most_bytes)
        end = self.newest if len(batch) == len(changes) else batch[-1][0]
        batch += [each for each in _since(at, reversed(self._values.values())) if each[0] <= end]
        return end, b"".join(chunk for _, chunk in sorted(batch))

    def begin(self) -> Numbered:
        """Return where a reader is that had nothing, once it has had the snapshot and what came since."""
        number, chunk = self._whole
        assert not chunk or number >= self.forgotten, f"snapshot {number}, {self.forgotten} is gone"
        later = [*_since(number, reversed(self._changes)), *self._values.values()]
        return self.newest, chunk + b"".join(each for _, each in sorted(later))

    def _go_on(self, number: int) -> None:
        assert number > self.newest, f"number {number} after {self.newest}: numbers must rise"
        self.newest = number


def _since(at: int, newest_first: Iterable[Numbered]) -> list[Numbered]:
    """Those with a number above `at`, the oldest first; looks at no more than one other."""
    found = []
    for each in newest_first:
        if each[0] <= at:
            break
        found.append(each)
    return found[::-1]


def _fitting(changes: list[Numbered], most_bytes: int) -> list[Numbered]:
    """The first of them, as many as fit; one always does."""
    size = 0
    for count, (_, chunk) in enumerate(changes):
        size += len(chunk)
        if count and size > most_bytes:
            return changes[:count]
    return changes[:]
