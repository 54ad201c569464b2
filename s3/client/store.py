"""The operations that the client knows, each one request or a walk over pages of them.

Invariant: `get` yields the bytes of one version, from the first to the last, or raises: where the
connection breaks it goes on with `Range`, and `If-Match` refuses bytes of any other version.
Page: docs/s3/client.md
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from urllib.parse import unquote_plus
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from s3.auth.signature import encoded
from s3.client.errors import Refused, Unconfirmed
from s3.client.places import Place
from s3.client.wire import BLOCK_BYTES, Answer, Sender, Wish

RESUMES_MAX = 5  # in a row, without a byte between
MD5_DIGITS = 32
ENCRYPTION, PLAIN = "x-amz-server-side-encryption", "AES256"
DELETE_MAX = 1_000  # keys of one DeleteObjects


@dataclass(frozen=True, slots=True)
class Found:
    """An object as a listing or a HEAD shows it; of a common prefix there is a name alone."""

    key: str
    size_bytes: int = 0
    modified_s: float = 0.0  # Unix time
    etag: str = ""
    is_prefix: bool = False
    has_md5: bool = (
        False  # the ETag is the MD5 of the bytes: sent in one piece, no key of KMS or ours
    )


class Store:
    """S3, spoken by path. As thread-safe as its sender."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender

    def buckets(self) -> Iterator[tuple[str, float]]:
        """Yield the name of each bucket and when it was made."""
        document = _read(self.sender.ask(Wish("GET", "/")))
        for bucket in document.iter("Bucket"):
            yield _text(bucket, "Name"), _unix(_text(bucket, "CreationDate"))

    def make_bucket(self, bucket: str) -> None:
        """Make a bucket; one that you have already is as good."""
        try:
            self.sender.ask(Wish("PUT", f"/{bucket}"))
        except Refused as error:
            if error.code != "BucketAlreadyOwnedByYou":
                raise

    def remove_bucket(self, bucket: str) -> None:
        """Remove an empty bucket."""
        self.sender.ask(Wish("DELETE", f"/{bucket}"))

    def listing(self, place: Place, delimiter: str = "") -> Iterator[Found]:
        """Yield what is at a place and below it, in order of key; with a delimiter only its level."""
        query = {"list-type": "2", "encoding-type": "url", "prefix": place.key}
        if delimiter:
            query["delimiter"] = delimiter
        while True:
            document = _read(self.sender.ask(Wish("GET", f"/{place.bucket}", query)))
            yield from _listed(document)
            token = document.findtext("NextContinuationToken")
            if not token:
                return
            query["continuation-token"] = token

    def head(self, place: Place) -> Found:
        """Return an object's facts. Raises `NotThere`."""
        answer = self.sender.ask(Wish("HEAD", _path(place)))
        return _shown(place.key, answer.headers, int(answer.headers.get("content-length", 0)))

    def put(
        self, place: Place, body: bytes, headers: Mapping[str, str] | None = None
    ) -> Mapping[str, str]:
        """Store an object in one piece; return the answer's headers."""
        return self.sender.ask(Wish("PUT", _path(place), {}, headers or {}, body)).headers

    def get(self, place: Place) -> "Reading":
        """Return the object, open to be read. Raises `NotThere`."""
        return Reading(self.sender, place)

    def copy(self, source: Place, target: Place) -> None:
        """Copy an object of up to 5 GiB within the store."""
        headers = {"x-amz-copy-source": _source(source)}
        _checked(self.sender.ask(Wish("PUT", _path(target), {}, headers)), target)

    def delete(self, place: Place) -> None:
        """Delete an object; one that is not there counts as deleted."""
        self.sender.ask(Wish("DELETE", _path(place)))

    def delete_all(self, bucket: str, keys: list[str]) -> None:
        """Delete up to `DELETE_MAX` keys in one request. Raises `Refused` for the first that stays."""
        assert len(keys) <= DELETE_MAX, len(keys)
        listed = "".join(f"<Object><Key>{_escaped(key)}</Key></Object>" for key in keys)
        body = f"<Delete><Quiet>true</Quiet>{listed}</Delete>".encode()
        document = _read(self.sender.ask(Wish("POST", f"/{bucket}", {"delete": ""}, body=body)))
        for failed in document.iter("Error"):
            about = str(Place(bucket, _text(failed, "Key")))
            raise Refused(200, _text(failed, "Code"), _text(failed, "Message"), about)

    def begin_parts(self, place: Place, headers: Mapping[str, str] | None = None) -> str:
        """Begin a multipart upload and return its id. Not repeated: each one leaves an upload."""
        wish = Wish("POST", _path(place), {"uploads": ""}, headers or {}, is_repeatable=False)
        return _text(_read(self.sender.ask(wish)), "UploadId")

    def put_part(self, place: Place, upload: str, number: int, body: bytes) -> str:
        """Upload part `number` and return its ETag."""
        query = {"uploadId": upload, "partNumber": str(number)}
        return self.sender.ask(Wish("PUT", _path(place), query, body=body)).headers["etag"]

    def copy_part(
        self, source: Place, target: Place, upload: str, number: int, span: tuple[int, int]
    ) -> str:
        """Make bytes [start, stop) of an object part `number`; return its ETag."""
        query = {"uploadId": upload, "partNumber": str(number)}
        headers = {
            "x-amz-copy-source": _source(source),
            "x-amz-copy-source-range": f"bytes={span[0]}-{span[1] - 1}",
        }
        answer = self.sender.ask(Wish("PUT", _path(target), query, headers))
        return _text(_checked(answer, target), "ETag")

    def finish_parts(self, place: Place, upload: str, etags: list[str]) -> None:
        """Make the parts an object. Harmless to repeat: the upload's id says that it was done."""
        listed = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(etag)}</ETag></Part>"
            for number, etag in enumerate(etags, 1)
        )
        body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
        answer = self.sender.ask(Wish("POST", _path(place), {"uploadId": upload}, body=body))
        _checked(answer, place)

    def abort_parts(self, place: Place, upload: str) -> None:
        """Forget an upload and its parts."""
        self.sender.ask(Wish("DELETE", _path(place), {"uploadId": upload}))

    def presigned(self, method: str, place: Place, expires_s: int) -> str:
        """Return a URL that anybody may use until `expires_s` from now."""
        return self.sender.presigned(method, _path(place), {}, expires_s)


