"""The staged checks of signatures, chunked bodies and policies.

A fragment: s3/checks.py merges these STAGES with the others. Page: docs/s3/auth.md
"""

import io
from collections.abc import Iterator
from hashlib import sha256
from random import Random

from chapters.checking import JSON, Case, Stage
from s3.auth.authenticate import authenticate
from s3.auth.check_policies import POLICY_STAGES
from s3.auth.chunked import Chain, ChunkedBody, parse_chunk_header
from s3.auth.signature import (
    EMPTY_SHA256,
    canonical_headers,
    canonical_query,
    canonical_request,
    from_timestamp,
    sign_headers,
    signing_key,
)
from s3.auth.users import Users, make_user
from s3.errors import Refused
from s3.http import Request

ACCESS, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # AWS's example
WHEN, REGION, HOST = "20130524T000000Z", "us-east-1", "examplebucket.s3.amazonaws.com"
WORDS = ("max-keys", "prefix", "delimiter", "a b", "a/b", "ü", "marker", "z~-._", "x=y&z", "A")


def derives(secret: str, date: str, region: str) -> JSON:
    return signing_key(secret, date, region).hex()


def keys(rng: Random) -> Iterator[Case]:
    yield SECRET, "20130524", REGION
    for _ in range(3):
        yield f"secret {rng.random()}", f"2026{rng.randint(1000, 1231)}", rng.choice(WORDS)


def lists_query(query: dict[str, str]) -> JSON:
    return canonical_query(query)


def queries(rng: Random) -> Iterator[Case]:
    yield ({"prefix": "J", "max-keys": "2"},)
    yield ({"lifecycle": ""},)
    yield ({"a-": "1", "a/": "2", "a b": "3"},)
    for _ in range(3):
        names = rng.sample(WORDS, 4)
        yield ({name: rng.choice(("", *WORDS)) for name in names},)


def lists_headers(headers: dict[str, str], signed: list[str]) -> JSON:
    return canonical_headers(headers, signed)


def headers_given(rng: Random) -> Iterator[Case]:
    yield {"host": HOST, "range": "bytes=0-9", "x-amz-date": WHEN}, ["host", "range", "x-amz-date"]
    yield {"host": HOST, "x-amz-meta-a": f"  {rng.random()}   b  c "}, ["host", "x-amz-meta-a"]
    yield {"host": HOST, "user-agent": "changed on the way"}, ["host"]


def writes_down(method: str, path: str, query: dict[str, str], payload: str) -> JSON:
    headers = {"host": HOST, "x-amz-date": WHEN}
    return canonical_request(method, path, query, headers, sorted(headers), payload).split("\n")


def requests_made(rng: Random) -> Iterator[Case]:
    yield "GET", "/test.txt", {}, EMPTY_SHA256
    yield "PUT", "/test$file.text", {}, "UNSIGNED-PAYLOAD"
    yield "GET", "/a b//../%41", {"versionId": "3/L4"}, EMPTY_SHA256
    yield "DELETE", f"/{rng.choice(WORDS)}/{rng.random()}", {rng.choice(WORDS): ""}, EMPTY_SHA256


def signs(method: str, path: str, query: dict[str, str], headers: dict[str, str]) -> JSON:
    """Sign a request and verify it; return the Authorization header and who it was."""
    now = from_timestamp(WHEN)
    made = sign_headers(
        method, HOST, path, query, headers,
        access_key=ACCESS, secret_key=SECRET, region=REGION, now=now, payload_hash=EMPTY_SHA256,
    )  # fmt: skip
    request = Request(method, path, query, made, io.BytesIO())
    users = Users([make_user("alice", ACCESS, SECRET)])
    found = authenticate(request, users, now=now, region=REGION)
    return [made["authorization"], found.user.name if found.user else "nobody"]


def signed_requests(rng: Random) -> Iterator[Case]:
    yield "GET", "/test.txt", {}, {"range": "bytes=0-9"}
    yield "GET", "/", {"lifecycle": ""}, {}
    yield "GET", "/", {"prefix": "J", "max-keys": "2"}, {}
    yield "GET", f"/{rng.random()}/ü b", {"versionId": rng.choice(WORDS)}, {"range": "bytes=0-"}


CHAIN = Chain(
    signing_key("a secret", "20130524", REGION),
    WHEN,
    f"20130524/{REGION}/s3/aws4_request",
    "0" * 64,
)


