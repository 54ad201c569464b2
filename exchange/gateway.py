"""The counter where an order is handed in: read it, enter it once, say what became of it.

    sent, answer lost, sent again with `resend`  ──►  entered once, answered twice

A client that got no answer cannot know whether its order was entered. So it names each order (its
client id) and asks again: an order that is known is answered, not entered a second time. An equal
name without `resend` is refused as a duplicate by the engine. Source: FIX 4.4, PossResend (tag 97).
Page: docs/exchange/gateway.md
"""

from typing import Protocol

from chapters.sim.trace import span
from exchange.candles import Candle
from exchange.market_data import Depth, Trade
from exchange.order_json import Json, known_json, parse_order, report_json
from exchange.orders import Command, New, Reason
from exchange.sequencer import Sequenced, Sequencer


class Entry(Protocol):
    """Where orders are handed in."""

    def enter(self, command: Command) -> Sequenced: ...
    def find(self, account: int, client_id: str) -> Json | None: ...


class Counter(Entry, Protocol):
    """All that a client may ask of a running exchange."""

    @property
    def symbols(self) -> tuple[str, ...]: ...
    def depth(self, symbol: str, levels: int) -> Depth: ...
    def trades(self, symbol: str, limit: int) -> list[Trade]: ...
    def candles(self, symbol: str, interval: str, limit: int) -> list[Candle]: ...
    def status(self) -> Json: ...


class Direct:
    """Orders one at a time, without threads: for simulations and traces."""

    def __init__(self, sequencer: Sequencer) -> None:
        self.sequencer = sequencer

    def enter(self, command: Command) -> Sequenced:
        """Return what `command` did once it is journalled."""
        return self.sequencer.submit([command])[-1]

    def find(self, account: int, client_id: str) -> Json | None:
        """Return what became of an order, or None when it was never accepted."""
        return known_json(self.sequencer.replica.engine, account, client_id)


def place(entry: Entry, body: Json) -> Json:
    """Return the report on the order in `body`; a resent one is not entered again.

    Raises `BadOrder` when a field cannot be read.
    """
    with span("order read and checked"):
        order, is_resend = parse_order(body)
    if is_resend and (known := _known(entry, order)):
        return known
    report = report_json(entry.enter(order))
    if is_resend and report.get("reason") == Reason.DUPLICATE_CLIENT_ID.word:
        # Its first copy was entered between our look and our entry.
        return _known(entry, order) or report
    return report


def _known(entry: Entry, order: New) -> Json | None:
    with span("looked up by its client id", client_id=order.client_id):
        return entry.find(order.account, order.client_id)
