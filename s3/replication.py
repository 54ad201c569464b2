"""Copies new versions to other buckets, some time after the write that made them.

    r/<age> ──► read its bytes, write them anew ──► put in the other bucket, under the same version id
            ──► COMPLETED or FAILED at the original ──► delete r/<age>

Invariant: a version is copied at least once and put at most once, because its replica has its id; the
versions of one key arrive in their order, as one that has to wait holds up those behind it. Bytes are
copied as they are stored: a replica of an encrypted object opens with the same key. The delay is what
asynchronous means: until then, a lost bucket loses them. Page: docs/s3/replication.md
"""

import json
from dataclasses import dataclass, replace

from chapters.errors import Definite, KitError
from s3 import small, versions
from s3.errand import errand
from s3.errors import Busy, Refused
from s3.metadata.keys import after, waiting_key
from s3.metadata.transaction import Transaction
from s3.outbox import COPY, WAITING_MAX
from s3.records import Facts, Version
from s3.replication_rules import COMPLETED, FAILED, REPLICA
from s3.service import Call, Service
from s3.small import Writes
from s3.storage.blobs import Blob


@dataclass(frozen=True, slots=True)
class Job:
    """A version to copy, and the buckets that it goes to, each with a storage class or ""."""

    bucket: str
    key: str
    id: str
    targets: dict[str, str]


class Replicator:
    """Does the copies that wait in the metadata."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def run(self) -> int:
        """Do what can be done now, and return how many jobs. What fails for now stays."""
        metadata, home = self._service.metadata, waiting_key(COPY)
        waiting = metadata.scan(home, after(home), WAITING_MAX)
        self._service.backlog[COPY] = len(waiting)
        held: set[tuple[str, str]] = set()
        done = 0
        for place, data in waiting:
            job = Job(**json.loads(data))
            if (job.bucket, job.key) in held:
                continue
            try:
                self._do(job)
                metadata.commit(Transaction({place: None}))
                done += 1
            except KitError:
                held.add((job.bucket, job.key))
        self._service.backlog[COPY] = len(waiting) - done
        return done

    def _do(self, job: Job) -> None:
        """Copy to every target and write down how it went. Raises `Busy` to be called again."""
        try:
            home = errand(self._service, "Replicate", job.bucket, job.key)
            found = versions.find(self._service.metadata, job.bucket, job.key, job.id).version
        except Busy:
            raise
        except Refused:
            return  # deleted before it could be copied
        went = [self._copied(home, found, *target) for target in job.targets.items()]
        status = COMPLETED if all(went) else FAILED
        try:
            versions.change(
                home, job.key, job.id, lambda version: replace(version, replication=status)
            )
        except Busy:
            raise
        except Refused:
            return  # deleted while it was copied: its replica stays

    def _copied(self, home: Call, version: Version, bucket: str, storage_class: str) -> bool:
        """Return whether the target has the version now; False if it cannot take it."""
        try:
            call = errand(self._service, "Replicate", bucket, version.key)
        except Busy:
            raise
        except Refused:
            return False
        if call.bucket.owner != home.bucket.owner or call.bucket.versioning != "Enabled":
            return False
        if _has(call, version):
            return True
        kept = storage_class or version.storage_class
        replica = replace(
            version,
            replication=REPLICA,
            upload="",
            storage_class="" if kept == "STANDARD" else kept,
        )
        parts: list[Facts] = []
        writes: Writes = {}
        try:
            parts += (self._again(part, writes) for part in version.parts)
            made = replace(replica, parts=parts)
            versions.put(call, made, also=lambda: Transaction(writes))
        except Definite:  # otherwise it may be there, and need its bytes
            for part in parts:
                small.take_back(self._service, Blob.from_json(part["blob"]))
            raise
        return True

    def _again(self, part: Facts, writes: Writes) -> Facts:
        """Return a part whose bytes are stored a second time, some of them by `writes`."""
        blob = Blob.from_json(part["blob"])
        bytes_there = small.read(self._service, blob, 0, blob.size_bytes)
        copy, more = small.write(self._service, bytes_there)
        writes |= more
        return part | {"blob": copy.to_json()}


def _has(call: Call, version: Version) -> bool:
    try:
        versions.find(call.service.metadata, call.bucket.name, version.key, version.id)
    except Refused:
        return False
    return True
