"""One page of a listing: a walk through the key space that jumps over common prefixes.

    a/1.jpg   a/b/2.jpg   a/b/3.jpg … a/b/999999.jpg   a/c/4.jpg
    ├ entry   ├ common prefix a/b/                      ├ common prefix a/c/
              └── jump behind everything that begins with a/b/ ──┘

Invariant: a page costs O(entries and prefixes on it), however many keys lie under a prefix. A key is
hidden when its newest version is a delete marker, and a prefix when all its keys are.
Page: docs/s3/listing.md
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from s3.errors import Refused
from s3.http import is_number, quoted
from s3.metadata.keys import after, object_key, upload_key, version_key
from s3.metadata.transaction import Metadata
from s3.records import Summary, Upload, Version
from s3.service import Call

PAGE_MAX = 1_000
LIMIT_MAX = 2**31 - 1  # that may be asked for; more than a page is never given
SCAN_GROUPED = 32  # entries read at a time with a delimiter: a jump may come after the first

T = TypeVar("T")
Listed = tuple[Version, bool]  # a version, and whether it is the latest of its key

# Given the first key (as bytes) and, within it, what to come after, yields (key, entry) in order.
Stream = Callable[[bytes, str], Iterator[tuple[str, T]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters that all listings share."""

    prefix: str
    delimiter: str
    limit: int
    encoding: str

    def encoded(self, text: str) -> str:
        """Return a key or prefix as the client wants it."""
        return quoted(text) if self.encoding == "url" else text

    @property
    def scan_max(self) -> int:
        """How many entries to read at a time: without a delimiter a page, and one to see if more follow."""
        return SCAN_GROUPED if self.delimiter else self.limit + 1


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page: entries and common prefixes in order, the last of them, and whether more follow."""

    entries: list[T]
    prefixes: list[str]
    last: str
    is_truncated: bool


def asked(call: Call, limit_name: str = "max-keys") -> Asked:
    """Read the parameters. Raises `InvalidArgument`."""
    query = call.query
    text = query.get(limit_name, str(PAGE_MAX))
    if not is_number(text) or int(text) > LIMIT_MAX:
        message = f"{limit_name} is {text!r}: no number from 0 to {LIMIT_MAX}"
        raise Refused("InvalidArgument", message, ArgumentName=limit_name, ArgumentValue=text)
    encoding = query.get("encoding-type", "")
    if encoding not in ("", "url"):
        raise Refused("InvalidArgument", f"encoding-type is {encoding!r}; it can only be url")
    limit, delimiter = min(int(text), PAGE_MAX), query.get("delimiter", "")
    if delimiter and call.service.profile == "rgw" and query.get("allow-unordered") == "true":
        raise Refused("InvalidArgument", "allow-unordered and a delimiter exclude each other")
    return Asked(query.get("prefix", ""), delimiter, limit, encoding)


def common_prefix(key: str, prefix: str, delimiter: str) -> str | None:
    """Return what `key` is listed under: up to the first delimiter behind the prefix; or None."""
    if not delimiter or not key.startswith(prefix):
        return None
    at = key.find(delimiter, len(prefix))
    return None if at < 0 else key[: at + len(delimiter)]


def page_of(stream: Stream[T], wanted: Asked, marker: str, inner_marker: str = "") -> Page[T]:
    """Return one page of what comes after `marker` (and within that key after `inner_marker`).

    A marker below a common prefix skips the whole prefix: it was on the page before.
    """
    entries: list[T] = []
    prefixes: list[str] = []
    last = ""
    items = stream(*_start(wanted, marker, inner_marker))
    while (item := next(items, None)) is not None and wanted.limit:
        if len(entries) + len(prefixes) == wanted.limit:
            return Page(entries, prefixes, last, True)
        last, entry = item
        group = common_prefix(last, wanted.prefix, wanted.delimiter)
        if group is None:
            entries.append(entry)
        else:
            last = group
            prefixes.append(group)
            items = stream(after(group.encode()), "")
    return Page(entries, prefixes, last, False)


def _start(wanted: Asked, marker: str, inner_marker: str) -> tuple[bytes, str]:
    """Return the first key to look at, and what to come after within it."""
    prefix, place = wanted.prefix.encode(), marker.encode()
    if not marker or place < prefix:
        return prefix, ""
    group = common_prefix(marker, wanted.prefix, wanted.delimiter)
    if group is not None:
        return after(group.encode()), ""
    return (place, inner_marker) if inner_marker else (place + b"\0", "")


def objects(metadata: Metadata, bucket: str, wanted: Asked) -> Stream[Summary]:
    """The current versions that are no delete markers, as far as a listing shows them."""

    def stream(first: bytes, inner: str) -> Iterator[tuple[str, Summary]]:
        for data in _values(metadata, object_key(bucket, ""), first, wanted):
            found = Summary.from_bytes(data)
            if not found.is_marker:
                yield found.key, found

    return stream


def versions_from(metadata: Metadata, bucket: str, wanted: Asked) -> Stream[Listed]:
    """All versions: the current ones and the older ones are two ranges, merged by key and age."""

    def stream(first: bytes, inner: str) -> Iterator[tuple[str, Listed]]:
        newest = ((each, True) for each in _currents(metadata, bucket, wanted, first))
        others = ((each, False) for each in _olders(metadata, bucket, wanted, first))
        merged = heapq.merge(newest, others, key=lambda each: (each[0].key.encode(), each[0].order))
        for version, is_latest in merged:
            if not inner or version.key.encode() != first or version.order > inner:
                yield version.key, (version, is_latest)

    return stream


def uploads(metadata: Metadata, bucket: str, wanted: Asked) -> Stream[Upload]:
    """The uploads in progress, by key and id."""

    def stream(first: bytes, inner: str) -> Iterator[tuple[str, Upload]]:
        home = upload_key(bucket)
        for data in _values(metadata, home, first, wanted):
            upload = Upload.from_bytes(data)
            if not inner or upload.key.encode() != first or upload.id > inner:
                yield upload.key, upload

    return stream


def _currents(metadata: Metadata, bucket: str, wanted: Asked, first: bytes) -> Iterator[Version]:
    for data in _values(metadata, object_key(bucket, ""), first, wanted):
        yield Version.from_bytes(data)


def _olders(metadata: Metadata, bucket: str, wanted: Asked, first: bytes) -> Iterator[Version]:
    home = version_key(bucket, "")[:-1]
    for data in _values(metadata, home, first, wanted):
        yield Version.from_bytes(data)


def _values(metadata: Metadata, home: bytes, first: bytes, wanted: Asked) -> Iterator[bytes]:
    """Yield the values under `home` from `first` on, as far as the prefix goes."""
    start, stop = home + first, after(home + wanted.prefix.encode())
    while start < stop:
        batch = metadata.scan(start, stop, wanted.scan_max)
        yield from (value for _, value in batch)
        if len(batch) < wanted.scan_max:
            return
        start = batch[-1][0] + b"\0"
