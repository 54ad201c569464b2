"""What servers are asked to do while their CPU is counted: one operation, by so many clients.

Small objects get a new key each time; large ones replace the one before, since the peers keep all that
they are given in memory. Page: docs/s3/speed.md
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from s3.bench.wire import Act, Answer, Line

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
BUCKET, LISTED = "/bench", "/listed"
KEYS = 1_000  # in the bucket that is listed
PART_BYTES, PARTS = 8 * MIB, 8

_BYTES = Random(7).randbytes(64 * MIB)
_UPLOAD_ID = re.compile(rb"<UploadId>([^<]+)</UploadId>")


@dataclass(frozen=True, slots=True)
class Cell:
    """An operation, and how many clients do it at once."""

    name: str
    clients: int
    act: Act

    def __str__(self) -> str:
        return f"{self.name}, {self.clients} client{'s' * (self.clients > 1)}"


def put(size_bytes: int, *, is_new: bool) -> Act:
    """Return the act of storing so many bytes."""
    body = _BYTES[:size_bytes]

    def act(line: Line, number: int) -> Answer:
        name = number if is_new else number % 8
        return line.ask("PUT", f"{BUCKET}/{size_bytes}/{name:08d}", body=body)

    return act


def get(size_bytes: int) -> Act:
    """Return the act of reading an object that `prepare` has stored."""
    return lambda line, number: line.ask("GET", f"{BUCKET}/{size_bytes}")


def list_page(line: Line, number: int) -> Answer:
    """Read a page of 1,000 keys."""
    return line.ask("GET", LISTED, {"list-type": "2"})


def upload(line: Line, number: int) -> Answer:
    """Store 64 MiB in eight parts."""
    path = f"{BUCKET}/multipart"
    begun = line.ask("POST", path, {"uploads": ""})
    found = _UPLOAD_ID.search(begun.body)
    assert found, begun
    upload_id = found[1].decode()
    etags = []
    for part in range(PARTS):
        body = _BYTES[part * PART_BYTES : (part + 1) * PART_BYTES]
        query = {"partNumber": str(part + 1), "uploadId": upload_id}
        etags.append(line.ask("PUT", path, query, body).headers["ETag"])
    parts = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
        for number, etag in enumerate(etags, 1)
    )
    wish = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
    return line.ask("POST", path, {"uploadId": upload_id}, wish)


def make_bucket(line: Line) -> None:
    """Make the bucket that is written to."""
    must(line.ask("PUT", BUCKET))


def prepare(line: Line) -> None:
    """Make the buckets, and what is going to be read."""
    make_bucket(line)
    must(line.ask("PUT", LISTED))
    for size_bytes in (4 * KIB, MIB):
        must(line.ask("PUT", f"{BUCKET}/{size_bytes}", body=_BYTES[:size_bytes]))
    for number in range(KEYS):
        must(line.ask("PUT", f"{LISTED}/some/prefix/key-{number:06d}", body=b"x"))


def must(answer: Answer) -> Answer:
    """Return an answer that is a success."""
    assert answer.status < 300, answer
    return answer


def endless(size_bytes: int) -> Iterator[bytes]:
    """Yield so many bytes, a block at a time."""
    for start in range(0, size_bytes, MIB):
        yield _BYTES[: min(MIB, size_bytes - start)]


QUICK = [
    Cell("GET 4 KiB", 8, get(4 * KIB)),
    Cell("PUT 4 KiB", 8, put(4 * KIB, is_new=True)),
    Cell("PUT 4 KiB", 32, put(4 * KIB, is_new=True)),
    Cell("LIST 1000", 1, list_page),
    Cell("PUT 64 MiB", 1, put(64 * MIB, is_new=False)),
]
FULL = [
    Cell("GET 4 KiB", 1, get(4 * KIB)),
    QUICK[0],
    Cell("PUT 4 KiB", 1, put(4 * KIB, is_new=True)),
    *QUICK[1:3],
    Cell("GET 1 MiB", 8, get(MIB)),
    Cell("PUT 1 MiB", 8, put(MIB, is_new=False)),
    *QUICK[3:],
    Cell("multipart 64 MiB", 1, upload),
]
SPREAD = QUICK[-1]  # what the cluster is asked
