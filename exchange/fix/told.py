"""What the reports in a session's log say about requests: their names, by the place in the journal.

After a restart the orders are learnt again from the journal, which knows no names of cancels and replaces.
Those that were reported on have their names in the reports. Page: docs/exchange/fix-orders.md
"""

from exchange.fix import tags
from exchange.fix.entry import lots
from exchange.fix.message import parse
from exchange.fix.pending import Naming
from exchange.fix.store import SessionLog

_NAMED = b"\x01%d=" % tags.ORIG_CL_ORD_ID


def told_names(log: SessionLog) -> dict[int, Naming]:
    """Return the names of requests, by the sequence in the journal of what came of them."""
    found = {}
    for body in log.sent.values():
        if _NAMED not in body:
            continue  # parsing all of a day's reports would take minutes
        message = parse(body)
        sequence, _, _ = message.get(tags.EXEC_ID, "0").partition("-")
        name, former = message.get(tags.CL_ORD_ID), message.get(tags.ORIG_CL_ORD_ID)
        found[int(sequence)] = Naming(name, former, lots(message.get(tags.ORDER_QTY, "0")))
    return found
