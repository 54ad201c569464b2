"""Scrubbing: read everything now and then, as bytes rot while nobody looks.

A shard that nobody reads can be damaged for a year, and then two others are lost, and only then does
somebody notice. So each node reads its shards in order of name, slowly, and says which fail their
checksums. The cursor is a name, so a scrub goes on where it stopped, whatever was added or moved.
Cost: one read of the disk per shard; `limit_bytes` a call is the bound. Page: docs/s3/repair.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from s3.storage.errors import DamagedShard, NoSuchShard
from s3.storage.shard_store import LIST_MAX, Listed

STEP_BYTES = 16 * 1024 * 1024


class Shelf(Protocol):
    """What can be scrubbed: a shard store, or a node."""

    def get(self, shard: str) -> bytes: ...
    def shards(self, prefix: str = "", after: str = "") -> Sequence[Listed]: ...


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """One step of a scrub: what was proved, what is damaged, and where to go on ("": the end)."""

    shards: int
    size_bytes: int
    damaged: tuple[str, ...]
    cursor: str


def scrub(store: Shelf, after: str = "", limit_bytes: int = STEP_BYTES) -> Scrubbed:
    """Read the shards behind `after` until `limit_bytes` are read or a page of names is through."""
    size_bytes = count = 0
    damaged: list[str] = []
    page = store.shards(after=after)
    for listed in page:
        if size_bytes >= limit_bytes:
            break
        count += 1
        size_bytes += listed.size_bytes
        after = listed.shard
        if not is_sound(store, listed.shard):
            damaged.append(listed.shard)
    is_end = count == len(page) and len(page) < LIST_MAX
    return Scrubbed(count, size_bytes, tuple(damaged), "" if is_end else after)


def is_sound(store: Shelf, shard: str) -> bool:
    """Return whether a shard is as it was stored, or was deleted meanwhile."""
    try:
        store.get(shard)
    except DamagedShard:
        return False
    except NoSuchShard:
        return True
    return True
