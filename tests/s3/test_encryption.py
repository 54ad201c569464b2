"""Server-side encryption: what is stored, who can read it, and what is noticed."""

import base64
import hashlib
import io
import json
import random
import stat
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from chapters.sim.disk import SimDisk
from s3 import keys
from s3.app import Settings, build, open_keys
from s3.encryption import customer, segments
from s3.encryption.asked import BUCKET_KEY, CONTEXT, KEY_ID, SSE
from s3.errors import BadState, Refused
from s3.keys import Keys
from s3.metadata.transaction import Transaction
from s3.records import Version
from s3.storage.blobs import Blob
from s3.versions import current

SEGMENT = segments.SEGMENT_BYTES
KEY_A, KEY_B = b"a" * 32, b"b" * 32
KMS = {SSE: "aws:kms", KEY_ID: "kit-key-1"}
SIZES = (0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT + 7)


def client_key(secret: bytes, prefix: str = customer.OF_OBJECT) -> dict[str, str]:
    digest = hashlib.md5(secret).digest()
    texts = ("AES256", base64.b64encode(secret).decode(), base64.b64encode(digest).decode())
    return {prefix + part: text for part, text in zip(customer.PARTS, texts, strict=True)}


MODES = {
    "SSE-S3": {SSE: "AES256"},
    "SSE-KMS": KMS,
    "DSSE-KMS": {SSE: "aws:kms:dsse", KEY_ID: "kit-key-2"},
    "SSE-C": client_key(KEY_A),
}


def to_read(headers: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in headers.items() if name.startswith(customer.OF_OBJECT)}


