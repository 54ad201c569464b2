"""An edge keeps blocks of files, not files: whoever hears the first ten seconds costs ten seconds.

    a range ──► blocks of 64 KiB ──► here? ─► cut to the range
                                 ──► else ─► `missing`: whoever serves fetches them, then `keep`

Invariant: a block is kept for one file and one number; what is read is a file's bytes, in order, or
nothing. Which blocks stay is the cache's own question. Nothing here blocks, so the same edge runs under
threads and in virtual time. Page: docs/spotify/delivery.md
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chapters.cache.policy import Key, Policy

BLOCK_BYTES = 64 * 1024

Block = tuple[str, int]  # (file, number)


@dataclass(slots=True)
class Counters:
    """What an edge has done since it began; hits and misses count blocks."""

    requests: int = 0
    hits: int = 0
    misses: int = 0
    sent_bytes: int = 0
    fetched_bytes: int = 0

    @property
    def hit_ratio(self) -> float:
        """Return the share of blocks that were here."""
        return self.hits / max(1, self.hits + self.misses)


class Edge:
    """A cache of blocks in front of an origin."""

    def __init__(self, name: str, make_policy: Callable[[Callable[[Key], object]], Policy]) -> None:
        self.name, self.counters = name, Counters()
        self._blocks: dict[Block, bytes] = {}
        self._policy = make_policy(self._evicted)

    def missing(self, file: str, first: int, end: int) -> list[int]:
        """Return the numbers of the blocks that a range needs and that are not here; count the request."""
        wanted = blocks(first, end)
        lacking = [number for number in wanted if (file, number) not in self._blocks]
        self.counters.requests += 1
        self.counters.misses += len(lacking)
        self.counters.hits += len(wanted) - len(lacking)
        return lacking

    def keep(self, file: str, number: int, data: bytes) -> None:
        """Offer a block to the cache."""
        self.counters.fetched_bytes += len(data)
        self._blocks[file, number] = data
        self._policy.request((file, number), max(1, len(data)))
        if (file, number) not in self._policy:
            self._blocks.pop((file, number), None)

    def block(self, file: str, number: int) -> bytes | None:
        """Return a block that is here, and take note of the request."""
        data = self._blocks.get((file, number))
        if data is not None:
            self._policy.request((file, number), max(1, len(data)))
        return data

    def damage(self, file: str, number: int, *, at: int = 0) -> None:
        """Flip a bit of a block's byte `at`: what a disk does now and then."""
        data = self._blocks[file, number]
        self._blocks[file, number] = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    @property
    def used_bytes(self) -> int:
        """Return how much is kept."""
        return self._policy.used

    @property
    def capacity_bytes(self) -> int:
        """Return how much can be kept."""
        return self._policy.capacity

    def _evicted(self, key: Key) -> None:
        self._blocks.pop(key, None)  # type: ignore[call-overload]


def blocks(first: int, end: int) -> range:
    """Return the numbers of the blocks that the bytes from `first` to `end` lie in."""
    return range(first // BLOCK_BYTES, -(-end // BLOCK_BYTES))


def joined(parts: Iterable[bytes], first: int, end: int) -> bytes:
    """Return the range out of its blocks, which begin with the one that `first` lies in."""
    begin = first % BLOCK_BYTES
    return b"".join(parts)[begin : begin + end - first]
