"""What an edge and the origin reply with: files, ranges of them, JSON, and what is read from a request.

Page: docs/netflix/edges.md
"""

from collections.abc import Iterable
from typing import Any

from chapters.portal.bare import Environ, StartResponse, posted, status_line
from netflix.cdn.body import Body, kind_of, span
from netflix.errors import Refused

AGE_S = 3600
FOR_PAGES = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "Range, If-None-Match"),
    ("Access-Control-Expose-Headers", "Content-Length, Content-Range, ETag, X-Cache, X-Edge"),
    ("Timing-Allow-Origin", "*"),
]


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