def text_of_size(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.fixture
def bucket(store):
    """A store with the bucket `box`, and two KMS keys."""
    for name in ("kit-key-1", "kit-key-2"):
        store.service.keys.create(name)
    store.ask("PUT", "/box")
    return store


@pytest.fixture
def plain(bucket):
    """The same with the habits of Ceph's gateway: objects are kept as they come, unless asked."""
    bucket.service.profile = "rgw"
    return bucket


def put(store, headers=None, body: bytes = b"text", key: str = "a"):
    return store.ask("PUT", f"/box/{key}", headers, body)


def default(store, algorithm: str, key_id: str = "", rest: str = ""):
    named = f"<KMSMasterKeyID>{key_id}</KMSMasterKeyID>" if key_id else ""
    inner = f"<SSEAlgorithm>{algorithm}</SSEAlgorithm>{named}"
    applied = f"<ApplyServerSideEncryptionByDefault>{inner}</ApplyServerSideEncryptionByDefault>"
    return configure(store, f"<Rule>{applied}{rest}</Rule>")


def configure(store, rules: str):
    body = f"<ServerSideEncryptionConfiguration>{rules}</ServerSideEncryptionConfiguration>"
    return store.ask("PUT", "/box", body=body.encode(), encryption="")


def record_of(store, key: str = "a") -> Version:
    found = current(store.service.metadata, "box", key)
    assert found is not None
    return found.version


def stored(store, key: str = "a") -> bytes:
    """What lies on the disk."""
    pieces = []
    for part in record_of(store, key).parts:
        blob = Blob.from_json(part["blob"])
        pieces += store.service.blobs.read(blob, 0, blob.size_bytes)
    return b"".join(pieces)


# The layout of segments.


@pytest.mark.parametrize("size", SIZES)
def test_sealed_bytes_are_the_segments_with_a_tag_each(size):
    body = text_of_size(size)
    sealed = list(segments.seal(iter([body[:9], body[9:]]), KEY_A))
    assert sum(map(len, sealed)) == segments.sealed_size(size)
    for number, data in enumerate(sealed):
        is_last = number == len(sealed) - 1
        nonce = number.to_bytes(11, "big") + bytes([is_last])
        expected = AESGCM(KEY_A).decrypt(nonce, data, None)
        assert expected == body[number * SEGMENT : (number + 1) * SEGMENT]


def opened(sealed: bytes, start: int, stop: int, size: int) -> bytes:
    read = []

    def reader(first: int, last: int):
        read.append((first, last))
        return iter([sealed[first:last]])

    found = b"".join(segments.open_span(reader, start, stop, size, KEY_A))
    touched = sum(last - first for first, last in read)
    assert touched <= stop - start + 2 * segments.SEALED_BYTES + (stop - start) // 1000
    return found


@given(data=st.data(), size=st.sampled_from(SIZES))
def test_any_range_opens_to_the_same_bytes_and_reads_little_more(data, size):
    body = text_of_size(size)
    sealed = b"".join(segments.seal([body], KEY_A))
    start = data.draw(st.integers(0, size))
    stop = data.draw(st.integers(start, size))
    assert opened(sealed, start, stop, size) == body[start:stop]


@given(data=st.data())
def test_any_change_of_the_sealed_bytes_is_noticed(data):
    """Changed, cut, repeated, moved: what is yielded before the error is always right."""
    size = 3 * SEGMENT + 7
    body = text_of_size(size)
    parts = list(segments.seal([body], KEY_A))
    kind = data.draw(st.sampled_from(("flip", "swap", "drop", "repeat", "cut")))
    at = data.draw(st.integers(0, 2))
    if kind == "flip":
        index = data.draw(st.integers(0, len(parts[at]) - 1))
        parts[at] = parts[at][:index] + bytes([parts[at][index] ^ 1]) + parts[at][index + 1 :]
    elif kind == "swap":
        parts[at], parts[(at + 1) % 3] = parts[(at + 1) % 3], parts[at]
    elif kind == "drop":
        del parts[at]
    elif kind == "repeat":
        parts[at] = parts[(at + 1) % 3]
    else:
        del parts[at + 1 :]
    got = b""
    with pytest.raises(Refused, match="Segment") as caught:
        for piece in segments._segments(  # one segment at a time, as they open
            lambda first, last: iter([b"".join(parts)[first:last]]), 0, size, size, AESGCM(KEY_A)
        ):
            got += piece
    assert caught.value.status == 500
    assert body.startswith(got)


def test_a_file_cut_short_at_a_border_does_not_pass_for_a_shorter_one():
    sealed = b"".join(segments.seal([text_of_size(2 * SEGMENT)], KEY_A))
    with pytest.raises(Refused, match="Segment 0"):
        opened(sealed[: segments.SEALED_BYTES], 0, SEGMENT, SEGMENT)


def test_sealing_holds_one_segment_whatever_the_size():
    blocks = iter(bytes(1 << 16) for _ in range(1 << 30))
    made = segments.seal(blocks, KEY_A)
    for _ in range(10):
        assert len(next(made)) == segments.SEALED_BYTES


# Objects, in each mode.


@pytest.mark.parametrize("mode", MODES)
def test_what_is_stored_is_not_what_was_sent_and_comes_back_as_sent(bucket, mode):
    headers, body = MODES[mode], text_of_size(2 * SEGMENT + 9)
    assert put(bucket, headers, body).status == 200
    assert stored(bucket)[:SEGMENT] != body[:SEGMENT]
    got = bucket.ask("GET", "/box/a", to_read(headers))
    assert (got.status, got.body) == (200, body)
    assert got.headers["Content-Length"] == str(len(body))
    span = {"range": f"bytes={SEGMENT - 5}-{SEGMENT + 4}"}
    got = bucket.ask("GET", "/box/a", to_read(headers) | span)
    assert (got.status, got.body) == (206, body[SEGMENT - 5 : SEGMENT + 5])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", SIZES)
def test_sizes_around_the_segments_come_back(bucket, mode, size):
    put(bucket, MODES[mode], text_of_size(size))
    assert bucket.ask("GET", "/box/a", to_read(MODES[mode])).body == text_of_size(size)
    assert f"<Size>{size}</Size>".encode() in bucket.ask("GET", "/box").body


def test_two_writes_of_the_same_bytes_share_nothing(bucket):
    put(bucket, body=bytes(1000))
    put(bucket, body=bytes(1000), key="b")
    assert stored(bucket, "a") != stored(bucket, "b")


@pytest.mark.parametrize("other", [False, True])
def test_a_changed_byte_or_another_objects_bytes_are_an_error_and_never_given_out(bucket, other):
    put(bucket, body=text_of_size(100))
    put(bucket, body=text_of_size(100), key="b")
    data = bytearray(stored(bucket, "b" if other else "a"))
    data[50] ^= not other
    found = current(bucket.service.metadata, "box", "a")
    blob = bucket.service.blobs.write([bytes(data)]).to_json()
    changed = replace(found.version, parts=[found.version.parts[0] | {"blob": blob}])
    bucket.service.metadata.commit(Transaction({found.place: changed.to_bytes()}))
    answer = bucket.ask("GET", "/box/a")
    assert (answer.status, answer.code) == (500, "InternalError")


@pytest.mark.parametrize("mode", MODES)
def test_the_answer_says_how_the_object_is_encrypted_each_time(bucket, mode):
    headers = MODES[mode]
    shown = {name: text for name, text in headers.items() if not name.endswith("customer-key")}
    for answer in (
        put(bucket, headers),
        bucket.ask("GET", "/box/a", to_read(headers)),
        bucket.ask("HEAD", "/box/a", to_read(headers)),
    ):
        found = {name.lower(): text for name, text in answer.headers.items()}
        assert shown.items() <= found.items()


def test_an_etag_is_the_md5_where_the_store_has_the_key_and_opaque_elsewhere(bucket):
    md5 = f'"{hashlib.md5(b"text").hexdigest()}"'
    assert put(bucket, MODES["SSE-S3"]).headers["ETag"] == md5
    for mode in ("SSE-KMS", "DSSE-KMS", "SSE-C"):
        first, second = (put(bucket, MODES[mode]).headers["ETag"] for _ in range(2))
        assert len({md5, first, second}) == 3
        head = bucket.ask("HEAD", "/box/a", to_read(MODES[mode]))
        assert head.headers["ETag"] == second


def test_s3_encrypts_what_nobody_asked_it_to(bucket):
    assert put(bucket).headers[SSE] == "AES256"
    assert record_of(bucket).encryption["mode"] == "AES256"


def test_rgw_keeps_objects_as_they_come(plain):
    assert SSE not in put(plain).headers
    assert stored(plain) == b"text"
    assert plain.ask("GET", "/box/a").body == b"text"


def test_a_context_must_be_the_one_that_the_key_was_wrapped_with(bucket):
    context = base64.b64encode(b'{"team": "blue", "a": "1"}').decode()
    assert put(bucket, KMS | {CONTEXT: context}).headers[CONTEXT] == context
    facts = record_of(bucket).encryption
    assert json.loads(facts["context"]) == {"a": "1", "team": "blue"}
    assert bucket.ask("GET", "/box/a").body == b"text"
    service = bucket.service.keys
    with pytest.raises(Refused, match="cannot be opened"):
        service.unwrap(facts["by"], facts["key"], b'{"team":"red"}')
    for wrong in ("?", base64.b64encode(b"[1]").decode(), base64.b64encode(b'{"a":1}').decode()):
        assert put(bucket, KMS | {CONTEXT: wrong}).code == "InvalidArgument"


def test_a_bucket_key_is_remembered_and_shown(bucket):
    assert put(bucket, KMS | {BUCKET_KEY: "true"}).headers[BUCKET_KEY] == "true"
    assert bucket.ask("HEAD", "/box/a").headers[BUCKET_KEY] == "true"
    default(bucket, "aws:kms", "kit-key-1", "<BucketKeyEnabled>true</BucketKeyEnabled>")
    assert put(bucket).headers[BUCKET_KEY] == "true"
    assert BUCKET_KEY not in put(bucket, {BUCKET_KEY: "false"}).headers


@pytest.mark.parametrize("name", ["kit-key-1", "alias/kit-key-1", "arn:aws:kms:x:1:key/kit-key-1"])
def test_a_kms_key_is_known_by_id_alias_and_arn(bucket, name):
    assert put(bucket, KMS | {KEY_ID: name}).headers[KEY_ID] == "kit-key-1"


def test_a_kms_key_that_is_not_named_is_s3s_own_and_rgw_wants_a_name(bucket):
    assert put(bucket, {SSE: "aws:kms"}).headers[KEY_ID] == "aws/s3"
    bucket.service.profile = "rgw"
    assert put(bucket, {SSE: "aws:kms"}).code == "InvalidArgument"


@pytest.mark.parametrize("name", ["nobody", "master", "alias/master", "arn:aws:kms:x:1:key/"])
def test_an_unknown_key_is_refused_and_nothing_is_stored(bucket, name):
    answer = put(bucket, KMS | {KEY_ID: name})
    assert (answer.status, answer.code) == (400, "KMS.NotFoundException")
    assert bucket.ask("GET", "/box/a").code == "NoSuchKey"


@pytest.mark.parametrize(
    "headers",
    [
        {SSE: "AES256"} | client_key(KEY_A),
        KMS | client_key(KEY_A),
        {SSE: "AES256", KEY_ID: "kit-key-1"},
        {KEY_ID: "kit-key-1"},
        {SSE: ""},
        {SSE: "aes:kms"},
        {customer.OF_OBJECT + "algorithm": "AES256"},
        {name: text for name, text in client_key(KEY_A).items() if "algorithm" not in name},
        {name: text for name, text in client_key(KEY_A).items() if "md5" not in name},
        client_key(KEY_A) | {customer.OF_OBJECT + "key-md5": "AAAAAAAAAAAAAAAAAAAAAA=="},
        client_key(KEY_A) | {customer.OF_OBJECT + "key": "?"},
        client_key(b"short"),
    ],
)
def test_headers_that_contradict_each_other_are_refused(bucket, headers):
    for answer in (put(bucket, headers), bucket.ask("POST", "/box/a", headers, uploads="")):
        assert (answer.status, answer.code) == (400, "InvalidArgument")


def test_a_cipher_that_is_not_ours_is_refused(bucket):
    headers = client_key(KEY_A) | {customer.OF_OBJECT + "algorithm": "AES192"}
    assert put(bucket, headers).code == "InvalidEncryptionAlgorithmError"


def test_a_clients_key_is_needed_to_read_and_the_right_one(bucket):
    put(bucket, client_key(KEY_A))
    for method in ("GET", "HEAD"):
        assert bucket.ask(method, "/box/a").status == 400
        assert bucket.ask(method, "/box/a", client_key(KEY_B)).status == 403
        assert bucket.ask(method, "/box/a", client_key(KEY_A)).status == 200
    assert bucket.ask("GET", "/box/a").code == "InvalidRequest"
    assert bucket.ask("GET", "/box/a", client_key(KEY_B)).code == "AccessDenied"
    attributes = {"x-amz-object-attributes": "ETag"}
    assert bucket.ask("GET", "/box/a", attributes, attributes="").status == 400
    answer = bucket.ask("GET", "/box/a", attributes | client_key(KEY_A), attributes="")
    assert answer.status == 200


def test_rgw_calls_a_wrong_key_an_invalid_argument(plain):
    put(plain, client_key(KEY_A))
    answer = plain.ask("GET", "/box/a", client_key(KEY_B))
    assert (answer.status, answer.code) == (400, "InvalidArgument")


def test_nothing_of_a_clients_key_is_kept(bucket):
    secret = random.Random(1).randbytes(32)
    put(bucket, client_key(secret))
    record, digest = record_of(bucket).to_bytes(), hashlib.md5(secret)
    hidden = (secret, digest.digest())
    for each in hidden:
        assert base64.b64encode(each) not in record
        assert each.hex().encode() not in record
        assert each not in stored(bucket)


def test_encryption_headers_are_for_writing_only(bucket):
    put(bucket)
    for headers in ({SSE: "AES256"}, KMS, {KEY_ID: "kit-key-1"}):
        assert bucket.ask("GET", "/box/a", headers).code == "InvalidArgument"
        assert bucket.ask("HEAD", "/box/a", headers).status == 400
    assert bucket.ask("GET", "/box/a", client_key(KEY_A)).code == "InvalidRequest"


# Uploads in parts.


def upload(store, headers) -> str:
    answer = store.ask("POST", "/box/a", headers, uploads="")
    assert answer.status == 200, answer
    return answer.find("UploadId")


def send(store, id: str, number: int, body: bytes, headers=None):
    return store.ask("PUT", "/box/a", headers, body, partNumber=str(number), uploadId=id)


def complete(store, id: str, etags: list[str], headers=None):
    parts = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
        for number, etag in enumerate(etags, 1)
    )
    body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
    return store.ask("POST", "/box/a", headers, body, uploadId=id)


