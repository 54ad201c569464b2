"""HTTP for whoever looks at the market, and for whoever runs it.

    GET    /api/accounts/<account>/orders?symbol=     an account's orders and what became of them
    DELETE /api/accounts/<account>/orders?symbol=     take them all back
    GET    /api/market/<symbol>                       phase, bands, what an auction would come to
    GET    /api/heat/<symbol>                         the last two minutes of the book
    POST   /api/phase    {symbol, phase}              open, halt, resume, close
    POST   /api/block    {account, symbol, is_blocked}   the kill switch
    POST   /api/regime   {regime}                     the mood of the simulated traders

The last three are the operator's. Nobody asks who calls: keep the port to yourself. Each is a command in
the journal like an order, but for the mood, which is no part of the exchange. Page: docs/exchange/page.md
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from flask import Blueprint, Response, current_app, jsonify, request

from exchange.control import Block, Phase, SetPhase, Why
from exchange.errors import BadOrder
from exchange.floor.blotter import LINES_MAX
from exchange.floor.floor import Floor
from exchange.floor.house import Mood
from exchange.floor.regimes import REGIMES
from exchange.json_fields import read_account, read_symbol
from exchange.order_json import Json, report_json
from exchange.orders import CancelAll, Command
from exchange.sequencer import Sequenced

T = TypeVar("T")
PHASES = tuple(phase.value for phase in Phase)

floor = Blueprint("floor", __name__)


class Watched(Protocol):
    """An exchange with a floor."""

    def enter(self, command: Command) -> Sequenced: ...
    def seen(self, ask: Callable[[Floor], T]) -> T: ...
    def now_ns(self) -> int: ...


@floor.get("/api/accounts/<account>/orders")
def get_orders(account: str) -> Response:
    """An account's last orders."""
    number, symbol = read_account({"account": account}), _traded(request.args)
    return jsonify(_exchange().seen(lambda seen: seen.orders(number, symbol, LINES_MAX)))


@floor.delete("/api/accounts/<account>/orders")
def delete_orders(account: str) -> Response:
    """Take all of an account's orders back."""
    return _done(CancelAll(read_account({"account": account}), _traded(request.args)))


@floor.get("/api/market/<symbol>")
def get_market(symbol: str) -> Response:
    """The phase of a symbol's market."""
    traded, mood = _traded({"symbol": symbol}), _mood()
    said = _exchange().seen(lambda seen: seen.market(traded))
    return jsonify(said | ({"regime": mood.name, "regimes": list(REGIMES)} if mood else {}))


@floor.get("/api/heat/<symbol>")
def get_heat(symbol: str) -> Response:
    """The book over the last two minutes."""
    traded, now_ns = _traded({"symbol": symbol}), _exchange().now_ns()
    return jsonify(_exchange().seen(lambda seen: seen.heat(traded, now_ns)))


@floor.post("/api/phase")
def post_phase() -> Response:
    """Bring a market into another phase."""
    body = _body()
    if (phase := body.get("phase")) not in PHASES:
        raise BadOrder(f"phase: {phase!r} is not one of {', '.join(PHASES)}")
    return _done(SetPhase(_traded(body), Phase(phase), Why.OPERATOR))


@floor.post("/api/block")
def post_block() -> Response:
    """Stop an account, or let it trade again."""
    body = _body()
    if not isinstance(is_blocked := body.get("is_blocked"), bool):
        raise BadOrder(f"is_blocked: {is_blocked!r} is neither true nor false")
    return _done(Block(read_account(body), _traded(body), is_blocked))


@floor.post("/api/regime")
def post_regime() -> Response:
    """Change the mood of the simulated traders."""
    if (mood := _mood()) is None:
        raise BadOrder("regime: nobody trades here by themselves; serve with --per-second 20")
    regime = _body().get("regime")
    if not isinstance(regime, str) or regime not in REGIMES:
        raise BadOrder(f"regime: {regime!r} is not one of {', '.join(REGIMES)}")
    mood.change(regime)
    return jsonify(status="done", regime=mood.name)


def _exchange() -> Watched:
    watched: Watched = current_app.config["EXCHANGE"]
    return watched


def _mood() -> Mood | None:
    mood: Mood | None = current_app.config["MOOD"]
    return mood


def _done(command: Command) -> Response:
    return jsonify(report_json(_exchange().enter(command)))


def _traded(said: "Json") -> str:
    """Return the symbol that is meant. Raises `BadOrder` for one that is not traded."""
    symbol = read_symbol(said)
    if symbol not in current_app.config["EXCHANGE"].status()["symbols"]:
        raise BadOrder(f"symbol: {symbol!r} is not traded here")
    return symbol


def _body() -> Json:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise BadOrder('body: no JSON object; write one such as {"symbol": "ACME", …}')
    return body
