"""CORS: preflights, and leave to read answers."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from s3.cors import like

RULES = """
<CORSRule><AllowedMethod>PUT</AllowedMethod><AllowedMethod>DELETE</AllowedMethod>
  <AllowedOrigin>http://one.example</AllowedOrigin><AllowedHeader>*</AllowedHeader>
  <ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>3000</MaxAgeSeconds></CORSRule>
<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>
  <AllowedHeader>x-amz-meta-*</AllowedHeader></CORSRule>
<CORSRule><AllowedMethod>DELETE</AllowedMethod><AllowedOrigin>http://*.two.example</AllowedOrigin></CORSRule>
"""
LEAVE = "Access-Control-Allow-Origin"


@pytest.fixture
def bucket(store):
    store.make_bucket("box")
    store.configure("box", "cors", "CORSConfiguration", RULES)
    return store


def preflight(store, origin, method, names="", path="/box/a", **query):
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    if names:
        headers["Access-Control-Request-Headers"] = names
    return store.ask("OPTIONS", path, headers=headers, user=None, **query)


def test_rules_are_kept_and_removed(store):
    store.make_bucket("box")
    assert store.ask("GET", "/box", cors="").code == "NoSuchCORSConfiguration"
    store.configure("box", "cors", "CORSConfiguration", RULES)
    assert store.ask("GET", "/box", cors="").all("AllowedMethod") == [
        "PUT",
        "DELETE",
        "GET",
        "DELETE",
    ]
    assert store.ask("DELETE", "/box", cors="").status == 204
    assert store.ask("GET", "/box", cors="").status == 404


def test_a_preflight_is_answered_by_the_first_rule_that_matches_without_a_signature(bucket):
    found = preflight(bucket, "http://one.example", "PUT", "Content-Type, X-Amz-Date")
    assert found.status == 200
    assert found.headers[LEAVE] == "http://one.example"
    assert found.headers["Access-Control-Allow-Methods"] == "PUT, DELETE"
    assert found.headers["Access-Control-Allow-Headers"] == "content-type, x-amz-date"
    assert found.headers["Access-Control-Allow-Credentials"] == "true"
    assert found.headers["Access-Control-Expose-Headers"] == "ETag"
    assert found.headers["Access-Control-Max-Age"] == "3000"
    assert "Origin" in found.headers["Vary"]


def test_an_origin_that_may_be_anything_is_answered_with_a_star_and_no_credentials(bucket):
    found = preflight(bucket, "http://any.example", "GET", "x-amz-meta-a")
    assert found.headers[LEAVE] == "*"
    assert "Access-Control-Allow-Credentials" not in found.headers


@pytest.mark.parametrize(
    ("origin", "method", "names"),
    [
        ("http://any.example", "PUT", ""),
        ("http://any.example", "GET", "x-other"),
        ("http://two.example", "DELETE", ""),
        ("http://a.two.example", "DELETE", "x-any"),
        ("http://one.example.evil", "PUT", ""),
    ],
)
def test_a_preflight_that_no_rule_matches_is_refused(bucket, origin, method, names):
    found = preflight(bucket, origin, method, names)
    assert (found.status, found.code) == (403, "AccessForbidden")
    assert LEAVE not in found.headers


def test_a_preflight_needs_an_origin_a_method_and_a_bucket_with_rules(bucket):
    assert bucket.ask("OPTIONS", "/box/a", user=None).status == 400
    assert preflight(bucket, "http://one.example", "PATCH").status == 400
    bucket.make_bucket("bare")
    assert preflight(bucket, "http://one.example", "GET", path="/bare/a").code == "AccessForbidden"
    assert preflight(bucket, "http://one.example", "GET", path="/none/a").code == "NoSuchBucket"


def test_a_preflight_of_a_part_or_a_presigned_url_is_one_too(bucket):
    query = {"partNumber": "1", "uploadId": "x", "X-Amz-Signature": "wrong", "X-Amz-Algorithm": "x"}
    assert preflight(bucket, "http://one.example", "PUT", **query).status == 200


def test_a_request_may_name_the_method_whose_leave_it_wants(bucket):
    headers = {"Origin": "http://one.example", "Access-Control-Request-Method": "PUT"}
    assert bucket.ask("GET", "/box/a", headers=headers).headers[LEAVE] == "http://one.example"
    del headers["Access-Control-Request-Method"]
    assert bucket.ask("GET", "/box/a", headers=headers).headers[LEAVE] == "*"


def test_answers_and_refusals_alike_say_who_may_read_them(bucket):
    anywhere = {"Origin": "http://any.example"}
    found = bucket.ask("GET", "/box/none", headers=anywhere)
    assert (found.status, found.headers[LEAVE]) == (404, "*")
    found = bucket.ask("GET", "/box/none", headers=anywhere, user=None)
    assert (found.status, found.headers[LEAVE]) == (403, "*")
    assert LEAVE not in bucket.ask("PUT", "/box/a", headers=anywhere).headers
    assert LEAVE not in bucket.ask("GET", "/box/a").headers
    mine = bucket.ask("PUT", "/box/a", headers={"Origin": "http://one.example"})
    assert (mine.status, mine.headers[LEAVE]) == (200, "http://one.example")


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ("", "MalformedXML"),
        ("<CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule>", "MalformedXML"),
        (
            "<CORSRule><AllowedMethod>PATCH</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>",
            "InvalidRequest",
        ),
        (
            "<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*.*</AllowedOrigin></CORSRule>",
            "InvalidRequest",
        ),
    ],
)
def test_rules_that_make_no_sense_are_refused(store, rules, code):
    store.make_bucket("box")
    assert store.try_to_configure("box", "cors", "CORSConfiguration", rules).code == code


@given(st.text("ab", max_size=4), st.text("ab", max_size=4), st.text("ab", max_size=6))
@example("ab", "ba", "aba")
def test_a_star_stands_for_any_text_and_for_nothing_twice(before, behind, text):
    expected = any(
        text == before + text[len(before) :][:at] + behind for at in range(len(text) + 1)
    )
    assert like(f"{before}*{behind}", text) == expected