@pytest.mark.parametrize("mode", MODES)
def test_an_upload_in_parts_is_read_across_their_borders(bucket, mode):
    headers, size = MODES[mode], 5 * 1024 * 1024 + 1
    bodies = [text_of_size(size), text_of_size(1000)]
    own = to_read(headers)
    id = upload(bucket, headers)
    etags = [send(bucket, id, n, body, own).headers["ETag"] for n, body in enumerate(bodies, 1)]
    assert complete(bucket, id, etags, own).status == 200
    span = {"range": f"bytes={size - 70_000}-{size + 99}"}
    got = bucket.ask("GET", "/box/a", own | span)
    assert got.body == bodies[0][-70_000:] + bodies[1][:100]
    assert bucket.ask("GET", "/box/a", own, partNumber="2").body == bodies[1]
    joined = hashlib.md5(b"".join(bytes.fromhex(etag.strip('"')) for etag in etags))
    head = bucket.ask("HEAD", "/box/a", own)
    assert head.headers["ETag"] == f'"{joined.hexdigest()}-2"'
    first, second = (part["encryption"]["key"] for part in record_of(bucket).parts)
    assert first != second


def test_a_part_must_come_with_the_key_of_its_upload(bucket):
    id = upload(bucket, client_key(KEY_A))
    for headers in (None, client_key(KEY_B)):
        answer = send(bucket, id, 1, b"x", headers)
        assert (answer.status, answer.code) == (400, "InvalidRequest")
    etag = send(bucket, id, 1, b"x", client_key(KEY_A)).headers["ETag"]
    assert complete(bucket, id, [etag], client_key(KEY_B)).code == "InvalidRequest"
    assert complete(bucket, id, [etag]).status == 200
    assert bucket.ask("GET", "/box/a", client_key(KEY_A)).body == b"x"


