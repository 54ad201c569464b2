"""What can go wrong with a transaction.

    KitError
    ├── Definite
    │   └── Contended        others were in the way, again and again: nothing was done
    ├── Indefinite
    │   └── CommitUnknown    the connection broke while it committed: look before you try again
    └── UsageError
        └── BadAddress       an address that no database answers to

Page: docs/chapters/transaction.md
"""

from chapters.errors import Definite, Indefinite, UsageError


class Contended(Definite):
    """A transaction that was rolled back for others as often as one tries."""


class CommitUnknown(Indefinite):
    """COMMIT was sent and no answer came: it may have been carried out."""


class BadAddress(UsageError):
    """An address is `sqlite:///FILE`, `sqlite://` for memory, or `postgresql://USER@HOST/NAME`."""
