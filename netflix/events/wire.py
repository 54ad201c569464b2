"""HTTP of the reports: `POST /api/events`, a JSON list in, `{"taken": n}` out.

Page: docs/netflix/events.md
"""

import threading
from typing import Any

from flask import Blueprint, Response, jsonify, request

from netflix.errors import Refused
from netflix.events.intake import Intake

BODY_BYTES_MAX = 256 * 1024


def blueprint(intake: Intake) -> Blueprint:
    """Return the route that takes reports."""
    routes, turn = Blueprint("events", __name__), threading.Lock()

    @routes.post("/api/events")
    def take() -> tuple[Response, int]:
        try:
            return jsonify(_taken(intake, turn)), 200
        except Refused as refused:
            return jsonify({"error": str(refused)}), refused.status

    return routes


def _taken(intake: Intake, turn: threading.Lock) -> dict[str, Any]:
    if (request.content_length or 0) > BODY_BYTES_MAX:
        raise Refused(413, f"the body is over {BODY_BYTES_MAX} bytes; send fewer events at once")
    batch = request.get_json(silent=True, force=True)
    with turn:
        return {"taken": intake.take(batch)}
