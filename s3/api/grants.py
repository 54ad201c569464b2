"""ACLs, bucket policies, the public access block and ownership controls: read, checked and kept.

What they mean is decided in `s3.auth`. Page: docs/s3/auth.md
"""

from collections.abc import Callable
from dataclasses import replace

from s3 import versions
from s3.api.configs import edit_bucket, keep, kept
from s3.api.objects import asked_version, whole_body
from s3.api.shown import version_header
from s3.auth import access, acl
from s3.auth.access import BucketFacts
from s3.auth.policy_document import POLICY_BYTES_MAX
from s3.auth.policy_document import parse as parse_policy
from s3.errors import Refused
from s3.http import Response
from s3.markup import Pair, parse, render, text_of
from s3.records import Bucket, Facts, Version
from s3.service import Call

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
OWNERSHIPS = (acl.ENFORCED, acl.PREFERRED, "ObjectWriter")


def _ownership(call: Call) -> str:
    found: str = call.bucket.configs.get("ownershipControls", "")
    return found


def get_bucket_acl(call: Call) -> Response:
    """Who may do what with the bucket."""
    return Response(body=_shown(call, call.bucket))


def put_bucket_acl(call: Call) -> Response:
    """Replace the bucket's ACL."""
    wanted = _asked_acl(call, call.bucket.owner)
    edit_bucket(call, lambda bucket: replace(bucket, acl=wanted))
    return Response()


def get_object_acl(call: Call) -> Response:
    """Who may do what with a version."""
    version = asked_version(call)
    return Response(headers=version_header(call, version), body=_shown(call, version))


def _shown(call: Call, of: Bucket | Version) -> bytes:
    is_rgw = call.service.profile == "rgw"
    return acl.to_xml(of.acl, of.owner, call.service.users, groups_first=is_rgw)


def put_object_acl(call: Call) -> Response:
    """Replace a version's ACL."""
    wanted = _asked_acl(call, asked_version(call).owner)

    def edit(version: Version) -> Version:
        return replace(version, acl=wanted)

    made = versions.change(call, call.request.key, call.query.get("versionId", ""), edit)
    return Response(headers=version_header(call, made))


def _asked_acl(call: Call, owner: str) -> Facts:
    """Return the ACL of the headers or the body. Raises what the bucket does not allow."""
    body = whole_body(call)
    if _ownership(call) == acl.ENFORCED:
        raise Refused("AccessControlListNotSupported")
    if acl.in_headers(call.headers) and body.strip():
        raise Refused("UnexpectedContent", "An ACL comes in headers or in the body, not in both")
    if body.strip():
        wanted = acl.from_xml(body, owner, call.service.users)
    elif acl.in_headers(call.headers):
        wanted = acl.from_headers(call.headers, owner, call.bucket.owner, call.service.users)
    else:
        raise Refused("MissingSecurityHeader", "An ACL is missing: in the headers or in the body")
    block = call.bucket.configs.get("publicAccessBlock", {})
    acl.check_allowed(wanted, call.headers, _ownership(call), block, call.service.profile)
    return wanted


def get_bucket_policy(call: Call) -> Response:
    """The policy, letter for letter."""
    found = call.bucket.configs.get("policy")
    if found is None:
        raise Refused("NoSuchBucketPolicy", BucketName=call.bucket.name)
    return Response(headers={"Content-Type": "application/json"}, body=found.encode())


def put_bucket_policy(call: Call) -> Response:
    """Replace the policy, if every word of it is understood."""
    try:
        text = whole_body(call, POLICY_BYTES_MAX).decode()
    except UnicodeDecodeError:
        raise Refused("MalformedPolicy", "The policy is not UTF-8") from None
    parsed = parse_policy(text, call.bucket.name)
    access.check_public_policy(parsed, call.bucket.configs.get("publicAccessBlock", {}))
    keep(call, "policy", text)
    return Response(204)


def delete_bucket_policy(call: Call) -> Response:
    """Remove the policy."""
    return keep(call, "policy", None)


def get_bucket_policy_status(call: Call) -> Response:
    """Whether strangers may do anything in the bucket."""
    if "policy" not in call.bucket.configs and call.service.profile == "aws":
        raise Refused("NoSuchBucketPolicy", BucketName=call.bucket.name)
    is_public = access.is_public(BucketFacts.of(call.bucket))
    return Response(body=render("PolicyStatus", [("IsPublic", is_public)]))


def get_public_access_block(call: Call) -> Response:
    """The four switches."""
    found = kept(call, "publicAccessBlock", "NoSuchPublicAccessBlockConfiguration")
    pairs: list[Pair] = [(name, bool(found.get(name))) for name in BLOCKS]
    return Response(body=render("PublicAccessBlockConfiguration", pairs))


def put_public_access_block(call: Call) -> Response:
    """Set the four switches; those that are not named are off."""
    document = parse(whole_body(call), "PublicAccessBlockConfiguration")
    return keep(
        call,
        "publicAccessBlock",
        {name: _switch(text_of(document, name, "false")) for name in BLOCKS},
    )


def _switch(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise Refused("MalformedXML", f"{text!r} is neither true nor false")
    return text.lower() == "true"


def delete_public_access_block(call: Call) -> Response:
    """Switch all four off."""
    return keep(call, "publicAccessBlock", None)


def get_bucket_ownership_controls(call: Call) -> Response:
    """Who owns the objects that others put here."""
    found = _ownership(call)
    if not found:
        raise Refused("OwnershipControlsNotFoundError", BucketName=call.bucket.name)
    return Response(body=render("OwnershipControls", [("Rule", [("ObjectOwnership", found)])]))


def put_bucket_ownership_controls(call: Call) -> Response:
    """Choose who owns them; without ACLs only if the bucket's own grants nothing to others."""
    rules = parse(whole_body(call), "OwnershipControls").findall("Rule")
    wanted = text_of(rules[0], "ObjectOwnership") if len(rules) == 1 else ""
    if wanted not in OWNERSHIPS:
        raise Refused("MalformedXML", f"One Rule with an ObjectOwnership of {OWNERSHIPS}")
    grants = acl.grants_of(call.bucket.acl, call.bucket.owner)
    if wanted == acl.ENFORCED and any(grant.who != call.bucket.owner for grant in grants):
        raise Refused("InvalidBucketAclWithObjectOwnership")
    return keep(call, "ownershipControls", wanted)


def delete_bucket_ownership_controls(call: Call) -> Response:
    """Choose nothing: the writer owns what it writes."""
    return keep(call, "ownershipControls", None)


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "GetBucketAcl": get_bucket_acl,
    "PutBucketAcl": put_bucket_acl,
    "GetObjectAcl": get_object_acl,
    "PutObjectAcl": put_object_acl,
    "GetBucketPolicy": get_bucket_policy,
    "PutBucketPolicy": put_bucket_policy,
    "DeleteBucketPolicy": delete_bucket_policy,
    "GetBucketPolicyStatus": get_bucket_policy_status,
    "GetPublicAccessBlock": get_public_access_block,
    "PutPublicAccessBlock": put_public_access_block,
    "DeletePublicAccessBlock": delete_public_access_block,
    "GetBucketOwnershipControls": get_bucket_ownership_controls,
    "PutBucketOwnershipControls": put_bucket_ownership_controls,
    "DeleteBucketOwnershipControls": delete_bucket_ownership_controls,
}
