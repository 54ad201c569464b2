"""The body decoder: published chunks, every flipped byte, hostile framing, the memory it needs."""

import io
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3.auth.authenticate import authenticate
from s3.auth.chunked import BLOCK_BYTES, Chain, ChunkedBody, VerifiedBody
from s3.auth.payload import open_body
from s3.auth.signature import from_timestamp, signing_key
from s3.auth.users import Users, make_user
from s3.errors import Refused
from s3.http import Request

ACCESS, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
WHEN, WHERE = "20130524T000000Z", "20130524/us-east-1/s3/aws4_request"
KEY = signing_key(SECRET, "20130524", "us-east-1")
USERS = Users([make_user("alice", ACCESS, SECRET)])
DATA = b"a" * 66560

# AWS, sigv4-streaming and sigv4-streaming-trailers: header, chunk, chunk, zero chunk, trailer
PLAIN = (
    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
)
TRAILED = (
    "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
)
TRAILER = (
    b"x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:"
    b"d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n"
)


def published(signatures, trailer=b""):
    _, first, second, last = signatures
    return (
        f"10000;chunk-signature={first}\r\n".encode() + DATA[:65536]
        + f"\r\n400;chunk-signature={second}\r\n".encode() + DATA[65536:]
        + f"\r\n0;chunk-signature={last}\r\n".encode() + trailer + b"\r\n"
    )  # fmt: skip


def published_request(signatures, word, trailer=b""):
    headers = {
        "host": "s3.amazonaws.com", "x-amz-date": WHEN, "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": word, "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": "66560", "content-length": "66824",
    }  # fmt: skip
    names = (
        "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length"
        ";x-amz-storage-class"
    )
    names = names.replace(";host", ";content-length;host") if not trailer else names
    if trailer:
        headers["x-amz-trailer"] = "x-amz-checksum-crc32c"
        names += ";x-amz-trailer"
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={ACCESS}/{WHERE},SignedHeaders={names},"
        f"Signature={signatures[0]}"
    )
    body = io.BytesIO(published(signatures, trailer))
    return Request("PUT", "/examplebucket/chunkObject.txt", {}, headers, body)


def chunks(data, sizes, chain=None, trailers=()):
    """Encode `data` in chunks of `sizes`, the last for the rest, as a client does."""
    out, at, previous = [], 0, chain.seed if chain else ""
    for size in [*sizes, len(data) + 1, 0]:
        piece = data[at : at + size]
        if size and not piece:
            continue
        at += len(piece)
        line = f"{len(piece):x}"
        if chain:
            previous = chain.chunk(previous, sha256(piece).hexdigest())
            line += f";chunk-signature={previous}"
        out.append(line.encode() + b"\r\n" + piece + (b"\r\n" if piece else b""))
    out += [f"{name}:{value}\r\n".encode() for name, value in trailers]
    if chain and trailers:
        out.append(f"x-amz-trailer-signature:{chain.trailer(previous, trailers)}\r\n".encode())
    return b"".join(out) + b"\r\n"


CHAIN = Chain(KEY, WHEN, WHERE, "0" * 64)
SUM = (("x-amz-checksum-crc32", "AAAAAA=="),)
NAMES = ("x-amz-checksum-crc32",)


def decode(raw, length, chain=None, announced=(), has_trailer=False, size=1000):
    body = ChunkedBody(
        io.BytesIO(raw), length, chain=chain, announced=announced, has_trailer=has_trailer
    )
    found = b"".join(iter(lambda: body.read(size), b""))
    return found, body.trailers


def refused(raw, length, **options):
    with pytest.raises(Refused) as caught:
        decode(raw, length, **options)
    return caught.value.code


@pytest.mark.parametrize("signatures, trailer", [(PLAIN, b""), (TRAILED, TRAILER)])
def test_the_published_uploads_are_verified_to_the_end(signatures, trailer):
    word = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" + ("-TRAILER" if trailer else "")
    asked = published_request(signatures, word, trailer)
    found = authenticate(asked, USERS, now=from_timestamp(WHEN), region="us-east-1")
    body = found.open(asked)
    assert b"".join(iter(lambda: body.read(10_000), b"")) == DATA
    assert body.trailers == ({"x-amz-checksum-crc32c": "sOO8/Q=="} if trailer else {})


