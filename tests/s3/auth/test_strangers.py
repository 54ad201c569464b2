"""botocore signs, we verify: every version, place and kind of body, in its own words."""

import io
import warnings
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

import pytest

from s3.auth.authenticate import authenticate
from s3.auth.multipart_form import read_form
from s3.auth.post_form import authenticate_form
from s3.auth.users import Users, make_user
from s3.errors import Refused
from s3.http import Request, locate, parse_query

botocore = pytest.importorskip("botocore", reason="botocore is not installed: pip install boto3")
session = pytest.importorskip("botocore.session", reason="botocore is not installed")
config = pytest.importorskip("botocore.config", reason="botocore is not installed")

USERS = Users([make_user("alice", "AKIDEXAMPLE", "wJalrXUtnFEMI/secret")])
REGION = "us-east-1"


SESSION = session.Session()  # it reads the model of S3 once


def client(signature_version="s3v4", secret="wJalrXUtnFEMI/secret", scheme="http", **more):
    return SESSION.create_client(
        "s3",
        region_name=REGION,
        endpoint_url=f"{scheme}://s3.example.test:9000",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key=secret,
        config=config.Config(
            signature_version=signature_version,
            s3=more.pop("s3", {"addressing_style": "path"}),
            retries={"total_max_attempts": 1},
            **more,
        ),
    )


def as_request(method, url, headers, body, domain=""):
    """Turn what botocore would send into what our server hands on."""
    parts = urlsplit(url)
    names = {}
    for name, value in headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        names[name.lower()] = text
    names.setdefault("host", parts.netloc)
    path = unquote(parts.path)
    bucket, key = locate(path, names["host"], domain)
    query = parse_query(parts.query)
    return Request(method, path, query, names, io.BytesIO(body), bucket, key, parts.query)


def captured(caller, call, domain="", **params):
    """Return the request that one call of botocore makes, before it reaches a socket."""
    seen = []

    def catch(request, **_):
        body = request.body
        data = body.read() if hasattr(body, "read") else body or b""
        data = data.encode() if isinstance(data, str) else bytes(data)
        seen.append(as_request(request.method, request.url, request.headers, data, domain))
        raise botocore.exceptions.ConnectionError(error="caught")

    caller.meta.events.register("before-send.s3", catch)
    with pytest.raises(botocore.exceptions.ConnectionError):
        getattr(caller, call)(**params)
    return seen[0]


def check(request):
    now = datetime.now(UTC).timestamp()
    return authenticate(request, USERS, now=now, region=REGION)


ODD_KEY = "a b/ü+%41~*'()!$&,;=:@/../c"
CALLS = [
    ("get_object", {"Bucket": "photos", "Key": ODD_KEY, "Range": "bytes=0-9"}),
    ("get_object", {"Bucket": "photos", "Key": "k", "VersionId": "v/1+2", "ResponseContentType": "a/b c"}),
    ("list_objects_v2", {"Bucket": "photos", "Prefix": "ü /", "Delimiter": "/", "StartAfter": "a+b"}),
    ("get_bucket_lifecycle_configuration", {"Bucket": "photos"}),
    ("put_object", {"Bucket": "photos", "Key": ODD_KEY, "Body": b"data", "Metadata": {"a": "x   y"}}),
    ("put_object_tagging", {"Bucket": "photos", "Key": "k", "Tagging": {"TagSet": []}}),
    ("create_multipart_upload", {"Bucket": "photos", "Key": "k", "ACL": "public-read"}),
    ("upload_part", {"Bucket": "photos", "Key": "k", "UploadId": "u", "PartNumber": 2, "Body": b"x"}),
    ("delete_objects", {"Bucket": "photos", "Delete": {"Objects": [{"Key": "a"}]}}),
    ("list_buckets", {}),
    ("copy_object", {"Bucket": "photos", "Key": "k", "CopySource": "photos/ü"}),
]  # fmt: skip


@pytest.mark.parametrize("version, kind", [("s3v4", "v4-header"), ("s3", "v2-header")])
@pytest.mark.parametrize(
    "call, params", CALLS, ids=[f"{each[0]}-{n}" for n, each in enumerate(CALLS)]
)
def test_requests_signed_by_botocore_are_verified(version, kind, call, params):
    request = captured(client(version), call, **params)
    found = check(request)
    assert (found.user.name, found.auth_type) == ("alice", kind)
    body = found.open(request)
    data = b"".join(iter(lambda: body.read(64 * 1024), b""))
    if "Body" in params:
        assert data == params["Body"]
    request.path += "x"
    with pytest.raises(Refused) as caught:
        check(request)
    assert caught.value.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_bucket_in_the_host_name_is_verified(version):
    caller = client(version, s3={"addressing_style": "virtual"})
    request = captured(caller, "get_object", "s3.example.test", Bucket="photos", Key="a/b")
    assert (request.bucket, request.key) == ("photos", "a/b")
    assert check(request).user.name == "alice"


