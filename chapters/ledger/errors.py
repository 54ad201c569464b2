"""What a ledger refuses. All of it is definite: nothing was written and nothing has moved.

    KitError
    ├── Definite
    │   ├── BadAmount           not a whole number, or beyond what 64 bits hold
    │   ├── Unbalanced          the legs do not sum to zero, or are too few or too many
    │   ├── UnknownAccount      nobody opened it
    │   ├── AccountReused       it was opened with other rules
    │   ├── Overdrawn           less is available than would be taken
    │   ├── EntryReused         the id was used for something else
    │   ├── UnknownEntry        no entry or reservation has this id
    │   ├── NotPending          the reservation was settled or voided, or has lapsed
    │   ├── BeyondReservation   settling would take more than was set aside
    │   ├── PeriodClosed        the books of that period are closed
    │   ├── LedgerFull          a limit is reached
    │   └── Unreplayable        the journal holds what this ledger does not accept
    └── UsageError
        └── BadWeights          weights by which nothing can be split

A journal that cannot be written raises the errors of chapters.log; after an indefinite one, open it
again to see. Page: docs/chapters/ledger.md
"""

from chapters.errors import Definite, UsageError


class BadAmount(Definite):
    """An amount is a whole number of at most 64 bits."""


class Unbalanced(Definite):
    """What leaves some accounts must arrive in others, in each unit."""


class UnknownAccount(Definite):
    """An account must be opened before money can be in it."""


class AccountReused(Definite):
    """The name belongs to an account with another unit, or other rules."""


class Overdrawn(Definite):
    """An account would give more than is available in it."""


class EntryReused(Definite):
    """An id stands for one entry or reservation, for ever."""


class UnknownEntry(Definite):
    """There is no entry, or no reservation, with this id."""


class NotPending(Definite):
    """A reservation ends once: settled, voided or lapsed."""


class BeyondReservation(Definite):
    """No account gives more at settlement than was set aside in it."""


class PeriodClosed(Definite):
    """What is in closed books stays as it is; corrections go into an open period."""


class LedgerFull(Definite):
    """The ledger holds as many of these as it may."""


class Unreplayable(Definite):
    """A command was accepted once and is refused now: the limits or the code have changed."""


class BadWeights(UsageError):
    """Weights are whole numbers, none below zero, and not all zero."""
