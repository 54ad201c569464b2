"""What a customer asks for, and how it is read from the outside.

Invariant: a cart that was read has 1 to 30 lines, each with 1 to 50 of a dish, and a price in whole paise:
the one that the customer saw. Page: docs/zomato/ordering.md
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zomato.errors import BadCart

LINES_MAX = 30
QUANTITY_MAX = 50
PAISE_MAX = 100_000_00  # of one dish
ID_MAX = 80  # characters


@dataclass(frozen=True, slots=True)
class Line:
    """So many of a dish, at the price that the customer saw, in paise each."""

    dish: str
    quantity: int
    seen_paise: int


@dataclass(frozen=True, slots=True)
class Cart:
    """What is asked of one restaurant, by whom, to where (metres on the town's plane)."""

    customer: str
    restaurant: str
    lines: tuple[Line, ...]
    coupon: str = ""
    x_m: float = 0.0
    y_m: float = 0.0


def read_cart(facts: Mapping[str, Any]) -> Cart:
    """Return the cart that a request describes. Raises `BadCart`, with the name and the value."""
    if not isinstance(facts, Mapping):
        raise BadCart(f"the cart is {facts!r:.40}; it must be an object")
    lines = facts.get("lines")
    if not isinstance(lines, list) or not 1 <= len(lines) <= LINES_MAX:
        raise BadCart(f"lines is {lines!r:.40}; it must be a list of 1 to {LINES_MAX}")
    coupon = facts.get("coupon", "")
    if not isinstance(coupon, str) or len(coupon) > ID_MAX:
        raise BadCart(f"coupon is {coupon!r:.40}; it must be text")
    return Cart(
        _text(facts, "customer"),
        _text(facts, "restaurant"),
        tuple(_line(number, each) for number, each in enumerate(lines, 1)),
        coupon,
        _metres(facts, "x"),
        _metres(facts, "y"),
    )


def _line(number: int, facts: object) -> Line:
    if not isinstance(facts, Mapping):
        raise BadCart(f"line {number} is {facts!r:.40}; it must be an object")
    quantity = _whole(number, facts, "quantity", QUANTITY_MAX)
    return Line(_text(facts, "dish"), quantity, _whole(number, facts, "price", PAISE_MAX))


def _whole(number: int, facts: Mapping[str, Any], name: str, most: int) -> int:
    found = facts.get(name)
    if type(found) is not int or not 1 <= found <= most:
        raise BadCart(f"line {number}: {name} is {found!r:.40}; it must be whole, 1 to {most}")
    return found


def _text(facts: Mapping[str, Any], name: str) -> str:
    found = facts.get(name)
    if not isinstance(found, str) or not 1 <= len(found) <= ID_MAX:
        raise BadCart(f"{name} is {found!r:.40}; it must be text of 1 to {ID_MAX} characters")
    return found


def _metres(facts: Mapping[str, Any], name: str) -> float:
    found = facts.get(name, 0)
    if isinstance(found, bool) or not isinstance(found, int | float) or not abs(found) <= 1e6:
        raise BadCart(f"{name} is {found!r:.40}; it must be metres, at most 1000000 either way")
    return float(found)
