"""Who does the multiplying: a readable coder that is always there, or Intel's library where it is.

    combine(rows, shards) = one shard for each row: row[0] × shards[0] + row[1] × shards[1] + …

Invariant: all coders give the same bytes, for any rows. Encoding, decoding and local repair differ
only in the rows that they ask for. Which coder: an argument, else the variable KIT_ERASURE, else
ISA-L where it is found; but code that a learner is writing is never passed over for a library.
Cost: one pass over every shard for each row. `Readable` takes a few nanoseconds for each byte that it
reads, ISA-L a twentieth of that. Page: docs/chapters/erasure.md
"""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Protocol, TypeAlias

import numpy

from chapters.erasure.errors import NoSuchBackend
from chapters.erasure.galois import table
from chapters.erasure.matrix import Matrix

Shard: TypeAlias = bytes | bytearray | memoryview

VARIABLE = "KIT_ERASURE"
LEARNING = ("KIT_MINE", "KIT_BOX")  # set where a learner's modules stand in place of ours


class Backend(Protocol):
    """A coder: somebody who can combine shards."""

    @property
    def name(self) -> str:
        """What KIT_ERASURE calls it."""

    def combine(self, rows: Matrix, shards: Sequence[Shard]) -> list[bytes]:
        """Return one shard for each row: the sum of all shards, each times its byte of the row.

        There is at least one shard, and all have one length.
        """


class Readable:
    """The coder that this chapter teaches: `bytes.translate` multiplies, numpy's XOR adds."""

    name = "readable"

    def combine(self, rows: Matrix, shards: Sequence[Shard]) -> list[bytes]:
        """Return one shard for each row."""
        return [weighted_sum(row, shards) for row in rows]


def weighted_sum(row: bytes, shards: Sequence[Shard]) -> bytes:
    """Return row[0] × shards[0] + row[1] × shards[1] + …, byte by byte.

    `bytes.translate` looks every byte up in a table of 256; `table(factor)` is the one that
    multiplies by `factor`. A factor of 0 adds nothing.
    """
    total = numpy.zeros(len(shards[0]), numpy.uint8)
    for factor, shard in zip(row, shards, strict=True):
        if factor:
            product = bytes(shard).translate(table(factor))
            total ^= numpy.frombuffer(product, numpy.uint8)
    return total.tobytes()


def chosen() -> Backend:
    """Return the coder to use when nobody names one. Raises `NoSuchBackend`."""
    name = os.environ.get(VARIABLE, "auto")
    if name == "auto" and any(each in os.environ for each in LEARNING):
        return Readable()  # no library is even looked for: a box would note that as a way out
    present = installed()
    if name == "auto":
        return list(present.values())[-1]
    if name not in present:
        known = ", ".join(["auto", *present])
        raise NoSuchBackend(
            f"{VARIABLE} is {name!r}; here it can be {known} (for isal: apt install libisal2)"
        )
    return present[name]


@cache
def installed() -> Mapping[str, Backend]:
    """Return the coders of this machine by name, the slowest first."""
    from chapters.erasure.isal import libraries

    coders: list[Backend] = [Readable(), *libraries()]
    return {each.name: each for each in coders}
