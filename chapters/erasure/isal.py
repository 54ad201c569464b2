"""The same sums by ISA-L, Intel's storage library, called through ctypes when it is installed.

Invariant: it gets our rows, so it gives our bytes; only the inner loop is another. Where `Readable`
looks up one byte at a time, ISA-L shuffles 16 to 64 of them in one instruction, with two tables of 16
entries for each factor (Plank, Greenan, Miller, Screaming Fast Galois Field Arithmetic, FAST 2013).
Python's lock is released meanwhile. Cost: see `combine`. Source: isa-l/include/erasure_code.h.
Page: docs/chapters/erasure.md
"""

import ctypes
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy
from numpy.typing import NDArray

from chapters.erasure.backends import Shard
from chapters.erasure.matrix import Matrix

FILES = ("libisal.so.2", "libisal.2.dylib")
TABLES_MAX = 256
TABLE_BYTES = 32  # for one factor
CHUNK_BYTES = 1 << 30  # lengths are C's int


class IsaL:
    """A coder that calls the library `lib`."""

    name = "isal"

    def __init__(self, lib: ctypes.CDLL) -> None:
        self._encode = lib.ec_encode_data
        self._init_tables = lib.ec_init_tables
        self._tables = lru_cache(TABLES_MAX)(self._make_tables)

    def combine(self, rows: Matrix, shards: Sequence[Shard]) -> list[bytes]:
        """Return one shard for each row. Shards are read where they lie; results are copied once."""
        if not rows:
            return []
        size = len(shards[0])
        sources = [numpy.frombuffer(shard, numpy.uint8) for shard in shards]
        results = numpy.empty((len(rows), size), numpy.uint8)
        tables = self._tables(rows)
        for start in range(0, size, CHUNK_BYTES):
            length = min(CHUNK_BYTES, size - start)
            into, out_of = addresses(results, start), addresses(sources, start)
            self._encode(length, len(shards), len(rows), tables, out_of, into)
        return [result.tobytes() for result in results]

    def _make_tables(self, rows: Matrix) -> ctypes.Array[ctypes.c_char]:
        """Return what ISA-L wants to know of the rows."""
        columns = len(rows[0])
        tables = ctypes.create_string_buffer(TABLE_BYTES * len(rows) * columns)
        self._init_tables(columns, len(rows), b"".join(rows), tables)
        return tables


def addresses(arrays: Sequence[NDArray[numpy.uint8]] | NDArray[numpy.uint8], start: int) -> object:
    """Return C's array of pointers to byte `start` of each."""
    pointers = ctypes.c_void_p * len(arrays)
    return pointers(*(array.ctypes.data + start for array in arrays))


def libraries() -> Iterator[IsaL]:
    """Yield a coder for the library if it is installed."""
    for file in FILES:
        try:
            yield IsaL(ctypes.CDLL(file))
            return
        except (OSError, AttributeError):  # not there, or without erasure codes
            continue
