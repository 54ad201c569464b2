"""Units as exponents: `GB/day` is bytes to the 1, seconds to the -1, times 1e9 / 86400.

Any word is a unit: `orders/s` and `machines` need no declaration, and `order`, `orders` are one.
Invariant: quantities are only added or compared when their dimensions agree, so a model that
multiplies where it should divide fails instead of being off by 86,400.
Page: docs/chapters/measure.md
"""

from dataclasses import dataclass
from functools import reduce

from chapters.measure.errors import BadModel

_SECONDS = {
    "ns": 1e-9, "µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0,
    "day": 86400.0, "month": 30 * 86400.0, "year": 365 * 86400.0,
}  # fmt: skip
_SPELT_OUT = {
    "second": "s", "minute": "min", "hour": "h", "day": "day", "month": "month", "year": "year"
}  # fmt: skip
_BYTES = {"B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "PB": 1e15, "EB": 1e18}
_BITS = {f"{prefix}bit": factor / 8 for prefix, factor in
         (("", 1), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12))}  # fmt: skip

Dimensions = tuple[tuple[str, int], ...]  # sorted (base unit, exponent), exponents never 0


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of base units (seconds, bytes, or the word itself)."""

    value: float
    dimensions: Dimensions = ()

    def __mul__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.value * other.value, _combine(self.dimensions, other.dimensions, 1))

    def __truediv__(self, other: "Quantity") -> "Quantity":
        if other.value == 0:
            raise BadModel("a formula divides by zero")
        return Quantity(self.value / other.value, _combine(self.dimensions, other.dimensions, -1))

    def __add__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.value + self.agreeing(other).value, self.dimensions)

    def __sub__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.value - self.agreeing(other).value, self.dimensions)

    def agreeing(self, other: "Quantity") -> "Quantity":
        """Return `other` if it has our dimensions; `BadModel` names both if it has not."""
        if other.dimensions != self.dimensions:
            mine, theirs = unit_text(self.dimensions), unit_text(other.dimensions)
            raise BadModel(f"{mine} and {theirs} cannot be added or compared")
        return other


def quantity(value: float, unit: str) -> Quantity:
    """Return `value` of `unit` in base units: `quantity(1, "GB/day")`."""
    one = parse(unit)
    return Quantity(value * one.value, one.dimensions)


def parse(unit: str) -> Quantity:
    """Return one `unit`; products are written `B*replicas`, quotients `B/order/s`, "" is a number.

    Raises `BadModel` for an empty factor.
    """
    if unit in ("", "1"):
        return Quantity(1.0)
    first, *below = unit.split("/")
    above = [Quantity(1.0) if word == "1" else _word(word, unit) for word in first.split("*")]
    numerator = reduce(Quantity.__mul__, above)
    return reduce(Quantity.__truediv__, (_word(word, unit) for word in below), numerator)


def _word(word: str, unit: str) -> Quantity:
    word = word.strip()
    if not word:
        raise BadModel(f"unit {unit!r} has an empty factor; write it like GB/day")
    if word in _SECONDS:
        return Quantity(_SECONDS[word], (("s", 1),))
    for table in (_BYTES, _BITS):
        if word in table:
            return Quantity(table[word], (("B", 1),))
    singular = word.removesuffix("s") if len(word) > 3 else word
    # `days` and `hours` are time as well, not new things to count.
    if singular in _SPELT_OUT:
        return Quantity(_SECONDS[_SPELT_OUT[singular]], (("s", 1),))
    return Quantity(1.0, ((singular, 1),))


def unit_text(dimensions: Dimensions) -> str:
    """Return the dimensions for people: `B/s`, or `a plain number`."""
    above = [_power(word, power) for word, power in dimensions if power > 0]
    below = [_power(word, -power) for word, power in dimensions if power < 0]
    return "/".join(["*".join(above) or "1", *below]) if dimensions else "a plain number"


def _power(word: str, power: int) -> str:
    return word if power == 1 else f"{word}^{power}"


def _combine(left: Dimensions, right: Dimensions, sign: int) -> Dimensions:
    powers = dict(left)
    for word, power in right:
        powers[word] = powers.get(word, 0) + sign * power
    return tuple(sorted((word, power) for word, power in powers.items() if power))