@pytest.mark.parametrize("version, kind", [("s3v4", "v4-query"), ("s3", "v2-query")])
@pytest.mark.parametrize(
    "call, params", CALLS[:3] + CALLS[4:5], ids=["get", "version", "list", "put"]
)
def test_urls_presigned_by_botocore_are_verified(version, kind, call, params):
    params = {name: value for name, value in params.items() if name not in ("Body", "Range")}
    url = client(version).generate_presigned_url(call, params, ExpiresIn=600)
    metadata = {f"x-amz-meta-{name}": text for name, text in params.get("Metadata", {}).items()}
    headers = metadata if version == "s3v4" else {}  # version 2 wants them in the query
    request = as_request("PUT" if call.startswith("put") else "GET", url, headers, b"")
    assert check(request).auth_type == kind
    assert metadata.items() <= request.headers.items()
    request.path += "x"
    with pytest.raises(Refused) as caught:
        check(request)
    assert caught.value.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_another_secret_is_not_verified(version):
    request = captured(client(version, "other"), "get_object", Bucket="photos", Key="k")
    with pytest.raises(Refused) as caught:
        check(request)
    assert caught.value.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("body", [b"", b"x" * 300_000])
def test_a_stream_with_a_trailing_checksum_is_decoded(body):
    caller = client(scheme="https")
    request = captured(
        caller,
        "put_object",
        Bucket="photos",
        Key="k",
        Body=io.BytesIO(body),
        ChecksumAlgorithm="CRC32",
    )
    found = check(request)
    assert found.payload == "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    stream = found.open(request)
    assert b"".join(iter(lambda: stream.read(10_000), b"")) == body
    assert stream.trailers.keys() == {"x-amz-checksum-crc32"}


def test_anonymous_requests_are_anonymous():
    request = captured(client(botocore.UNSIGNED), "get_object", Bucket="photos", Key="k")
    assert check(request).is_anonymous


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_form_made_by_botocore_is_let_in(version):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made = client(version).generate_presigned_post(
            "photos", "user/${filename}",
            Fields={"acl": "private"}, Conditions=[{"acl": "private"}, ["content-length-range", 1, 9]],
        )  # fmt: skip
    parts = [
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in made["fields"].items()
    ]
    file = '--B\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\nbytes\r\n--B--\r\n'
    raw = io.BytesIO(("".join(parts) + file).encode())
    form = read_form("multipart/form-data; boundary=B", raw)
    now = datetime.now(UTC).timestamp()
    who = authenticate_form(form, USERS, bucket="photos", now=now, region=REGION)
    assert (who.user.name, form.fields["key"]) == ("alice", "user/a.jpg")
    assert form.file.read() == b"bytes"


@pytest.mark.parametrize(
    "name, value, code",
    [
        ("x-amz-date", "Bad Date", "AccessDenied"),
        ("x-amz-date", "", "AccessDenied"),
        ("x-amz-date", "Tue, 07 Jul 2010 21:53:04 GMT", "RequestTimeTooSkewed"),
        ("x-amz-date", "Tue, 07 Jul 9999 21:53:04 GMT", "RequestTimeTooSkewed"),
        ("x-amz-date", "Tue, 07 Jul 1950 21:53:04 GMT", "AccessDenied"),
        ("authorization", "AWS HAHAHA", "InvalidArgument"),
        (
            "authorization",
            "AWS AKIAIGR7ZNNBHC5BKSUB:FWeDfwojDSdS2Ztmpfeubhd9isU=",
            "InvalidAccessKeyId",
        ),
        ("authorization", "", None),
    ],
)
def test_version_2_is_refused_for_the_reasons_that_suites_expect(name, value, code):
    request = captured(client("s3"), "put_object", Bucket="photos", Key="k", Body=b"bar")
    request.headers[name] = value
    if code is None:
        assert check(request).is_anonymous
        return
    with pytest.raises(Refused) as caught:
        check(request)
    assert caught.value.code == code


def test_a_version_2_url_expires():
    url = client("s3").generate_presigned_url(
        "get_object", {"Bucket": "b", "Key": "k"}, ExpiresIn=60
    )
    request = as_request("GET", url, {}, b"")
    assert check(request).user
    late = datetime.now(UTC).timestamp() + 61
    with pytest.raises(Refused, match="expired"):
        authenticate(request, USERS, now=late, region=REGION)
    request.query["Expires"] = "99999999999"
    with pytest.raises(Refused) as caught:
        check(request)
    assert caught.value.code == "SignatureDoesNotMatch"
