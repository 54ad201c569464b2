"""HTTP of the reports.

    POST /api/events            a JSON list in, {"taken": n} out
    GET  /api/quality?by=edge   how it was, by edge, title, hour, or for all

Page: docs/netflix/events.md
"""

import threading
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request

from chapters.log import Log
from chapters.portal.answers import answered, posted
from netflix.events.intake import Intake, events
from netflix.events.quality import quality
from netflix.events.sessions import Sessions


def blueprint(log: Log, turn: threading.Lock) -> Blueprint:
    """Return the routes that take reports into a log, and sum them up; `turn` guards the log."""
    routes, intake = Blueprint("events", __name__), Intake(log)

    @routes.post("/api/events")
    def take() -> tuple[Response, int]:
        return answered(lambda: {"taken": intake.take(posted())}, turn)

    @routes.get("/api/quality")
    def how_it_was() -> tuple[Response, int]:
        return answered(lambda: _quality(log, request.args.get("by", "all")), turn)

    return routes


def _quality(log: Log, by: str) -> list[dict[str, Any]]:
    sessions = Sessions()
    for event in events(log):
        sessions.add(event)
    return [asdict(each) for each in quality(sessions.summaries(), by)]
