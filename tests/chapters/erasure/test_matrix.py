"""Matrices of bytes: inversion, and the property that makes any `data` shards enough."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.erasure.errors import Singular
from chapters.erasure.galois import inverse, multiply
from chapters.erasure.matrix import (
    Matrix,
    added,
    generator,
    identity,
    independent,
    inverted,
    scaled,
    times,
)


def square(size: int) -> st.SearchStrategy[Matrix]:
    row = st.binary(min_size=size, max_size=size)
    return st.lists(row, min_size=size, max_size=size).map(tuple)


@given(st.integers(1, 6).flatmap(square))
def test_an_inverse_undoes_its_matrix_and_only_dependent_rows_have_none(matrix: Matrix) -> None:
    size = len(matrix)
    rank = len(independent(enumerate(matrix), size))
    if rank < size:
        with pytest.raises(Singular):
            inverted(matrix)
        return
    assert times(inverted(matrix), matrix) == identity(size) == times(matrix, inverted(matrix))


def test_a_zero_on_the_diagonal_is_no_obstacle() -> None:
    swap = (b"\0\1", b"\1\0")
    assert inverted(swap) == swap


def test_rows_that_depend_on_each_other_are_refused() -> None:
    with pytest.raises(Singular, match="row 1 of 2"):
        inverted([b"\1\2", scaled(b"\1\2", 77)])


@pytest.mark.parametrize(("data", "parity"), [(4, 2), (6, 3), (5, 5), (3, 7)])
def test_every_square_piece_of_the_parity_rows_has_an_inverse(data: int, parity: int) -> None:
    rows = generator(data, parity)[data:]
    for size in range(1, min(data, parity) + 1):
        for some in combinations(rows, size):
            for columns in combinations(range(data), size):
                inverted([bytes(row[column] for column in columns) for row in some])


@pytest.mark.parametrize(("data", "parity"), [(1, 3), (4, 2), (6, 3), (10, 4)])
def test_any_rows_of_a_generator_determine_the_blocks(data: int, parity: int) -> None:
    for rows in combinations(generator(data, parity), data):
        inverted(rows)


def test_any_rows_of_the_widest_generators_too() -> None:
    rng = Random(7)
    for data, parity in ((128, 128), (17, 3), (200, 56)):
        inverted(rng.sample(generator(data, parity), data))


def test_the_generator_is_identity_above_cauchy() -> None:
    rows = generator(4, 2)
    assert rows[:4] == identity(4)
    assert rows[4] == bytes(inverse(4 ^ column) for column in range(4))
    assert rows[5] == bytes(inverse(5 ^ column) for column in range(4))


@given(st.binary(min_size=5, max_size=5), st.binary(min_size=5, max_size=5), st.integers(0, 255))
def test_rows_are_scaled_and_added_byte_by_byte(one: bytes, other: bytes, factor: int) -> None:
    assert scaled(one, factor) == bytes(multiply(each, factor) for each in one)
    assert added(one, other) == bytes(a ^ b for a, b in zip(one, other, strict=True))


def test_independent_rows_are_the_first_that_say_something_new() -> None:
    rows = [b"\0\0\0", b"\1\0\0", b"\2\0\0", b"\1\1\0", b"\0\7\0", b"\0\0\3", b"\1\1\1"]
    assert independent(enumerate(rows), 3) == [1, 3, 5]
    assert independent(enumerate(rows), 2) == [1, 3]
