"""What clients get wrong, and what the store says of it: a status, a code, a request id, no change.

Requests go through WSGI as bytes that no client would send for us; `{upload}` in a row stands for the
id of an upload with two small parts, `{date}` for now.
"""

import base64
import io
import random
import re
import time
from dataclasses import dataclass
from email.header import decode_header, make_header
from hashlib import md5, sha256
from urllib.parse import quote, unquote, urlsplit

import pytest

from chapters.errors import Definite, Indefinite
from chapters.sim.clock import VirtualClock
from s3 import wire
from s3.app import Settings, build
from s3.auth.signature import UNSIGNED_PAYLOAD, presign, sign_headers
from s3.errors import CODES
from s3.http import parse_query
from s3.metadata.batches import Read
from s3.metadata.remote import Group
from s3.service import REGION, Service
from s3.storage.simulated import SimCluster

HOST = "127.0.0.1:9000"
KIT, OTHER = ("kit-access-key", "kit-secret-key"), ("other-access-key", "other-secret-key")
USERS = "".join(
    f'[[user]]\nname = "{name}"\naccess_key = "{pair[0]}"\nsecret_key = "{pair[1]}"\n'
    for name, pair in (("kit", KIT), ("other", OTHER))
)
DATA = b"0123456789"
ETAG = md5(DATA).hexdigest()
GIB = 1024**3