def test_a_completion_with_checksums_needs_the_key(bucket):
    id = upload(bucket, client_key(KEY_A) | {"x-amz-checksum-algorithm": "SHA256"})
    etag = send(bucket, id, 1, b"x", client_key(KEY_A)).headers["ETag"]
    assert complete(bucket, id, [etag]).code == "InvalidArgument"
    assert complete(bucket, id, [etag], client_key(KEY_A)).status == 200


def test_in_rgw_a_completion_needs_the_key_in_any_case(plain):
    id = upload(plain, client_key(KEY_A))
    etag = send(plain, id, 1, b"x", client_key(KEY_A)).headers["ETag"]
    assert complete(plain, id, [etag]).code == "InvalidRequest"
    assert complete(plain, id, [etag], client_key(KEY_A)).status == 200
    id = upload(plain, {})
    etag = send(plain, id, 1, b"x", {}).headers["ETag"]
    assert complete(plain, id, [etag]).status == 200


def test_a_part_that_is_not_there_is_missed_before_the_key(plain):
    put(plain, client_key(KEY_A))
    assert plain.ask("GET", "/box/a", partNumber="2").code == "InvalidPart"
    assert plain.ask("GET", "/box/a", partNumber="1").code == "InvalidRequest"


def test_a_part_with_a_key_has_no_place_in_an_upload_without(bucket):
    id = upload(bucket, {})
    assert send(bucket, id, 1, b"x", client_key(KEY_A)).code == "InvalidRequest"


