"""Fields of a JSON order, read strictly: each reader returns a value or raises `BadOrder` naming the field.

Page: docs/exchange/gateway.md
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from chapters.sim.clock import US
from exchange.errors import BadOrder
from exchange.orders import CLIENT_ID_LENGTH_MAX, PLAIN, Peg, Terms

TICKS_PER_UNIT = 100  # a tick is 0.01
INTEGER_MAX = 2**63 - 1  # what the journal's record holds
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

TERM_FIELDS = {"stop_price", "trail", "display", "peg", "quantity_min", "expires"}

_PRICE = re.compile(r"-?\d{1,16}(\.\d{1,8})?", re.ASCII)


def must_be_fields(body: Mapping[str, Any], fields: set[str]) -> None:
    """Raise `BadOrder` naming a field that is not one of `fields`: a misspelt one must not be ignored."""
    if unknown := sorted(set(body) - fields):
        raise BadOrder(f"{unknown[0]}: no such field; there are {', '.join(sorted(fields))}")


def read_terms(body: Mapping[str, Any]) -> Terms:
    """Return what `body` asks for beyond a price; most ask for nothing."""
    if not TERM_FIELDS & body.keys():
        return PLAIN
    peg = body.get("peg")
    return Terms(
        stop_price=read_price(body, "stop_price"),
        trail=read_price(body, "trail"),
        display=None if body.get("display") is None else read_whole(body, "display"),
        peg=None
        if peg is None
        else Peg(read_choice(body, "peg", tuple(each.value for each in Peg))),
        quantity_min=0 if body.get("quantity_min") is None else read_whole(body, "quantity_min"),
        expires_ns=0 if body.get("expires") is None else read_time(body, "expires"),
    )


def read_time(body: Mapping[str, Any], field: str) -> int:
    """Return nanoseconds since 1970 of a time such as 2026-12-01T16:00:00Z."""
    text = body.get(field)
    try:
        time = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise BadOrder(f'{field}: {text!r} is no time with a zone, such as "2026-12-01T16:00:00Z"')
    return read_id((time - EPOCH) // timedelta(microseconds=1) * US)


def read_whole(body: Mapping[str, Any], field: str) -> int:
    """Return a whole number, given as JSON number or, in a query, as digits."""
    value = body.get(field)
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value, re.ASCII):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadOrder(f"{field}: {value!r} is no whole number")
    return read_id(value)


def read_account(body: Mapping[str, Any]) -> int:
    """Return the account's number, 1 or more."""
    account = read_whole(body, "account")
    if account < 1:
        raise BadOrder(f"account: {account} is none; accounts count from 1")
    return account


def read_id(value: int) -> int:
    """Return the number, if the journal can hold it."""
    if not -INTEGER_MAX <= value <= INTEGER_MAX:
        raise BadOrder(f"{value} does not fit in 64 bits")
    return value


def read_price(body: Mapping[str, Any], field: str) -> int | None:
    """Return ticks. A price between two ticks becomes 0, which the engine refuses as a bad price."""
    text = body.get(field)
    if text is None:
        return None
    if not isinstance(text, str) or not _PRICE.fullmatch(text):
        raise BadOrder(f'{field}: {text!r} is no price; write it as text, such as "10.05"')
    whole, _, fraction = text.partition(".")
    if fraction[2:].strip("0"):
        return 0
    ticks = int(whole.lstrip("-")) * TICKS_PER_UNIT + int((fraction + "00")[:2])
    return -ticks if text.startswith("-") else ticks


def read_client_id(body: Mapping[str, Any]) -> str:
    """Return the name that the sender gave the order."""
    value = body.get("client_id")
    if not (
        isinstance(value, str) and 0 < len(value) <= CLIENT_ID_LENGTH_MAX and value.isprintable()
    ):
        raise BadOrder(
            f"client_id: {value!r}; 1 to {CLIENT_ID_LENGTH_MAX} printable characters are expected"
        )
    return value


def read_symbol(body: Mapping[str, Any]) -> str:
    """Return the symbol, which may still be one that is not traded."""
    value = body.get("symbol")
    if not (
        isinstance(value, str)
        and 0 < len(value) <= CLIENT_ID_LENGTH_MAX
        and re.fullmatch("[!-~]+", value)
    ):
        raise BadOrder(
            f"symbol: {value!r} is none; 1 to {CLIENT_ID_LENGTH_MAX} printable characters of ASCII"
            " without a space are expected"
        )
    return value


def read_choice(
    body: Mapping[str, Any], field: str, words: tuple[str, ...], default: str | None = None
) -> str:
    """Return one of `words`; `default` when the field is absent, unless that is None: it is required."""
    value = body.get(field, default)
    if value not in words:
        raise BadOrder(f"{field}: {value!r} is not one of {', '.join(words)}")
    return str(value)


def read_flag(body: Mapping[str, Any], field: str) -> bool:
    """Return true or false; false when the field is absent."""
    value = body.get(field, False)
    if not isinstance(value, bool):
        raise BadOrder(f"{field}: {value!r} is neither true nor false")
    return value
