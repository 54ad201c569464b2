"""An order is entered once, however often it is sent.

    sent                     again, PossDup (43)      again, PossResend (97)      again, without a word
    ────►  enter             ────►  leave it          ────►  say what became      ────►  enter: the engine
                             its reports are in       of it                       refuses the name, 103=6
                             the session's log

PossDup is the session speaking: the same message, under its old number, as that was missing here.
PossResend is the trader speaking: a new message, as no answer came to the old one. Both mean the same order
only if it *is* the same: a name that is used for something else is a mistake, and is refused.
Source: FIX 4.4, volume 2, "Possible duplicates" and "Possible resends". Page: docs/exchange/fix-orders.md
"""

from enum import Enum

from exchange.fix.working import Working
from exchange.orders import New


class Entry(Enum):
    """What to do with an order that has arrived."""

    ENTER = "enter"  # hand it to the engine
    ANSWER = "answer"  # it is in: say what became of it
    LEAVE = "leave"  # it is in, and its reports are on their way


def entry(wish: New, known: Working | None, *, is_duplicate: bool, is_resent: bool) -> Entry:
    """Return what to do with `wish`, when `known` is the order that its name stands for already.

    An order that was refused is not known: its name is free, and whoever resends it enters it.
    """
    if known is None or known.order != wish:
        return Entry.ENTER
    if is_resent:
        return Entry.ANSWER
    return Entry.LEAVE if is_duplicate else Entry.ENTER
