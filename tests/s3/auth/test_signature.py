"""Signatures against AWS's published examples; verification against tampering of every kind."""

import io
from hashlib import sha256
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3.auth.authenticate import authenticate
from s3.auth.claim import parse_authorization
from s3.auth.signature import (
    EMPTY_SHA256,
    EXPIRES_MAX_S,
    UNSIGNED_PAYLOAD,
    canonical_request,
    demo,
    from_timestamp,
    presign,
    sign,
    sign_headers,
    signing_key,
    string_to_sign,
    to_timestamp,
)
from s3.auth.users import Users, make_user
from s3.errors import Refused
from s3.http import Request, parse_query

ACCESS, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
HOST, REGION, WHEN = "examplebucket.s3.amazonaws.com", "us-east-1", "20130524T000000Z"
NOW = from_timestamp(WHEN)
USERS = Users([make_user("alice", ACCESS, SECRET, email="alice@example.com")])
WELCOME = sha256(b"Welcome to Amazon S3.").hexdigest()

# (method, path, query, headers, payload hash, signature): AWS, sig-v4-header-based-auth
PUBLISHED = {
    "GET with a range": (
        "GET", "/test.txt", {}, {"range": "bytes=0-9"}, EMPTY_SHA256,
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ),
    "PUT with a dollar": (
        "PUT", "/test$file.text", {},
        {"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"}, WELCOME,
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ),
    "GET ?lifecycle": (
        "GET", "/", {"lifecycle": ""}, {}, EMPTY_SHA256,
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ),
    "list with a prefix": (
        "GET", "/", {"prefix": "J", "max-keys": "2"}, {}, EMPTY_SHA256,
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
}  # fmt: skip
PRESIGNED = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"


def request(method="GET", path="/b/k", query=None, headers=None, body=b"", bucket="b", key="k"):
    return Request(method, path, query or {}, headers or {}, io.BytesIO(body), bucket, key)


def signed(method="GET", path="/b/k", query=None, headers=None, payload=UNSIGNED_PAYLOAD, **over):
    who = {"access_key": ACCESS, "secret_key": SECRET, "region": REGION, "now": NOW} | over
    made = sign_headers(method, HOST, path, query or {}, headers or {}, payload_hash=payload, **who)
    return request(method, path, dict(query or {}), made)


def presigned(method="GET", path="/b/k", query=None, headers=None, expires_s=60, **over):
    who = {"access_key": ACCESS, "secret_key": SECRET, "region": REGION, "now": NOW} | over
    url = presign(method, HOST, path, query or {}, headers=headers, expires_s=expires_s, **who)
    return request(method, path, parse_query(urlsplit(url).query), {"host": HOST} | (headers or {}))


def check(asked, now=NOW):
    return authenticate(asked, USERS, now=now, region=REGION)


def refusal(asked, now=NOW):
    with pytest.raises(Refused) as caught:
        check(asked, now)
    return caught.value


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_requests_are_signed_as_published_and_verified(name):
    method, path, query, headers, payload, expected = PUBLISHED[name]
    asked = signed(method, path, query, headers, payload)
    assert asked.headers["authorization"].endswith(f"Signature={expected}")
    found = check(asked)
    assert (found.user.name, found.auth_type, found.payload) == ("alice", "v4-header", payload)


def test_the_published_presigned_url_is_made_and_verified():
    asked = presigned(path="/test.txt", expires_s=86400)
    assert asked.query["X-Amz-Signature"] == PRESIGNED
    found = check(asked)
    assert (found.auth_type, found.payload) == ("v4-query", UNSIGNED_PAYLOAD)


def test_each_published_step_has_its_published_hash():
    where = "20130524/us-east-1/s3/aws4_request"
    headers = {
        "host": HOST, "range": "bytes=0-9", "x-amz-content-sha256": EMPTY_SHA256, "x-amz-date": WHEN
    }  # fmt: skip
    text = canonical_request("GET", "/test.txt", {}, headers, sorted(headers), EMPTY_SHA256)
    digest = "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972"
    assert string_to_sign(WHEN, where, text) == f"AWS4-HMAC-SHA256\n{WHEN}\n{where}\n{digest}"
    key = signing_key(SECRET, "20130524", REGION)
    assert sign(key, string_to_sign(WHEN, where, text)) == PUBLISHED["GET with a range"][-1]


def test_the_path_is_encoded_once_and_not_normalised():
    text = canonical_request("GET", "/a b//../ü%2F~*", {}, {}, (), "h")
    assert text.split("\n")[1] == "/a%20b//../%C3%BC%252F~%2A"


def test_parameters_are_sorted_after_they_are_encoded():
    text = canonical_request("GET", "/", {"b": "", "a/": "x y", "a-": "ü"}, {}, (), "h")
    assert text.split("\n")[2] == "a%2F=x%20y&a-=%C3%BC&b="


def test_spaces_in_headers_are_made_single():
    text = canonical_request("GET", "/", {}, {"a": "  x   y "}, ("a",), "h")
    assert "\na:x y\n\na\nh" in text


@given(st.integers(0, 253402300799))
def test_timestamps_round_trip(at):
    assert from_timestamp(to_timestamp(at)) == at


@pytest.mark.parametrize(
    "text",
    ["", "20130524T000000", "20131324T000000Z", "20130500T000000Z", "20130524T240000Z",
     "٢0130524T000000Z", "00000524T000000Z", "20130524T000000Z\n"],
)  # fmt: skip
def test_what_is_no_timestamp_is_refused(text):
    with pytest.raises(ValueError, match="is no time"):
        from_timestamp(text)


@given(
    path=st.text(min_size=1).map(lambda each: "/" + each),
    query=st.dictionaries(st.text(min_size=1), st.text(), max_size=4),
    value=st.text(st.characters(min_codepoint=32, max_codepoint=255)),
)
def test_what_we_sign_we_verify(path, query, value):
    query = {name: each for name, each in query.items() if not name.startswith(("X-Amz", "AWS"))}
    assert check(signed("PUT", path, query, {"x-amz-meta-a": value})).user.name == "alice"
    assert check(presigned("PUT", path, query, {"x-amz-meta-a": value})).user.name == "alice"


def test_headers_outside_ascii_are_verified_as_text_and_as_bytes():
    asked = signed(headers={"x-amz-meta-a": "Zoë"})
    assert check(asked).user.name == "alice"
    asked.headers["x-amz-meta-a"] = "Zoë".encode().decode("latin-1")  # as WSGI hands it on
    assert check(asked).user.name == "alice"
    asked.headers["x-amz-meta-a"] = "Zoé"
    assert refusal(asked).code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("make", [signed, presigned])
def test_any_changed_part_of_the_request_is_refused(make):
    def asked():
        return make("PUT", "/b/k", {"prefix": "a"}, {"x-amz-meta-a": "1", "content-type": "x/y"})

    assert check(asked()).user.name == "alice"
    changes = [
        lambda each: setattr(each, "method", "GET"),
        lambda each: setattr(each, "path", "/b/K"),
        lambda each: each.query.update(prefix="b"),
        lambda each: each.query.update(extra=""),
        lambda each: each.query.pop("prefix"),
        lambda each: each.headers.update({"x-amz-meta-a": "2"}),
        lambda each: each.headers.update({"content-type": "text/html"}),
        lambda each: each.headers.update(host="other"),
        lambda each: each.headers.pop("x-amz-meta-a"),
    ]
    for change in changes:
        altered = asked()
        change(altered)
        assert refusal(altered).code == "SignatureDoesNotMatch"


@given(st.integers(min_value=0), st.integers(1, 255))
def test_any_changed_character_of_the_authorization_is_refused(at, by):
    asked = signed()
    text = asked.headers["authorization"]
    at %= len(text)
    changed = chr(ord(text[at]) ^ by)
    if changed.isspace() and text[at - 1] in ", ":
        return
    asked.headers["authorization"] = text[:at] + changed + text[at + 1 :]
    assert refusal(asked).status in (400, 403)


def test_a_header_with_a_meaning_cannot_be_added_on_the_way():
    for make in (signed, presigned):
        asked = make()
        asked.headers["x-amz-acl"] = "public-read"
        found = refusal(asked)
        assert (found.code, found.fields["HeadersNotSigned"]) == ("AccessDenied", "x-amz-acl")


def test_the_payload_word_of_a_signed_request_is_covered():
    asked = signed(payload=WELCOME)
    asked.headers["x-amz-content-sha256"] = UNSIGNED_PAYLOAD
    assert refusal(asked).code == "SignatureDoesNotMatch"


def test_a_mismatch_says_what_was_signed_here():
    found = refusal(signed(secret_key="another"))
    assert found.fields["StringToSign"].startswith("AWS4-HMAC-SHA256\n20130524T000000Z\n")
    assert found.fields["CanonicalRequest"].startswith("GET\n/b/k\n")
    assert found.fields["AWSAccessKeyId"] == ACCESS
    assert SECRET not in repr(found.fields)


def test_an_unknown_key_is_named():
    found = refusal(signed(access_key="AKIANOBODY"))
    assert (found.code, found.fields["AWSAccessKeyId"]) == ("InvalidAccessKeyId", "AKIANOBODY")


def test_another_region_is_refused_with_the_right_one():
    found = refusal(signed(region="eu-west-1"))
    assert (found.code, found.status) == ("AuthorizationHeaderMalformed", 400)
    assert found.fields["Region"] == REGION
    assert refusal(presigned(region="eu-west-1")).code == "AuthorizationQueryParametersError"


def test_a_request_is_good_for_fifteen_minutes_either_way():
    for skew in (-900, 900):
        assert check(signed(), NOW + skew).user
    for skew in (-901, 901):
        found = refusal(signed(), NOW + skew)
        assert (found.code, found.status) == ("RequestTimeTooSkewed", 403)


def test_the_http_date_will_do():
    headers = {"host": HOST, "date": "Fri, 24 May 2013 00:00:00 GMT"}
    names, payload = sorted(headers), UNSIGNED_PAYLOAD
    where = "20130524/us-east-1/s3/aws4_request"
    text = canonical_request("GET", "/b/k", {}, headers, names, payload)
    signature = sign(signing_key(SECRET, "20130524", REGION), string_to_sign(WHEN, where, text))
    headers["x-amz-content-sha256"] = payload
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={ACCESS}/{where}, "
        f"SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    assert check(request(headers=headers)).user.name == "alice"


@pytest.mark.parametrize("date", ["", "Bad Date", "Tue, 07 Jul 1950 21:53:04 GMT", "Tue, 07 Jul"])
def test_a_request_without_a_date_is_refused(date):
    asked = signed()
    asked.headers["x-amz-date"] = date
    assert refusal(asked).code == "AccessDenied"


def test_a_url_expires():
    assert check(presigned(expires_s=60), NOW + 60).user
    found = refusal(presigned(expires_s=60), NOW + 61)
    assert (found.code, str(found)) == ("AccessDenied", "Request has expired")
    assert refusal(presigned(), NOW - 901).code == "AccessDenied"


@pytest.mark.parametrize("expires_s", [0, -7, EXPIRES_MAX_S + 1])
def test_a_url_is_valid_for_a_week_at_most(expires_s):
    assert refusal(presigned(expires_s=expires_s)).code == "AccessDenied"
    assert check(presigned(expires_s=EXPIRES_MAX_S), NOW + EXPIRES_MAX_S).user


@pytest.mark.parametrize("field", ["Credential", "Date", "Expires", "SignedHeaders", "Algorithm"])
def test_a_url_without_one_of_its_parameters_is_malformed(field):
    asked = presigned()
    del asked.query[f"X-Amz-{field}"]
    assert refusal(asked).code == "AuthorizationQueryParametersError"


@pytest.mark.parametrize(
    "header",
    ["AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=HAHAHA", "AWS4-HMAC-SHA256 " + "=," * 5000,
     "AWS4-HMAC-SHA256 Credential=a/1/r/s3/aws4_request,SignedHeaders=,Signature=x",
     "AWS4-HMAC-SHA256 Credential=a/1/r/ec2/aws4_request,SignedHeaders=host,Signature=x"],
)  # fmt: skip
def test_a_malformed_header_is_refused(header):
    with pytest.raises(Refused) as caught:
        parse_authorization(header)
    assert caught.value.code == "AuthorizationHeaderMalformed"


def test_a_credential_of_another_day_than_the_request_is_refused():
    asked = signed()
    text = asked.headers["authorization"]
    asked.headers["authorization"] = text.replace("/20130524/", "/20130523/")
    assert refusal(asked).code == "SignatureDoesNotMatch"


def test_nobody_in_particular_is_anonymous():
    for headers in ({}, {"authorization": ""}):
        found = check(request(headers=headers))
        assert found.is_anonymous
        assert found.id == ""


@pytest.mark.parametrize("header", ["Bearer x", "AWS HAHAHA", "AWS :", "\x07"])
def test_other_ways_to_say_who_one_is_are_refused(header):
    assert refusal(request(headers={"authorization": header})).code == "InvalidArgument"


def test_two_signatures_are_one_too_many():
    asked = presigned()
    asked.headers["authorization"] = signed().headers["authorization"]
    assert refusal(asked).code == "InvalidArgument"


def test_a_signed_request_says_what_its_body_is():
    asked = signed()
    del asked.headers["x-amz-content-sha256"]
    assert refusal(asked).code == "InvalidRequest"
    assert refusal(signed(payload="deadbeef")).code == "InvalidArgument"
    assert refusal(signed(payload="STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")).status == 501


def test_the_demonstration_runs(capsys):
    demo(seed=7)
    assert "signing key" in capsys.readouterr().out
