"""Versions of one key: which is current, what a write does to the others, what a delete leaves.

    versioning   PUT                         DELETE                      DELETE ?versionId
    (never on)   replaces the null version   removes it                  removes it
    Enabled      the current one becomes     puts a delete marker        removes that version; the
                 an older one, stays         on top                      next older becomes current
    Suspended    replaces the null version,  a null delete marker        as above
                 wherever it is

Invariant: `o/…` holds the newest version of a key and `v/…` the others, newest first; each change is
one transaction that guards the current version, so two writers never both believe that they replaced
it. Bytes that nothing refers to any more are named under `g/…` in the same transaction.
Source: Amazon S3 user guide, "Using versioning". Page: docs/s3/versioning.md
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from chapters.sim.trace import note, span
from s3 import outbox
from s3.errors import Conflict, Refused
from s3.metadata.keys import after, bucket_key, garbage_key, object_key, version_key
from s3.metadata.transaction import ATTEMPTS_MAX, Metadata, Transaction
from s3.records import NULL, BlobJson, Bucket, Version
from s3.service import Call

OLDER_MAX = 1_000  # read at a time when a key's older versions are looked through
_ORDER_END = 1 << 64  # orders count down, so that the newest sorts first

T = TypeVar("T")

Check = Callable[
    [Version | None], None
]  # given the version that is about to be replaced or removed
Writes = dict[bytes, bytes | None]


@dataclass(frozen=True, slots=True)
class Found:
    """A version, the key where its record stands, and the record as it was read."""

    version: Version
    place: bytes
    data: bytes


def current(metadata: Metadata, bucket: str, key: str) -> Found | None:
    """Return the newest version of a key, which may be a delete marker, or None."""
    place = object_key(bucket, key)
    data = metadata.get(place)
    return None if data is None else Found(Version.from_bytes(data), place, data)


def find(metadata: Metadata, bucket: str, key: str, version_id: str) -> Found:
    """Return one version by its id; "" asks for the current one. Raises `NoSuchKey`, `NoSuchVersion`."""
    found = current(metadata, bucket, key)
    if not version_id:
        if found is None:
            raise Refused("NoSuchKey", Key=key)
        return found
    if found is not None and found.version.id == version_id:
        return found
    for each in older(metadata, bucket, key):
        if each.version.id == version_id:
            return each
    raise Refused("NoSuchVersion", Key=key, VersionId=version_id)


def older(metadata: Metadata, bucket: str, key: str) -> Iterator[Found]:
    """Yield the versions of a key that are not current, newest first."""
    start = version_key(bucket, key)
    stop = after(start)
    while entries := metadata.scan(start, stop, OLDER_MAX):
        for place, data in entries:
            yield Found(Version.from_bytes(data), place, data)
        if len(entries) < OLDER_MAX:
            return
        start = entries[-1][0] + b"\0"


def put(
    call: Call,
    version: Version,
    check: Check = lambda old: None,
    also: Callable[[], Transaction] = lambda: Transaction({}),
) -> Version:
    """Make `version` the current one; its id and order are given here.

    `check` is called with the version that it would replace, inside the transaction's guard; `also`
    gives what belongs into the same transaction. Raises what they raise, `NoSuchBucket`, and
    `ConditionalRequestConflict` after too many lost races.
    """

    def attempt() -> tuple[Version, Transaction]:
        bucket, old = call.bucket, current(call.service.metadata, call.bucket.name, version.key)
        check(old.version if old else None)
        made, writes = outbox.of_write(call, _numbered(call, bucket, version, old))
        writes[object_key(bucket.name, version.key)] = made.to_bytes()
        _make_room(call, bucket, made, old, writes)
        return made, _guarded(call, writes, old, made.key).joined(also())

    return _committed(call, version.key, attempt)


def delete(
    call: Call, key: str, version_id: str, check: Check = lambda old: None
) -> Version | None:
    """Remove a version, or hide the key behind a marker; return the version removed or the marker.

    None when there was nothing to do, which is a success. `check` as for `put`.
    """

    def attempt() -> tuple[Version | None, Transaction]:
        if version_id or not call.bucket.versioning:
            return _removal(call, key, version_id, check)
        return _marking(call, key, check)

    return _committed(call, key, attempt)


def change(call: Call, key: str, version_id: str, edit: Callable[[Version], Version]) -> Version:
    """Replace a version's record by `edit` of it, in place. Raises what `find` and `edit` raise."""

    def attempt() -> tuple[Version, Transaction]:
        found = find(call.service.metadata, call.bucket.name, key, version_id)
        edited = edit(found.version)
        writes = outbox.of_change(call, edited) | {found.place: edited.to_bytes()}
        return edited, Transaction(writes, {found.place: found.data})

    return _committed(call, key, attempt)


