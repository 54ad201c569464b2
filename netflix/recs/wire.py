"""HTTP of the page: rows of titles, each with the picture to show; and clicks, which pictures learn from.

    GET  /api/home?profile=…                      {"rows": [{"name", "titles": [{"title", "picture"}]}]}
    POST /api/artwork  {title, profile, picture}  it was clicked

Page: docs/netflix/rows.md
"""

import threading
from typing import Any

from flask import Blueprint, Response, request

from chapters.log import Log
from chapters.portal.answers import answered, posted_object
from netflix.control.advice import number
from netflix.control.service import Control
from netflix.errors import Refused
from netflix.recs.artwork import Artwork
from netflix.recs.desk import Desk


def blueprint(control: Control, log: Log, turn: threading.Lock, artwork: Artwork) -> Blueprint:
    """Return the routes; `turn` guards the log."""
    routes, desk = Blueprint("recs", __name__), Desk(control, log, artwork)

    @routes.get("/api/home")
    def home() -> tuple[Response, int]:
        return answered(lambda: desk.rows(request.args.get("profile", "")), turn)

    @routes.post("/api/artwork")
    def clicked() -> tuple[Response, int]:
        return answered(lambda: _clicked(desk, posted_object()), turn)

    return routes


def _clicked(desk: Desk, facts: dict[str, Any]) -> dict[str, Any]:
    title, profile = facts.get("title"), facts.get("profile")
    if not isinstance(title, str) or not isinstance(profile, str):
        raise Refused(400, 'post {"title": …, "profile": …, "picture": 0}')
    desk.clicked(title, profile, int(number(facts, "picture")))
    return {}
