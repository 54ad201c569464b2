"""The ledger: double entry in whole numbers, written down before it is answered.

Page: docs/chapters/ledger.md
"""

from chapters.ledger.entry import (
    Account,
    Entry,
    Leg,
    Posting,
    Reservation,
    State,
    Transfer,
)
from chapters.ledger.errors import (
    AccountReused,
    BadAmount,
    BadWeights,
    BeyondReservation,
    EntryReused,
    LedgerFull,
    NotPending,
    Overdrawn,
    PeriodClosed,
    Unbalanced,
    UnknownAccount,
    UnknownEntry,
    Unreplayable,
)
from chapters.ledger.journal import open_ledger
from chapters.ledger.ledger import Ledger, Limits
from chapters.ledger.money import AMOUNT_MAX, MICRO, spell
from chapters.ledger.periods import reversal
from chapters.ledger.split import split

__all__ = [
    "Ledger",
    "Limits",
    "open_ledger",
    "Account",
    "Leg",
    "Entry",
    "Transfer",
    "Posting",
    "Reservation",
    "State",
    "reversal",
    "split",
    "spell",
    "MICRO",
    "AMOUNT_MAX",
    "BadAmount",
    "Unbalanced",
    "UnknownAccount",
    "AccountReused",
    "Overdrawn",
    "EntryReused",
    "UnknownEntry",
    "NotPending",
    "BeyondReservation",
    "PeriodClosed",
    "LedgerFull",
    "Unreplayable",
    "BadWeights",
]
