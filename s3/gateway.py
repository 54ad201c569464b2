"""A request's way through the store: which operation, who asks, may they, do it, say how it went.

    Request ──► route ──► authenticate ──► permit ──► operation ──► Response
                  └───────────┴──────────────┴───────────┴── Refused ──► <Error>…</Error>

Invariant: an operation runs only after its caller was identified and permitted; whatever goes wrong,
the client gets S3's error document with a request id. Page: docs/s3/requests.md
"""

from chapters.errors import Definite, KitError
from chapters.sim.trace import note, span
from s3 import log_delivery, permissions
from s3.api import cors, small_configs
from s3.api.operations import DONE
from s3.auth.authenticate import Identity, authenticate
from s3.errors import Conflict, Refused
from s3.http import Request, Response
from s3.markup import Pair, render
from s3.routes import operation_of
from s3.service import Call, Service

_BODILESS = {304, 204}
XML = "application/xml"


def answer(service: Service, request: Request) -> Response:
    """Return the response to a request; never raises for what a client can cause."""
    request_id = f"{service.rng.getrandbits(64):016X}"
    call, error = None, None
    try:
        call = identified(service, request, request_id)
        with span(call.operation):
            response = perform(call)
    except KitError as raised:
        error = as_refusal(raised)
        response = refusal(error, request, request_id)
    response.headers |= {"x-amz-request-id": request_id} | cors.leave(service, request)
    note("answered", status=response.status, request=request_id)
    if isinstance(response.body, bytes):
        if response.body and "Content-Type" not in response.headers:
            response.headers["Content-Type"] = XML
        if response.status not in _BODILESS:
            response.headers.setdefault("Content-Length", str(len(response.body)))
    log_delivery.note(service, request, call, request_id, response, error.code if error else "")
    return response


def as_refusal(error: KitError) -> Refused:
    """Return S3's code for whatever went wrong: 503 if nothing was done, 500 if nobody knows."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, Conflict):
        return Refused("OperationAborted")
    is_known = isinstance(error, Definite)  # a full disk, say: nothing was acknowledged
    return Refused("ServiceUnavailable" if is_known else "InternalError", str(error))


def identified(service: Service, request: Request, request_id: str) -> Call:
    """Return the call, once it is known what is asked and by whom. Raises `Refused`."""
    operation = operation_of(request)
    now_ns = service.clock.now_ns()
    if operation == "Preflight":  # by a browser, before it sends what it would sign
        return Call(service, request, operation, Identity(None), request_id, now_ns // 1_000_000)
    who = authenticate(request, service.users, now=now_ns / 1e9, region=service.region)
    note("signature checked", kind=who.auth_type, user=who.id[:8], operation=operation)
    return Call(service, request, operation, who, request_id, now_ns // 1_000_000)


def perform(call: Call) -> Response:
    """Do what is asked. Raises `Refused`."""
    operation = DONE.get(call.operation)
    if operation is None:
        raise Refused("NotImplemented", f"This store does not implement {call.operation}")
    permissions.permit(call)
    note("permitted")
    charged = small_configs.charged(call)
    response = operation(call)
    response.headers |= charged
    return response


def refusal(error: Refused, request: Request, request_id: str) -> Response:
    """Return the error as S3 writes it; a HEAD has no body to say it in."""
    if request.method == "HEAD" or error.status == 304:
        return Response(error.status, dict(error.headers))
    fields: list[Pair] = [(name, value) for name, value in error.fields.items()]
    resource: Pair = ("Resource", request.path)
    pairs: list[Pair] = [("Code", error.code), ("Message", str(error)), *fields, resource]
    body = render("Error", [*pairs, ("RequestId", request_id)], namespace="")
    return Response(error.status, dict(error.headers), body)
