"""What an edge and the origin reply with: files, ranges of them, JSON, and what is read from a request.

Page: docs/netflix/edges.md
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from netflix.cdn.body import Body, kind_of, span
from netflix.errors import Refused

AGE_S = 3600
BODY_BYTES_MAX = 8 * 1024 * 1024  # of what is posted to /_/: a fill of 100,000 paths
FOR_PAGES = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "Range, If-None-Match"),
    ("Access-Control-Expose-Headers", "Content-Length, Content-Range, ETag, X-Cache, X-Edge"),
    ("Timing-Allow-Origin", "*"),
]
REASONS = {
    200: "OK", 204: "No Content", 206: "Partial Content", 304: "Not Modified", 400: "Bad Request",
    403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 416: "Range Not Satisfiable",
    502: "Bad Gateway", 503: "Service Unavailable",
}  # fmt: skip

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


def file(
    environ: Environ,
    start_response: StartResponse,
    path: str,
    body: Body,
    headers: list[tuple[str, str]],
) -> Iterable[bytes]:
    """Answer with a file: whole, a range of it, or that it is unchanged. Raises `Refused` with 416."""
    headers = [*headers, ("ETag", body.etag), ("Accept-Ranges", "bytes")]
    if environ.get("HTTP_IF_NONE_MATCH") == body.etag:
        start_response(status_line(304), headers)
        return []
    asked = span(environ.get("HTTP_RANGE", ""), len(body.data))
    first, end = asked or (0, len(body.data))
    if asked:
        headers.append(("Content-Range", f"bytes {first}-{end - 1}/{len(body.data)}"))
    headers += [
        ("Content-Type", kind_of(path)),
        ("Content-Length", str(end - first)),
        ("Cache-Control", f"max-age={AGE_S}"),
    ]
    start_response(status_line(206 if asked else 200), headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body.data[first:end]]


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


def number(environ: Environ, name: str, most: int) -> int:
    """Return a whole number from 0 to `most` out of the JSON that was posted. Raises `Refused` with 400."""
    found = posted(environ).get(name)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= most:
        raise Refused(400, f"{name} is {found!r}; it must be a whole number from 0 to {most}")
    return found


def paths(told: dict[str, Any], name: str) -> list[str]:
    """Return a list of paths out of what was posted. Raises `Refused` with 400."""
    found = told.get(name)
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise Refused(400, f"{name} is {found!r:.60}; it must be a list of paths")
    return found


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


def status_line(code: int) -> str:
    """Return a status of HTTP with its reason."""
    return f"{code} {REASONS.get(code, 'Error')}"
