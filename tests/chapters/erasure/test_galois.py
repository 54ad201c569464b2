"""The field of bytes: its axioms, the slow way beside the fast, and figures published by others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.erasure.galois import EXP, LOG, doubled, inverse, multiply, multiply_slowly, table

BYTES = st.integers(0, 255)


def test_every_product_of_two_bytes_is_the_same_by_tables_and_by_hand() -> None:
    for a in range(256):
        assert [multiply(a, b) for b in range(256)] == [multiply_slowly(a, b) for b in range(256)]


@given(BYTES, BYTES, BYTES)
def test_it_is_a_field(a: int, b: int, c: int) -> None:
    assert multiply(a, b) == multiply(b, a)
    assert multiply(a, multiply(b, c)) == multiply(multiply(a, b), c)
    assert multiply(a, b ^ c) == multiply(a, b) ^ multiply(a, c)
    assert multiply(a, 1) == a
    assert multiply(a, 0) == 0


def test_every_byte_but_zero_has_one_inverse() -> None:
    inverses = [inverse(a) for a in range(1, 256)]
    assert sorted(inverses) == list(range(1, 256))
    assert all(multiply(a, inverse(a)) == 1 for a in range(1, 256))


def test_zero_has_none() -> None:
    with pytest.raises(ZeroDivisionError):
        inverse(0)


def test_the_powers_of_two_are_all_bytes_but_zero() -> None:
    assert sorted(EXP) == list(range(1, 256))
    assert all(EXP[LOG[a]] == a for a in range(1, 256))


def test_powers_as_published_for_0x11d() -> None:
    # Lin and Costello, Error Control Coding, appendix A; also Anvin, The mathematics of RAID-6.
    begin = "01 02 04 08 10 20 40 80 1d 3a 74 e8 cd 87 13 26 4c 98 2d 5a b4 75 ea c9 8f 03"
    assert EXP[:26] == bytes.fromhex(begin)
    assert EXP[254] == 0x8E == inverse(2)


def test_doubling_stays_within_a_byte() -> None:
    assert (doubled(0x80), doubled(0xFF), doubled(0x7F)) == (0x1D, 0xE3, 0xFE)
    assert all(doubled(a) == multiply(2, a) < 256 for a in range(256))


def polynomial_of_roots(count: int) -> list[int]:
    """The coefficients of (x − 2⁰)(x − 2¹)…, the highest power first."""
    coefficients = [1]
    for exponent in range(count):
        shifted = [0, *(multiply(EXP[exponent], each) for each in coefficients)]
        coefficients = [a ^ b for a, b in zip([*coefficients, 0], shifted, strict=True)]
    return coefficients


@pytest.mark.parametrize(
    "exponents",
    [
        [0, 87, 229, 146, 149, 238, 102, 21],
        [0, 251, 67, 46, 61, 118, 70, 64, 94, 32, 45],
    ],
)
def test_generator_polynomials_of_the_qr_code_standard(exponents: list[int]) -> None:
    # ISO/IEC 18004, annex A: the same field, in everybody's pocket.
    assert [LOG[each] for each in polynomial_of_roots(len(exponents) - 1)] == exponents


def test_the_check_bytes_of_a_published_qr_code() -> None:
    # "HELLO WORLD" as version 1-M, a worked example of many tutorials.
    message = [32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17]
    divisor, rest = polynomial_of_roots(10), [*message, *[0] * 10]
    for place in range(len(message)):
        for offset, each in enumerate(divisor):
            if offset:
                rest[place + offset] ^= multiply(rest[place], each)
    assert rest[len(message) :] == [196, 35, 39, 119, 235, 215, 231, 226, 93, 23]


def test_a_table_multiplies_a_whole_string() -> None:
    assert bytes([0, 1, 2, 255]).translate(table(3)) == bytes([0, 3, 6, multiply(3, 255)])
