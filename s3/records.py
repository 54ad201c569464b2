"""What the store knows of a bucket, of one version of an object, and of an upload in progress.

Facts, written to the metadata as compact JSON: a field with its usual value is left out, so that a
plain object takes some 400 bytes. Where the bytes are is said for each part: an object that was
uploaded in one piece has one. What a listing shows of a version stands first, as an array of its own,
since a page shows a thousand versions and needs no more of them:

    ["a.jpg","null","e714…",1795554573516,"9f50…",false,4096,"9dd4…","",{}] {"parts":[…],"headers":…}
     └──────────────── a Summary: a third of what it costs to read all ───┘

Page: docs/s3/metadata.md
"""

import json
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

from s3.errors import BadState

Facts = dict[str, Any]  # JSON, as it came from the metadata
BlobJson = list[str | int]  # where bytes are: see s3.storage.blobs.Blob

_written = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_read = json.JSONDecoder().raw_decode  # (text, from) to (value, behind it)

NULL = "null"  # the id of a version that was written while versioning was not enabled


class Record:
    """JSON of a frozen dataclass, without what is as usual."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def to_bytes(self) -> bytes:
        """Return compact JSON; equal records give equal bytes, which is what guards compare."""
        return _compact(dict(self._unusual()))

    def _unusual(self) -> list[tuple[str, Any]]:
        found = []
        for name, default in _defaults(type(self)):
            value = getattr(self, name)
            if value != default:
                found.append((name, value))
        return found

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Raises `BadState` for bytes that this version did not write."""
        try:
            return cls(**_read(data.decode(), 0)[0])
        except (TypeError, ValueError) as error:
            raise _unreadable(cls, data, error) from None


def _compact(value: object) -> bytes:
    return _written(value).encode()


def _unreadable(kind: type, data: bytes, error: Exception) -> BadState:
    return BadState(f"{kind.__name__} record {data[:80]!r} cannot be read: {error}")


_known: dict[type, list[tuple[str, Any]]] = {}
R = TypeVar("R", bound=Record)


def _defaults(kind: type[R]) -> list[tuple[str, Any]]:
    if kind not in _known:
        _known[kind] = [
            (
                each.name,
                each.default_factory() if each.default_factory is not MISSING else each.default,
            )
            for each in fields(kind)
        ]
    return _known[kind]


@dataclass(frozen=True, slots=True)
class Bucket(Record):
    """A bucket: whose it is, and its configurations by the name of their subresource."""

    name: str
    owner: str
    created_ms: int
    versioning: str = ""  # "", "Enabled" or "Suspended": once on, never quite off
    has_lock: bool = False
    region: str = ""
    acl: Facts = field(default_factory=dict)
    configs: Facts = field(default_factory=dict)  # "policy", "cors", "lifecycle", "tagging", …
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Version(Record):
    """One version of an object, or a delete marker. `sizes` and `blobs` have an entry a part."""

    key: str
    id: str
    order: str  # sorts the versions of a key, newest first
    modified_ms: int
    owner: str
    is_marker: bool = False
    size_bytes: int = 0
    etag: str = ""
    storage_class: str = ""
    checksum: dict[str, str] = field(default_factory=dict)  # {"algorithm", "value", "type"}
    parts: list[Facts] = field(default_factory=list)  # {"size", "blob", "number", "sums"}
    headers: dict[str, str] = field(default_factory=dict)  # Content-Type and the like
    meta: dict[str, str] = field(default_factory=dict)  # x-amz-meta-…
    tags: dict[str, str] = field(default_factory=dict)
    acl: Facts = field(default_factory=dict)
    lock: Facts = field(default_factory=dict)  # {"mode", "until_ms", "hold"}
    encryption: Facts = field(default_factory=dict)
    multipart: int = 0  # how many parts it was uploaded in; 0 for one PUT
    replication: str = ""
    upload: str = ""  # the id of the upload that it was, so that completing twice is harmless

    def to_bytes(self) -> bytes:
        """Return the summary and, behind it, what else is unusual."""
        summary = [getattr(self, name) for name in Summary._fields]
        rest = {name: value for name, value in self._unusual() if name not in Summary._fields}
        return _compact(summary) + _compact(rest)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Raises `BadState` for bytes that this version did not write."""
        try:
            text = data.decode()
            summary, end = _read(text, 0)
            return cls(*summary, **_read(text, end)[0])
        except (TypeError, ValueError) as error:
            raise _unreadable(cls, data, error) from None


class Summary(NamedTuple):
    """The first fields of a `Version`, which are all that a listing shows."""

    key: str
    id: str
    order: str
    modified_ms: int
    owner: str
    is_marker: bool
    size_bytes: int
    etag: str
    storage_class: str
    checksum: dict[str, str]

    @classmethod
    def from_bytes(cls, data: bytes) -> "Summary":
        """Return the summary of a version's record. Raises `BadState`."""
        try:
            return cls(*_read(data.decode(), 0)[0])
        except (TypeError, ValueError) as error:
            raise _unreadable(cls, data, error) from None


@dataclass(frozen=True, slots=True)
class Upload(Record):
    """A multipart upload that is neither completed nor aborted: what its object will be."""

    key: str
    id: str
    started_ms: int
    owner: str
    initiator: str
    headers: dict[str, str] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    acl: Facts = field(default_factory=dict)
    checksum: dict[str, str] = field(default_factory=dict)  # {"algorithm", "type"}
    storage_class: str = ""
    lock: Facts = field(default_factory=dict)
    encryption: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part(Record):
    """One uploaded part."""

    number: int
    size_bytes: int
    etag: str
    modified_ms: int
    blob: BlobJson = field(default_factory=list)
    checksum: dict[str, str] = field(default_factory=dict)
    encryption: Facts = field(default_factory=dict)
