"""What can go wrong in the service.

    KitError
    ├── Definite
    │   ├── Forgotten       changes that are no longer kept: read everything again
    │   └── Refused
    │       ├── NoRestaurant     404: nobody of that id
    │       ├── NoItem           404: not on that restaurant's menu
    │       └── AlreadyReviewed  409: an order has one review by one customer
    └── UsageError
        ├── BadFile         a file that cannot be read, with line and field
        ├── BadHours        opening hours that no week has, or a time that is none
        ├── BadMenu         a name, a price or an id that no menu can have
        ├── BadReview       stars that are not 1 to 5, or votes that cannot be
        └── BadQuestion     a search that cannot be answered as it is put

Page: docs/zomato/index.md
"""

from chapters.errors import Definite, Refused, UsageError


class BadFile(UsageError):
    """The message names the file, the line, the field, and what it should be."""


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
