"""Objects: what a PUT keeps, what a GET gives, and under which conditions."""

from hashlib import md5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3.errors import Refused
from s3.reading import asked_range


@pytest.fixture
def box(store):
    assert store.ask("PUT", "/box").status == 200
    return store


def test_an_object_comes_back_with_what_was_said_of_it(box):
    said = {"content-type": "text/plain", "x-amz-meta-colour": "blue", "cache-control": "no-store"}
    put = box.ask("PUT", "/box/a/b c", said, b"hello")
    assert put.headers["ETag"] == f'"{md5(b"hello").hexdigest()}"'
    got = box.ask("GET", "/box/a/b c")
    assert (got.status, got.body) == (200, b"hello")
    kept = {name.lower(): value for name, value in got.headers.items()}
    assert said.items() <= kept.items() and kept["content-length"] == "5"


def test_a_head_is_a_get_without_its_body(box):
    box.ask("PUT", "/box/k", body=b"hello")
    got, head = box.ask("GET", "/box/k"), box.ask("HEAD", "/box/k")
    assert head.body == b"" and {**head.headers, "x-amz-request-id": ""} == {
        **got.headers,
        "x-amz-request-id": "",
    }


def test_an_overwrite_replaces_and_a_delete_removes(box):
    for body in (b"1", b"22"):
        box.ask("PUT", "/box/k", body=body)
    assert box.ask("GET", "/box/k").body == b"22"
    assert box.ask("DELETE", "/box/k").status == 204
    assert box.ask("GET", "/box/k").code == "NoSuchKey"
    assert box.ask("DELETE", "/box/k").status == 204


@pytest.mark.parametrize(
    ("text", "status", "body"),
    [
        ("bytes=0-0", 206, b"0"),
        ("bytes=2-4", 206, b"234"),
        ("bytes=-3", 206, b"789"),
        ("bytes=7-", 206, b"789"),
        ("bytes=5-99", 206, b"56789"),
        ("bytes=10-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=5-2", 200, b"0123456789"),
        ("bytes=0-1,4-5", 200, b"0123456789"),
    ],
)
def test_a_range_is_answered_as_http_has_it(box, text, status, body):
    box.ask("PUT", "/box/k", body=b"0123456789")
    got = box.ask("GET", "/box/k", {"range": text})
    assert got.status == status
    assert got.code == "InvalidRange" if body is None else got.body == body


@given(st.binary(max_size=40), st.integers(0, 60), st.integers(0, 60))
def test_a_range_is_a_slice(data, first, last):
    try:
        span = asked_range(f"bytes={first}-{last}", len(data))
    except Refused as error:
        assert error.code == "InvalidRange" and first >= len(data) and last >= first
        return
    if last < first:
        assert span is None
    else:
        assert span and data[slice(*span)] == data[first : last + 1] != b""


def test_a_reader_that_has_it_already_is_told_so(box):
    etag = box.ask("PUT", "/box/k", body=b"1").headers["ETag"]
    assert box.ask("GET", "/box/k", {"if-none-match": etag}).status == 304
    assert box.ask("GET", "/box/k", {"if-none-match": '"other"'}).status == 200
    assert box.ask("GET", "/box/k", {"if-match": etag}).status == 200
    assert box.ask("GET", "/box/k", {"if-match": '"other"'}).code == "PreconditionFailed"
    modified = box.ask("GET", "/box/k").headers["Last-Modified"]
    assert box.ask("GET", "/box/k", {"if-modified-since": modified}).status == 304
    assert box.ask("GET", "/box/k", {"if-unmodified-since": modified}).status == 200


def test_only_the_first_of_two_creators_wins(box):
    first = box.ask("PUT", "/box/k", {"if-none-match": "*"}, b"1")
    second = box.ask("PUT", "/box/k", {"if-none-match": "*"}, b"2")
    assert (first.status, second.status, second.code) == (200, 412, "PreconditionFailed")
    assert box.ask("GET", "/box/k").body == b"1"


def test_a_write_over_what_was_not_read_is_refused(box):
    etag = box.ask("PUT", "/box/k", body=b"1").headers["ETag"]
    assert box.ask("PUT", "/box/k", {"if-match": etag}, b"2").status == 200
    assert box.ask("PUT", "/box/k", {"if-match": etag}, b"3").code == "PreconditionFailed"
    assert box.ask("PUT", "/box/none", {"if-match": etag}, b"3").code == "NoSuchKey"
    assert box.ask("GET", "/box/k").body == b"2"