def test_a_client_that_ends_its_checksum_line_twice_is_understood():
    raw = published(TRAILED, TRAILER.replace(b"\r\n", b"\n\r\n", 1))
    chain = Chain(KEY, WHEN, WHERE, TRAILED[0])
    options = {"announced": ["x-amz-checksum-crc32c"], "has_trailer": True}
    assert decode(raw, 66560, chain, **options)[0] == DATA


@given(st.binary(max_size=400), st.lists(st.integers(1, 200), max_size=4), st.integers(1, 500))
def test_what_is_encoded_is_decoded_however_it_is_cut(data, sizes, size):
    for chain in (None, CHAIN):
        for trailers in ((), SUM):
            raw = chunks(data, sizes, chain, trailers)
            names = [name for name, _ in trailers]
            found = decode(raw, len(data), chain, names, bool(trailers), size)
            assert found == (data, dict(trailers))


@settings(max_examples=300)
@given(st.integers(min_value=0), st.integers(1, 255))
def test_any_flipped_byte_of_a_signed_upload_is_refused(at, by):
    raw = bytearray(chunks(b"the quick brown fox", [7, 5], CHAIN, SUM))
    raw[at % len(raw)] ^= by
    try:
        found = decode(bytes(raw), 19, CHAIN, NAMES, True)
    except Refused as error:
        assert error.code in {"SignatureDoesNotMatch", "IncompleteBody", "InvalidRequest"}
    else:  # upper-case hex and padding mean the same
        assert found == (b"the quick brown fox", dict(SUM))


@given(st.integers(min_value=0))
def test_an_upload_that_stops_anywhere_is_refused(at):
    for chain in (None, CHAIN):
        raw = chunks(b"the quick brown fox", [7, 5], chain, SUM)
        code = refused(raw[: at % len(raw)], 19, chain=chain, announced=NAMES, has_trailer=True)
        assert code in {"IncompleteBody", "SignatureDoesNotMatch"}


def test_chunks_cannot_change_places_or_be_left_out():
    raw = chunks(b"aaaabbbbcccc", [4, 4], CHAIN)
    size = len(raw[: raw.index(b"bbbb") - 1]) - len(b"4;chunk-signature=") - 65
    first, second, rest = raw[:size], raw[size : 2 * size], raw[2 * size :]
    assert decode(first + second + rest, 12, CHAIN)[0] == b"aaaabbbbcccc"
    assert refused(second + first + rest, 12, chain=CHAIN) == "SignatureDoesNotMatch"
    assert refused(first + rest, 8, chain=CHAIN) == "SignatureDoesNotMatch"
    assert refused(first + second, 8, chain=CHAIN) == "IncompleteBody"


def test_the_signature_of_the_zero_chunk_is_checked():
    raw = chunks(b"abc", [], CHAIN)
    at = raw.rindex(b"=") + 1
    forged = raw[:at] + b"0" * 64 + raw[at + 64 :]
    assert refused(forged, 3, chain=CHAIN) == "SignatureDoesNotMatch"
    empty = ChunkedBody(io.BytesIO(b"0;chunk-signature=" + b"0" * 64 + b"\r\n\r\n"), 0, chain=CHAIN)
    with pytest.raises(Refused):
        empty.read(1)


def test_the_last_bytes_are_not_given_before_the_end_is_checked():
    raw = chunks(b"abcdef", [], CHAIN)[:-2]
    body = ChunkedBody(io.BytesIO(raw), 6, chain=CHAIN)
    assert body.read(5) == b"abcde"
    with pytest.raises(Refused):
        body.read(1)


