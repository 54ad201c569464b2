"""HTTP of the console: a page and the JSON behind it, mounted at /_/ beside the S3 API.

    GET  /_/api/state?after=17            nodes, heat, repair, and the requests since number 17
    GET  /_/api/buckets      POST         the first user's buckets; {"name"}
    GET  /_/api/objects?bucket=&prefix=&marker=
    PUT  /_/api/object?bucket=&key=       the body is the object       GET downloads, DELETE deletes
    GET  /_/api/detail?bucket=&key=&version=        versions, and where the shards are
    POST /_/api/faults                    {"node", "fault", "is_on"}, {"zone", "is_on"}, {} heals all
    POST /_/api/damage  {"node", "shard"}     /_/api/wipe  {"node"}     /_/api/scrub  {}

No bucket's name can begin with "_", so nothing of S3 is hidden. Page: docs/s3/console.md
"""

import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers.response import Response as BaseResponse

from chapters.errors import KitError, UsageError
from chapters.portal.pages import blueprint as portal
from s3 import http, versions, wire
from s3.console import admission, nodes, shelf
from s3.console.heat import Heat
from s3.console.mending import Mending
from s3.errors import Refused
from s3.gateway import answer
from s3.service import Service
from s3.storage.app import ThreadRaces

HOME = "/_/"
WISH_BYTES_MAX = 16 * 1024  # of JSON; objects are uploaded otherwise
POLICY = "default-src 'self'; frame-ancestors 'none'"

Json = dict[str, Any]

pages = Blueprint("console", __name__, template_folder="templates", static_folder="static",
                  static_url_path="/console")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Console:
    """What the page is about."""

    service: Service
    heat: Heat
    mending: Mending
    statuses: nodes.Statuses


def mounted(service: Service) -> wire.Application:
    """Return S3 and, at /_/, the console of the same store."""
    heat = Heat(clock=service.clock, rng=random.Random(0), guard=threading.Lock())
    mending = Mending(upkeep=service.upkeep, blobs=service.blobs, spawn=_on_a_thread)
    s3 = wire.create(service, heat.watch(answer))
    # Calls to a node that hangs may fill the store's own pool; whoever watches must not wait for it.
    pool = ThreadRaces(2 * len(service.blobs.cluster.nodes))
    statuses = nodes.Statuses(service.blobs.cluster, clock=service.clock, pool=pool)
    console = create(Console(service, heat, mending, statuses))

    def application(environ: wire.Environ, start_response: wire.StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if _is_virtual_host(environ, service.domain):
            return s3(environ, start_response)
        if path.startswith(HOME):
            below = {"SCRIPT_NAME": HOME[:-1], "PATH_INFO": path[len(HOME) - 1 :]}
            return console(environ | below, start_response)
        if path == HOME[:-1] or (path == "/" and _is_visitor(environ)):
            start_response("302 Found", [("Location", HOME), ("Content-Length", "0")])
            return []
        if admission.becomes_page(environ):
            start_response = _sandboxed(start_response)
        return s3(environ, start_response)

    return application


def create(console: Console) -> Flask:
    """Return the console as an application of its own."""
    app = Flask(__name__, static_folder=None)
    app.config.update(CONSOLE=console)
    app.register_blueprint(portal())
    app.register_blueprint(pages)
    app.before_request(admit)
    app.after_request(_with_policy)
    app.register_error_handler(Refused, lambda error: (_problem(error.code, error), error.status))
    app.register_error_handler(UsageError, lambda error: (_problem("usage", error), 400))
    app.register_error_handler(KitError, lambda error: (_problem("failed", error), 503))
    app.register_error_handler(HTTPException, _http_problem)
    return app


def admit() -> BaseResponse | tuple[Response, int] | None:
    """Answer those who may not come in; see admission.py."""
    user = shelf.first_user(here().service)
    if not admission.is_at_home(request.remote_addr or "", request.host):
        given = request.authorization
        if given is None or not admission.knows_keys(user, given.username, given.password):
            say = {"WWW-Authenticate": 'Basic realm="access key and secret key"'}
            return Response("The console asks for the first user's keys here.\n", 401, say)
    if request.method not in ("GET", "HEAD"):
        if not admission.is_own_page(request.headers.get("Origin"), request.host):
            return _problem("origin", "the console changes things for its own page only"), 403
        if request.method == "POST" and not request.is_json:
            return _problem("type", "write JSON, as application/json"), 415
    return None


@pages.get("/")
def page() -> str:
    """The page."""
    service = here().service
    return render_template("s3.html", faults=nodes.FAULTS, user=shelf.first_user(service).name)


@pages.get("/api/state")
def state() -> Response:
    """All that changes by itself, once a second."""
    console = here()
    blobs, heat = console.service.blobs, console.heat
    seen = heat.log(request.args.get("after", 0, type=int))
    return jsonify(
        nodes=console.statuses.now(),
        code=[blobs.code.data, blobs.code.parity],
        per_second=heat.per_second(),
        hottest=heat.hottest(),
        ranges=heat.ranges(),
        log=[asdict(each) for each in seen],
        last=heat.last,
        mending=console.mending.to_json(),
        upkeep=console.service.upkeep.progress.to_json(),
    )


@pages.get("/api/buckets")
def get_buckets() -> Response:
    """The first user's buckets."""
    return jsonify(shelf.buckets(here().service))


@pages.post("/api/buckets")
def post_bucket() -> Response:
    """Make a bucket, with versioning if that is wished."""
    wish = _wish(name=str, is_versioned=bool)
    _act("PUT", wish["name"])
    if wish["is_versioned"]:
        body = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        _act("PUT", wish["name"], query={"versioning": ""}, body=body)
    return jsonify(wish)


@pages.get("/api/objects")
def get_objects() -> Response:
    """One level of a bucket."""
    return jsonify(shelf.listing(here().service, _word("bucket"), _word("prefix"), _word("marker")))


@pages.get("/api/detail")
def get_detail() -> Response:
    """The versions of an object, and where the shards of one of them are."""
    service, bucket, key = here().service, _word("bucket"), _word("key")
    known = shelf.versions_of(service, bucket, key)
    found = versions.find(service.metadata, bucket, key, _word("version")).version
    return jsonify(
        versions=known,
        shown=shelf.version_json(found),
        stripes=nodes.where(service.blobs, found),
        stripes_total=nodes.stripes(found),
    )


@pages.get("/api/object")
def get_object() -> Response:
    """The bytes, to be kept and not to be shown: what is in them is not ours to run."""
    found = _act("GET", _word("bucket"), _word("key"), query=_version())
    name = quote(_word("key").rpartition("/")[2] or "object", safe="")
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Content-Length": found.headers["Content-Length"],
    }
    return Response(found.body, headers=headers)


