"""Where Amazon's S3 and Ceph's gateway answer differently: each question is asked of both profiles."""

import base64
import hashlib

import pytest

from s3.gateway import answer
from s3.http import Request

PART = b"p" * (5 * 1024 * 1024)


@pytest.fixture(params=["aws", "rgw"])
def box(store, request):
    store.service.profile = request.param
    store.ask("PUT", "/box")
    return store


@pytest.fixture
def is_rgw(box):
    return box.service.profile == "rgw"


def anybody(store, method, path, **query):
    """The answer to a request that nobody signed."""
    return answer(store.service, Request(method, path, query, {"host": "h"}, None, path[1:], ""))


def set_versioning(box, status):
    body = f"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>"
    assert box.ask("PUT", "/box", body=body.encode(), versioning="").status == 200


def upload(box, *parts, listed=None):
    begun = box.ask("POST", "/box/k", uploads="").find("UploadId")
    etags = [
        box.ask("PUT", "/box/k", body=part, uploadId=begun, partNumber=str(number)).headers["ETag"]
        for number, part in enumerate(parts, 1)
    ]
    wanted = listed(etags) if listed else list(enumerate(etags, 1))
    inner = "".join(
        f"<Part><PartNumber>{n}</PartNumber><ETag>{tag}</ETag></Part>" for n, tag in wanted
    )
    body = f"<CompleteMultipartUpload>{inner}</CompleteMultipartUpload>".encode()
    return etags, box.ask("POST", "/box/k", body=body, uploadId=begun)


def test_a_bucket_made_again_with_another_acl_is_refused(store, box, is_rgw):
    store.ask("PUT", "/open", {"x-amz-object-ownership": "ObjectWriter"})
    again = store.ask(
        "PUT", "/open", {"x-amz-object-ownership": "ObjectWriter", "x-amz-acl": "public-read"}
    )
    assert again.status == 409
    assert again.code == ("BucketAlreadyExists" if is_rgw else "BucketAlreadyOwnedByYou")


def test_nobody_in_particular_has_no_buckets_or_may_not_ask(box, is_rgw):
    told = anybody(box, "GET", "/")
    assert told.status == (200 if is_rgw else 403)
    assert b"<Name>" not in told.body


def test_a_part_that_is_not_there_has_another_name(box, is_rgw):
    etags, _ = upload(box, PART, b"end")
    whole = box.ask("GET", "/box/k").headers["ETag"]
    second = box.ask("GET", "/box/k", partNumber="2")
    assert (second.body, second.headers["x-amz-mp-parts-count"]) == (b"end", "2")
    assert second.headers["ETag"] == (etags[1] if is_rgw else whole)
    third = box.ask("GET", "/box/k", partNumber="3")
    assert (third.status, third.code) == (
        (400, "InvalidPart") if is_rgw else (416, "InvalidPartNumber")
    )
    assert whole.endswith('-2"')


def test_of_a_part_listed_twice_the_last_counts_or_the_list_is_refused(box, is_rgw):
    def twice(etags):
        return [(2, etags[1]), (1, "0" * 32), (1, etags[0])]

    _, made = upload(box, PART, b"end", listed=twice)
    if is_rgw:
        assert made.status == 200 and box.ask("GET", "/box/k").body == PART + b"end"
    else:
        assert made.code == "InvalidPartOrder"


def test_parts_without_checksums_are_told_of_or_not(box, is_rgw):
    upload(box, PART, b"end")
    told = box.ask("GET", "/box/k", {"x-amz-object-attributes": "ObjectParts"}, attributes="")
    assert told.find("PartsCount") == "2"
    assert told.body.count(b"<Part>") == (2 if is_rgw else 0)


def test_writing_the_null_version_has_a_name_or_not(box, is_rgw):
    set_versioning(box, "Suspended")
    assert ("x-amz-version-id" in box.ask("PUT", "/box/k").headers) is not is_rgw
    set_versioning(box, "Enabled")
    assert len(box.ask("PUT", "/box/k").headers["x-amz-version-id"]) == 32


def test_of_what_is_not_there_it_is_said_that_no_marker_hides_it(box, is_rgw):
    told = box.ask("HEAD", "/box/none")
    assert told.status == 404
    assert told.headers.get("x-amz-delete-marker") == ("false" if is_rgw else None)
    set_versioning(box, "Enabled")
    box.ask("PUT", "/box/k")
    box.ask("DELETE", "/box/k")
    assert box.ask("HEAD", "/box/k").headers["x-amz-delete-marker"] == "true"


def test_a_checksum_of_the_wrong_form_is_badly_formed_or_just_wrong(box, is_rgw):
    told = box.ask("PUT", "/box/k", {"x-amz-checksum-sha256": "bad"}, b"hello")
    assert (told.status, told.code) == (400, "BadDigest" if is_rgw else "InvalidRequest")
    right = base64.b64encode(hashlib.sha256(b"hello").digest()).decode()
    assert box.ask("PUT", "/box/k", {"x-amz-checksum-sha256": right}, b"hello").status == 200


def test_an_unordered_listing_has_no_delimiter(box, is_rgw):
    box.ask("PUT", "/box/a/b")
    unordered = {"allow-unordered": "true"}
    assert box.ask("GET", "/box", **unordered).find("Key") == "a/b"
    told = box.ask("GET", "/box", delimiter="/", **unordered)
    assert told.code == ("InvalidArgument" if is_rgw else "")


def test_how_full_a_bucket_is_and_what_a_user_may_have_is_told_by_one_of_them(box, is_rgw):
    set_versioning(box, "Enabled")
    for body in (b"123", b"45"):
        box.ask("PUT", "/box/k", body=body)
    box.ask("DELETE", "/box/k")
    stats = box.ask("HEAD", "/box", **{"read-stats": "true"}).headers
    told = (stats.get("x-rgw-object-count"), stats.get("x-rgw-bytes-used"))
    assert told == (("2", "5") if is_rgw else (None, None))
    quotas = box.ask("GET", "/", usage="")
    assert quotas.find("QuotaMaxBuckets") == ("1000" if is_rgw else "")
