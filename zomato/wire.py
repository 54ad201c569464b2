"""HTTP of `kit serve zomato`: the page, and what it asks for.

    GET  /                     the page              GET  /api/town      restaurants, and how large it is
    GET  /api/now              riders, orders        GET  /api/money     books, statement, orders by state
    GET  /api/search, /api/suggest, /api/restaurants/<id>                discovery, see search/wire.py
    GET  /api/home             what one feels like at an hour, see recs/wire.py
    POST /api/quote            a cart: what would it cost?
    POST /api/orders           a cart, with a key    GET  /api/orders/<id>
    POST /api/orders/<id>/cancel                     POST /api/orders/<id>/missing  {"dish": …}
    POST /api/gateway          {"down": …, "rudeness": 0.5}              POST /api/kill
    POST /api/speed, /api/lose, /api/day             faster, without a rider, another day

A cart is {"key", "restaurant", "lines": [{"dish", "quantity", "price"}], "coupon", "x", "y"}, the price in
paise, as it was seen. Page: docs/zomato/serve.md
"""

import re
from collections.abc import Callable
from threading import Lock
from typing import Any

from flask import Blueprint, Flask, Response, render_template, request

from chapters.errors import Refused
from chapters.portal.answers import answered, posted_object
from chapters.portal.pages import blueprint as portal
from zomato.days import Days
from zomato.recs.desk import Desk
from zomato.recs.wire import blueprint as recommendations
from zomato.search.wire import blueprint as discovery

SPEED_MAX = 60.0  # minutes a second
RUDENESS_MAX = 0.9

POLICY = (
    "default-src 'self'; connect-src 'self' {gateway}; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
)


def create(days: Days, taste: Callable[[], Desk], tracking_port: int = 0) -> Flask:
    """Return the application; at `tracking_port` of the same host orders are followed."""
    app = Flask(__name__)
    app.register_blueprint(portal())
    app.register_blueprint(
        Blueprint("zomato", __name__, template_folder="map/templates", static_folder="map/static",
                  static_url_path="/zomato")
    )  # fmt: skip
    app.register_blueprint(discovery(lambda: days.shop.menus.desk, days.turn))
    app.register_blueprint(recommendations(taste, Lock()))  # not the town's turn: it goes on
    app.add_url_rule("/", "page", lambda: render_template("zomato/page.html"))
    for verb, rule, operation in _operations(days, tracking_port):
        _route(app, verb, rule, days, operation)
    app.after_request(lambda response: _with_policy(response, tracking_port))
    return app


def _operations(days: Days, tracking_port: int) -> list[tuple[str, str, Callable[..., object]]]:
    """Return every operation; each asks `days` for its shop, for there may be another day by then."""
    return [
        ("GET", "/api/town", lambda: _town(days) | {"tracking": tracking_port}),
        ("GET", "/api/now", lambda: days.shop.live.shown() | {"speed": days.speed}),
        ("GET", "/api/money", lambda: days.shop.money()),
        ("POST", "/api/quote", lambda: days.shop.quote(posted_object())),
        ("POST", "/api/orders", lambda: days.shop.place(posted_object())),
        ("GET", "/api/orders/<id>", lambda id: days.shop.order(id)),
        ("POST", "/api/orders/<id>/cancel", lambda id: days.shop.cancel(id)),
        ("POST", "/api/orders/<id>/missing", lambda id: _missing(days, id)),
        ("POST", "/api/gateway", lambda: _gateway(days)),
        ("POST", "/api/kill", lambda: days.shop.kill()),
        ("POST", "/api/speed", lambda: _speed(days)),
        ("POST", "/api/lose", lambda: _lose(days)),
        ("POST", "/api/day", lambda: days.begin_another()),
    ]


def _route(app: Flask, verb: str, rule: str, days: Days, operation: Callable[..., object]) -> None:
    app.add_url_rule(
        rule,
        f"{verb} {rule}",
        lambda **words: answered(lambda: operation(**words), days.turn),
        methods=[verb],
    )


def _with_policy(response: Response, tracking_port: int) -> Response:
    # The gateway is at the same host, whatever name that goes by.
    host = re.sub(r":\d+$", "", request.host)
    gateway = f"http://{host}:{tracking_port}"
    response.headers["Content-Security-Policy"] = POLICY.format(gateway=gateway)
    return response


def _town(days: Days) -> dict[str, Any]:
    names = days.shop.menus.names()
    places = days.shop.live.places()
    shown = [each | {"name": names[each["id"]]} for each in places["restaurants"]]
    return places | {"restaurants": shown}


def _missing(days: Days, id: str) -> dict[str, Any]:
    return days.shop.missing(id, str(posted_object().get("dish")))


def _gateway(days: Days) -> dict[str, Any]:
    facts = posted_object()
    is_down = facts.get("down", False)
    if not isinstance(is_down, bool):
        raise Refused(400, f"down is {is_down!r:.40}; it must be true or false")
    rudeness = _number({"rudeness": 0.0} | facts, "rudeness", RUDENESS_MAX)
    return days.shop.break_gateway(is_down, rudeness)


def _speed(days: Days) -> dict[str, Any]:
    days.speed = _number(posted_object(), "minutes_a_second", SPEED_MAX)
    return {"minutes_a_second": days.speed}


def _lose(days: Days) -> dict[str, Any]:
    return {"again": days.shop.live.lose(str(posted_object().get("rider")))}


def _number(facts: dict[str, Any], name: str, most: float) -> float:
    found = facts.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= most:
        raise Refused(400, f"{name} is {found!r:.40}; it must be a number, 0 to {most:g}")
    return float(found)
