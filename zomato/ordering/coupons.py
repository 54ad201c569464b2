"""Coupons: a part off, so many times in all, once for each customer, however many ask at once.

Invariant: `used` is the number of uses that stand, and at most `uses_max`. The last one is counted by
the same statement that looks whether there is one: whoever looks first and counts afterwards gives it
away twice. A cancelled order gives its coupon back. Page: docs/zomato/ordering.md
"""

from dataclasses import asdict, dataclass

from sqlalchemy import Connection

from zomato.errors import NoCoupon
from zomato.ordering.bill import part, rupees
from zomato.ordering.tables import (
    ADD_COUPON,
    FORGET_USE,
    NOTE_USE,
    ONE_COUPON,
    ONE_USE,
    RETURN_COUPON,
    TAKE_COUPON,
)


@dataclass(frozen=True, slots=True)
class Coupon:
    """So much off the food, at most `discount_max` paise, from `food_min` paise on."""

    code: str
    basis_points: int
    discount_max: int
    food_min: int
    uses_max: int
    until_ns: int


def issue(connection: Connection, coupon: Coupon) -> None:
    """Put a coupon into the world."""
    connection.execute(ADD_COUPON, asdict(coupon) | {"used": 0})


def offer(connection: Connection, coupon: Coupon) -> None:
    """Put a coupon into the world, if there is none of that code yet."""
    if connection.execute(ONE_COUPON, {"code": coupon.code}).one_or_none() is None:
        issue(connection, coupon)


def discount(connection: Connection, code: str, food: int, *, now_ns: int) -> int:
    """Return what the coupon takes off, in paise. Raises `NoCoupon`: unknown, over, too little."""
    row = connection.execute(ONE_COUPON, {"code": code}).one_or_none()
    if row is None:
        raise NoCoupon(f"there is no coupon {code!r}")
    if now_ns >= row.until_ns:
        raise NoCoupon(f"coupon {code!r} is over")
    if food < row.food_min:
        raise NoCoupon(f"coupon {code!r} is for food from {rupees(row.food_min)} on")
    return int(min(part(food, row.basis_points), row.discount_max))


def take(connection: Connection, code: str, customer: str, order: str) -> None:
    """Use a coupon up for an order. Raises `NoCoupon`: all are gone, or this customer had one."""
    if not connection.execute(TAKE_COUPON, {"b_code": code}).rowcount:
        raise NoCoupon(f"coupon {code!r} is used up")
    use = {"code": code, "customer": customer, "order_id": order}
    if not connection.execute(NOTE_USE, use).rowcount:
        raise NoCoupon(f"{customer} has used coupon {code!r} already")


def give_back(connection: Connection, order: str) -> None:
    """Give back what an order used; nothing happens if that was nothing."""
    code = connection.execute(ONE_USE, {"order_id": order}).scalar()
    if code is not None:
        connection.execute(FORGET_USE, {"order_id": order})
        connection.execute(RETURN_COUPON, {"b_code": code})
