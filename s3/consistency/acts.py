"""Random things to ask of a bucket, and the requests that ask them.

A dozen acts on three keys meet everything that a crash can meet: first writes, overwrites, uploads in
parts, deletions with and without versions, and the housekeeping between them.
Page: docs/s3/consistency.md
"""

import re
from random import Random

from s3.consistency.model import Act, BucketModel, Kept, etag
from s3.scene.requests import Answered, Client
from s3.scene.store import BUCKET

KEYS = ("a", "b/1", "b/2")
SIZES_BYTES = (0, 40, 300, 700, 1_500)  # none, some, and more than one stripe
KINDS = {
    "put": 6, "multipart": 2, "create": 1, "replace": 1, "delete": 3, "delete-version": 2,
    "versioning": 1, "tidy": 2,
}  # fmt: skip

_UPLOAD_ID = re.compile(rb"<UploadId>(.*?)</UploadId>")
_STATUS = re.compile(rb"<Status>(.*?)</Status>")
_VERSION = re.compile(
    rb"<(Version|DeleteMarker)>.*?<Key>(.*?)</Key>.*?<VersionId>(.*?)</VersionId>", re.DOTALL
)
_KEY = re.compile(rb"<(?:Key|CommonPrefixes><Prefix)>(.*?)</")


def draw(rng: Random, model: BucketModel) -> Act:
    """Return the next act; what it matches is mostly there."""
    (kind,) = rng.choices(list(KINDS), list(KINDS.values()))
    key = rng.choice(KEYS)
    body = rng.randbytes(rng.choice(SIZES_BYTES))
    match kind:
        case "replace":
            there = model.keys.get(key, ())
            is_meant = there and rng.random() < 0.8
            return Act(kind, key, body, there[0].etag if is_meant else etag(b"nothing like it"))
        case "delete-version":
            known = [each.id for each in model.keys.get(key, ()) if each.id]
            return Act(kind, key, match=rng.choice(known)) if known else Act("put", key, body)
        case "versioning":
            return Act(kind, match=rng.choice(("Enabled", "Enabled", "Suspended")))
        case "tidy":
            return Act(kind)
        case "delete":
            return Act(kind, key)
    return Act(kind, key, body)


def ask(client: Client, act: Act) -> Answered:
    """Ask it of the store; `tidy` is not a request."""
    path = f"/{BUCKET}/{act.key}"
    match act.kind:
        case "put":
            return client.put(path, act.body)
        case "create":
            return client.put(path, act.body, if_none_match="*")
        case "replace":
            return client.put(path, act.body, if_match=f'"{act.match}"')
        case "multipart":
            return _in_parts(client, path, act.body)
        case "delete":
            return client.delete(path)
        case "delete-version":
            return client.ask("DELETE", path, query={"versionId": act.match})
    assert act.kind == "versioning", act
    body = f"<VersioningConfiguration><Status>{act.match}</Status></VersioningConfiguration>"
    return client.ask("PUT", f"/{BUCKET}", body.encode(), {"versioning": ""})


def _in_parts(client: Client, path: str, body: bytes) -> Answered:
    """Upload in one part: all but the last must have 5 MiB, and this is the last."""
    begun = client.ask("POST", path, query={"uploads": ""})
    if not begun.is_ok:
        return begun
    found = _UPLOAD_ID.search(begun.body)
    assert found is not None, begun
    upload = found[1].decode()
    part = client.ask("PUT", path, body, {"partNumber": "1", "uploadId": upload})
    if not part.is_ok:
        return part
    listed = f"<Part><PartNumber>1</PartNumber><ETag>{part.etag}</ETag></Part>"
    whole = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
    return client.ask("POST", path, whole, {"uploadId": upload})


def seen(client: Client) -> BucketModel:
    """Return the bucket as a client finds it: its versioning, all versions of all keys, their bytes."""
    asked = client.ask("GET", f"/{BUCKET}", query={"versioning": ""})
    status = _STATUS.search(asked.body)
    listing = client.ask("GET", f"/{BUCKET}", query={"versions": ""})
    if not (asked.is_ok and listing.is_ok):
        return BucketModel(f"lost: {asked.code or listing.code}")
    found: dict[str, tuple[Kept, ...]] = {}
    for kind, name, version in _VERSION.findall(listing.body):
        key, id = name.decode(), version.decode()
        kept = Kept(id, None) if kind == b"DeleteMarker" else _read(client, key, id)
        found[key] = (*found.get(key, ()), kept)
    return BucketModel(status[1].decode() if status else "", found)


def _read(client: Client, key: str, id: str) -> Kept:
    got = client.ask("GET", f"/{BUCKET}/{key}", query={"versionId": id})
    body = got.body if got.is_ok else f"unreadable: {got.status} {got.code}".encode()
    return Kept(id, body, got.etag)


def listed(client: Client, **query: str) -> list[str]:
    """Return keys and common prefixes of a listing, sorted."""
    named = {name.replace("_", "-"): text for name, text in query.items()}
    listing = client.ask("GET", f"/{BUCKET}", query={"list-type": "2", **named})
    assert listing.is_ok, listing
    return sorted(name.decode() for name in _KEY.findall(listing.body))