# Copies.


@pytest.mark.parametrize("source", [*MODES, "plain"])
@pytest.mark.parametrize("target", [*MODES, "plain"])
def test_a_copy_is_opened_and_sealed_anew(plain, source, target):
    body = text_of_size(SEGMENT + 5)
    put(plain, MODES.get(source), body)
    headers = MODES.get(target, {}) | {"x-amz-copy-source": "/box/a"}
    if source == "SSE-C":
        headers |= client_key(KEY_A, customer.OF_SOURCE)
    answer = plain.ask("PUT", "/box/copy", headers)
    assert answer.status == 200
    assert answer.headers.get(SSE) == MODES.get(target, {}).get(SSE)
    got = plain.ask("GET", "/box/copy", to_read(headers))
    assert got.body == body
    assert (stored(plain, "copy") == body) == (target == "plain")


def test_a_copy_needs_the_key_of_its_source(bucket):
    put(bucket, client_key(KEY_A))
    wish = {"x-amz-copy-source": "/box/a"}
    assert bucket.ask("PUT", "/box/c", wish).code == "InvalidRequest"
    wrong = wish | client_key(KEY_B, customer.OF_SOURCE)
    assert bucket.ask("PUT", "/box/c", wrong).code == "AccessDenied"
    both = wish | client_key(KEY_A, customer.OF_SOURCE) | client_key(KEY_B)
    assert bucket.ask("PUT", "/box/c", both).status == 200
    assert bucket.ask("GET", "/box/c", client_key(KEY_B)).body == b"text"


