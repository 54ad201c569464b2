"""What a bare WSGI application answers with, and reads: for data paths that Flask's cost would dominate.

Page: docs/chapters/portal.md
"""

import http.client
import json
from collections.abc import Callable, Iterable
from typing import Any

from chapters.errors import Refused

BODY_BYTES_MAX = 8 * 1024 * 1024

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


def status_line(code: int) -> str:
    """Return a status of HTTP with its reason."""
    return f"{code} {http.client.responses.get(code, 'Error')}"


def json_of(
    start_response: StartResponse,
    status: int,
    facts: object,
    headers: Iterable[tuple[str, str]] = (),
) -> list[bytes]:
    """Answer with facts as JSON."""
    data = json.dumps(facts).encode()
    start_response(
        status_line(status),
        [*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(data)))],
    )
    return [data]


def posted(environ: Environ) -> dict[str, Any]:
    """Return the object that was posted as JSON. Raises `Refused` with 400."""
    size = min(int(environ.get("CONTENT_LENGTH") or 0), BODY_BYTES_MAX)
    try:
        found = json.loads(environ["wsgi.input"].read(size))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refused(400, "post a JSON object")
    return found
