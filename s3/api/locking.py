"""Object lock's own operations: the bucket's default, a version's retention and its legal hold.

    PUT /records?object-lock        Enabled, and perhaps a default retention in days or years
    PUT /records/a?retention        until when; see s3.lock for who may shorten what
    PUT /records/a?legal-hold       ON or OFF, at any time

Page: docs/s3/lock.md
"""

from collections.abc import Callable
from dataclasses import replace
from xml.etree.ElementTree import Element

from s3 import lock, versions
from s3.api.configs import edit_bucket
from s3.api.objects import asked_version, whole_body
from s3.api.shown import iso_time
from s3.errors import Refused
from s3.http import Response, is_number
from s3.markup import Pair, parse, render, text_of
from s3.records import Bucket, Facts, Version
from s3.service import Call

PERIOD_MAX = {"Days": 36_500, "Years": 100}


def get_object_lock_configuration(call: Call) -> Response:
    """Whether the bucket has object lock, and its default retention."""
    if not call.bucket.has_lock:
        raise Refused("ObjectLockConfigurationNotFoundError", BucketName=call.bucket.name)
    pairs: list[Pair] = [("ObjectLockEnabled", "Enabled")]
    if rule := call.bucket.configs.get(lock.CONFIG):
        period = ("Days", rule["days"]) if "days" in rule else ("Years", rule["years"])
        pairs.append(("Rule", [("DefaultRetention", [("Mode", rule["mode"]), period])]))
    return Response(body=render("ObjectLockConfiguration", pairs))


def put_object_lock_configuration(call: Call) -> Response:
    """Set the default retention; give a bucket that keeps all versions its lock, for good."""
    document = parse(whole_body(call), "ObjectLockConfiguration")
    if text_of(document, "ObjectLockEnabled", "") != "Enabled":
        raise Refused("MalformedXML", "ObjectLockEnabled can only be Enabled")
    rule = _rule(document)

    def edit(bucket: Bucket) -> Bucket:
        if bucket.versioning != "Enabled":
            raise Refused("InvalidBucketState", "Object lock needs versioning to be Enabled first")
        configs = {name: each for name, each in bucket.configs.items() if name != lock.CONFIG}
        return replace(
            bucket, has_lock=True, configs=configs | ({lock.CONFIG: rule} if rule else {})
        )

    edit_bucket(call, edit)
    return Response()


def _rule(document: Element) -> Facts:
    """Return {"mode", "days" or "years"}, or {}. Raises `MalformedXML`, `InvalidRetentionPeriod`."""
    if document.find("Rule") is None:
        return {}
    retention = document.find("Rule/DefaultRetention")
    if retention is None:
        raise Refused("MalformedXML", "Rule has no DefaultRetention")
    periods = [unit for unit in PERIOD_MAX if retention.find(unit) is not None]
    if len(periods) != 1:
        raise Refused("MalformedXML", "DefaultRetention has either Days or Years")
    unit = periods[0]
    return {"mode": _mode(retention), unit.lower(): _period(text_of(retention, unit), unit)}


def _mode(parent: Element) -> str:
    mode = text_of(parent, "Mode")
    if mode not in lock.MODES:
        raise Refused("MalformedXML", f"Mode is {mode!r}; it must be GOVERNANCE or COMPLIANCE")
    return mode


def _period(text: str, unit: str) -> int:
    if not is_number(text.removeprefix("-")):
        raise Refused("MalformedXML", f"{unit} is {text!r}: no whole number")
    if not 1 <= int(text) <= PERIOD_MAX[unit]:
        raise Refused(
            "InvalidRetentionPeriod", f"{unit} is {text}; it must be 1 to {PERIOD_MAX[unit]}"
        )
    return int(text)


def get_object_retention(call: Call) -> Response:
    """The mode and date of a version."""
    found = _locked_version(call).lock
    if "mode" not in found:
        raise Refused("NoSuchObjectLockConfiguration", "The version has no retention")
    pairs: list[Pair] = [("Mode", found["mode"]), ("RetainUntilDate", iso_time(found["until_ms"]))]
    return Response(body=render("Retention", pairs))


def put_object_retention(call: Call) -> Response:
    """Lock a version until a date; an empty document takes a governance lock off."""
    version = _locked_version(call)
    wish = _retention(parse(whole_body(call), "Retention"), call.now_ms)
    return _relocked(call, version, lambda found: lock.changed(call, found, wish))


def _retention(document: Element, now_ms: int) -> Facts:
    if len(document) == 0:
        return {}
    until = text_of(document, "RetainUntilDate")
    try:
        return lock.retention_of(_mode(document), until, now_ms)
    except ValueError:
        raise Refused("MalformedXML", f"RetainUntilDate is {until!r}: no date") from None


def get_object_legal_hold(call: Call) -> Response:
    """Whether a version is held."""
    found = _locked_version(call).lock
    if "hold" not in found:
        raise Refused("NoSuchObjectLockConfiguration", "The version was never under legal hold")
    return Response(body=render("LegalHold", [("Status", found["hold"])]))


def put_object_legal_hold(call: Call) -> Response:
    """Hold a version, or let it go."""
    version = _locked_version(call)
    status = text_of(parse(whole_body(call), "LegalHold"), "Status")
    if status not in lock.HOLDS:
        raise Refused("MalformedXML", f"Status is {status!r}; it must be ON or OFF")
    return _relocked(call, version, lambda found: found.lock | {"hold": status})


def _locked_version(call: Call) -> Version:
    """Return the version that is asked for, in a bucket that has object lock."""
    lock.check_bucket(call)
    return asked_version(call)


def _relocked(call: Call, version: Version, edit: Callable[[Version], Facts]) -> Response:
    """Change the lock of exactly this version, though a newer one may have come meanwhile."""
    versions.change(call, version.key, version.id, lambda found: replace(found, lock=edit(found)))
    return Response()


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "GetObjectLockConfiguration": get_object_lock_configuration,
    "PutObjectLockConfiguration": put_object_lock_configuration,
    "GetObjectRetention": get_object_retention,
    "PutObjectRetention": put_object_retention,
    "GetObjectLegalHold": get_object_legal_hold,
    "PutObjectLegalHold": put_object_legal_hold,
}
