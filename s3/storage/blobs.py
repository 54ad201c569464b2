"""Blobs: bytes of any length in, the same bytes out, whatever happens to `parity` of the nodes.

    chunks ──► stripes of 4 MiB ──split──► 4 shards ──encode──► + 2 ──► six nodes, at once
    range  ◄── joined ◄── the shards it lies in, or those that make them ◄── any four of the nodes

A blob is written once and never changed, so no two writers ever meet in it. Its name, its size and its
code are all there is to know (`Blob`): where the shards are is computed, and how large they are too.
Invariants: `write` returns when all shards of all stripes are durable; `read` yields the bytes that were
written or raises. Memory: two stripes a call. Page: docs/s3/storage.md
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from chapters.erasure.reed_solomon import ReedSolomon, split
from chapters.errors import KitError
from chapters.sim.clock import MS, Clock
from chapters.sim.trace import note
from s3.storage.cluster import Cluster
from s3.storage.errors import LostQuorum, NoSuchShard
from s3.storage.node import Node
from s3.storage.quorum import fetch
from s3.storage.race import Pool
from s3.storage.stripe_write import StripeWrite

STRIPE_BYTES = 4 * 1024 * 1024
PATIENCE_NS = 30 * MS  # a read that takes longer gets company; about the slowest in a hundred


@dataclass(frozen=True, slots=True)
class Blob:
    """What has to be remembered to find a blob again. A small one, code 0+0, is not on the nodes."""

    id: str
    size_bytes: int
    stripe_bytes: int
    data: int
    parity: int

    @classmethod
    def small(cls, name: str, size_bytes: int) -> "Blob":
        """Return a blob whose bytes are in the metadata: see small.py."""
        return cls(name, size_bytes, 0, 0, 0)

    @property
    def is_small(self) -> bool:
        return self.data == 0

    @property
    def code(self) -> ReedSolomon:
        return ReedSolomon(self.data, self.parity)

    @property
    def stripes(self) -> int:
        """How many stripes there are on the nodes; none in an empty blob, or a small one."""
        return 0 if self.is_small else -(-self.size_bytes // self.stripe_bytes)

    def stripe_size(self, stripe: int) -> int:
        """Return a stripe's payload in bytes: the last may be shorter."""
        return min(self.stripe_bytes, self.size_bytes - stripe * self.stripe_bytes)

    def shard_bytes(self, stripe: int) -> int:
        return -(-self.stripe_size(stripe) // self.data)

    def to_json(self) -> list[str | int]:
        return [self.id, self.size_bytes, self.stripe_bytes, self.data, self.parity]

    @classmethod
    def from_json(cls, fields: "Sequence[str | int]") -> "Blob":
        name, size_bytes, stripe_bytes, data, parity = fields
        return cls(str(name), int(size_bytes), int(stripe_bytes), int(data), int(parity))


def stripe_name(blob: str, stripe: int) -> str:
    """Return what the names of a stripe's shards begin with, and its key for placement."""
    return f"{blob}.{stripe:06x}."


def shard_name(blob: str, stripe: int, shard: int) -> str:
    """Return a shard's name. All have one length, so none begins with another."""
    return f"{stripe_name(blob, stripe)}{shard:02x}"


def key_of(name: str) -> str:
    """Return the stripe's part of a shard's name."""
    return name[: name.rfind(".") + 1]


def stripes_of(chunks: Iterable[bytes], size_bytes: int) -> Iterator[bytes]:
    """Yield the same bytes in pieces of `size_bytes`, the last one shorter."""
    held: list[memoryview] = []
    missing = size_bytes
    for chunk in chunks:
        rest = memoryview(chunk)
        while len(rest) >= missing:
            yield b"".join([*held, rest[:missing]])
            rest, held, missing = rest[missing:], [], size_bytes
        if rest:
            held.append(rest)
            missing -= len(rest)
    if held:
        yield b"".join(held)


class Blobs:
    """Blobs on nodes. As thread-safe as the nodes and the pool are."""

    def __init__(
        self,
        nodes: Sequence[Node],
        *,
        clock: Clock,
        rng: random.Random,
        pool: Pool,
        data: int = 1,
        parity: int = 0,
        stripe_bytes: int = STRIPE_BYTES,
        patience_ns: int = PATIENCE_NS,
    ) -> None:
        self.cluster = Cluster(nodes, clock=clock, pool=pool)
        self.code = ReedSolomon(data, parity)
        self._rng = rng
        self._stripe_bytes = stripe_bytes
        self._patience_ns = patience_ns

    def write(self, chunks: Iterable[bytes]) -> Blob:
        """Store the chunks, durably, and return how to find them. Raises `LostQuorum`.

        Whatever is raised, by `chunks` too, what was stored by then is deleted again, if it can be.
        """
        name = self._rng.randbytes(16).hex()
        size_bytes = 0
        under_way: list[StripeWrite] = []  # at most one
        try:
            for stripe, payload in enumerate(stripes_of(chunks, self._stripe_bytes)):
                size_bytes += len(payload)
                while under_way:
                    under_way.pop().finish()
                key = stripe_name(name, stripe)
                shards = self.encoded(payload)
                note("stripe cut and encoded", shards=len(shards), shard_bytes=len(shards[0]))
                under_way.append(StripeWrite(self.cluster, self.code, key, shards))
            while under_way:
                under_way.pop().finish()
        except BaseException:
            # What is still on its way would arrive after the deletion, and stay.
            for write in under_way:
                write.settle()
            self._forget(name)
            raise
        return Blob(name, size_bytes, self._stripe_bytes, self.code.data, self.code.parity)

    def read(self, blob: Blob, start: int, stop: int) -> Iterator[bytes]:
        """Yield bytes `start` to before `stop`, proved; the first piece is read before this returns.

        Raises `LostQuorum`; from the iterator too, when nodes are lost meanwhile.
        """
        assert 0 <= start <= stop <= blob.size_bytes, (start, stop, blob)
        pieces = self._pieces(blob, start, stop)
        first = next(pieces, None)
        return iter(()) if first is None else _followed_by(first, pieces)

    def delete(self, blob: Blob) -> None:
        """Delete the blob on every node that is up; what the others keep is an orphan then."""
        self._forget(blob.id)

    def close(self) -> None:
        """Give back files and connections."""
        self.cluster.close()

    def encoded(self, payload: bytes) -> list[bytes]:
        """Return a stripe's shards: its payload cut into `data`, and `parity` more."""
        shards = split(payload, self.code.data) if self.code.data > 1 else [payload]
        return [*shards, *self.code.encode(shards)] if self.code.parity else shards

    def shards_of(
        self,
        blob: Blob,
        stripe: int,
        wanted: Sequence[int],
        start: int = 0,
        stop: int | None = None,
    ) -> list[bytes]:
        """Return bytes `start` to before `stop` of each wanted shard of a stripe, read or rebuilt.

        First from where they belong; if that is not enough, from wherever they are. Raises `LostQuorum`.
        """
        homes = self.cluster.placement.homes(stripe_name(blob.id, stripe), blob.data, blob.parity)
        if len(homes) == 1:  # one copy: nobody to race against, and nothing to rebuild it from
            with suppress(KitError):
                name = shard_name(blob.id, stripe, 0)
                return [self._read_at(homes[0], name, slice(start, stop))]
        at_home = {shard: [name] for shard, name in enumerate(homes) if self.cluster.is_up(name)}
        with suppress(LostQuorum):
            return self._fetch(blob, stripe, wanted, at_home, slice(start, stop))
        return self._fetch(blob, stripe, wanted, self.locate(blob, stripe), slice(start, stop))

    def locate(self, blob: Blob, stripe: int) -> dict[int, list[str]]:
        """Return the nodes that have each shard of a stripe, by asking all that can be reached."""
        prefix = stripe_name(blob.id, stripe)
        where: dict[int, list[str]] = {}
        for name, listed in self.cluster.ask_all(lambda node: node.shards(prefix)):
            for each in listed:
                where.setdefault(int(each.shard[len(prefix) :], 16), []).append(name)
        return where

    def _fetch(
        self,
        blob: Blob,
        stripe: int,
        wanted: Sequence[int],
        where: Mapping[int, Sequence[str]],
        rows: slice,
    ) -> list[bytes]:
        absent: dict[int, KitError] = {
            shard: NoSuchShard(f"no node that is up has {shard_name(blob.id, stripe, shard)}")
            for shard in range(blob.code.total)
            if shard not in where
        }

        def ask(shard: int) -> tuple[str, Callable[[], bytes]]:
            name = shard_name(blob.id, stripe, shard)
            return where[shard][0], partial(self._read_from, where[shard], name, rows)

        return fetch(
            blob.code,
            wanted,
            ask,
            pool=self.cluster.pool,
            patience_ns=self._patience_ns,
            lost=absent,
        )

    def _read_from(self, names: Sequence[str], shard: str, rows: slice) -> bytes:
        """Return rows of a shard from the first of these nodes that has it whole."""
        for name in names[:-1]:
            with suppress(KitError):
                return self._read_at(name, shard, rows)
        return self._read_at(names[-1], shard, rows)

    def _read_at(self, name: str, shard: str, rows: slice) -> bytes:
        return self.cluster.ask(name, lambda node: node.get(shard, rows.start, rows.stop))

    def _pieces(self, blob: Blob, start: int, stop: int) -> Iterator[bytes]:
        """Yield the range, a stripe's part at a time."""
        for stripe in range(start // blob.stripe_bytes, -(-stop // blob.stripe_bytes)):
            begin = stripe * blob.stripe_bytes
            low, high = max(start - begin, 0), min(stop - begin, blob.stripe_size(stripe))
            if low < high:
                yield self._piece(blob, stripe, low, high)

    def _piece(self, blob: Blob, stripe: int, low: int, high: int) -> bytes:
        """Return bytes `low` to before `high` of a stripe: part of one shard, or several shards."""
        size = blob.shard_bytes(stripe)
        first, last = low // size, (high - 1) // size
        if first == last:
            return self.shards_of(blob, stripe, [first], low - first * size, high - first * size)[0]
        joined = b"".join(self.shards_of(blob, stripe, range(first, last + 1)))
        return joined[low - first * size : high - first * size]

    def _forget(self, blob: str) -> None:
        for _ in self.cluster.ask_all(lambda node: node.delete([f"{blob}."]), only_up=True):
            pass


def _followed_by(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
