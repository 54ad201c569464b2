"""What can go wrong in the service, with its status of HTTP where somebody is told.

    KitError
    ├── Definite
    │   ├── Forgotten           changes that are no longer kept: read everything again
    │   └── Refused
    │       ├── NoRestaurant    404  nobody of that id
    │       ├── NoItem          404  not on that restaurant's menu
    │       ├── AlreadyReviewed 409  an order has one review by one customer
    │       ├── BadCart         400  nothing in it, or what nobody can bring
    │       ├── UnknownOrder    404  no order has this id
    │       ├── Closed          409  the restaurant takes no orders now
    │       ├── PriceChanged    409  a dish costs something else than the customer saw
    │       ├── NoCoupon        409  a coupon that is unknown, over, used up, or not for this cart
    │       └── IllegalMove     409  an order in this state cannot do that
    └── UsageError
        ├── BadFile             a file that cannot be read, with line and field
        ├── BadHours            opening hours that no week has, or a time that is none
        ├── BadMenu             a name, a price or an id that no menu can have
        ├── BadReview           stars that are not 1 to 5, or votes that cannot be
        ├── BadQuestion         a search that cannot be answered as it is put
        ├── BadMap              a map of roads that cannot be read, or has no roads
        ├── UnknownNode         a junction that a road network does not have, or a place far from all
        └── NoWay               two junctions, and no way from the one to the other

Page: docs/zomato/index.md
"""

from chapters.errors import Definite, Refused, UsageError


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


class Forgotten(Definite):
    """Whoever follows is further behind than changes are kept."""


class NoRestaurant(Refused):
    """There is no restaurant of that id, or no longer."""


class NoItem(Refused):
    """The restaurant does not have it on its menu."""


class AlreadyReviewed(Refused):
    """A customer has said how an order was; that counts once."""


class BadHours(UsageError):
    """A span begins on its day and ends within 24 hours; after midnight it ends at 24:00 and more."""


class BadMenu(UsageError):
    """Prices are whole paise, names have letters, ids are unique."""


class BadReview(UsageError):
    """Stars are whole, 1 to 5; the sum of votes lies between."""


class BadQuestion(UsageError):
    """The message names the word of the question, its value, and what it should be."""


class BadMap(UsageError):
    """The message names the file, and what is wrong with it."""


class UnknownNode(UsageError):
    """The message says which nodes there are."""


class NoWay(UsageError):
    """A one-way street, an island, the rim of the map."""
