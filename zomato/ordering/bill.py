"""What an order costs, and who gets how much of it, to the last paisa.

    food 420.00  − coupon 84.00  + packing 15.00  + delivery 40.00  + tax  =  total, in whole rupees

Invariant: everything is whole paise, and the shares sum to the total. What rounding gains or costs
stands on an account of its own, so that nobody's share is wrong by it and nothing is lost in between.

Rates: 5 % GST on food and packing less the coupon, 18 % on delivery, as Indian restaurants and
platforms charge; the commission and the coupon's payer are ours. Page: docs/zomato/ordering.md
"""

from collections.abc import Callable
from dataclasses import dataclass

from zomato.errors import BadCart, PriceChanged
from zomato.ordering.cart import Cart, Line

WHOLE = 10_000  # basis points
FOOD_TAX, DELIVERY_TAX = 500, 1_800
COMMISSION = 2_000
PACKING_PAISE, DELIVERY_PAISE = 15_00, 40_00
RUPEE = 100


@dataclass(frozen=True, slots=True)
class Dish:
    """What a menu says now."""

    id: str
    name: str
    price_paise: int


# The dish of that id at a restaurant, as the menu says now; None when it has no such dish.
Menu = Callable[[str, str], Dish | None]


@dataclass(frozen=True, slots=True)
class Bill:
    """All in paise; `rounding` is what was added to, or taken from, the exact sum."""

    food: int
    discount: int
    packing: int
    delivery: int
    tax: int
    rounding: int

    @property
    def total(self) -> int:
        """Return what the customer pays."""
        return self.food - self.discount + self.packing + self.delivery + self.tax + self.rounding


def part(amount: int, basis_points: int) -> int:
    """Return so many ten-thousandths of an amount that is not negative, half a paisa up."""
    return (amount * basis_points + WHOLE // 2) // WHOLE


def bill(
    food: int, discount: int, *, packing: int = PACKING_PAISE, delivery: int = DELIVERY_PAISE
) -> Bill:
    """Return the bill for food less a discount: taxed, and rounded to whole rupees, half up."""
    tax = part(food - discount + packing, FOOD_TAX) + part(delivery, DELIVERY_TAX)
    exact = food - discount + packing + delivery + tax
    total = (exact + RUPEE // 2) // RUPEE * RUPEE
    return Bill(food, discount, packing, delivery, tax, total - exact)


def shares(paid: Bill, restaurant: str, rider: str) -> dict[str, int]:
    """Return what each account gets of a delivered order; the coupon's account gives."""
    commission = part(paid.food, COMMISSION)
    return {
        f"restaurant/{restaurant}": paid.food + paid.packing - commission,
        f"rider/{rider}": paid.delivery,
        "platform": commission,
        "promotions": -paid.discount,
        "tax": paid.tax,
        "rounding": paid.rounding,
    }


def food_paise(cart: Cart, menu: Menu) -> int:
    """Return what the dishes cost now. Raises `BadCart`, `PriceChanged`."""
    return sum(each.quantity * _price(cart.restaurant, each, menu) for each in cart.lines)


def _price(restaurant: str, line: Line, menu: Menu) -> int:
    dish = menu(restaurant, line.dish)
    if dish is None:
        raise BadCart(f"{restaurant} has no dish {line.dish!r}: take it out of the cart")
    if dish.price_paise != line.seen_paise:
        seen, now = rupees(line.seen_paise), rupees(dish.price_paise)
        raise PriceChanged(f"{dish.name} costs {now} now, not {seen}: confirm the new price")
    return dish.price_paise


def rupees(paise: int) -> str:
    """Return an amount as people write it: `₹420.50`."""
    sign = "-" if paise < 0 else ""
    return f"{sign}₹{abs(paise) // RUPEE}.{abs(paise) % RUPEE:02}"
