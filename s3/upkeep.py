"""What the store does when nobody asks: delete what was let go, look for damage, bring back what is lost.

    every half minute     sweep     bytes that nothing refers to any more
    every few seconds     repair    stripes with shards on nodes that died, the worst first; and those
                                    that a scrub found damaged, when somebody asked for one

Which blobs there should be is in the metadata and nowhere else: `blobs_in` reads it from end to end.
Page: docs/s3/repair.md
"""

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager

from chapters.sim.clock import SleepingClock
from s3.metadata.keys import after
from s3.metadata.transaction import Metadata
from s3.records import Part, Version
from s3.storage.anti_entropy import Copy
from s3.storage.blobs import Blob, Blobs
from s3.storage.repair import Progress, Repairer
from s3.sweeper import Sweeper

PAGE_MAX = 1_000

Exclusive = Callable[[bytes], AbstractContextManager[object]]


class Upkeep:
    """The housekeeping of one store. One repair at a time: `exclusive` sees to it."""

    def __init__(
        self, *, metadata: Metadata, blobs: Blobs, clock: SleepingClock, exclusive: Exclusive
    ) -> None:
        self._metadata = metadata
        self._repairer = Repairer(blobs, clock=clock)
        self._sweeper = Sweeper(metadata=metadata, blobs=blobs, clock=clock)
        self._exclusive = exclusive

    @property
    def progress(self) -> Progress:
        """How far the present repair has come, or what the last one did."""
        return self._repairer.progress

    def sweep(self) -> int:
        """Delete blobs that were let go; return how many. Raises `Busy`."""
        return self._sweeper.sweep()

    def repair(self, damaged: Collection[Copy] = ()) -> Progress:
        """Make the shards that are missing, or known to be damaged, anew. Raises `Busy`."""
        with self._exclusive(b"repair"):
            return self._repairer.run(list(blobs_in(self._metadata)), damaged)


def blobs_in(metadata: Metadata) -> Iterator[Blob]:
    """Yield every blob that the metadata refers to: of versions, of parts, and of what is let go."""
    for home in (b"o/", b"v/"):
        for data in _values(metadata, home):
            yield from (Blob.from_json(part["blob"]) for part in Version.from_bytes(data).parts)
    for data in _values(metadata, b"p/"):
        yield Blob.from_json(Part.from_bytes(data).blob)
    for data in _values(metadata, b"g/"):
        yield Blob.from_json(json.loads(data))


def _values(metadata: Metadata, home: bytes) -> Iterator[bytes]:
    start = home
    while entries := metadata.scan(start, after(home), PAGE_MAX):
        yield from (data for _, data in entries)
        start = entries[-1][0] + b"\0"
