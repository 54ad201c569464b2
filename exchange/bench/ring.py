"""A ring of packets in shared memory: one writer, any number of readers, nobody waits. For contrast.

    slot n % 1,024    sequence u64 │ length u32 │ crc32c u32 │ packet
    writer            sequence 0, then the packet, then sequence, length and checksum
    reader            sequence as wanted? copy. Checksum right? it is whole. Sequence ahead? place lost

The idea is that of LMAX's Disruptor, with one difference: a slow reader is overwritten and not waited for.
Python has no memory barriers, so a reader may see the head before the packet: the checksum tells. Measured
beside sockets, it is not what makes a subscriber fast. Page: docs/exchange/feed.md
"""

from multiprocessing.shared_memory import SharedMemory
from struct import Struct

import google_crc32c

from chapters.fanout import LostPlace

SLOT_BYTES, SLOTS = 1_536, 1_024
HEAD = Struct("<QII")


class RingWriter:
    """Writes packets, each over the one of `SLOTS` packets before."""

    def __init__(self) -> None:
        self._memory = SharedMemory(create=True, size=SLOT_BYTES * SLOTS)
        self.name = self._memory.name
        self.sequence = 0

    def write(self, packet: bytes) -> None:
        """Write a packet of at most a slot's size."""
        self.sequence += 1
        at, buffer = self.sequence % SLOTS * SLOT_BYTES, _bytes_of(self._memory)
        begin = at + HEAD.size
        HEAD.pack_into(buffer, at, 0, 0, 0)
        buffer[begin : begin + len(packet)] = packet
        HEAD.pack_into(buffer, at, self.sequence, len(packet), google_crc32c.value(packet))

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()
        self._memory.unlink()


class RingReader:
    """Reads packets in order, from the one after `sequence` on."""

    def __init__(self, name: str, sequence: int = 0) -> None:
        self._memory = SharedMemory(name=name)
        self.sequence = sequence

    def read(self) -> bytes | None:
        """Return the next packet, or None when it is not there, or not whole, yet. Raises `LostPlace`."""
        wanted = self.sequence + 1
        at, buffer = wanted % SLOTS * SLOT_BYTES, _bytes_of(self._memory)
        sequence, length, checksum = HEAD.unpack_from(buffer, at)
        if sequence > wanted:
            raise LostPlace(f"packet {wanted} was overwritten by {sequence}: take a snapshot")
        packet = bytes(buffer[at + HEAD.size : at + HEAD.size + length])
        if sequence != wanted or google_crc32c.value(packet) != checksum:
            return None
        self.sequence = wanted
        return packet

    def close(self) -> None:
        """Let the memory go."""
        self._memory.close()


def _bytes_of(memory: SharedMemory) -> memoryview:
    found = memory.buf
    assert found is not None, "the memory was given back"
    return found