def test_a_refused_body_leaves_nothing_behind(box):
    wrong = {"content-md5": "AAAAAAAAAAAAAAAAAAAAAA=="}
    assert box.ask("PUT", "/box/k", wrong, b"hello").code == "BadDigest"
    assert box.ask("GET", "/box/k").code == "NoSuchKey"
    assert all(not node.shards() for node in box.service.blobs.cluster.nodes.values())


def test_a_copy_has_the_bytes_and_the_words_or_new_words(box):
    box.ask("PUT", "/box/k", {"x-amz-meta-a": "1", "content-type": "text/plain"}, b"hello")
    source = {"x-amz-copy-source": "/box/k"}
    assert box.ask("PUT", "/box/same", source).status == 200
    new = source | {"x-amz-metadata-directive": "REPLACE", "x-amz-meta-b": "2"}
    assert box.ask("PUT", "/box/new", new).status == 200
    same, other = box.ask("GET", "/box/same"), box.ask("GET", "/box/new")
    assert same.body == other.body == b"hello"
    assert same.headers["x-amz-meta-a"] == "1" and same.headers["Content-Type"] == "text/plain"
    assert other.headers["x-amz-meta-b"] == "2" and "x-amz-meta-a" not in other.headers


def test_a_copy_onto_itself_must_change_something(box):
    box.ask("PUT", "/box/k", body=b"1")
    assert box.ask("PUT", "/box/k", {"x-amz-copy-source": "/box/k"}).code == "InvalidRequest"


def test_a_thousand_keys_are_deleted_at_once_and_each_has_a_verdict(box):
    for name in ("a", "b"):
        box.ask("PUT", f"/box/{name}", body=b"1")
    document = b"<Delete><Object><Key>a</Key></Object><Object><Key>none</Key></Object></Delete>"
    answer = box.ask("POST", "/box", body=document, delete="")
    assert answer.body.count(b"<Deleted>") == 2
    assert box.ask("GET", "/box/a").status == 404 and box.ask("GET", "/box/b").status == 200
    too_many = b"<Delete>" + b"<Object><Key>a</Key></Object>" * 1001 + b"</Delete>"
    assert box.ask("POST", "/box", body=too_many, delete="").code == "MalformedXML"


def test_a_bucket_that_holds_something_stays(box):
    box.ask("PUT", "/box/k", body=b"1")
    assert box.ask("DELETE", "/box").code == "BucketNotEmpty"
    box.ask("DELETE", "/box/k")
    assert box.ask("DELETE", "/box").status == 204
    assert box.ask("GET", "/box").code == "NoSuchBucket"


def test_a_bucket_name_belongs_to_one_owner(box):
    assert box.ask("PUT", "/box").status == 200  # again, by its owner, in us-east-1
    assert box.ask("PUT", "/box", user="other").code == "BucketAlreadyExists"
    assert box.ask("GET", "/box", user="other").code == "AccessDenied"


@pytest.mark.parametrize("name", ["ab", "Ab-cd", "a..b", "a.-b", "192.168.1.1", "-ab", "a" * 64])
def test_a_name_that_no_bucket_may_have_is_refused(store, name):
    assert store.ask("PUT", f"/{name}").code == "InvalidBucketName"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("deflate, gzip", "deflate, gzip"),
        ("gzip,br", "gzip,br"),
        ("aws-chunked, deflate,gzip", "deflate, gzip"),
        ("aws-chunked, aws-chunked", None),
    ],
)
def test_a_content_encoding_is_kept_but_for_that_of_the_transfer(box, sent, kept):
    box.ask("PUT", "/box/k", {"content-encoding": sent}, b"1")
    assert box.ask("HEAD", "/box/k").headers.get("Content-Encoding") == kept


def test_tags_are_shown_by_name(box):
    box.ask("PUT", "/box/k", {"x-amz-tagging": "size=9&colour"}, b"1")
    shown = box.ask("GET", "/box/k", tagging="").body
    assert shown.index(b"colour") < shown.index(b"size")