def test_a_part_can_be_copied_out_of_one_key_into_another(bucket):
    body = text_of_size(2 * SEGMENT)
    put(bucket, client_key(KEY_A), body, key="src")
    id = upload(bucket, client_key(KEY_B))
    wish = {"x-amz-copy-source": "/box/src", "x-amz-copy-source-range": "bytes=10-70000"}
    wish |= client_key(KEY_A, customer.OF_SOURCE)
    assert send(bucket, id, 1, b"", wish).code == "InvalidRequest"
    answer = send(bucket, id, 1, b"", wish | client_key(KEY_B))
    assert complete(bucket, id, [answer.find("ETag")], client_key(KEY_B)).status == 200
    assert bucket.ask("GET", "/box/a", client_key(KEY_B)).body == body[10:70_001]


# The bucket's default.


def test_a_default_applies_to_what_comes_without_a_wish(plain):
    assert default(plain, "aws:kms", "kit-key-2").status == 200
    answer = put(plain)
    assert (answer.headers[SSE], answer.headers[KEY_ID]) == ("aws:kms", "kit-key-2")
    assert stored(plain) != b"text"
    assert put(plain, {SSE: "AES256"}).headers[SSE] == "AES256"
    id = upload(plain, {})
    etag = send(plain, id, 1, b"x").headers["ETag"]
    assert complete(plain, id, [etag]).headers[KEY_ID] == "kit-key-2"


def test_a_default_comes_back_as_it_was_put_and_goes(plain):
    missing = "ServerSideEncryptionConfigurationNotFoundError"
    answer = plain.ask("GET", "/box", encryption="")
    assert (answer.status, answer.code) == (404, missing)
    default(plain, "aws:kms", "kit-key-1")
    found = plain.ask("GET", "/box", encryption="")
    assert (found.find("SSEAlgorithm"), found.find("KMSMasterKeyID")) == ("aws:kms", "kit-key-1")
    assert plain.ask("DELETE", "/box", encryption="").status == 204
    assert plain.ask("GET", "/box", encryption="").code == missing
    plain.service.profile = "aws"
    assert plain.ask("GET", "/box", encryption="").find("SSEAlgorithm") == "AES256"


@pytest.mark.parametrize(
    "rules, code",
    [
        ("", "MalformedXML"),
        ("<Rule/><Rule/>", "MalformedXML"),
        ("<Rule><ApplyServerSideEncryptionByDefault/></Rule>", "MalformedXML"),
        (
            "<Rule><BlockedEncryptionTypes><EncryptionType>AES256</EncryptionType>"
            "</BlockedEncryptionTypes></Rule>",
            "MalformedXML",
        ),
    ],
)
def test_a_default_that_makes_no_sense_is_refused(bucket, rules, code):
    assert configure(bucket, rules).code == code
    assert default(bucket, "DES").code == "MalformedXML"
    assert default(bucket, "AES256", "kit-key-1").code == "InvalidArgument"


