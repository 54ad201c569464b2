"""What a FIX client is told: an ExecutionReport for each thing that happened to its order.

    Accepted → 150=0 │ Filled → 150=F, for taker and maker │ Canceled → 150=4 │ Replaced → 150=5
    Rejected → 150=8 │ CancelRejected → 35=9               │ Triggered → 150=L │ expired → 150=C

An ExecID is the place in the journal, and in what happened there: `1204-2`. So it is unique for ever, and
the same whenever the report is derived again. Source: FIX 4.4, volume 4. Page: docs/exchange/fix-orders.md
"""

from enum import Enum

from exchange.fix import tags
from exchange.fix.entry import LIFE_CODES, LIMIT, MARKET, PEGGED, SIDE_CODES, STOP, STOP_LIMIT
from exchange.fix.message import Field
from exchange.fix.timestamps import stamp
from exchange.fix.working import Status, Working
from exchange.json_fields import TICKS_PER_UNIT
from exchange.order_json import price_text
from exchange.orders import New, Reason

NO_ORDER = "NONE"  # the OrderID of what never became an order
NO_EXECUTION = "0"  # the ExecID of an answer to a question
_REJECT_CODES = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 18}
_CANCEL_CODES = {Reason.TOO_LATE: 0, Reason.UNKNOWN_ORDER: 1, Reason.UNKNOWN_SYMBOL: 1}
_OTHER = 99
UNKNOWN_ORDER_CODE = 5  # of tag 103, for a question about an order that is not there


class Exec(Enum):
    """What an ExecutionReport reports: tag 150."""

    NEW = "0"
    CANCELED = "4"
    REPLACED = "5"
    REJECTED = "8"
    EXPIRED = "C"
    RESTATED = "D"
    TRADE = "F"
    STATUS = "I"
    TRIGGERED = "L"


def report(
    order: Working,
    kind: Exec,
    exec_id: str,
    now_ns: int,
    *,
    name: str = "",
    former: str = "",
    last: tuple[int, int] | None = None,
    why: str = "",
) -> list[Field]:
    """Return the body of a report on `order`, sorted by tags.

    `name` is the ClOrdID of the request that it answers, `former` the one that it was about; `last` are the
    (lots, price) of a trade.
    """  # fmt: skip
    wish = order.order
    fields = [
        (tags.ACCOUNT, str(wish.account)),
        (tags.AVG_PX, order.average(TICKS_PER_UNIT)),
        (tags.CL_ORD_ID, name or order.name),
        (tags.CUM_QTY, str(order.filled)),
        (tags.EXEC_ID, exec_id),
    ]
    if last is not None:
        fields += [(tags.LAST_PX, price_text(last[1])), (tags.LAST_QTY, str(last[0]))]
    fields += [
        (tags.ORDER_ID, str(order.number)),
        (tags.ORDER_QTY, str(order.quantity)),
        (tags.ORD_STATUS, order.status.value),
        (tags.ORD_TYPE, order_type(wish)),
    ]
    if former:
        fields.append((tags.ORIG_CL_ORD_ID, former))
    if order.price is not None:
        fields.append((tags.PRICE, price_text(order.price)))
    fields += [(tags.SIDE, SIDE_CODES[wish.side]), (tags.SYMBOL, wish.symbol)]
    if why:
        fields.append((tags.TEXT, why))
    return [
        *fields,
        (tags.TIME_IN_FORCE, LIFE_CODES[wish.life]),
        (tags.TRANSACT_TIME, stamp(now_ns)),
        (tags.EXEC_TYPE, kind.value),
        (tags.LEAVES_QTY, str(order.leaves)),
    ]


def rejection(wish: New, reason: Reason, exec_id: str, now_ns: int) -> list[Field]:
    """Return the body that says that an order was refused, and why."""
    code = reason.fix_code if reason.fix_code in _REJECT_CODES else _OTHER
    price = [(tags.PRICE, price_text(wish.price))] if wish.price is not None else []
    return [
        (tags.ACCOUNT, str(wish.account)),
        (tags.AVG_PX, "0"),
        (tags.CL_ORD_ID, wish.client_id),
        (tags.CUM_QTY, "0"),
        (tags.EXEC_ID, exec_id),
        (tags.ORDER_ID, NO_ORDER),
        (tags.ORDER_QTY, str(wish.quantity)),
        (tags.ORD_STATUS, Status.REJECTED.value),
        (tags.ORD_TYPE, order_type(wish)),
        *price,
        (tags.SIDE, SIDE_CODES[wish.side]),
        (tags.SYMBOL, wish.symbol),
        (tags.TEXT, reason.word),
        (tags.TRANSACT_TIME, stamp(now_ns)),
        (tags.ORD_REJ_REASON, str(code)),
        (tags.EXEC_TYPE, Exec.REJECTED.value),
        (tags.LEAVES_QTY, "0"),
    ]


def unknown_status(name: str, symbol: str, side: str) -> list[Field]:
    """Return the body that answers a question about an order that is not there."""
    return [
        (tags.AVG_PX, "0"),
        (tags.CL_ORD_ID, name),
        (tags.CUM_QTY, "0"),
        (tags.EXEC_ID, NO_EXECUTION),
        (tags.ORDER_ID, NO_ORDER),
        (tags.ORD_STATUS, Status.REJECTED.value),
        (tags.SIDE, side),
        (tags.SYMBOL, symbol),
        (tags.TEXT, Reason.UNKNOWN_ORDER.word),
        (tags.ORD_REJ_REASON, str(UNKNOWN_ORDER_CODE)),
        (tags.EXEC_TYPE, Exec.STATUS.value),
        (tags.LEAVES_QTY, "0"),
    ]


def cancel_rejection(
    order: Working | None, name: str, former: str, *, answers: str, code: int, why: str
) -> list[Field]:
    """Return the body of a 35=9: a cancel or a replace (`answers` 1 or 2) that did not happen."""
    return [
        (tags.CL_ORD_ID, name),
        (tags.ORDER_ID, str(order.number) if order is not None else NO_ORDER),
        (tags.ORD_STATUS, (order.status if order is not None else Status.REJECTED).value),
        (tags.ORIG_CL_ORD_ID, former),
        (tags.TEXT, why),
        (tags.CXL_REJ_REASON, str(code)),
        (tags.CXL_REJ_RESPONSE_TO, answers),
    ]


def cancel_code(reason: Reason) -> int:
    """Return tag 102 for why a cancel or replace was refused."""
    return _CANCEL_CODES.get(reason, _OTHER)


def order_type(wish: New) -> str:
    """Return tag 40."""
    if wish.terms.peg is not None:
        return PEGGED
    if wish.terms.stop_price is not None:
        return STOP if wish.price is None else STOP_LIMIT
    return MARKET if wish.price is None else LIMIT
