"""Orders as FIX writes them, read into the exchange's own commands.

    35=D  11 name · 55 symbol · 54 side · 38 lots · 40 type · 44 price · 59 life …  ──►  New

What cannot be said in our words is refused here, by name, with 35=j; it never reaches the journal. What can
be said and is not allowed (a price off the tick, half a lot, nobody's symbol) goes to the engine: its
refusal is part of history. Invariant: prices and quantities are read as text, never as floats.
Source: FIX 4.4, volume 4. Page: docs/exchange/fix-orders.md
"""

from exchange.fix import tags
from exchange.fix.errors import BusinessReason, BusinessReject
from exchange.fix.message import Message
from exchange.fix.timestamps import instant
from exchange.json_fields import TICKS_PER_UNIT
from exchange.orders import (
    BUY,
    CLIENT_ID_LENGTH_MAX,
    PLAIN,
    SELL,
    Life,
    New,
    Peg,
    Side,
    Terms,
)

_SIDES = {"1": BUY, "2": SELL}
SIDE_CODES = {side: code for code, side in _SIDES.items()}
_LIVES = {
    "0": Life.DAY,
    "1": Life.GOOD_TILL_CANCEL,
    "2": Life.AT_OPEN,
    "3": Life.IMMEDIATE_OR_CANCEL,
    "4": Life.FILL_OR_KILL,
    "6": Life.GOOD_TILL_DATE,
    "7": Life.AT_CLOSE,
}
LIFE_CODES = {life: code for code, life in _LIVES.items()}
MARKET, LIMIT, STOP, STOP_LIMIT, PEGGED = "1", "2", "3", "4", "P"
_TYPES = (MARKET, LIMIT, STOP, STOP_LIMIT, PEGGED)
_PEGS = {"R": Peg.PRIMARY, "P": Peg.MARKET, "M": Peg.MIDPOINT}
POST_ONLY = "6"  # "participate, do not initiate"


def read_order(message: Message, account: int) -> New:
    """Return the order that a NewOrderSingle asks for. Raises `BusinessReject`."""
    check_account(message, account)
    wishes = message.get(tags.EXEC_INST).split()
    kind = _choice(message, tags.ORD_TYPE, "OrdType", _TYPES)
    _choice(message, tags.TIME_IN_FORCE, "TimeInForce", tuple(_LIVES), default="0")
    return New(
        account=account,
        client_id=read_name(message),
        symbol=message.get(tags.SYMBOL),
        side=read_side(message),
        quantity=lots(_wanted(message, tags.ORDER_QTY)),
        price=ticks(_wanted(message, tags.PRICE)) if kind in (LIMIT, STOP_LIMIT) else None,
        life=_LIVES[message.get(tags.TIME_IN_FORCE, "0")],
        post_only=POST_ONLY in wishes,
        terms=_read_terms(message, kind, wishes),
    )


def _read_terms(message: Message, kind: str, wishes: list[str]) -> Terms:
    has_stop = kind in (STOP, STOP_LIMIT)
    pegs = [_PEGS[each] for each in wishes if each in _PEGS]
    if kind == PEGGED and not pegs:
        raise _missing(tags.EXEC_INST, message)
    is_dated = message.get(tags.TIME_IN_FORCE) == "6"
    expires = _wanted(message, tags.EXPIRE_TIME) if is_dated else ""
    terms = Terms(
        stop_price=ticks(_wanted(message, tags.STOP_PRICE)) if has_stop else None,
        display=lots(message.get(tags.MAX_FLOOR)) if tags.MAX_FLOOR in message else None,
        peg=pegs[0] if kind == PEGGED else None,
        quantity_min=lots(message.get(tags.MIN_QTY, "0")),
        expires_ns=instant(expires) if expires else 0,
    )
    return PLAIN if terms == PLAIN else terms


def check_account(message: Message, account: int) -> None:
    """Return unless the message names another's account. Raises `BusinessReject`."""
    named = message.get(tags.ACCOUNT, str(account))
    if named != str(account):
        raise refusal(message, f"Account {named}: this session trades for {account}")


def read_name(message: Message) -> str:
    """Return the ClOrdID. Raises `BusinessReject` when it is too long to be kept."""
    name = message.get(tags.CL_ORD_ID)
    if len(name) > CLIENT_ID_LENGTH_MAX or not name.isascii() or not name.isprintable():
        raise refusal(message, f"ClOrdID: at most {CLIENT_ID_LENGTH_MAX} printable characters")
    return name


def read_side(message: Message) -> Side:
    """Return the side. Raises `BusinessReject` for the ones that are neither buy nor sell."""
    return _SIDES[_choice(message, tags.SIDE, "Side", tuple(_SIDES))]


def ticks(price: str) -> int:
    """Return a price in ticks. One between two ticks becomes 0, which the engine refuses."""
    whole, _, fraction = price.lstrip("-").partition(".")
    if fraction[2:].strip("0"):
        return 0
    count = int(whole or "0") * TICKS_PER_UNIT + int(f"{fraction[:2]:0<2}")
    return -count if price.startswith("-") else count


def lots(quantity: str) -> int:
    """Return whole lots. A part of one becomes 0, which the engine refuses."""
    whole, _, fraction = quantity.partition(".")
    if fraction.strip("0") or whole in ("", "-"):
        return 0
    return int(whole)


def refusal(message: Message, why: str) -> BusinessReject:
    """Return the refusal of a message that is well written and cannot be served here."""
    return BusinessReject(BusinessReason.OTHER, why, message.get(tags.CL_ORD_ID))


def _missing(tag: int, message: Message) -> BusinessReject:
    reason = BusinessReason.FIELD_MISSING
    return BusinessReject(reason, f"{reason.text} ({tag})", message.get(tags.CL_ORD_ID))


def _wanted(message: Message, tag: int) -> str:
    if tag not in message:
        raise _missing(tag, message)
    return message.get(tag)


def _choice(
    message: Message, tag: int, name: str, codes: tuple[str, ...], default: str = ""
) -> str:
    code = message.get(tag, default)
    if code not in codes:
        raise refusal(message, f"{name} {code} is not served here; {', '.join(codes)} are")
    return code