def test_a_bucket_may_block_clients_keys_and_still_gives_back_what_it_has(bucket):
    put(bucket, client_key(KEY_A))
    id = upload(bucket, client_key(KEY_A))
    block = "<Rule><BlockedEncryptionTypes><EncryptionType>{}</EncryptionType>"
    block += "</BlockedEncryptionTypes></Rule>"
    configure(bucket, block.format("SSE-C"))
    assert default(bucket, "AES256").status == 200
    assert bucket.ask("GET", "/box", encryption="").find("EncryptionType") == "SSE-C"
    for answer in (
        put(bucket, client_key(KEY_A)),
        bucket.ask("POST", "/box/a", client_key(KEY_A), uploads=""),
        send(bucket, id, 1, b"x", client_key(KEY_A)),
    ):
        assert (answer.status, answer.code) == (403, "AccessDenied")
    assert bucket.ask("GET", "/box/a", client_key(KEY_A)).body == b"text"
    configure(bucket, block.format("NONE"))
    assert put(bucket, client_key(KEY_A)).status == 200


# Another key for what is there already.


def rekey(store, name: str):
    inner = f"<KMSKeyArn>arn:aws:kms:us-east-1:1:key/{name}</KMSKeyArn>"
    body = f"<ObjectEncryption><SSE-KMS>{inner}</SSE-KMS></ObjectEncryption>".encode()
    return store.ask("PUT", "/box/a", body=body, encryption="")


@pytest.mark.parametrize("mode", ["SSE-S3", "SSE-KMS"])
def test_another_key_leaves_the_bytes_and_the_etag_as_they_are(bucket, mode):
    size = 5 * 1024 * 1024
    id = upload(bucket, MODES[mode])
    parts = [text_of_size(size), b"x"]
    etags = [send(bucket, id, n, body).headers["ETag"] for n, body in enumerate(parts, 1)]
    complete(bucket, id, etags)
    before, lay = bucket.ask("HEAD", "/box/a").headers["ETag"], stored(bucket)
    assert rekey(bucket, "kit-key-2").status == 200
    answer = bucket.ask("GET", "/box/a")
    assert answer.body == b"".join(parts)
    assert (answer.headers[SSE], answer.headers[KEY_ID]) == ("aws:kms", "kit-key-2")
    assert (answer.headers["ETag"], stored(bucket)) == (before, lay)


def test_another_key_is_refused_where_ours_is_not_all_it_takes(bucket):
    for mode in ("SSE-C", "DSSE-KMS"):
        put(bucket, MODES[mode])
        assert rekey(bucket, "kit-key-2").code == "InvalidRequest"
    assert rekey(bucket, "nobody").code == "KMS.NotFoundException"


# The key store.


def test_keys_are_made_once_and_for_the_owner_alone(tmp_path):
    first = open_keys(tmp_path / "keys", "mine,yours")
    wrapped = first.wrap("mine", KEY_A)
    first._disk.close()
    again = open_keys(tmp_path / "keys", "mine")
    assert again.unwrap("mine", wrapped) == KEY_A
    assert again.names == ["aws/s3", "mine", "yours"]
    assert stat.S_IMODE((tmp_path / "keys" / "keys").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_a_rotated_key_still_opens_what_it_wrapped_before():
    service = Keys.in_memory()
    before = service.wrap("aws/s3", KEY_A)
    service.rotate("aws/s3")
    after = service.wrap("aws/s3", KEY_A)
    assert before.partition(".")[0] != after.partition(".")[0]
    assert service.unwrap("aws/s3", before) == service.unwrap("aws/s3", after) == KEY_A


def test_the_loss_of_the_keys_is_an_error_and_never_wrong_bytes(store):
    store.ask("PUT", "/box")
    put(store)
    facts = record_of(store).encryption
    with pytest.raises(Refused, match="cannot be opened"):
        Keys.in_memory(seed=1).unwrap(facts["by"], facts["key"])
    store.service.keys = Keys.in_memory(seed=1)
    answer = store.ask("GET", "/box/a")
    assert (answer.status, answer.code) == (500, "InternalError")


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"master": ["AAAA"]}', b'{"master": 3}'])
def test_a_damaged_key_file_is_never_replaced(damage):
    disk = SimDisk(rng=random.Random(1))
    disk.append(keys.FILE, damage)
    with pytest.raises(BadState, match="backup"):
        Keys(rng=random.Random(2), disk=disk)
    assert disk.read(keys.FILE) == damage


