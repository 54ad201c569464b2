"""One digest for everything that a replica holds, and the digests that it is made of.

    level 0                        ()                        one digest: the root
    level 1        (0,)    (1,)    …            (15,)        each over 16 below it
    level 2     (0,0) …  (1,0) …           … (15,15)
    level 3     buckets: the keys whose hash begins with these three hexadecimal digits

Invariant: a digest depends on the pairs below it and nothing else, neither on the order in which
they came nor on what was there before. So equal digests mean equal contents (for all that is known
of SHA-256, of which they keep 128 bits), and two trees of one shape can be compared branch by branch.

A key's bucket comes from its hash, not from its place among the sorted keys: a new key changes one
bucket and leaves all others as they are. Building is O(keys); changing one key is one bucket and one
path, O(keys / buckets + fan-out × levels). Source: Merkle 1987; as the anti-entropy of Dynamo (2007).
Page: docs/chapters/merkle.md
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Self, TypeAlias

from chapters.merkle.errors import BadShape

FANOUT = 16
DIGEST_BYTES = 16
BUCKETS = 4096  # a few keys to each, for ten thousand keys
LEVELS_MAX = 4  # 65,536 buckets, some 11 MB when they are empty

# What is hashed begins with its kind, or an inner node could be passed off as a bucket (RFC 6962).
_BUCKET, _INNER = b"\0", b"\1"

Path: TypeAlias = tuple[int, ...]  # which child to take at each level, from the root on


class Tree:
    """The digests of all pairs (key, digest of its value) that one replica holds."""

    def __init__(self, buckets: int = BUCKETS) -> None:
        """Make the tree of an empty replica. Raises `BadShape`."""
        self.levels = levels_of(buckets)
        self.buckets = buckets
        self._entries: list[dict[bytes, bytes]] = [{} for _ in range(buckets)]
        self._digests: list[list[bytes]] = [
            [b""] * FANOUT**level for level in range(self.levels + 1)
        ]
        self._digest_all()

    @classmethod
    def of(cls, items: Iterable[tuple[bytes, bytes]], buckets: int = BUCKETS) -> Self:
        """Return the tree of these pairs; of two with one key, the later counts. O(pairs)."""
        tree = cls(buckets)
        for key, digest in items:
            tree._entries[tree.bucket(key)][key] = digest
        tree._digest_all()
        return tree

    @property
    def root(self) -> bytes:
        """Return the digest of all there is."""
        return self._digests[0][0]

    def children(self, path: Path) -> list[bytes]:
        """Return the digests of the `FANOUT` children of the node at `path`, above the buckets."""
        first = number_of(path) * FANOUT
        return self._digests[len(path) + 1][first : first + FANOUT]

    def entries(self, path: Path) -> Mapping[bytes, bytes]:
        """Return key → digest for the bucket at `path`."""
        assert len(path) == self.levels, f"{path} is no bucket"
        return self._entries[number_of(path)]

    def put(self, key: bytes, digest: bytes) -> None:
        """Note that `key` now has the value with this digest."""
        self._entries[self.bucket(key)][key] = digest
        self._digest_path(self.bucket(key))

    def remove(self, key: bytes) -> None:
        """Note that `key` is gone, if it was there."""
        self._entries[self.bucket(key)].pop(key, None)
        self._digest_path(self.bucket(key))

    def bucket(self, key: bytes) -> int:
        """Return the number of the bucket of `key`: the first bits of its hash."""
        return int.from_bytes(sha256(key).digest()[:8]) * self.buckets >> 64

    def _digest_all(self) -> None:
        self._digests[self.levels] = [digest_of_bucket(entries) for entries in self._entries]
        for level in range(self.levels - 1, -1, -1):
            for number in range(FANOUT**level):
                self._digest_inner(level, number)

    def _digest_path(self, number: int) -> None:
        """Bring one bucket's digest up to date, and those above it."""
        self._digests[self.levels][number] = digest_of_bucket(self._entries[number])
        for level in range(self.levels - 1, -1, -1):
            number //= FANOUT
            self._digest_inner(level, number)

    def _digest_inner(self, level: int, number: int) -> None:
        below = self._digests[level + 1][number * FANOUT : (number + 1) * FANOUT]
        self._digests[level][number] = _digest(_INNER + b"".join(below))


def digest_of_bucket(entries: Mapping[bytes, bytes]) -> bytes:
    """Return the digest of a bucket's pairs, in order of keys, each with its lengths before it."""
    parts = [_BUCKET]
    for key, digest in sorted(entries.items()):
        parts += [len(key).to_bytes(4), key, len(digest).to_bytes(4), digest]
    return _digest(b"".join(parts))


def number_of(path: Path) -> int:
    """Return the place of the node at `path` within its level: its steps as digits."""
    number = 0
    for step in path:
        number = number * FANOUT + step
    return number


def levels_of(buckets: int) -> int:
    """Return how many levels are below the root. Raises `BadShape`."""
    for levels in range(LEVELS_MAX + 1):
        if buckets == FANOUT**levels:
            return levels
    shapes = ", ".join(str(FANOUT**levels) for levels in range(LEVELS_MAX + 1))
    raise BadShape(f"{buckets} buckets make no tree of fan-out {FANOUT}: say one of {shapes}")


def _digest(data: bytes) -> bytes:
    return sha256(data).digest()[:DIGEST_BYTES]
