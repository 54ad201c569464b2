"""A file of which some bytes are here: what a listener's cache is made of.

Page: docs/spotify/playback.md
"""

from spotify.playback.rangeset import RangeSet


class SparseFile:
    """Bytes of a file of `size`, with holes."""

    def __init__(self, size: int) -> None:
        self._data = bytearray(size)
        self.here = RangeSet()

    def put(self, first: int, data: bytes) -> None:
        """Keep bytes that begin at `first`."""
        self._data[first : first + len(data)] = data
        self.here.add(first, first + len(data))

    def has(self, first: int, end: int) -> bool:
        """Return whether all bytes from `first` to `end` are here."""
        return self.here.covers(first, end)

    def read(self, first: int, end: int) -> bytes:
        """Return bytes that are here."""
        assert self.has(first, end)
        return bytes(self._data[first:end])
