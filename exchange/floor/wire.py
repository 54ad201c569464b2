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

from flask import Blueprint, Response, current_app, jsonify, request

from exchange.control import Block, Phase, SetPhase, Why
from exchange.errors import BadOrder
from exchange.floor.house import Mood
from exchange.floor.regimes import REGIMES
from exchange.json_fields import read_account
from exchange.order_json import report_json
from exchange.orders import CancelAll, Command
from exchange.request import exchange, read_body, read_traded, traded

PHASES = tuple(phase.value for phase in Phase)

floor = Blueprint("floor", __name__)


@floor.get("/api/accounts/<account>/orders")
def get_orders(account: str) -> Response:
    """An account's last orders."""
    number, symbol = read_account({"account": account}), read_traded(request.args)
    return jsonify(exchange().seen(lambda seen: seen.orders(number, symbol)))


@floor.delete("/api/accounts/<account>/orders")
def delete_orders(account: str) -> Response:
    """Take all of an account's orders back."""
    return _done(CancelAll(read_account({"account": account}), read_traded(request.args)))


@floor.get("/api/market/<symbol>")
def get_market(symbol: str) -> Response:
    """The phase of a symbol's market."""
    known, mood = traded(symbol), _mood()
    said = exchange().seen(lambda seen: seen.market(known))
    return jsonify(said | ({"regime": mood.name, "regimes": list(REGIMES)} if mood else {}))


@floor.get("/api/heat/<symbol>")
def get_heat(symbol: str) -> Response:
    """The book over the last two minutes."""
    known, now_ns = traded(symbol), exchange().now_ns()
    return jsonify(exchange().seen(lambda seen: seen.heat(known, now_ns)))


@floor.post("/api/phase")
def post_phase() -> Response:
    """Bring a market into another phase."""
    body = read_body()
    if (phase := body.get("phase")) not in PHASES:
        raise BadOrder(f"phase: {phase!r} is not one of {', '.join(PHASES)}")
    return _done(SetPhase(read_traded(body), Phase(phase), Why.OPERATOR))


@floor.post("/api/block")
def post_block() -> Response:
    """Stop an account, or let it trade again."""
    body = read_body()
    if not isinstance(is_blocked := body.get("is_blocked"), bool):
        raise BadOrder(f"is_blocked: {is_blocked!r} is neither true nor false")
    return _done(Block(read_account(body), read_traded(body), is_blocked))


@floor.post("/api/regime")
def post_regime() -> Response:
    """Change the mood of the simulated traders."""
    if (mood := _mood()) is None:
        raise BadOrder("regime: nobody trades here by themselves; serve with --per-second 20")
    regime = read_body().get("regime")
    if not isinstance(regime, str) or regime not in REGIMES:
        raise BadOrder(f"regime: {regime!r} is not one of {', '.join(REGIMES)}")
    mood.change(regime)
    return jsonify(status="done", regime=mood.name)


def _mood() -> Mood | None:
    mood: Mood | None = current_app.config["MOOD"]
    return mood


def _done(command: Command) -> Response:
    return jsonify(report_json(exchange().enter(command)))
