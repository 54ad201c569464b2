"""Matrices of bytes: the equations that tie shards together, and how they are solved.

    generator(4, 2) =  1 0 0 0      shard 0 = block 0
                       0 1 0 0      …
                       0 0 1 0
                       0 0 0 1      shard 3 = block 3
                       c c c c      shard 4 = c×block 0 + c×block 1 + c×block 2 + c×block 3
                       c c c c      shard 5

Invariant: any `data` rows of a generator can be inverted, so any `data` shards give the blocks back.
The rows below the identity are a Cauchy matrix, 1 / (x + y) with no x equal to any y: every square
piece of it has an inverse. Cost: data³ steps to invert; matrices are small, and kept.
Source: Blömer et al., An XOR-Based Erasure-Resilient Coding Scheme, 1995. Page: docs/chapters/erasure.md
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

from chapters.erasure.errors import Singular
from chapters.erasure.galois import inverse, multiply, table

Matrix: TypeAlias = tuple[bytes, ...]
MATRICES_MAX = 256


@lru_cache(MATRICES_MAX)
def generator(data: int, parity: int) -> Matrix:
    """Return the rows that make all shards of the blocks: the identity above a Cauchy matrix.

    Parity row i (the first is row `data`) has inverse(i XOR j) in column j, as ISA-L's
    `gf_gen_cauchy1_matrix` does.
    """
    rows = range(data, data + parity)
    cauchy = tuple(bytes(inverse(row ^ column) for column in range(data)) for row in rows)
    return identity(data) + cauchy


def identity(size: int) -> Matrix:
    """Return the matrix that changes nothing."""
    return tuple(bytes(int(row == column) for column in range(size)) for row in range(size))


def inverted(matrix: Sequence[bytes]) -> Matrix:
    """Return the inverse of a square matrix, by Gauss-Jordan elimination. Raises `Singular`.

    Beside the matrix stands the identity; what turns the one into the identity turns the other
    into the inverse.
    """
    size = len(matrix)
    rows = [left + right for left, right in zip(matrix, identity(size), strict=True)]
    for column in range(size):
        pivot = next((row for row in range(column, size) if rows[row][column]), size)
        if pivot == size:
            raise Singular(f"row {column} of {size} is a combination of others: no inverse")
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = scaled(rows[column], inverse(rows[column][column]))
        for row in range(size):
            if row != column:
                rows[row] = added(rows[row], scaled(rows[column], rows[row][column]))
    return tuple(row[size:] for row in rows)


def times(left: Sequence[bytes], right: Sequence[bytes]) -> Matrix:
    """Return the matrix product: what `left` makes of the results of `right`."""
    columns = list(zip(*right, strict=True))
    return tuple(bytes(_dot(row, column) for column in columns) for row in left)


def _dot(row: Iterable[int], column: Iterable[int]) -> int:
    total = 0
    for a, b in zip(row, column, strict=True):
        total ^= multiply(a, b)
    return total


def scaled(row: bytes, factor: int) -> bytes:
    """Return factor × row."""
    return row.translate(table(factor))


def added(one: bytes, other: bytes) -> bytes:
    """Return the sum of two rows, which is also their difference."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))


def independent(rows: Iterable[tuple[int, bytes]], count: int) -> list[int]:
    """Return the numbers of the first rows that are no combination of earlier ones, at most `count`."""
    reduced: list[tuple[int, bytes]] = []  # each with a 1 in its own column
    kept: list[int] = []
    for number, row in rows:
        for column, known in reduced:
            row = added(row, scaled(known, row[column]))
        if len(kept) < count and any(row):
            column = next(index for index, each in enumerate(row) if each)
            reduced.append((column, scaled(row, inverse(row[column]))))
            kept.append(number)
    return kept
