"""What every route reads of a request: the exchange that is asked, the body, the symbol.

Page: docs/exchange/gateway.md
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from flask import current_app
from flask import request as asked
from werkzeug.exceptions import BadRequest

from exchange.errors import BadOrder, NotTraded
from exchange.floor.floor import Floor
from exchange.gateway import Counter
from exchange.json_fields import read_symbol
from exchange.order_json import Json

T = TypeVar("T")


class Running(Counter, Protocol):
    """All that the page asks of a running exchange."""

    def seen(self, ask: Callable[[Floor], T]) -> T: ...
    def now_ns(self) -> int: ...


def exchange() -> Running:
    """Return the exchange behind the present request."""
    running: Running = current_app.config["EXCHANGE"]
    return running


def read_body() -> Json:
    """Return the JSON object that was sent. Raises `BadOrder` when it is none."""
    try:
        body = asked.get_json(force=True)
    except (BadRequest, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise BadOrder('body: no JSON object; write one such as {"symbol": "ACME", …}')
    return body


def read_traded(said: Mapping[str, Any]) -> str:
    """Return the symbol that a body or a query means. Raises `BadOrder`, `NotTraded`."""
    return traded(read_symbol(said))


def traded(symbol: str) -> str:
    """Return the symbol, if it is traded here. Raises `NotTraded`."""
    if symbol not in (symbols := exchange().symbols):
        raise NotTraded(f"symbol: {symbol!r} is not traded here; there are {', '.join(symbols)}")
    return symbol
