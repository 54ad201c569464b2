"""What can go wrong in the service, with its status of HTTP where somebody is told.

    KitError
    ├── Definite
    │   └── Refused
    │       ├── BadCart         400  nothing in it, or what nobody can bring
    │       ├── UnknownOrder    404  no order has this id
    │       ├── Closed          409  the restaurant takes no orders now
    │       ├── PriceChanged    409  a dish costs something else than the customer saw
    │       ├── NoCoupon        409  a coupon that is unknown, over, used up, or not for this cart
    │       └── IllegalMove     409  an order in this state cannot do that
    └── UsageError
        └── BadFile             a file of an instance or a solution that cannot be read, with line and field

Page: docs/zomato/index.md
"""

from chapters.errors import Refused, UsageError


class BadFile(UsageError):
    """The message names the file, the line, the field, and what it should be."""


class BadCart(Refused):
    """A cart that cannot become an order; the message names the line."""

    def __init__(self, message: str) -> None:
        super().__init__(400, message, "bad_cart")


class UnknownOrder(Refused):
    """No order has this id."""

    def __init__(self, message: str) -> None:
        super().__init__(404, message, "unknown_order")


class Closed(Refused):
    """The restaurant takes no orders now."""

    def __init__(self, message: str) -> None:
        super().__init__(409, message, "closed")


class PriceChanged(Refused):
    """The message names the dish, the price that was seen and the price now."""

    def __init__(self, message: str) -> None:
        super().__init__(409, message, "price_changed")


class NoCoupon(Refused):
    """The message says why the coupon cannot be had."""

    def __init__(self, message: str) -> None:
        super().__init__(409, message, "no_coupon")


class IllegalMove(Refused):
    """An order moves only as its states allow, and an end is an end."""

    def __init__(self, message: str) -> None:
        super().__init__(409, message, "illegal_move")
