"""Arithmetic on bytes: 256 numbers of which every one but 0 divides every other, without remainder.

    a + b   a XOR b; so a − b is the same, and a + a = 0
    a × b   as polynomials of bits, the remainder after division by x⁸+x⁴+x³+x²+1 (0x11D)

Invariant: products of bytes are bytes, and a × inverse(a) = 1. So equations of bytes can be solved as
those of fractions are, and nothing is ever rounded. With this polynomial 2 is a generator: its powers
are all 255 numbers but 0, so that multiplying is adding exponents, as on a slide rule.
Cost: two lookups a product; 256 bytes for each factor that shards are multiplied by.
Source: Plank, A Tutorial on Reed-Solomon Coding for Fault-Tolerance, 1997; ISA-L uses the same field.
Page: docs/chapters/erasure.md
"""

from functools import cache

POLYNOMIAL = 0x11D
ORDER = 255  # how many numbers there are but 0; the powers of 2 repeat after so many


def multiply(a: int, b: int) -> int:
    """Return a × b for two bytes: the power of 2 whose exponent is the sum of theirs.

    0 is no power of 2 and has no logarithm.
    """
    if a == 0 or b == 0:
        return 0
    return EXP[(LOG[a] + LOG[b]) % ORDER]


def inverse(a: int) -> int:
    """Return the byte with a × inverse(a) = 1. Raises ZeroDivisionError for 0."""
    if a == 0:
        raise ZeroDivisionError("0 has no inverse")
    return EXP[(ORDER - LOG[a]) % ORDER]


def multiply_slowly(a: int, b: int) -> int:
    """Return a × b by doubling and adding, as one multiplies by hand: what the tables stand for.

    b is a sum of powers of two; so a × b is the sum of as many doublings of a.
    """
    product = 0
    while b:
        if b & 1:
            product ^= a
        a, b = doubled(a), b >> 1
    return product


def doubled(a: int) -> int:
    """Return 2 × a: shifted by one bit, and brought back to eight when it has grown to nine."""
    return (a << 1) ^ (POLYNOMIAL if a & 0x80 else 0)


def _powers() -> tuple[bytes, bytes]:
    """Return the powers of 2 by exponent, and the exponents by power."""
    exp, log = bytearray(ORDER), bytearray(ORDER + 1)
    power = 1
    for exponent in range(ORDER):
        exp[exponent], log[power] = power, exponent
        power = doubled(power)
    assert power == 1, "2 does not generate the field"
    return bytes(exp), bytes(log)


EXP, LOG = _powers()


@cache
def table(factor: int) -> bytes:
    """Return factor × each of the 256 bytes, in order: what `bytes.translate` takes."""
    return bytes(multiply(factor, each) for each in range(ORDER + 1))


def demo(*, a: int = 87, b: int = 131) -> None:
    """Multiply two bytes both ways, and divide again."""
    a, b = a % 256, b % 256
    product = multiply(a, b)
    print(f"{a} + {b} = {a ^ b}, and {a ^ b} + {b} = {a}: adding twice takes away")
    print(f"{a} × {b} = {multiply_slowly(a, b)} by doubling and adding")
    if product:
        print(f"{a} = 2^{LOG[a]} and {b} = 2^{LOG[b]}; 2^{(LOG[a] + LOG[b]) % ORDER} = {product}")
        print(
            f"{product} × inverse({b}) = {product} × {inverse(b)} = {multiply(product, inverse(b))}"
        )


if __name__ == "__main__":
    demo()
