"""HTTP turned into commands, and what they did turned into JSON. Nothing here decides anything.

    POST   /api/orders                    one order; `resend: true` asks again without entering twice
    GET    /api/orders?account=&client_id=   what became of an order
    DELETE /api/orders/<id>?account=&symbol=
    PATCH  /api/orders/<id>               {account, symbol, quantity, price}
    GET    /api/book/<symbol>?depth=12    GET /api/trades/<symbol>?limit=50    GET /api/status
    GET    /api/candles/<symbol>?interval=1m&limit=60

Prices travel as decimal text, quantities as whole numbers: a float is refused, as it may be another
number than the one that was meant. Refused words are 400, refused orders 422, each with its reason
and FIX code. Page: docs/exchange/gateway.md
"""

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from chapters.errors import Definite, Indefinite
from chapters.portal.pages import blueprint as portal
from exchange.candles import INTERVALS, KEPT, vwap
from exchange.errors import BadOrder, NotTraded
from exchange.floor.house import Mood
from exchange.floor.wire import floor
from exchange.front.machines import Machines
from exchange.front.wire import machines as behind
from exchange.gateway import place
from exchange.json_fields import (
    read_account,
    read_choice,
    read_client_id,
    read_id,
    read_symbol,
    read_whole,
)
from exchange.order_json import (
    Json,
    candle_json,
    depth_json,
    parse_replace,
    report_json,
    trade_json,
    vwap_text,
)
from exchange.orders import Cancel
from exchange.request import Running, exchange, read_body, traded

BODY_BYTES_MAX = 16_384  # an order is some 200 bytes
DEPTH_MAX = 100

api = Blueprint("exchange", __name__, template_folder="templates", static_folder="static",
                static_url_path="/exchange")  # fmt: skip


def create(
    running: Running,
    *,
    events_port: int,
    mood: Mood | None = None,
    machines: Machines | None = None,
) -> Flask:
    """Return the web application in front of `running`; its page listens to `events_port`.

    `mood` is that of the simulated traders, where there are any; `machines` are those behind it.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(EXCHANGE=running, EVENTS_PORT=events_port, MOOD=mood, MACHINES=machines)
    app.config.update(MAX_CONTENT_LENGTH=BODY_BYTES_MAX)
    app.wsgi_app = _with_chunks(app.wsgi_app)  # type: ignore[method-assign]
    app.register_blueprint(portal())
    app.register_blueprint(api)
    app.register_blueprint(floor)
    if machines is not None:
        app.register_blueprint(behind)
    app.register_error_handler(BadOrder, lambda error: (_problem("bad-order", error), 400))
    app.register_error_handler(Definite, lambda error: (_problem("halted", error), 503))
    app.register_error_handler(Indefinite, lambda error: (_problem("unacknowledged", error), 504))
    app.register_error_handler(HTTPException, _http_problem)
    return app


@api.errorhandler(NotTraded)
def no_such_place(error: NotTraded) -> tuple[Response, int]:
    """A symbol is a part of these addresses, so one that is not traded is a place that is not there."""
    return _problem("unknown-symbol", error), 404


@api.get("/")
def page() -> Response:
    """The live page; it may load nothing from elsewhere."""
    # The stream is at the host that this page was asked of, whatever name that goes by.
    host = re.sub(r":\d+$", "", request.host)
    events_url = f"http://{host}:{current_app.config['EVENTS_PORT']}/"
    facts = {"symbols": exchange().symbols, "machines": current_app.config["MACHINES"]}
    shown = Response(render_template("exchange.html", events_url=events_url, **facts))
    policy = f"default-src 'self'; connect-src 'self' {events_url}; frame-ancestors 'none'"
    shown.headers["Content-Security-Policy"] = policy
    return shown


@api.post("/api/orders")
def post_order() -> tuple[Response, int]:
    """Enter an order, or, on a resend, say what became of it."""
    return _answer(place(exchange(), read_body()))


@api.get("/api/orders")
def get_order() -> tuple[Response, int]:
    """Say what became of an order."""
    known = exchange().find(read_account(request.args), read_client_id(request.args))
    return (jsonify(known), 200) if known else (_problem("unknown-order", "no such order"), 404)


@api.delete("/api/orders/<int:order_id>")
def delete_order(order_id: int) -> tuple[Response, int]:
    """Cancel an order."""
    account = read_account(request.args)
    wish = Cancel(account, read_symbol(request.args), read_id(order_id))
    return _answer(report_json(exchange().enter(wish)))


@api.patch("/api/orders/<int:order_id>")
def patch_order(order_id: int) -> tuple[Response, int]:
    """Replace an order's open quantity and price."""
    return _answer(report_json(exchange().enter(parse_replace(order_id, read_body()))))


@api.get("/api/book/<symbol>")
def get_book(symbol: str) -> Response:
    """The depth of a symbol."""
    depth = exchange().depth(traded(symbol), _asked("depth", 12))
    return jsonify(depth_json(symbol, *depth))


@api.get("/api/trades/<symbol>")
def get_trades(symbol: str) -> Response:
    """The last trades of a symbol, the newest first."""
    trades = exchange().trades(traded(symbol), _asked("limit", 50))
    return jsonify(trades=[trade_json(symbol, trade) for trade in trades])


@api.get("/api/candles/<symbol>")
def get_candles(symbol: str) -> Response:
    """The last candles of a symbol, the oldest first; an interval without trades is one too."""
    interval = read_choice(request.args, "interval", tuple(INTERVALS), default="1m")
    found = exchange().candles(traded(symbol), interval, _asked("limit", 60, KEPT))
    mean = vwap_text(*vwap(found))
    return jsonify(interval=interval, vwap=mean, candles=[candle_json(each) for each in found])


@api.get("/api/status")
def get_status() -> Response:
    """Symbols, the last sequence, the state hash."""
    return jsonify(exchange().status())


def _answer(report: Json) -> tuple[Response, int]:
    return jsonify(report), 422 if report["status"] == "rejected" else 200


def _problem(code: str, error: object) -> Response:
    return jsonify(status="error", code=code, reason=str(error))


def _http_problem(error: HTTPException) -> tuple[Response, int]:
    code = (error.name or "error").lower().replace(" ", "-")
    return _problem(code, error.description), error.code or 500


def _asked(field: str, default: int, most: int = DEPTH_MAX) -> int:
    """Return how many the query asks for. Raises `BadOrder` outside of 1 to `most`."""
    count = read_whole(request.args, field) if field in request.args else default
    if not 1 <= count <= most:
        raise BadOrder(f"{field}: {count} is not between 1 and {most}")
    return count


def _with_chunks(application: Callable[..., Any]) -> Callable[..., Any]:
    """Tell Flask that the end of a chunked body is known: granian has put it together already."""

    def called(environ: dict[str, Any], start_response: Any) -> Any:
        if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            environ["wsgi.input_terminated"] = True
        return application(environ, start_response)

    return called