@pytest.mark.parametrize(
    "raw, code",
    [
        (b"", "IncompleteBody"),
        (b"3\r\nabc", "IncompleteBody"),
        (b"3\r\nabc\r\n0\r\n", "IncompleteBody"),
        (b"2\r\nab\r\n0\r\n\r\n", "IncompleteBody"),
        (b"4\r\nabcd\r\n0\r\n\r\n", "IncompleteBody"),
        (b"3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", "IncompleteBody"),
        (b"ffffffffffffffff\r\nabc", "IncompleteBody"),
        (b"3\r\nabcd\r\n0\r\n\r\n", "InvalidRequest"),
        (b"3\nabc\n0\n\n", "InvalidRequest"),
        (b"3 \r\nabc\r\n0\r\n\r\n", "InvalidRequest"),
        (b"+3\r\nabc\r\n0\r\n\r\n", "InvalidRequest"),
        (b"0x3\r\nabc\r\n0\r\n\r\n", "InvalidRequest"),
        (b"-3\r\nabc\r\n0\r\n\r\n", "InvalidRequest"),
        (b"3;a=b\r\nabc\r\n0\r\n\r\n", "InvalidRequest"),
        (b"\r\nabc\r\n0\r\n\r\n", "InvalidRequest"),
        (b"0" * 17 + b"3\r\nabc\r\n0\r\n\r\n", "InvalidRequest"),
        (b"3" + b" " * 100_000, "InvalidRequest"),
        (b"3\r\nabc\r\n0\r\n\r\nmore", "InvalidRequest"),
        (b"3\r\nabc\r\n0\r\nx-amz-a:1\r\n\r\n", "InvalidRequest"),
    ],
)
def test_hostile_framing_is_refused(raw, code):
    if raw.startswith(b"3\n"):
        raw += b"." * 200
    assert refused(raw, 3) == code


@pytest.mark.parametrize(
    "lines",
    [b"", b"x-amz-checksum-crc32\r\n", b"x-amz-other:1\r\n", b"x-amz-checksum-crc32:" + b"A" * 2000,
     b"x-amz-checksum-crc32:1\r\nx-amz-checksum-crc32:2\r\n", b"a:1\r\n" * 9],
)  # fmt: skip
def test_trailers_other_than_those_announced_are_refused(lines):
    raw = b"3\r\nabc\r\n0\r\n" + lines + b"\r\n"
    assert refused(raw, 3, announced=NAMES, has_trailer=True) == "InvalidRequest"


def test_trailers_of_a_signed_upload_need_their_signature():
    raw = chunks(b"abc", [], CHAIN, SUM)
    cut = raw[: raw.index(b"x-amz-trailer-signature")] + b"\r\n"
    code = refused(cut, 3, chain=CHAIN, announced=NAMES, has_trailer=True)
    assert code == "SignatureDoesNotMatch"


class Slow(io.BytesIO):
    """A source that gives a byte at a time, and remembers how much it was asked for."""

    largest = 0

    def read(self, size=-1, /):
        self.largest = max(self.largest, size)
        return super().read(1)


def test_a_source_may_give_less_than_it_was_asked_for():
    source = Slow(chunks(b"the quick brown fox", [7, 5], CHAIN, SUM))
    body = ChunkedBody(source, 19, chain=CHAIN, announced=NAMES, has_trailer=True)
    assert body.read() == b"the quick brown fox"
    assert body.read() == b""
    assert source.largest <= BLOCK_BYTES


def test_a_huge_announced_chunk_costs_no_memory():
    source = Slow(b"40000000\r\n" + b"x" * 10)
    body = ChunkedBody(source, 1 << 30)
    assert body.read(4) == b"xxxx"
    assert source.largest <= BLOCK_BYTES


def test_a_body_with_a_hash_is_given_whole_or_not_at_all():
    data, digest = b"abcdef", sha256(b"abcdef").hexdigest()
    for length in (6, None):
        body = VerifiedBody(io.BytesIO(data), digest, length)
        assert b"".join(iter(lambda b=body: b.read(4), b"")) == data
        body = VerifiedBody(io.BytesIO(b"abcdeX"), digest, length)
        assert body.read(4) == b"abcd"
        with pytest.raises(Refused) as caught:
            while body.read(4):
                pass
        assert caught.value.code == "XAmzContentSHA256Mismatch"
        assert caught.value.fields["ClientComputedContentSHA256"] == digest


def request(headers):
    return Request("PUT", "/b/k", {}, headers, io.BytesIO(b"3\r\nabc\r\n0\r\n\r\n"))


def test_chunks_need_the_length_of_what_they_hold():
    word = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    for text, code in [
        ("", "MissingContentLength"),
        ("-1", "InvalidArgument"),
        ("9" * 17, "InvalidArgument"),
    ]:
        with pytest.raises(Refused) as caught:
            open_body(request({"x-amz-decoded-content-length": text}), word, None)
        assert caught.value.code == code
    assert open_body(request({"x-amz-decoded-content-length": "3"}), word, None).read() == b"abc"


def test_signed_chunks_need_a_signed_request():
    with pytest.raises(Refused) as caught:
        open_body(request({}), "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", None)
    assert caught.value.code == "InvalidRequest"
