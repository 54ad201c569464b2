"""HTTP of `kit serve zomato`: the page, and what its map asks for.

    GET  /             the page                   GET  /api/town      restaurants, and how large it is
    GET  /api/now      riders, orders, plans      GET  /api/orders/<id>
    POST /api/orders   {restaurant, x, y}         POST /api/speed     {"minutes_a_second": 5}
    POST /api/lose     {"rider": "c7"}            POST /api/day       another day

Page: docs/zomato/serve.md
"""

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, render_template, request

from chapters.errors import Refused
from chapters.portal.answers import answered, posted_object
from chapters.portal.pages import blueprint as portal
from zomato.days import Days

SPEED_MAX = 60.0  # minutes a second
METRES_MAX = 1e6

POLICY = (
    "default-src 'self'; connect-src 'self' {gateway}; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
)


def create(days: Days, tracking_port: int = 0) -> Flask:
    """Return the application; at `tracking_port` of the same host orders are followed."""
    app = Flask(__name__)
    app.register_blueprint(portal())
    app.register_blueprint(
        Blueprint("zomato", __name__, template_folder="map/templates", static_folder="map/static",
                  static_url_path="/zomato")
    )  # fmt: skip
    app.add_url_rule("/", "page", lambda: render_template("zomato/page.html"))
    _route(app, "GET", "/api/town", days, lambda: days.live.places() | {"tracking": tracking_port})
    _route(app, "GET", "/api/now", days, lambda: days.live.shown() | {"speed": days.speed})
    _route(app, "GET", "/api/orders/<id>", days, lambda id: days.live.order(id))
    _route(app, "POST", "/api/orders", days, lambda: _place(days))
    _route(app, "POST", "/api/speed", days, lambda: _speed(days))
    _route(app, "POST", "/api/lose", days, lambda: _lose(days))
    _route(app, "POST", "/api/day", days, lambda: days.begin_another())
    app.after_request(lambda response: _with_policy(response, tracking_port))
    return app


def _route(app: Flask, verb: str, rule: str, days: Days, operation: Callable[..., object]) -> None:
    app.add_url_rule(
        rule,
        f"{verb} {rule}",
        lambda **words: answered(lambda: operation(**words), days.turn),
        methods=[verb],
    )


def _with_policy(response: Response, tracking_port: int) -> Response:
    host = re.sub(
        r":\d+$", "", request.host
    )  # the gateway is there too, whatever name that goes by
    gateway = f"http://{host}:{tracking_port}"
    response.headers["Content-Security-Policy"] = POLICY.format(gateway=gateway)
    return response


def _place(days: Days) -> dict[str, Any]:
    facts = posted_object()
    restaurant = facts.get("restaurant")
    if not isinstance(restaurant, str):
        raise Refused(400, f"restaurant is {restaurant!r:.40}; it must be an id")
    id = days.live.place(
        restaurant, _number(facts, "x", METRES_MAX), _number(facts, "y", METRES_MAX)
    )
    return {"id": id}


def _speed(days: Days) -> dict[str, Any]:
    days.speed = _number(posted_object(), "minutes_a_second", SPEED_MAX, least=0)
    return {"minutes_a_second": days.speed}


def _lose(days: Days) -> dict[str, Any]:
    return {"again": days.live.lose(str(posted_object().get("rider")))}


def _number(facts: dict[str, Any], name: str, most: float, least: float | None = None) -> float:
    found, least = facts.get(name), -most if least is None else least
    if isinstance(found, bool) or not isinstance(found, int | float) or not least <= found <= most:
        raise Refused(400, f"{name} is {found!r:.40}; it must be a number, {least:g} to {most:g}")
    return float(found)