class Reading:
    """One object on its way here. `found` is known once the first block was asked for."""

    def __init__(self, sender: Sender, place: Place) -> None:
        self._sender = sender
        self._place = place
        self._at = 0
        self.found: Found | None = None

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes. Raises `NotThere`, `Unconfirmed` when it broke too often."""
        failures = 0
        while self.found is None or self._at < self.found.size_bytes:
            before = self._at
            yield from self._blocks()
            if self.found is not None and self._at == self.found.size_bytes:
                return
            failures = 0 if self._at > before else failures + 1
            if failures > RESUMES_MAX or not self._sender.budget.try_retry():
                raise Unconfirmed(f"{self._place}: broke off after {self._at} bytes; try again")

    def _blocks(self) -> Iterator[bytes]:
        """Yield what one connection brings: all that is missing, or less when it breaks."""
        headers = {"range": f"bytes={self._at}-"} if self._at else {}
        if self.found is not None:
            headers["if-match"] = f'"{self.found.etag}"'
        with self._sender.open(Wish("GET", _path(self._place), {}, headers)) as (body, answer):
            if self.found is None:
                size = int(answer.headers["content-length"])
                self.found = _shown(self._place.key, answer.headers, size)
            while block := _block(body):
                self._at += len(block)
                yield block


def _block(body: HTTPResponse) -> bytes:
    """Return some bytes, or none: at the end, and where the connection broke."""
    try:
        return body.read(BLOCK_BYTES)
    except (OSError, HTTPException):
        return b""


def _path(place: Place) -> str:
    return f"/{place.bucket}/{place.key}"


def _source(place: Place) -> str:
    return encoded(_path(place))


def _shown(key: str, headers: Mapping[str, str], size_bytes: int) -> Found:
    modified = headers.get("last-modified")
    modified_s = parsedate_to_datetime(modified).timestamp() if modified else 0.0
    etag = headers.get("etag", "").strip('"')
    is_plain = (
        headers.get(ENCRYPTION, PLAIN) == PLAIN
        and f"{ENCRYPTION}-customer-algorithm" not in headers
    )
    has_md5 = is_plain and len(etag) == MD5_DIGITS and "-" not in etag
    return Found(key, size_bytes, modified_s, etag, has_md5=has_md5)


def _listed(document: Element) -> Iterator[Found]:
    """Yield entries and common prefixes in one order."""
    found = [
        Found(
            unquote_plus(_text(each, "Key")),
            int(_text(each, "Size")),
            _unix(_text(each, "LastModified")),
            _text(each, "ETag").strip('"'),
        )
        for each in document.iter("Contents")
    ]
    found += [
        Found(unquote_plus(_text(each, "Prefix")), is_prefix=True)
        for each in document.iter("CommonPrefixes")
    ]
    return iter(sorted(found, key=lambda each: each.key.encode()))


def _read(answer: Answer) -> Element:
    """Return the document of an answer, its namespace taken off."""
    document = ElementTree.fromstring(answer.body)
    for each in document.iter():
        each.tag = each.tag.rpartition("}")[2]
    return document


def _checked(answer: Answer, place: Place) -> Element:
    """Return the document; S3 may answer 200, work for a while, and then write an error."""
    document = _read(answer)
    if document.tag == "Error":
        raise Unconfirmed(f"{place}: {_text(document, 'Code')}: {_text(document, 'Message')}")
    return document


def _text(parent: Element, tag: str) -> str:
    return parent.findtext(tag, "")


def _unix(text: str) -> float:
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


def _escaped(key: str) -> str:
    """Return a key as XML; what XML cannot hold as a character reference, as S3 reads it."""
    return escape(key, {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})
