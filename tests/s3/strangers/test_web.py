"""What needs no client: URLs that were signed for somebody else, and a form in a browser."""

import urllib.error
import urllib.request

import pytest

requests = pytest.importorskip("requests", reason="requests is not installed")


@pytest.fixture
def made(boto, bucket):
    boto.create_bucket(Bucket=bucket)
    return bucket


def fetch(url, data=None, method="GET", kind=None):
    headers = {"Content-Type": kind} if kind else {}
    asked = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(asked, timeout=60) as got:
        return got.status, got.read()


@pytest.mark.parametrize("version", ["s3v4", "s3"])
@pytest.mark.parametrize("key", ["plain", "a b/ü+%41~*'()!$&,;=:@.txt"])
def test_a_signed_url_lets_anybody_write_and_read_one_object(boto_of, made, version, key):
    boto, there = boto_of(version), {"Bucket": made, "Key": key}
    put = boto.generate_presigned_url("put_object", {**there, "ContentType": "text/x"})
    assert fetch(put, b"by anybody", "PUT", "text/x") == (200, b"")
    get = boto.generate_presigned_url("get_object", there)
    assert fetch(get) == (200, b"by anybody")


def test_a_signed_url_carries_20_mib(boto, made, large):
    there = {"Bucket": made, "Key": "large"}
    fetch(boto.generate_presigned_url("put_object", there), large, "PUT")
    assert fetch(boto.generate_presigned_url("get_object", there)) == (200, large)


def test_a_signed_url_is_for_one_method_and_one_object(boto, made):
    boto.put_object(Bucket=made, Key="k", Body=b"1")
    get = boto.generate_presigned_url("get_object", {"Bucket": made, "Key": "k"})
    forged = get[:-1] + ("0" if get[-1] != "0" else "1")
    for url, method in ((get, "PUT"), (get.replace("/k?", "/other?"), "GET"), (forged, "GET")):
        with pytest.raises(urllib.error.HTTPError) as caught:
            fetch(url, b"2" if method == "PUT" else None, method)
        with caught.value as answer:
            assert answer.code == 403
    assert fetch(get) == (200, b"1")


def test_a_browser_form_uploads_a_file_under_its_own_name(boto, made, large):
    form = boto.generate_presigned_post(
        made, "uploads/${filename}", Fields={"success_action_status": "201"},
        Conditions=[{"success_action_status": "201"}, ["content-length-range", 1, 30 << 20]],
    )  # fmt: skip
    for name, body in (("small é.txt", b"small"), ("large.bin", large)):
        answer = requests.post(
            form["url"], form["fields"], files={"file": (name, body)}, timeout=60
        )
        assert (answer.status_code, "<PostResponse" in answer.text) == (201, True), answer.text
        got = boto.get_object(Bucket=made, Key=f"uploads/{name}")
        assert got["Body"].read() == body


def test_a_form_that_breaks_its_policy_stores_nothing(boto, made):
    form = boto.generate_presigned_post(made, "k", Conditions=[["content-length-range", 1, 9]])
    answer = requests.post(form["url"], form["fields"], files={"file": b"ten bytes!"}, timeout=60)
    assert (answer.status_code, "<Code>EntityTooLarge</Code>" in answer.text) == (400, True)
    other = form["fields"] | {"key": "another"}
    answer = requests.post(form["url"], other, files={"file": b"short"}, timeout=60)
    assert answer.status_code == 403
    assert boto.list_objects_v2(Bucket=made)["KeyCount"] == 0
