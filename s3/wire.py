"""WSGI turned into requests, and responses into WSGI: no framework on the data path.

A bare callable costs some 0.1 ms of processor time a request under granian, where Flask adds 0.17 ms to
it; the console, which is Flask, mounts beside. Paths come decoded from the server, as bytes that look
like Latin-1 (PEP 3333).

Who sends `Expect: 100-continue` and is refused will not send the body. Nobody can tell then whether what
comes next on the connection is that body or a request, so it is closed (RFC 9110, section 10.1.1). So is
it after a body of no bytes, which the server below never asks for: aws-cli, once answered without a 100,
reads the next answer on the connection with the status of this one.
Page: docs/s3/requests.md
"""

import logging
import sys
from collections.abc import Callable, Iterable
from email.header import Header
from http import HTTPStatus
from typing import Any

from s3.errors import Refused
from s3.gateway import XML, answer, refusal
from s3.http import Request, Response, is_number, locate, parse_query
from s3.service import Service

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

DRAINED_BYTES_MAX = 64 * 1024  # of a refused body; a new connection costs less than more than that

log = logging.getLogger("s3")

_STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def create(
    service: Service, answer: Callable[[Service, Request], Response] = answer
) -> Application:
    """Return the WSGI application that serves S3."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            response = answer(service, read_request(environ, service.domain))
        except Refused as error:
            response = _unreadable(service, environ, error)
        except Exception:  # a bug: the client gets an id, and whoever runs the store the traceback
            response = _unreadable(service, environ, Refused("InternalError"))
            log.exception("request %s failed", response.headers["x-amz-request-id"])
        _settle(environ, response)
        return send(response, start_response)

    return application


def _settle(environ: Environ, response: Response) -> None:
    """Read what is left of a small refused body; close where nobody can tell what comes next."""
    length = environ.get("HTTP_CONTENT_LENGTH") or environ.get("CONTENT_LENGTH") or "0"
    is_chunked, is_refused = "HTTP_TRANSFER_ENCODING" in environ, response.status >= 400
    is_small = not is_chunked and is_number(length) and int(length) <= DRAINED_BYTES_MAX
    if "HTTP_EXPECT" in environ:
        is_unclear = is_refused or (is_small and not int(length))
    else:
        is_unclear = is_refused and not is_small
    if is_unclear:
        response.headers["Connection"] = "close"
    elif is_refused:
        environ["wsgi.input"].read(int(length))


def _unreadable(service: Service, environ: Environ, error: Refused) -> Response:
    """Return the refusal of what did not become a request, or an answer."""
    path, request_id = environ["PATH_INFO"], f"{service.rng.getrandbits(64):016X}"
    blank = Request(environ["REQUEST_METHOD"], path, {}, {}, environ["wsgi.input"])
    response = refusal(error, blank, request_id)
    response.headers |= {"x-amz-request-id": request_id, "Content-Type": XML}
    assert isinstance(response.body, bytes)
    response.headers["Content-Length"] = str(len(response.body))
    return response


def read_request(environ: Environ, domain: str) -> Request:
    """Return the request of a WSGI environment. Raises `InvalidURI` for a path that is no UTF-8."""
    try:
        path = environ["PATH_INFO"].encode("latin-1").decode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise Refused("InvalidURI", "The path is not UTF-8") from None
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_LENGTH", "CONTENT_TYPE"):
        if environ.get(name):
            headers.setdefault(name.replace("_", "-").lower(), environ[name])
    bucket, key = locate(path, headers.get("host", ""), domain)
    return Request(
        method=environ["REQUEST_METHOD"],
        path=path,
        query=parse_query(environ.get("QUERY_STRING", "")),
        headers=headers,
        body=environ["wsgi.input"],
        bucket=bucket,
        key=key,
        raw_query=environ.get("QUERY_STRING", ""),
        scheme=environ.get("wsgi.url_scheme", "http"),
        remote=environ.get("REMOTE_ADDR", ""),
    )


def send(response: Response, start_response: StartResponse) -> Iterable[bytes]:
    """Hand the response to the server."""
    status = _STATUS.get(response.status) or f"{response.status} "
    start_response(status, [(name, _ascii(value)) for name, value in response.headers.items()])
    if isinstance(response.body, bytes):
        return [response.body] if response.body else []
    return response.body


def _ascii(value: str) -> str:
    """Return a header's value as S3 sends what is not ASCII: by RFC 2047. Servers differ on the rest."""
    return value if value.isascii() else Header(value, "utf-8", maxlinelen=sys.maxsize).encode()
