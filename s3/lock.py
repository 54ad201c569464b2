"""Object lock: a version that nobody may delete before its time, or while it is held. (WORM)

    GOVERNANCE   until its date, unless somebody with s3:BypassGovernanceRetention says so
    COMPLIANCE   until its date, by nobody; the date can only move later
    legal hold   while it is ON, whatever the date

A lock protects a *version*: a delete marker may still be put on top, and hides what it cannot remove.
Invariant: while a version is locked no transaction removes its record, and its bytes are let go of only
with the record. "Now" is the service's clock: whoever may set it back or forward may end a retention,
which is why real stores watch theirs. Source: Amazon S3 user guide, "Locking objects with Object
Lock". Page: docs/s3/lock.md
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from s3.errors import Refused
from s3.permissions import permit_object
from s3.records import Facts, Version
from s3.service import DAY_S, Call

GOVERNANCE, COMPLIANCE = "GOVERNANCE", "COMPLIANCE"
MODES = (GOVERNANCE, COMPLIANCE)
HOLDS = ("ON", "OFF")
DAYS_OF_YEAR = 365
CONFIG = "object-lock"  # the default retention, among a bucket's configurations

MODE = "x-amz-object-lock-mode"
UNTIL = "x-amz-object-lock-retain-until-date"
HOLD = "x-amz-object-lock-legal-hold"
BYPASS = "x-amz-bypass-governance-retention"


def of_request(call: Call) -> Facts:
    """Return the lock that a write's headers, or the bucket's default, ask for.

    Raises `InvalidRequest` in a bucket without object lock, `InvalidArgument`, `AccessDenied`.
    """
    mode, until, hold = (call.headers.get(name) for name in (MODE, UNTIL, HOLD))
    if mode is not None or until is not None or hold is not None:
        check_bucket(call)
    retention = _default(call)
    if mode is not None or until is not None:
        permit_object(call, "PutObjectRetention", call.request.key, "")
        retention = _sent_retention(mode or "", until or "", call.now_ms)
    if hold is None:
        return retention
    permit_object(call, "PutObjectLegalHold", call.request.key, "")
    if hold not in HOLDS:
        raise _wrong(HOLD, hold, "it must be ON or OFF")
    return retention | {"hold": hold}


def check_bucket(call: Call) -> None:
    """Raise `InvalidRequest` if the bucket has no object lock."""
    if not call.bucket.has_lock:
        raise Refused(
            "InvalidRequest", "The bucket has no object lock", BucketName=call.bucket.name
        )


def check_removal(call: Call, version: Version | None) -> None:
    """Raise `AccessDenied` while the version is locked."""
    if version is None or not is_locked(version.lock, call.now_ms):
        return
    if version.lock.get("hold") == "ON":
        raise Refused("AccessDenied", "The version is under legal hold")
    if version.lock["mode"] == GOVERNANCE and may_bypass(call, version):
        return
    raise Refused("AccessDenied", "The version is under retention; its date has not come")


def is_locked(lock: Facts, now_ms: int) -> bool:
    """Return whether a version with this lock may not be removed, unless by a bypass."""
    return lock.get("hold") == "ON" or is_retained(lock, now_ms)


def is_retained(lock: Facts, now_ms: int) -> bool:
    """Return whether the lock's date has not come yet."""
    return "mode" in lock and now_ms < int(lock["until_ms"])


def may_bypass(call: Call, version: Version) -> bool:
    """Return whether the caller asks to bypass governance. Raises `AccessDenied` if not allowed to."""
    if call.headers.get(BYPASS, "").lower() != "true":
        return False
    permit_object(call, "BypassGovernanceRetention", version.key, version.id)
    return True


def changed(call: Call, version: Version, wish: Facts) -> Facts:
    """Return the version's lock with another retention: {"mode", "until_ms"}, or {} for none.

    Later is always allowed. Everything else weakens: a governance lock yields to a bypass, one for
    compliance to nothing. Raises `AccessDenied`.
    """
    old = version.lock
    if is_retained(old, call.now_ms) and not _is_extension(old, wish):
        if old["mode"] == COMPLIANCE:
            raise Refused("AccessDenied", "Retention for compliance can only be extended")
        if not may_bypass(call, version):
            raise Refused("AccessDenied", f"Without {BYPASS} retention can only be extended")
    hold = {"hold": old["hold"]} if "hold" in old else {}
    return wish | hold


def _is_extension(old: Facts, wish: Facts) -> bool:
    return wish.get("mode") == old["mode"] and int(wish["until_ms"]) >= int(old["until_ms"])


def moment(text: str) -> int:
    """Return an ISO 8601 time as milliseconds since 1970. Raises `ValueError`."""
    found = datetime.fromisoformat(text)
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)


def retention_of(mode: str, until: str, now_ms: int) -> Facts:
    """Return {"mode", "until_ms"}. Raises `ValueError` for no date, `InvalidArgument` for a past one."""
    until_ms = moment(until)
    if until_ms <= now_ms:
        raise _wrong(UNTIL, until, "the date must be in the future")
    return {"mode": mode, "until_ms": until_ms}


def _sent_retention(mode: str, until: str, now_ms: int) -> Facts:
    if not (mode and until):
        raise Refused("InvalidArgument", f"{MODE} and {UNTIL} go together; one is missing")
    if mode not in MODES:
        raise _wrong(MODE, mode, f"it must be one of {', '.join(MODES)}")
    try:
        return retention_of(mode, until, now_ms)
    except ValueError:
        raise _wrong(UNTIL, until, "it must be a date like 2030-01-01T00:00:00Z") from None


def _default(call: Call) -> Facts:
    """Return the bucket's default retention, from now on."""
    rule: Mapping[str, int | str] = call.bucket.configs.get(CONFIG, {})
    if not rule:
        return {}
    days = int(rule.get("days", 0)) + DAYS_OF_YEAR * int(rule.get("years", 0))
    return {"mode": rule["mode"], "until_ms": call.now_ms + days * DAY_S * 1000}


def _wrong(name: str, value: str, problem: str) -> Refused:
    message = f"{name} is {value!r}: {problem}"
    return Refused("InvalidArgument", message, ArgumentName=name, ArgumentValue=value)
