"""A gate before a Flask application: what a request is for, by its path, and what the refused are told.

    POST /api/play, advice, progress, licence, heartbeat, stop   PLAY
    POST /api/events                                             REPORT
    anything with Sec-Purpose: prefetch                          PREFETCH, as browsers send it (W3C, Fetch)
    everything else                                              BROWSE

Page: docs/netflix/shedding.md
"""

import threading

from flask import Flask, Response, g, jsonify, request

from netflix.errors import Refused
from netflix.resilience.shed import RETRY_AFTER_S, Gate, Priority

OF_PATHS = {
    **dict.fromkeys(("play", "advice", "progress", "licence", "heartbeat", "stop"), Priority.PLAY),
    "events": Priority.REPORT,
}


def priority_of(path: str, purpose: str = "") -> Priority:
    """Return what a request is for; `purpose` is its Sec-Purpose header, which can only lower it."""
    if "prefetch" in purpose:
        return Priority.PREFETCH
    return OF_PATHS.get(path.removeprefix("/api/"), Priority.BROWSE)


def guard(app: Flask, gate: Gate) -> None:
    """Let every request of `app` pass the gate first, and tell it when the request is over."""
    turn = threading.Lock()

    @app.before_request
    def enter() -> tuple[Response, int, dict[str, str]] | None:
        priority = priority_of(request.path, request.headers.get("Sec-Purpose", ""))
        try:
            with turn:
                g.began_ns = gate.enter(priority)
        except Refused as refused:
            wait = {"Retry-After": str(RETRY_AFTER_S)}
            return jsonify({"error": str(refused)}), refused.status, wait
        return None

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        if "began_ns" in g:
            with turn:
                gate.limiter.leave(g.pop("began_ns"))

    @app.get("/api/gate")
    def state() -> Response:
        with turn:
            return jsonify(
                limit=gate.limiter.limit,
                in_flight=gate.limiter.in_flight,
                let_in={Priority(each).name: count for each, count in gate.let_in.items()},
                shed={Priority(each).name: count for each, count in gate.shed.items()},
            )