@pytest.mark.parametrize("seed", range(30))
def test_a_crash_at_any_step_loses_no_key_that_had_wrapped(seed):
    rng = random.Random(seed)
    disk = SimDisk(rng=rng)
    wrapped = []
    service = Keys(rng=rng, disk=disk)
    for round in range(4):
        service.create(f"key-{round}")
        wrapped.append((f"key-{round}", service.wrap(f"key-{round}", KEY_A)))
        service.rotate("key-0")
        wrapped.append(("key-0", service.wrap("key-0", KEY_A)))
        disk.append("keys.tmp", rng.randbytes(rng.randrange(50)))
        disk.crash()
        service = Keys(rng=rng, disk=disk)
        for name, text in wrapped:
            assert service.unwrap(name, text) == KEY_A


def test_a_wrapped_key_opens_for_its_own_secret_and_context_only():
    rng = random.Random(1)
    wrapped = keys.wrap(KEY_A, KEY_B, b"context", rng)
    assert keys.unwrap(KEY_A, wrapped, b"context") == KEY_B
    for secret, context in ((KEY_B, b"context"), (KEY_A, b"other")):
        with pytest.raises(keys.InvalidTag):
            keys.unwrap(secret, wrapped, context)
    assert keys.wrap(KEY_A, KEY_B, b"", rng) != keys.wrap(KEY_A, KEY_B, b"", rng)


def test_settings_name_the_kms_keys(tmp_path):
    service = build(Settings(str(tmp_path), kms_keys="one,two"))
    assert service.keys.names == ["aws/s3", "one", "two"]


# A stranger.


def test_boto3_reads_back_what_it_encrypted(client):
    client.create_bucket(Bucket="sealed")
    body = text_of_size(6 * 1024 * 1024)
    own = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": KEY_A}
    config = pytest.importorskip("boto3.s3.transfer").TransferConfig(
        multipart_threshold=5 << 20, multipart_chunksize=5 << 20
    )
    client.upload_fileobj(io.BytesIO(body), "sealed", "own", ExtraArgs=own, Config=config)
    got = io.BytesIO()
    client.download_fileobj("sealed", "own", got, ExtraArgs=own, Config=config)
    assert got.getvalue() == body
    with pytest.raises(client.exceptions.ClientError, match="InvalidRequest"):
        client.get_object(Bucket="sealed", Key="own")
    kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "kit-key-1"}
    client.put_object(Bucket="sealed", Key="kms", Body=body, **kms)
    found = client.get_object(Bucket="sealed", Key="kms", Range="bytes=70000-70009")
    assert found["Body"].read() == body[70_000:70_010]
    assert kms.items() <= found.items()
    another = {"SSEKMS": {"KMSKeyArn": "arn:aws:kms:us-east-1:111122223333:key/kit-key-2"}}
    client.update_object_encryption(Bucket="sealed", Key="kms", ObjectEncryption=another)
    found = client.get_object(Bucket="sealed", Key="kms")
    assert (found["SSEKMSKeyId"], found["Body"].read()) == ("kit-key-2", body)
    client.put_bucket_encryption(
        Bucket="sealed",
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
        },
    )
    assert client.put_object(Bucket="sealed", Key="x", Body=b"x")["SSEKMSKeyId"] == "aws/s3"
    (rule,) = client.get_bucket_encryption(Bucket="sealed")["ServerSideEncryptionConfiguration"][
        "Rules"
    ]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms"}
