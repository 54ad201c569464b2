"""May this caller do this? The facts of a call, put together for `s3.auth.access` to decide.

Page: docs/s3/auth.md
"""

from s3 import versions
from s3.auth import access
from s3.auth.access import BucketFacts, ObjectFacts
from s3.auth.acl import ENFORCED
from s3.auth.actions import RULES
from s3.auth.policy_context import context_of
from s3.errors import Refused
from s3.records import Bucket, Version
from s3.service import Call

# PostObject knows its caller only from the form, DeleteObjects asks for each key, a preflight for nothing.
_ASKED_LATER = {"PostObject", "DeleteObjects", "Preflight"}


def permit(call: Call) -> None:
    """Raise `AccessDenied` unless the caller may do the operation of the request."""
    if call.operation in _ASKED_LATER:
        return
    if call.operation == "ListBuckets" and call.service.profile == "rgw":
        return  # anybody may: nobody in particular has no buckets
    if RULES[call.operation].level == "service":
        access.permit(call.who, call.operation, None, context={})
        return
    _check_expected_owner(call)
    permit_in(call, call.operation, call.bucket, call.request.key, call.query.get("versionId", ""))


def permit_object(call: Call, operation: str, key: str, version_id: str) -> None:
    """Raise `AccessDenied` unless the caller may do `operation` to that object of the bucket."""
    permit_in(call, operation, call.bucket, key, version_id)


def permit_source(call: Call, bucket: Bucket, key: str, version_id: str) -> None:
    """Raise `AccessDenied` unless the caller may read the source of a copy."""
    permit_in(call, "GetObject", bucket, key, version_id)


def may(call: Call, operation: str, key: str, version_id: str) -> bool:
    """Return whether `permit_object` would let it pass."""
    try:
        permit_object(call, operation, key, version_id)
    except Refused as error:
        if error.code != "AccessDenied":
            raise
        return False
    return True


def permit_in(call: Call, operation: str, bucket: Bucket, key: str, version_id: str) -> None:
    """Raise `AccessDenied` unless the caller may do `operation` in `bucket`."""
    if _is_plainly_own(call, bucket):
        return
    found = _existing(call, bucket, key, version_id) if RULES[operation].level == "object" else None
    context = context_of(
        call.request, call.who, now=call.now_ms / 1000, tags=found.tags if found else None
    )
    access.permit(
        call.who,
        operation,
        BucketFacts.of(bucket),
        context=context,
        key=key,
        version_id=version_id,
        object=ObjectFacts(found.owner, found.acl) if found else None,
    )


def _is_plainly_own(call: Call, bucket: Bucket) -> bool:
    """Return whether nothing but ownership has a say: the usual case, decided without a look-up."""
    configs = bucket.configs
    is_enforced = configs.get("ownershipControls") == ENFORCED
    return call.who.id == bucket.owner and is_enforced and "policy" not in configs


def _existing(call: Call, bucket: Bucket, key: str, version_id: str) -> Version | None:
    try:
        found = versions.find(call.service.metadata, bucket.name, key, version_id)
    except Refused:
        return None
    return None if found.version.is_marker else found.version


def _check_expected_owner(call: Call) -> None:
    expected = call.headers.get("x-amz-expected-bucket-owner")
    if expected is not None and expected != call.bucket.owner:
        raise Refused("AccessDenied", "The bucket has another owner than expected")
