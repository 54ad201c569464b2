"""The blocks read last, in memory, up to a number of bytes.

Invariant: `size_bytes` never exceeds its bound; the block that went unread for longest goes first.
Blocks are kept as they are on disk, already verified: decoded they would take four times the room.
Page: docs/chapters/lsm.md
"""

from collections import OrderedDict


class BlockCache:
    """Verified blocks by table number and block number, least recently used first."""

    def __init__(self, size_bytes_max: int) -> None:
        self._blocks: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._size_bytes_max = size_bytes_max
        self.size_bytes = 0

    def get(self, table: int, number: int) -> bytes | None:
        """Return the block, if it is here."""
        block = self._blocks.get((table, number))
        if block is not None:
            self._blocks.move_to_end((table, number))
        return block

    def put(self, table: int, number: int, block: bytes) -> None:
        """Keep a block that is not here yet, at the expense of those longest unread."""
        self._blocks[table, number] = block
        self.size_bytes += len(block)
        while self.size_bytes > self._size_bytes_max:
            self.size_bytes -= len(self._blocks.popitem(last=False)[1])
