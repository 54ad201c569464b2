"""Uploads in parts: any order, again, completed once, or forgotten without a trace."""

from hashlib import md5, sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3 import checksums

MIB = 1024 * 1024
PART = b"p" * (5 * MIB)


@pytest.fixture
def box(store):
    store.ask("PUT", "/box")
    return store


def begin(box, key="k", **headers):
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return box.ask("POST", f"/box/{key}", said, uploads="").find("UploadId")


def send(box, upload, number, body, key="k", headers=None):
    return box.ask("PUT", f"/box/{key}", headers, body, uploadId=upload, partNumber=str(number))


def complete(box, upload, parts, key="k", headers=None):
    listed = "".join(
        f"<Part><PartNumber>{n}</PartNumber><ETag>{tag}</ETag></Part>" for n, tag in parts
    )
    body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
    return box.ask("POST", f"/box/{key}", headers, body, uploadId=upload)


def blobs(box):
    return [each for node in box.service.blobs.cluster.nodes.values() for each in node.shards()]


def test_parts_in_any_order_make_the_object(box):
    upload = begin(box, x_amz_meta_a="1")
    last = send(box, upload, 7, b"end").headers["ETag"]
    send(box, upload, 2, b"wrong" + PART)
    first = send(box, upload, 2, PART).headers["ETag"]
    assert box.ask("GET", "/box/k").status == 404
    made = complete(box, upload, [(2, first), (7, last)])
    whole = md5(md5(PART).digest() + md5(b"end").digest()).hexdigest()
    assert made.find("ETag") == f'"{whole}-2"'
    got = box.ask("GET", "/box/k", {"range": f"bytes={len(PART) - 2}-{len(PART) + 1}"})
    assert got.body == b"ppen" and got.headers["x-amz-meta-a"] == "1"


def test_completing_twice_is_answered_twice(box):
    upload = begin(box)
    part = send(box, upload, 1, b"only").headers["ETag"]
    first, second = (complete(box, upload, [(1, part)]) for _ in range(2))
    assert first.status == second.status == 200 and first.find("ETag") == second.find("ETag")


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (lambda a, b: [(1, a), (3, b)], "InvalidPart"),
        (lambda a, b: [(1, a), (2, a[::-1])], "InvalidPart"),
        (lambda a, b: [(2, b), (1, a)], "InvalidPartOrder"),
        (lambda a, b: [(1, a), (1, a)], "InvalidPartOrder"),
        (lambda a, b: [(1, a), (2, b)], "EntityTooSmall"),
        (lambda a, b: [], "MalformedXML"),
    ],
)
def test_a_list_of_parts_that_does_not_fit_is_refused(box, parts, code):
    upload = begin(box)
    first, second = (send(box, upload, number, b"%d" % number).headers["ETag"] for number in (1, 2))
    assert complete(box, upload, parts(first, second)).code == code
    assert box.ask("GET", "/box/k").status == 404


def test_an_aborted_upload_leaves_no_byte(box):
    upload = begin(box)
    send(box, upload, 1, b"1")
    assert box.ask("DELETE", "/box/k", uploadId=upload).status == 204
    assert send(box, upload, 2, b"2").code == "NoSuchUpload"
    box.service.upkeep.sweep()
    box.clock.advance(120)
    box.service.upkeep.sweep()
    assert blobs(box) == []


def test_uploads_and_parts_are_listed(box):
    upload = begin(box)
    send(box, upload, 3, b"three")
    listed = box.ask("GET", "/box/k", uploadId=upload)
    assert (listed.find("PartNumber"), listed.find("Size")) == ("3", "5")
    assert box.ask("GET", "/box", uploads="").find("UploadId") == upload


def test_a_part_may_be_a_range_of_another_object(box):
    box.ask("PUT", "/box/source", body=b"0123456789")
    upload = begin(box)
    headers = {"x-amz-copy-source": "/box/source", "x-amz-copy-source-range": "bytes=2-4"}
    etag = send(box, upload, 1, b"", headers=headers).find("ETag")
    complete(box, upload, [(1, etag)])
    assert box.ask("GET", "/box/k").body == b"234"


def test_a_part_of_the_object_can_be_read_by_its_number(box):
    upload = begin(box)
    tags = [
        send(box, upload, number, body).headers["ETag"] for number, body in ((1, PART), (2, b"end"))
    ]
    complete(box, upload, list(enumerate(tags, 1)))
    got = box.ask("GET", "/box/k", partNumber="2")
    assert (got.status, got.body, got.headers["x-amz-mp-parts-count"]) == (206, b"end", "2")
    assert box.ask("GET", "/box/k", partNumber="3").status in (400, 416)


@pytest.mark.parametrize("number", ["0", "10001", "x", "-1"])
def test_a_part_number_out_of_bounds_is_refused(box, number):
    assert send(box, begin(box), number, b"1").code == "InvalidArgument"


@pytest.mark.parametrize("algorithm", checksums.ALGORITHMS)
def test_a_checksum_of_the_parts_becomes_one_of_the_whole(box, algorithm):
    upload = begin(box, x_amz_checksum_algorithm=algorithm)
    tags = [
        send(box, upload, number, body).headers["ETag"] for number, body in ((1, PART), (2, b"end"))
    ]
    made = complete(box, upload, list(enumerate(tags, 1)))
    found = made.find(f"Checksum{algorithm}")
    if algorithm == "CRC64NVME":
        whole = checksums.new(algorithm)
        whole.update(PART + b"end")
        assert found == checksums.encode(whole.digest())
    else:
        assert found.endswith("-2")


@given(
    st.lists(st.binary(max_size=70), min_size=1, max_size=6),
    st.sampled_from(["CRC32", "CRC32C", "CRC64NVME"]),
)
def test_crcs_combine(pieces, algorithm):
    digests = []
    for piece in pieces:
        part = checksums.new(algorithm)
        part.update(piece)
        digests.append((part.digest(), len(piece)))
    whole = checksums.new(algorithm)
    whole.update(b"".join(pieces))
    assert checksums.combined(algorithm, digests) == checksums.encode(whole.digest())


@pytest.mark.parametrize(
    ("algorithm", "check"),
    [("CRC32", 0xCBF43926), ("CRC32C", 0xE3069283), ("CRC64NVME", 0xAE8B14860A799888)],
)
def test_crcs_give_their_published_check_values(algorithm, check):
    found = checksums.new(algorithm)
    found.update(b"123456789")
    assert int.from_bytes(found.digest(), "big") == check


def test_a_checksum_sent_on_completion_is_that_of_the_object_not_of_the_list(box):
    upload = begin(box, x_amz_checksum_algorithm="SHA256")
    digest = checksums.encode(sha256(b"only").digest())
    part = send(box, upload, 1, b"only", headers={"x-amz-checksum-sha256": digest}).headers["ETag"]
    whole = checksums.composite("SHA256", [sha256(b"only").digest()])
    wrong = complete(box, upload, [(1, part)], headers={"x-amz-checksum-sha256": digest[::-1]})
    assert (wrong.status, wrong.code) == (400, "BadDigest")
    made = complete(box, upload, [(1, part)], headers={"x-amz-checksum-sha256": whole})
    assert (made.status, made.find("ChecksumSHA256")) == (200, whole)
