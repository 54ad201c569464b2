"""A walk through all buckets that have lifecycle rules, doing what is due.

    bucket ──► keys ──► versions of a key, newest first ──► due? ──► delete, hide, move
           └─► uploads ──────────────────────────────────► due? ──► abort

Invariant: a decision was made about one version; it is carried out only if that version still stands
where it stood, so a PUT that comes between looking and deleting is never the one that is deleted. Locked
versions stay. Cost: a read of every version in such buckets. Page: docs/s3/lifecycle.md
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import groupby

from s3 import lock, versions
from s3.api import walk
from s3.api.multipart import abort
from s3.errand import errand
from s3.errors import Conflict, Refused
from s3.lifecycle import Action, Rule, Standing, Wait, due, ripe_ms
from s3.lifecycle_headers import rules_of
from s3.metadata.keys import after, bucket_key, upload_key
from s3.records import Bucket, Upload, Version
from s3.replication_rules import PENDING
from s3.service import Service

BUCKETS_PAGE = 1_000
_ALL = walk.Asked("", "", walk.PAGE_MAX, "")


def buckets(service: Service) -> Iterator[Bucket]:
    """Yield all buckets of the store."""
    start = home = bucket_key("")
    while page := service.metadata.scan(start, after(home), BUCKETS_PAGE):
        yield from (Bucket.from_bytes(data) for _, data in page)
        start = page[-1][0] + b"\0"


class LifecycleRun:
    """Carries out the rules of all buckets, once a call of `run`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @property
    def _ladder(self) -> tuple[str, ...]:
        """The storage classes from warm to cold; RGW knows no warmer and colder."""
        return self._service.storage_classes if self._service.profile == "aws" else ()

    def run(self) -> int:
        """Do all that is due, and return how much it was. Raises `Busy`."""
        return sum(self._run_bucket(each) for each in buckets(self._service))

    def _run_bucket(self, bucket: Bucket) -> int:
        rules = rules_of(self._service, bucket)
        if not rules:
            return 0
        done = sum(self._abort(bucket, upload, rules) for upload in self._uploads(bucket))
        for standing in self._standings(bucket):
            if standing.version.replication == PENDING:
                continue  # it is to be copied first
            action = due(
                rules, standing, self._service.now_ms(),
                day_s=self._service.day_s, classes=self._ladder,
            )  # fmt: skip
            if action is not None:
                done += self._carry_out(bucket, standing, action)
        return done

    def _standings(self, bucket: Bucket) -> Iterator[Standing]:
        stream = walk.versions_from(self._service.metadata, bucket.name, _ALL)
        for _, listed in groupby(stream(b"", ""), key=lambda each: each[0]):
            yield from standings(version for _, (version, _) in listed)

    def _uploads(self, bucket: Bucket) -> Iterator[Upload]:
        stream = walk.uploads(self._service.metadata, bucket.name, _ALL)
        yield from (upload for _, upload in stream(b"", ""))

    def _abort(self, bucket: Bucket, upload: Upload, rules: list[Rule]) -> int:
        service = self._service
        is_due = any(
            ripe_ms(upload.started_ms, Wait(rule.abort_days), service.day_s) <= service.now_ms()
            for rule in rules
            if rule.abort_days is not None and upload.key.startswith(rule.filter.prefix)
        )
        if not is_due:
            return 0
        with suppress(Refused, Conflict):  # it was completed, or a part came: the next run will see
            call = errand(service, "LifecycleAbort", bucket.name, upload.key)
            place = upload_key(bucket.name, upload.key, upload.id)
            abort(call, place, upload.to_bytes(), upload)
            return 1
        return 0

    def _carry_out(self, bucket: Bucket, standing: Standing, action: Action) -> int:
        act = self._expire if action.kind == "expire" else self._move
        with suppress(Refused):  # locked, changed meanwhile, or the nodes are away: the next run
            act(bucket, standing, action)
            return 1
        return 0

    def _expire(self, bucket: Bucket, standing: Standing, action: Action) -> None:
        version = standing.version
        call = errand(self._service, "LifecycleExpiration", bucket.name, version.key)
        hides = standing.is_current and not version.is_marker

        def check(old: Version | None) -> None:
            _same(version)(old)
            top = versions.current(self._service.metadata, bucket.name, version.key)
            if (top is not None and top.version.order == version.order) != standing.is_current:
                raise _changed(version)
            if not hides or not call.bucket.versioning:
                lock.check_removal(call, old)

        versions.delete(call, version.key, "" if hides else version.id, check)

    def _move(self, bucket: Bucket, standing: Standing, action: Action) -> None:
        version = standing.version
        call = errand(self._service, "LifecycleTransition", bucket.name, version.key)

        def moved(found: Version) -> Version:
            _same(version)(found)
            name = action.storage_class
            return replace(found, storage_class="" if name == "STANDARD" else name)

        versions.change(call, version.key, version.id, moved)


def standings(newest_first: Iterable[Version]) -> Iterator[Standing]:
    """Yield the versions of one key with their places among the others."""
    rest = iter(newest_first)
    newest = next(rest)
    second = next(rest, None)
    yield Standing(newest, is_alone=second is None)
    above, newer = newest, 0
    while second is not None:
        yield Standing(second, above.modified_ms, newer, is_alone=False)
        above, second, newer = second, next(rest, None), newer + 1


def _same(version: Version) -> Callable[[Version | None], None]:
    def check(found: Version | None) -> None:
        if found is None or found.order != version.order:
            raise _changed(version)

    return check


def _changed(version: Version) -> Refused:
    return Refused("PreconditionFailed", f"{version.key} changed since the rules looked at it")