@dataclass
class Answer:
    """What came back through WSGI."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        found = re.search(rb"<Code>([^<]*)</Code>", self.body)
        return found[1].decode() if found else ""

    def find(self, tag: str) -> str:
        found = re.search(rb"<%b>([^<]*)</%b>" % (tag.encode(), tag.encode()), self.body)
        return found[1].decode() if found else ""


class World:
    """A store, and a wire that takes anything."""

    def __init__(self, service: Service) -> None:
        self.application = wire.create(service)
        self.upload = ""

    def send(self, method, target, headers, body=b"") -> Answer:
        """Send these bytes as they are."""
        parts = urlsplit(f"http://{HOST}{target}")
        environ = {
            "REQUEST_METHOD": method, "QUERY_STRING": parts.query, "wsgi.url_scheme": "http",
            "PATH_INFO": unquote(parts.path, "latin-1"), "wsgi.input": io.BytesIO(body),
        }  # fmt: skip
        for name, text in headers.items():
            environ["HTTP_" + name.upper().replace("-", "_")] = text
        begun = []
        pieces = self.application(environ, lambda *words: begun.append(words))
        content = b"".join(pieces)
        status, found = begun[0]
        return Answer(int(status[:3]), {name.lower(): text for name, text in found}, content)

    def ask(self, method, target, headers=None, body=b"", *, pair=KIT, late_s=0.0, **signing):
        """Sign, then send. `headers` win over what signing makes, and None removes one."""
        target = target.replace("{upload}", self.upload)
        parts = urlsplit(f"http://{HOST}{target}")
        wanted = {name.lower(): text for name, text in (headers or {}).items()}
        length = {"content-length": str(len(body))}
        kept = {name: text for name, text in (length | wanted).items() if text is not None}
        names = {"region": REGION, "payload_hash": UNSIGNED_PAYLOAD} | signing
        signed = sign_headers(
            method, HOST, unquote(parts.path), parse_query(parts.query), kept,
            access_key=pair[0], secret_key=pair[1], now=time.time() - late_s, **names,
        )  # fmt: skip
        return self.send(method, target, signed, body)

    def url(self, method, target, *, late_s=0.0, expires_s=60):
        """Return path and query of a presigned URL."""
        return presign(
            method, HOST, target, {}, access_key=KIT[0], secret_key=KIT[1], region=REGION,
            now=time.time() - late_s, expires_s=expires_s,
        )  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Buckets of two owners, versions, a lock, an upload: what the rows below are wrong about."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "users.toml").write_text(USERS)
    service = build(Settings(str(folder / "store"), users=str(folder / "users.toml")))
    made = World(service)
    for name in ("mine", "empty", "versioned"):
        assert made.ask("PUT", f"/{name}").status == 200
    assert made.ask("PUT", "/theirs", pair=OTHER).status == 200
    assert made.ask("PUT", "/locked", {"x-amz-bucket-object-lock-enabled": "true"}).status == 200
    assert made.ask("PUT", "/versioned?versioning", body=VERSIONED).status == 200
    for name in ("mine", "versioned", "locked"):
        assert made.ask("PUT", f"/{name}/a", body=DATA).status == 200
    assert made.ask("DELETE", "/versioned/a").headers["x-amz-delete-marker"] == "true"
    made.upload = made.ask("POST", "/mine/big?uploads").find("UploadId")
    for number in (1, 2):
        target = f"/mine/big?partNumber={number}&uploadId={{upload}}"
        assert made.ask("PUT", target, body=DATA).status == 200
    yield made
    assert made.ask("GET", "/mine/a").body == DATA, "a refused request changed something"
    listed = made.ask("GET", "/mine?list-type=2")
    assert listed.find("KeyCount") == "1", listed.body


VERSIONED = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
LONG = quote("k" * 1025)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def completing(*numbers, etag=ETAG) -> bytes:
    parts = "".join(
        f"<Part><PartNumber>{n}</PartNumber><ETag>{etag}</ETag></Part>" for n in numbers
    )
    return f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()


def tagging(*pairs) -> bytes:
    tags = "".join(f"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>" for key, value in pairs)
    return f"<Tagging><TagSet>{tags}</TagSet></Tagging>".encode()


def retaining(period: str) -> bytes:
    rule = f"<Rule><DefaultRetention><Mode>GOVERNANCE</Mode>{period}</DefaultRetention></Rule>"
    enabled = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>"
    return f"<ObjectLockConfiguration>{enabled}{rule}</ObjectLockConfiguration>".encode()


COMPLETE = "/mine/big?uploadId={upload}"
NO_UPLOAD = "/mine/big?uploadId=none"
HUNDRED = tagging(*((str(n), "") for n in range(11)))
SUSPEND = VERSIONED.replace(b"Enabled", b"Suspended")
LOCKING = retaining("<Days>1</Days>")

# (status, code, method, target, headers, body)
ROWS = [
    # Where: a bucket, a key, a version, an upload
    (404, "NoSuchBucket", "GET", "/none", {}, b""),
    (404, "NoSuchBucket", "PUT", "/none/a", {}, DATA),
    (404, "NoSuchBucket", "DELETE", "/none", {}, b""),
    (404, "NoSuchKey", "GET", "/mine/none", {}, b""),
    (404, "", "HEAD", "/mine/none", {}, b""),
    (404, "", "HEAD", "/none", {}, b""),
    (404, "NoSuchVersion", "GET", "/versioned/a?versionId=none", {}, b""),
    (404, "NoSuchKey", "GET", "/versioned/a", {}, b""),
    (404, "NoSuchUpload", "GET", NO_UPLOAD, {}, b""),
    (404, "NoSuchUpload", "DELETE", NO_UPLOAD, {}, b""),
    (404, "NoSuchUpload", "PUT", NO_UPLOAD + "&partNumber=1", {}, DATA),
    (404, "NoSuchUpload", "POST", NO_UPLOAD, {}, completing(1)),
    (404, "NoSuchBucketPolicy", "GET", "/mine?policy", {}, b""),
    (404, "NoSuchCORSConfiguration", "GET", "/mine?cors", {}, b""),
    (404, "NoSuchLifecycleConfiguration", "GET", "/mine?lifecycle", {}, b""),
    (404, "NoSuchTagSet", "GET", "/mine?tagging", {}, b""),
    (404, "ObjectLockConfigurationNotFoundError", "GET", "/mine?object-lock", {}, b""),
    # Buckets
    (409, "BucketAlreadyExists", "PUT", "/theirs", {}, b""),
    (409, "BucketNotEmpty", "DELETE", "/versioned", {}, b""),
    *(
        (400, "InvalidBucketName", "PUT", f"/{name}", {}, b"")
        for name in ("ab", "a" * 64, "Upper", "under_score", "-dash", "dash-", "dot..dot", "10.0.0.1")
    ),
    (400, "IllegalLocationConstraintException", "PUT", "/new", {},
     b"<CreateBucketConfiguration><LocationConstraint>mars</LocationConstraint>"
     b"</CreateBucketConfiguration>"),
    (400, "MalformedXML", "PUT", "/new", {}, b"<CreateBucketConfiguration>"),
    # Keys and what describes an object
    (400, "KeyTooLongError", "PUT", f"/mine/{LONG}", {}, DATA),
    (400, "KeyTooLongError", "POST", f"/mine/{LONG}?uploads", {}, b""),
    (400, "InvalidArgument", "PUT", "/mine/a%00b", {}, DATA),
    (400, "InvalidURI", "GET", "/mine/%ff", {}, b""),
    (400, "MetadataTooLarge", "PUT", "/mine/x", {"x-amz-meta-a": "m" * 2049}, DATA),
    (400, "InvalidStorageClass", "PUT", "/mine/x", {"x-amz-storage-class": "SLATE"}, DATA),
    (400, "InvalidTag", "PUT", "/mine/x", {"x-amz-tagging": "a=1&a=2"}, DATA),
    (400, "InvalidTag", "PUT", "/mine/a?tagging", {}, HUNDRED),
    (400, "InvalidTag", "PUT", "/mine/a?tagging", {}, tagging(("k" * 129, ""))),
    (400, "InvalidTag", "PUT", "/mine/a?tagging", {}, tagging(("k", "v" * 257))),
    (400, "InvalidTag", "PUT", "/mine/a?tagging", {}, tagging(("k", "1"), ("k", "2"))),
    (400, "MalformedXML", "PUT", "/mine/a?tagging", {}, b"<Tagging></Tagging>"),
    (400, "MalformedXML", "PUT", "/mine/a?tagging", {}, b"no XML"),
    (400, "MalformedXML", "PUT", "/mine/a?tagging", {}, b"\xff\xfe"),
    (400, "MalformedXML", "PUT", "/mine/a?tagging", {},
     b'<?xml version="1.0" encoding="none"?><Tagging/>'),
    (400, "MalformedXML", "PUT", "/mine/a?tagging", {},
     b'<!DOCTYPE x [<!ENTITY a "b">]>' + tagging(("k", "&a;"))),
    (400, "MalformedXML", "PUT", "/mine/a?tagging", {},
     ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]>'
      + tagging(("k", "&a;")).decode()).encode("utf-16")),
    # Bodies and digests
    (411, "MissingContentLength", "PUT", "/mine/x", {"content-length": None}, DATA),
    (411, "MissingContentLength", "PUT", "/mine/x",
     {"content-length": None, "transfer-encoding": "chunked"}, DATA),
    (400, "InvalidRequest", "PUT", "/mine/x", {"x-amz-trailer": "x-amz-checksum-crc7"}, DATA),
    (400, "InvalidArgument", "PUT", "/mine/x", {"content-length": "ten"}, DATA),
    (400, "IncompleteBody", "PUT", "/mine/x", {"content-length": "11"}, DATA),
    (400, "EntityTooLarge", "PUT", "/mine/x", {"content-length": str(5 * GIB + 1)}, DATA),
    (400, "BadDigest", "PUT", "/mine/x", {"content-md5": b64(md5(b"other").digest())}, DATA),
    (400, "BadDigest", "PUT", "/mine/x", {"x-amz-checksum-crc32": b64(bytes(4))}, DATA),
    (400, "BadDigest", "PUT", "/mine/x", {"x-amz-checksum-sha256": b64(bytes(32))}, DATA),
    (400, "InvalidDigest", "PUT", "/mine/x", {"content-md5": "no base64"}, DATA),
    (400, "InvalidDigest", "PUT", "/mine/x", {"content-md5": b64(b"short")}, DATA),
    (400, "InvalidRequest", "PUT", "/mine/x", {"x-amz-checksum-crc32": "AA=="}, DATA),
    (400, "InvalidRequest", "PUT", "/mine/x",
     {"x-amz-checksum-crc32": b64(bytes(4)), "x-amz-checksum-crc32c": b64(bytes(4))}, DATA),
    (400, "InvalidRequest", "PUT", "/mine/x", {"x-amz-sdk-checksum-algorithm": "CRC7"}, DATA),
    # Ranges and conditions
    (416, "InvalidRange", "GET", "/mine/a", {"range": "bytes=10-"}, b""),
    (416, "InvalidRange", "GET", "/mine/a", {"range": "bytes=-0"}, b""),
    (416, "InvalidPartNumber", "GET", "/mine/a?partNumber=2", {}, b""),
    (400, "InvalidArgument", "GET", "/mine/a?partNumber=none", {}, b""),
    (400, "InvalidArgument", "GET", "/mine/a?partNumber=%C2%B2", {}, b""),
    (400, "InvalidRequest", "GET", "/mine/a?partNumber=1", {"range": "bytes=0-1"}, b""),
    (412, "PreconditionFailed", "GET", "/mine/a", {"if-match": '"other"'}, b""),
    (412, "PreconditionFailed", "GET", "/mine/a",
     {"if-unmodified-since": "Sat, 29 Oct 1994 19:43:31 GMT"}, b""),
    (304, "", "GET", "/mine/a", {"if-none-match": f'"{ETAG}"'}, b""),
    (412, "PreconditionFailed", "PUT", "/mine/a", {"if-none-match": "*"}, DATA),
    (412, "PreconditionFailed", "PUT", "/mine/a", {"if-match": '"other"'}, DATA),
    (404, "NoSuchKey", "PUT", "/mine/none", {"if-match": f'"{ETAG}"'}, DATA),
    (412, "PreconditionFailed", "DELETE", "/mine/a", {"if-match": '"other"'}, b""),
    (412, "PreconditionFailed", "PUT", "/mine/x",
     {"x-amz-copy-source": "/mine/a", "x-amz-copy-source-if-match": '"other"'}, b""),
    (404, "NoSuchKey", "PUT", "/mine/x", {"x-amz-copy-source": "/mine/none"}, b""),
    (404, "NoSuchBucket", "PUT", "/mine/x", {"x-amz-copy-source": "/none/a"}, b""),
    (400, "InvalidArgument", "PUT", "/mine/x", {"x-amz-copy-source": "mine"}, b""),
    (400, "InvalidRequest", "PUT", "/mine/a", {"x-amz-copy-source": "/mine/a"}, b""),
    # Uploads in parts
    *(
        (400, "InvalidArgument", "PUT", f"{COMPLETE}&partNumber={number}", {}, DATA)
        for number in ("0", "10001", "-1", "one", "%C2%B2", "")
    ),
    (400, "InvalidPart", "POST", COMPLETE, {}, completing(3)),
    (400, "InvalidPart", "POST", COMPLETE, {}, completing(1, etag="other")),
    (400, "InvalidPartOrder", "POST", COMPLETE, {}, completing(2, 1)),
    (400, "InvalidPartOrder", "POST", COMPLETE, {}, completing(1, 1)),
    (400, "EntityTooSmall", "POST", COMPLETE, {}, completing(1, 2)),
    (400, "MalformedXML", "POST", COMPLETE, {}, completing()),
    (400, "MalformedXML", "POST", COMPLETE, {}, completing("one")),
    (400, "MalformedXML", "POST", COMPLETE, {}, completing("²")),
    (400, "MalformedXML", "POST", COMPLETE, {}, b""),
    # Listings, deletions of many
    (400, "InvalidArgument", "GET", "/mine?max-keys=-1", {}, b""),
    (400, "InvalidArgument", "GET", "/mine?max-keys=many", {}, b""),
    (400, "InvalidArgument", "GET", f"/mine?max-keys={2**31}", {}, b""),
    (400, "InvalidArgument", "GET", "/mine?list-type=2&max-keys=%C2%B2", {}, b""),
    (400, "InvalidArgument", "GET", "/?max-buckets=%C2%B2", {}, b""),
    (400, "InvalidArgument", "GET", "/mine?encoding-type=none", {}, b""),
    (400, "InvalidArgument", "GET", "/mine?list-type=2&continuation-token=none", {}, b""),
    (400, "InvalidArgument", "GET", "/mine?versions&version-id-marker=1", {}, b""),
    (400, "MalformedXML", "POST", "/mine?delete", {}, b"<Delete></Delete>"),
    (400, "MalformedXML", "POST", "/mine?delete", {}, b"<Delete>"
     + b"<Object><Key>k</Key></Object>" * 1001 + b"</Delete>"),
    # Configurations
    (400, "MalformedPolicy", "PUT", "/mine?policy", {}, b"{"),
    (400, "MalformedPolicy", "PUT", "/mine?policy", {}, b'{"Statement": [{"Effect": "Maybe"}]}'),
    (400, "IllegalVersioningConfigurationException", "PUT", "/mine?versioning", {},
     VERSIONED.replace(b"Enabled", b"Perhaps")),
    (409, "InvalidBucketState", "PUT", "/locked?versioning", {}, SUSPEND),
    (409, "InvalidBucketState", "PUT", "/mine?object-lock", {}, LOCKING),
    (400, "InvalidRetentionPeriod", "PUT", "/locked?object-lock", {}, retaining("<Days>0</Days>")),
    (400, "InvalidRetentionPeriod", "PUT", "/locked?object-lock", {}, retaining("<Years>-1</Years>")),
    (400, "MalformedXML", "PUT", "/locked?object-lock", {},
     retaining("<Days>1</Days><Years>1</Years>")),
    (400, "InvalidRequest", "PUT", "/mine/x",
     {"x-amz-object-lock-legal-hold": "ON"}, DATA),
    (404, "NoSuchObjectLockConfiguration", "GET", "/locked/a?retention", {}, b""),
    (400, "MalformedXML", "PUT", "/mine?cors", {}, b"<CORSConfiguration/>"),
    (400, "MalformedXML", "PUT", "/mine?lifecycle", {}, b"<LifecycleConfiguration/>"),
    # What cannot be asked of this
    (405, "MethodNotAllowed", "POST", "/mine/a", {}, b""),
    (405, "MethodNotAllowed", "PATCH", "/mine/a", {}, b""),
    (405, "MethodNotAllowed", "DELETE", "/", {}, b""),
    (501, "NotImplemented", "POST", "/mine/a?select&select-type=2", {}, b""),
]  # fmt: skip


@pytest.mark.parametrize(
    "status, code, method, target, headers, body",
    ROWS,
    ids=[f"{n:03}-{row[1] or row[0]}-{row[2]}" for n, row in enumerate(ROWS)],
)
def test_the_store_refuses_with_a_code(world, status, code, method, target, headers, body):
    answer = world.ask(method, target, headers, body)
    assert (answer.status, answer.code) == (status, code), answer.body
    assert_is_an_error(answer)


def assert_is_an_error(answer):
    """Every error has a request id, in its headers and, if it has one, in its document."""
    assert re.fullmatch("[0-9A-F]{16}", answer.headers["x-amz-request-id"])
    if answer.body:
        assert answer.find("RequestId") == answer.headers["x-amz-request-id"]
        assert answer.headers["content-type"] == "application/xml"
        assert answer.headers["content-length"] == str(len(answer.body))
        assert answer.find("Message")
        assert CODES[answer.code][0] == answer.status


def test_a_delete_marker_by_its_version_is_no_object(world):
    listed = world.ask("GET", "/versioned?versions").body.decode()
    marker = re.search(r"<DeleteMarker>.*?<VersionId>([^<]+)<", listed)[1]
    answer = world.ask("GET", f"/versioned/a?versionId={marker}")
    assert (answer.status, answer.code) == (405, "MethodNotAllowed")
    assert answer.headers["x-amz-delete-marker"] == "true"
    assert world.ask("GET", "/versioned/a").headers["x-amz-delete-marker"] == "true"


PAYLOAD = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # of nothing
SIGNING = [
    (403, "SignatureDoesNotMatch", {"pair": (KIT[0], "wrong")}),
    (403, "InvalidAccessKeyId", {"pair": ("nobody", "wrong")}),
    (403, "AccessDenied", {"pair": OTHER}),
    (403, "RequestTimeTooSkewed", {"late_s": 16 * 60}),
    (403, "RequestTimeTooSkewed", {"late_s": -16 * 60}),
    (400, "AuthorizationHeaderMalformed", {"region": "mars"}),
    (400, "InvalidArgument", {"payload_hash": "no hash"}),
]


@pytest.mark.parametrize(
    "status, code, how", SIGNING, ids=[f"{r[1]}-{n}" for n, r in enumerate(SIGNING)]
)
def test_who_cannot_prove_who_they_are_is_refused(world, status, code, how):
    answer = world.ask("GET", "/mine/a", **how)
    assert (answer.status, answer.code) == (status, code), answer.body
    assert_is_an_error(answer)


def test_a_body_of_unknown_length_is_taken_when_a_digest_proves_it(world):
    chunked = {"content-length": None, "transfer-encoding": "chunked"}
    digest = {"content-md5": b64(md5(DATA).digest())}
    assert world.ask("PUT", "/empty/x", chunked | digest, DATA).status == 200
    assert world.ask("GET", "/empty/x").body == DATA
    answer = world.ask("PUT", "/empty/x", chunked | digest, DATA[:-1])  # cut short on the way
    assert (answer.status, answer.code) == (400, "BadDigest")
    assert (
        world.ask("PUT", "/empty/x", chunked, DATA, payload_hash=sha256(DATA).hexdigest()).status
        == 200
    )
    assert world.ask("DELETE", "/empty/x").status == 204


def test_what_is_no_ascii_in_a_header_goes_out_as_s3_writes_it(world):
    answer = world.ask("GET", "/mine/a?response-content-disposition=caf%C3%A9%20%E2%98%83")
    shown = answer.headers["content-disposition"]
    assert shown.isascii() and str(make_header(decode_header(shown))) == "café ☃"


def test_a_body_that_is_not_the_signed_one_is_refused(world):
    answer = world.ask("PUT", "/mine/x", body=DATA, payload_hash=PAYLOAD)
    assert (answer.status, answer.code) == (400, "XAmzContentSHA256Mismatch")
    assert_is_an_error(answer)


@pytest.mark.parametrize(
    "text, code",
    [
        ("AWS4-HMAC-SHA256", "AuthorizationHeaderMalformed"),
        ("AWS4-HMAC-SHA256 Credential=a/b", "AuthorizationHeaderMalformed"),
        ("Bearer token", "InvalidArgument"),
    ],
)
def test_an_authorization_that_cannot_be_read_is_refused(world, text, code):
    headers = {"host": HOST, "authorization": text, "x-amz-content-sha256": UNSIGNED_PAYLOAD}
    answer = world.send("GET", "/mine/a", headers)
    assert (answer.status, answer.code) == (400, code)
    assert_is_an_error(answer)


def test_an_anonymous_request_is_refused(world):
    for method, target in (("GET", "/"), ("GET", "/mine/a"), ("PUT", "/mine/x"), ("PUT", "/new")):
        answer = world.send(method, target, {"host": HOST, "content-length": "0"})
        assert (answer.status, answer.code) == (403, "AccessDenied")
        assert_is_an_error(answer)


@pytest.mark.parametrize(
    "how, status, code",
    [
        ({"late_s": 61}, 403, "AccessDenied"),
        ({"expires_s": 604_801}, 403, "AccessDenied"),
        ({"late_s": -16 * 60}, 403, "AccessDenied"),
    ],
)
def test_a_url_is_refused_out_of_its_time(world, how, status, code):
    assert world.send("GET", world.url("GET", "/mine/a"), {"host": HOST}).body == DATA
    answer = world.send("GET", world.url("GET", "/mine/a", **how), {"host": HOST})
    assert (answer.status, answer.code) == (status, code)
    assert_is_an_error(answer)


def test_a_url_without_its_parameters_is_refused(world):
    url = world.url("GET", "/mine/a")
    without = re.sub("X-Amz-Expires=60&", "", url)
    answer = world.send("GET", without, {"host": HOST})
    assert (answer.status, answer.code) == (400, "AuthorizationQueryParametersError")


def test_no_garbage_is_an_internal_error(world):
    """5xx is for the store's own trouble. Keys, parameters, headers and bodies of 2,000 requests."""
    rng = random.Random(7)
    subs = ["", "?acl", "?tagging", "?cors", "?policy", "?lifecycle", "?versioning", "?delete",
            "?uploads", "?retention", "?legal-hold", "?object-lock", "?encryption", "?attributes",
            "?notification", "?replication", "?ownershipControls", "?publicAccessBlock", "?versions",
            "?list-type=2", "?uploadId=x&partNumber=1", "?website", "?logging"]  # fmt: skip
    names = ["range", "if-match", "if-modified-since", "x-amz-copy-source", "x-amz-acl", "content-md5",
             "x-amz-checksum-crc32", "x-amz-tagging", "x-amz-server-side-encryption", "origin",
             "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-grant-read",
             "x-amz-decoded-content-length", "x-amz-object-attributes", "x-amz-copy-source-range",
             "x-amz-server-side-encryption-customer-key", "x-amz-checksum-type"]  # fmt: skip
    words = ["", "²", "-1", "0", "99999999999999999999", "bytes=", "bytes=9-1,²", "<", "\x7f", "a=b&c",
             "Sat, 99 Oct 99999 19:43:31 GMT", "/mine/a?versionId=", "%", "%FF", "*", '"']  # fmt: skip
    roots = ["Tagging", "Delete", "AccessControlPolicy", "CORSConfiguration", "Retention", "LegalHold",
             "LifecycleConfiguration", "VersioningConfiguration", "ObjectLockConfiguration",
             "CompleteMultipartUpload", "ServerSideEncryptionConfiguration", "ReplicationConfiguration",
             "NotificationConfiguration", "OwnershipControls", "BucketLoggingStatus"]  # fmt: skip
    inner = ["Rule", "Part", "Object", "Key", "ETag", "Days", "Mode", "Status", "TagSet", "Filter",
             "ID", "DefaultRetention", "RetainUntilDate", "PartNumber", "Grantee"]  # fmt: skip

    def element(depth):
        name = rng.choice(inner)
        if depth == 0:
            return f"<{name}>{rng.choice(words).replace('<', '').replace('&', '')}</{name}>"
        return f"<{name}>{''.join(element(depth - 1) for _ in range(rng.randrange(3)))}</{name}>"

    def document():
        root = rng.choice(roots)
        return f"<{root}>{''.join(element(rng.randrange(3)) for _ in range(3))}</{root}>".encode()

    for _ in range(2_000):
        method = rng.choice(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS"])
        key = rng.choice(["", "/a", "/" + quote(rng.randbytes(3)), "/none"])
        if method == "DELETE" and key in ("", "/a"):
            key = "/none"
        if method in ("PUT", "POST") and key == "/a":
            key = "/x"
        extra = rng.choice(
            ["", "&max-keys=", "&versionId=", "&partNumber=", "&prefix=", "&marker="]
        )
        target = f"/empty{key}{rng.choice(subs) or '?'}{extra and extra + quote(rng.choice(words))}"
        headers = {rng.choice(names): rng.choice(words) for _ in range(rng.randrange(3))}
        body = rng.choice([b"", rng.randbytes(20), document(), document()])
        answer = world.ask(method, target, headers, body)
        assert answer.status < 500 or answer.code == "NotImplemented", (
            method,
            target,
            headers,
            body,
        )
        if answer.code:
            assert answer.code in CODES


class Dead:
    """A way to a replica that does not answer: not reached, or gone after it was asked."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def call(self, method, url, body=b""):
        raise self.error


class Away:
    """Metadata whose replicas are away; reads may still go to another store's."""

    def __init__(self, reads, error: Exception) -> None:
        clock = VirtualClock()
        self.group = Group({name: Dead(error) for name in ("m1", "m2", "m3")}, clock=clock)
        self._reads = reads

    def get(self, key):
        if self._reads is not None:
            return self._reads.get(key)
        return self.group.read(Read.one(key))

    def scan(self, start, stop, limit, *, reverse=False):
        if self._reads is not None:
            return self._reads.scan(start, stop, limit, reverse=reverse)
        return self.group.read(Read(start, stop, limit, reverse))

    def commit(self, transaction):
        self.group.commit([transaction.encode()])


@pytest.fixture
def cluster(tmp_path):
    """A store of six simulated nodes, 4 + 2, with one object."""
    service = build(Settings(str(tmp_path)))
    nodes = SimCluster(7)
    service.blobs, service.small_below_bytes = nodes.blobs, 0
    made = World(service)
    assert made.ask("PUT", "/mine").status == 200
    assert made.ask("PUT", "/mine/a", body=DATA * 100).status == 200
    return service, nodes, made


def test_lost_quorums_of_nodes_are_slow_down_and_never_a_silent_success(cluster):
    _, nodes, world = cluster
    for node in nodes.nodes[:2]:
        node.set_faults({"is_unreachable": True})
    assert world.ask("GET", "/mine/a").body == DATA * 100
    for node in nodes.nodes[2:4]:
        node.set_faults({"is_unreachable": True})
    for method, target, body in (("GET", "/mine/a", b""), ("PUT", "/mine/b", DATA)):
        answer = world.ask(method, target, {}, body)
        assert (answer.status, answer.code) == (503, "SlowDown")
        assert_is_an_error(answer)
    for node in nodes.nodes:
        node.set_faults({"is_unreachable": False})
    assert world.ask("GET", "/mine/b").code == "NoSuchKey"
    assert world.ask("GET", "/mine/a").body == DATA * 100


def test_a_lost_quorum_of_metadata_is_slow_down_whatever_the_condition(cluster):
    service, _, world = cluster
    there, service.metadata = service.metadata, Away(None, Definite("refused"))
    for method, target, headers in (
        ("GET", "/mine/a", {}),
        ("PUT", "/mine/a", {"if-none-match": "*"}),
        ("PUT", "/mine/a", {"if-match": '"other"'}),
        ("DELETE", "/mine/a", {}),
        ("GET", "/mine", {}),
        ("PUT", "/new", {}),
    ):
        answer = world.ask(method, target, headers, DATA if method == "PUT" and headers else b"")
        assert (answer.status, answer.code) == (503, "SlowDown"), target
        assert_is_an_error(answer)
    service.metadata = there
    assert world.ask("GET", "/mine/a").body == DATA * 100


def test_a_write_that_nobody_confirmed_is_an_internal_error_with_a_request_id(cluster):
    service, _, world = cluster
    service.metadata = Away(service.metadata, Indefinite("gone after it was asked"))
    answer = world.ask("PUT", "/mine/b", body=DATA)
    assert (answer.status, answer.code) == (500, "InternalError")
    assert_is_an_error(answer)
