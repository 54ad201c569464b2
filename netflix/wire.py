"""HTTP of `kit serve netflix`: the page, the control plane behind it, and the switches of its map.

    GET  /                    the page            GET  /poster/<title>.jpg   a frame of the film
    GET  /api/edges           the edges           POST /api/edges/<name>     {"up": false} kills it
    POST /api/throttle        {"kbps": n}         POST /api/fill             {} fills the edges
    GET  /api/gate            who is let in      /api/play and others: netflix/control/wire.py

Page: docs/netflix/serve.md
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, render_template, request, send_from_directory

from chapters.log import Log
from chapters.portal.answers import answered, posted_object
from chapters.portal.pages import blueprint as portal
from netflix.cdn.fleet import Fleet
from netflix.cdn.tonight import expected
from netflix.control import wire as control_wire
from netflix.control.service import Control
from netflix.errors import Refused
from netflix.events import wire as events_wire
from netflix.package.published import poster_name
from netflix.recs import wire as recs_wire
from netflix.recs.artwork import Artwork
from netflix.resilience.shed import Gate
from netflix.resilience.wire import guard

KBPS_MAX = 100_000

pages = Blueprint("netflix", __name__, template_folder="player/templates", static_folder="player/static",
                  static_url_path="/netflix")  # fmt: skip


def create(
    control: Control,
    fleet: Fleet,
    events: Log,
    library: Path,
    hosts: list[str],
    gate: Gate,
    artwork: Artwork,
) -> Flask:
    """Return the application; `hosts` are the edges' addresses, which the page may connect to."""
    app = Flask(__name__)
    guard(app, gate)
    app.register_blueprint(portal())
    app.register_blueprint(control_wire.blueprint(control))
    turn = threading.Lock()
    app.register_blueprint(events_wire.blueprint(events, turn))
    app.register_blueprint(pages)
    app.add_url_rule("/", "page", lambda: render_template("netflix/page.html"))
    app.add_url_rule("/api/edges", "edges", lambda: jsonify(fleet.shown()))
    app.add_url_rule(
        "/api/edges/<name>",
        "switch",
        _answering(lambda name: _switch(fleet, name)),
        methods=["POST"],
    )
    app.add_url_rule(
        "/api/throttle", "throttle", _answering(lambda: _throttle(fleet)), methods=["POST"]
    )
    app.add_url_rule(
        "/api/fill",
        "fill",
        _answering(lambda: _fill(control, fleet, events, turn, library)),
        methods=["POST"],
    )
    app.add_url_rule("/poster/<title>.jpg", "poster", lambda title: _poster(library, title))
    app.register_blueprint(recs_wire.blueprint(control, events, turn, artwork))
    app.after_request(_with_policy(" ".join(hosts)))
    return app


def _with_policy(hosts: str) -> Callable[[Response], Response]:
    policy = (
        f"default-src 'self'; connect-src 'self' {hosts}; media-src 'self' blob:; "
        "img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
    )

    def add(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        return response

    return add


def _answering(operation: Callable[..., object]) -> Callable[..., Any]:
    return lambda **words: answered(lambda: operation(**words))


def _switch(fleet: Fleet, name: str) -> object:
    up = posted_object().get("up")
    if not isinstance(up, bool):
        raise Refused(400, 'post {"up": true} or {"up": false}')
    (fleet.revive if up else fleet.kill)(name)
    return {"name": name, "up": up}


def _throttle(fleet: Fleet) -> object:
    kbps = posted_object().get("kbps")
    if isinstance(kbps, bool) or not isinstance(kbps, int) or not 0 <= kbps <= KBPS_MAX:
        raise Refused(400, f"kbps is {kbps!r}; it must be a whole number from 0 to {KBPS_MAX}")
    fleet.throttle(kbps)
    return {"kbps": kbps}


def _fill(
    control: Control, fleet: Fleet, events: Log, turn: threading.Lock, library: Path
) -> object:
    """Fill the edges with what will be asked for tonight, by what was reported."""
    titles = control.library()
    names = [each.title for each in titles]
    with turn:
        plays = expected(events, names, library, int(control.now_s * 1000))
    return {"edges": fleet.fill(titles, plays)}


def _poster(library: Path, title: str) -> Response:
    """Send one of a title's pictures; the first, where there is no other."""
    folder, number = library.resolve() / title, request.args.get("picture", "0")
    name = poster_name(int(number)) if number.isdecimal() else poster_name(0)
    found = name if (folder / name).is_file() else poster_name(0)
    return send_from_directory(folder, found, max_age=3600)