@pages.put("/api/object")
def put_object() -> Response:
    """Store the body as an object."""
    names = ("content-type", "content-length")
    headers = {each: request.headers[each] for each in names if each in request.headers}
    _act("PUT", _word("bucket"), _word("key"), headers=headers, body=request.stream)
    return jsonify(key=_word("key"))


@pages.delete("/api/object")
def delete_object() -> Response:
    """Delete an object, or one version of it."""
    _act("DELETE", _word("bucket"), _word("key"), query=_version())
    return jsonify(key=_word("key"))


@pages.post("/api/faults")
def post_faults() -> Response:
    """Switch a fault of a node, cut a zone off, or heal all."""
    cluster, wish = here().service.blobs.cluster, _posted()
    if "node" in wish:
        wish = _wish(node=str, fault=str, is_on=bool)
        nodes.inflict(cluster, wish["node"], wish["fault"], wish["is_on"])
    elif "zone" in wish:
        wish = _wish(zone=str, is_on=bool)
        nodes.cut(cluster, wish["zone"], wish["is_on"])
    else:
        nodes.heal(cluster)
    return jsonify(here().statuses.now())


@pages.post("/api/damage")
def post_damage() -> Response:
    """Flip a bit of a shard."""
    wish = _wish(node=str, shard=str)
    nodes.flip(here().service.blobs.cluster, wish["node"], wish["shard"])
    return jsonify(wish)


@pages.post("/api/wipe")
def post_wipe() -> Response:
    """Give a node an empty disk."""
    wish = _wish(node=str)
    nodes.wipe(here().service.blobs.cluster, wish["node"])
    return jsonify(wish)


@pages.post("/api/scrub")
def post_scrub() -> Response:
    """Begin a scrub and a repair."""
    here().mending.begin()
    return jsonify(here().mending.to_json())


def here() -> Console:
    """Return what the present request is about."""
    console: Console = current_app.config["CONSOLE"]
    return console


def _act(
    method: str,
    bucket: str,
    key: str = "",
    *,
    query: Json | None = None,
    headers: Json | None = None,
    body: Any = None,
) -> http.Response:
    """Do an operation as the first user; a `body` of bytes tells its own length."""
    if not hasattr(body, "read"):
        headers = {"content-length": str(len(body or b""))}
        body = BytesIO(body or b"")
    return shelf.act(
        here().service, here().heat, method, bucket, key, query=query, headers=headers, body=body
    )


def _version() -> Json:
    return {"versionId": _word("version")} if _word("version") else {}


def _word(name: str) -> str:
    return request.args.get(name, "")


def _posted() -> Any:
    request.max_content_length = WISH_BYTES_MAX  # in chunks, a body does not say how long it is
    return request.get_json()


def _wish(**kinds: type) -> Json:
    """Return these fields of the JSON body. Raises `UsageError`."""
    wish = _posted()
    for name, kind in kinds.items():
        if not isinstance(wish, dict) or type(wish.get(name)) is not kind:
            raise UsageError(f"{name} is missing, or no {kind.__name__}")
    return {name: wish[name] for name in kinds}


def _problem(code: str, error: object) -> Response:
    return jsonify(code=code, reason=str(error))


def _http_problem(error: HTTPException) -> tuple[Response, int]:
    return _problem(error.name, error.description), error.code or 500


def _with_policy(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _sandboxed(start_response: wire.StartResponse) -> wire.StartResponse:
    def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(
            status, [*headers, ("Content-Security-Policy", admission.SANDBOX)], *more
        )

    return started


def _is_virtual_host(environ: wire.Environ, domain: str) -> bool:
    host = environ.get("HTTP_HOST", "").partition(":")[0]
    return bool(domain) and host.endswith("." + domain)


def _is_visitor(environ: wire.Environ) -> bool:
    """Return whether this is a person with a browser, who would not know what to do with XML."""
    return (
        environ["REQUEST_METHOD"] == "GET"
        and "text/html" in environ.get("HTTP_ACCEPT", "")
        and not environ.get("HTTP_AUTHORIZATION")
        and not environ.get("QUERY_STRING")
    )


def _on_a_thread(work: Callable[[], object]) -> None:
    threading.Thread(target=work, name="mending", daemon=True).start()
