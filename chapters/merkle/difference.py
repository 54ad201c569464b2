"""Where two replicas differ, found by asking only below digests that differ.

    mine     A ─┬─ B ── …        theirs   A' ─┬─ B  ── …      equal: everything below it is equal
                ├─ C ─┬─ D                    ├─ C' ─┬─ D
                │     └─ E                    │      └─ E'    a bucket: now compare its keys
                └─ F                          └─ F

Invariant: exactly the keys that differ are named, as long as neither side changes meanwhile. A side
that does change may be blamed for a key that is right by now, or missed until the next round; so
a difference is a reason to look, and what to do about it is decided by whoever knows the versions.

With k differences, at most k nodes of each level are asked for: O(k × levels) messages, in as many
rounds as there are levels, as the questions of one level do not wait for each other. Source: Merkle
1987; DeCandia et al. 2007, section 4.7. Page: docs/chapters/merkle.md
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chapters.merkle.errors import BadAnswer, DifferentShapes
from chapters.merkle.tree import FANOUT, Path, levels_of


class View(Protocol):
    """What can be asked of a replica's tree, here or over a network."""

    @property
    def buckets(self) -> int:
        """How many buckets the key space is cut into; agreed beforehand, so it costs no message."""

    def children(self, path: Path) -> Sequence[bytes]:
        """Return the digests of the children of the node at `path`, in order."""

    def entries(self, path: Path) -> Mapping[bytes, bytes]:
        """Return key → digest for the bucket at `path`."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A key that the two replicas do not agree on, with each one's digest: None where it is missing."""

    key: bytes
    mine: bytes | None
    theirs: bytes | None


def differences(mine: View, theirs: View) -> Iterator[Difference]:
    """Yield every key that the two do not agree on, level by level, then bucket by bucket.

    Raises `DifferentShapes`, `BadAnswer`, and whatever a view over a network raises.
    """
    if mine.buckets != theirs.buckets:
        raise DifferentShapes(
            f"my tree has {mine.buckets} buckets, theirs {theirs.buckets}: rebuild one of them"
        )
    paths: list[Path] = [()]
    for _ in range(levels_of(mine.buckets)):
        paths = [child for path in paths for child in differing_children(mine, theirs, path)]
    for path in paths:
        yield from compare(mine.entries(path), theirs.entries(path))


def differing_children(mine: View, theirs: View, path: Path) -> list[Path]:
    """Return the paths of those children of the node at `path` whose digests differ."""
    ours, others = mine.children(path), theirs.children(path)
    if len(others) != FANOUT:
        raise BadAnswer(f"{len(others)} digests below {path}, not {FANOUT}: ask another replica")
    return [(*path, step) for step in range(FANOUT) if ours[step] != others[step]]


def compare(mine: Mapping[bytes, bytes], theirs: Mapping[bytes, bytes]) -> list[Difference]:
    """Return the keys, in order, that two buckets do not agree on: changed, or missing in one."""
    keys = sorted(mine.keys() | theirs.keys())
    pairs = [Difference(key, mine.get(key), theirs.get(key)) for key in keys]
    return [pair for pair in pairs if pair.mine != pair.theirs]


class Counted:
    """A view that counts what is asked through it: the bytes of paths, digests and keys."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.messages = 0
        self.bytes = 0

    @property
    def buckets(self) -> int:
        """As the view has it; not a message."""
        return self._view.buckets

    def children(self, path: Path) -> Sequence[bytes]:
        """Ask for the digests below `path`."""
        answer = self._view.children(path)
        self._count(len(path) + sum(map(len, answer)))
        return answer

    def entries(self, path: Path) -> Mapping[bytes, bytes]:
        """Ask for a bucket's keys and digests."""
        answer = self._view.entries(path)
        self._count(len(path) + size_bytes(answer))
        return answer

    def _count(self, exchanged: int) -> None:
        self.messages += 1
        self.bytes += exchanged


def size_bytes(entries: Mapping[bytes, bytes]) -> int:
    """Return how many bytes all keys and digests come to: what sending everything costs."""
    return sum(len(key) + len(digest) for key, digest in entries.items())