def encode(sizes: list[int], damage: str, at: int, *, signed: bool) -> bytes:
    """Return a chunked body with chunks of `sizes`, and damaged as the words say."""
    pieces, previous = [], CHAIN.seed
    for number, size in enumerate([*sizes, 0]):
        data = bytes([65 + number % 26]) * size
        line = f"{size:x}"
        if signed:
            previous = CHAIN.chunk(previous, sha256(data).hexdigest())
            line += f";chunk-signature={previous}"
        pieces.append(line.encode() + b"\r\n" + data + b"\r\n")
    return damaged(pieces, damage, at)


def damaged(pieces: list[bytes], damage: str, at: int) -> bytes:
    whole = b"".join(pieces)
    match damage:
        case "flipped bit in a chunk's data":
            piece = pieces[at]
            pieces[at] = piece[:-3] + bytes([piece[-3] ^ 1]) + piece[-2:]
            return b"".join(pieces)
        case "two chunks change places":
            pieces[at], pieces[at + 1] = pieces[at + 1], pieces[at]
            return b"".join(pieces)
        case "wrong signature of the zero chunk":
            return whole[:-68] + b"0" * 64 + whole[-4:]
        case "more after the end":
            return whole + b"smuggled"
        case "ends early":
            return whole[:-at]
    return whole


def decodes(sizes: list[int], damage: str, at: int, is_signed: bool, announced: int) -> JSON:
    """Decode a body, 1,000 bytes at a time; return how much came and its hash, or the refusal."""
    raw = encode(sizes, damage, at, signed=is_signed)
    body = ChunkedBody(io.BytesIO(raw), announced, chain=CHAIN if is_signed else None)
    found = b""
    try:
        while piece := body.read(1000):
            found += piece
    except Refused as error:
        return f"refused: {error.code}"
    return [len(found), sha256(found).hexdigest()]


def reads_header(line: str, is_signed: bool) -> JSON:
    try:
        return list(parse_chunk_header(line.encode(), signed=is_signed))
    except Refused as error:
        return f"refused: {error.code}"


def chunk_headers(rng: Random) -> Iterator[Case]:
    yield "10000", False
    yield f"{rng.randint(1000, 9999)};chunk-signature={'ab' * 32}", True
    for line in ("", "-5", "+5", "0x5", "5 ", "5_0", "g", "5;chunk-signature=", "0" * 17):
        yield line, False
    yield "5", True


def _sizes(rng: Random, count: int = 3) -> list[JSON]:
    return [rng.randint(10, 3000) for _ in range(count)]


def sound_bodies(rng: Random) -> Iterator[Case]:
    for is_signed in (False, True):
        yield [], "", 0, is_signed, 0
        for count in (1, 3):
            sizes = _sizes(rng, count)
            yield sizes, "", 0, is_signed, sum(int(str(size)) for size in sizes)


def wrong_lengths(rng: Random) -> Iterator[Case]:
    sizes = _sizes(rng)
    total = sum(int(str(size)) for size in sizes)
    for announced in (total - 1, total + 1, 5, total * 2):
        yield sizes, "", 0, False, announced
    for at in (1, 3, 10):
        yield sizes, "ends early", at, False, total
    yield sizes, "more after the end", 0, False, total


def forged_bodies(rng: Random) -> Iterator[Case]:
    sizes = _sizes(rng)
    total = sum(int(str(size)) for size in sizes)
    for at in range(3):
        yield sizes, "flipped bit in a chunk's data", at, True, total
    for at in range(2):
        yield [sizes[0]] * 3, "two chunks change places", at, True, int(str(sizes[0])) * 3
    yield sizes, "wrong signature of the zero chunk", 0, True, total
    yield sizes, "more after the end", 0, True, total


STAGES = {
    "signing-key": [
        Stage("one key for a day, a region and a service", keys, derives),
        Stage("parameters, encoded and in order", queries, lists_query, needs=()),
        Stage("headers, those that are signed", headers_given, lists_headers, needs=()),
        Stage("the request, written down", requests_made, writes_down, needs=(2, 3)),
        Stage("signatures as AWS publishes them", signed_requests, signs, needs=(1, 4)),
    ],
    "aws-chunked": [
        Stage("a chunk's first line, read strictly", chunk_headers, reads_header),
        Stage("sound bodies are decoded", sound_bodies, decodes),
        Stage("bodies that are too short or too long", wrong_lengths, decodes),
        Stage("every chunk proves itself, the last one too", forged_bodies, decodes, needs=(2,)),
    ],
    "policy-decision": POLICY_STAGES,
}