def visible(found: Found, version_id: str) -> Version:
    """Return the version, unless it is a delete marker: that is `NoSuchKey`, or 405 by its id."""
    version = found.version
    if not version.is_marker:
        return version
    shown = {"x-amz-delete-marker": "true", "x-amz-version-id": version.id}
    if version_id:
        raise Refused(
            "MethodNotAllowed",
            headers=shown | {"Allow": "DELETE"},
            Method="GET",
            ResourceType="DeleteMarker",
        )
    raise Refused("NoSuchKey", headers=shown, Key=version.key)


def discard(version: Version, writes: Writes) -> None:
    """Add to `writes` that the version's bytes may be deleted."""
    for part in version.parts:
        discard_blob(part["blob"], writes)


def discard_blob(blob: BlobJson, writes: Writes) -> None:
    """Add to `writes` that a blob may be deleted; the sweeper does so once this is committed."""
    writes[garbage_key(str(blob[0]))] = json.dumps(blob).encode()


def _numbered(call: Call, bucket: Bucket, version: Version, old: Found | None) -> Version:
    """Give the version its place in line: after the current one, even if the clock went back."""
    now_ns = call.service.clock.now_ns()
    if old is not None:
        now_ns = max(now_ns, _ORDER_END - int(old.version.order, 16) + 1)
    order = f"{_ORDER_END - now_ns:016x}"
    salt = f"{call.service.rng.getrandbits(64):016x}"
    is_kept = bucket.versioning == "Enabled"
    # A replica comes with the id of its original.
    return replace(version, order=order, id=version.id or f"{order}{salt}" if is_kept else NULL)


def _make_room(
    call: Call, bucket: Bucket, made: Version, old: Found | None, writes: Writes
) -> None:
    """Move the current version down, or drop it when the new one takes its place."""
    if old is not None:
        if old.version.id == NULL and made.id == NULL:
            discard(old.version, writes)
            return
        writes[version_key(bucket.name, made.key, old.version.order)] = old.data
    if made.id == NULL and bucket.versioning:
        for each in older(call.service.metadata, bucket.name, made.key):
            if each.version.id == NULL:
                writes[each.place] = None
                discard(each.version, writes)


def _marking(call: Call, key: str, check: Check) -> tuple[Version, Transaction]:
    old = current(call.service.metadata, call.bucket.name, key)
    check(old.version if old else None)
    blank = Version(key, "", "", call.now_ms, call.who.id, is_marker=True)
    marker, writes = outbox.of_write(call, _numbered(call, call.bucket, blank, old))
    writes[object_key(call.bucket.name, key)] = marker.to_bytes()
    _make_room(call, call.bucket, marker, old, writes)
    return marker, _guarded(call, writes, old, key)


def _removal(
    call: Call, key: str, version_id: str, check: Check
) -> tuple[Version | None, Transaction]:
    metadata, bucket = call.service.metadata, call.bucket.name
    try:
        found = find(metadata, bucket, key, version_id)
    except Refused:
        check(None)
        return None, Transaction({})
    check(found.version)
    writes: Writes = {found.place: None, **outbox.of_removal(call, found.version)}
    guards: Writes = {found.place: found.data}
    discard(found.version, writes)
    if found.place == object_key(bucket, key):
        # The next older version becomes the current one.
        start = version_key(bucket, key)
        for place, data in metadata.scan(start, after(start), 1):
            writes |= {place: None, found.place: data}
            guards[place] = data
    return found.version, Transaction(writes, guards)


def _guarded(call: Call, writes: Writes, old: Found | None, key: str) -> Transaction:
    """Guard the current version, and that the bucket is as it was when we looked."""
    guards = {
        object_key(call.bucket.name, key): old.data if old else None,
        bucket_key(call.bucket.name): call.bucket_bytes,
    }
    return Transaction(writes, guards)


def _committed(call: Call, key: str, attempt: Callable[[], tuple[T, Transaction]]) -> T:
    """Try until no other writer came between reading and writing."""
    with call.service.exclusive(object_key(call.bucket.name, key)):
        for _ in range(ATTEMPTS_MAX):
            made, transaction = attempt()
            if not transaction.writes:
                return made
            try:
                with span("metadata transaction", guards=len(transaction.guards)):
                    call.service.metadata.commit(transaction)
                return made
            except Conflict:
                note("another writer came between: read again")
                call.refresh()
    raise Refused("ConditionalRequestConflict", Key=key)
