"""A follower that is too far behind gets the machine's state instead of the log, chunk by chunk.

    leader                                   follower
    InstallSnapshot 0 ───────────────────►   write to a file
                    ◄───── SnapshotReply 1
    InstallSnapshot 1 ───── lost                                again at the next heartbeat
    InstallSnapshot 1 ───────────────────►   write to the file
                    ◄───── SnapshotReply 2
    InstallSnapshot 2, the last ─────────►   the machine takes in all of it, at once
                    ◄───── AppendReply: matched up to the snapshot's index

Invariant: one chunk is under way, and one in memory, on either side. The file needs no sync: after a
crash it is thrown away and the transfer begins again. Source: Ongaro and Ousterhout, ATC 2014,
section 7 (extended version). Page: docs/chapters/raft.md
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chapters.raft.messages import InstallSnapshot
from chapters.sim.disk import Disk

_LENGTH = struct.Struct("<I")


@dataclass(slots=True)
class Outgoing:
    """A snapshot on its way to one follower: which chunk is next, and whether more follow."""

    transfer: int
    index: int
    index_term: int
    chunks: Iterator[bytes]
    chunk_bytes_max: int
    number: int = 0
    _data: bytes = b""
    _following: bytes | None = field(default=None)

    def __post_init__(self) -> None:
        self._data, self._following = self._fetch() or b"", self._fetch()

    def message(self, term: int, beat: int) -> InstallSnapshot:
        """Return the present chunk."""
        return InstallSnapshot(
            term,
            beat,
            self.transfer,
            self.index,
            self.index_term,
            self.number,
            is_last=self._following is None,
            data=self._data,
        )

    def advance(self) -> None:
        """Go to the next chunk."""
        assert self._following is not None, "the last chunk has no next"
        self.number += 1
        self._data, self._following = self._following, self._fetch()

    def _fetch(self) -> bytes | None:
        chunk = next(self.chunks, None)
        assert len(chunk or b"") <= self.chunk_bytes_max, "the machine's chunk is over its limit"
        return chunk


class Incoming:
    """A snapshot that arrives, in a file beside the log."""

    def __init__(self, *, disk: Disk, name: str) -> None:
        self._disk = disk
        self._file = f"{name}/incoming"
        self._transfer: tuple[int, int] | None = None  # term and number of the present one
        self._wanted = 0
        self.clear()

    def take(self, chunk: InstallSnapshot) -> int:
        """Keep `chunk` if it is the one that is wanted; return the number wanted next."""
        transfer = (chunk.term, chunk.transfer)
        if chunk.number == 0 and transfer != self._transfer:
            self.clear()
            self._transfer = transfer
        if transfer != self._transfer:
            return 0
        if chunk.number == self._wanted:
            self._disk.append(self._file, _LENGTH.pack(len(chunk.data)) + chunk.data)
            self._wanted += 1
        return self._wanted

    def chunks(self) -> Iterable[bytes]:
        """Yield all that came, in order."""
        offset = 0
        for _ in range(self._wanted):
            (size,) = _LENGTH.unpack(self._disk.read(self._file, offset, _LENGTH.size))
            yield self._disk.read(self._file, offset + _LENGTH.size, size)
            offset += _LENGTH.size + size

    def clear(self) -> None:
        """Forget what came so far."""
        if self._file in self._disk.names(self._file):
            self._disk.remove(self._file)
        self._transfer, self._wanted = None, 0
