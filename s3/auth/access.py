"""May they? One decision from everything that has a say: the policy, the owner, the ACLs, the blocks.

    policy says deny ─────────────────────────────► no
    it is the owner's ────────────────────────────► yes   if no ACL could grant it, or ACLs are off
    policy says allow ────────────────────────────► yes   unless the policy is public, and restricted
    an ACL grants the permission ─────────────────► yes   unless ACLs are off, or open groups ignored
    otherwise ────────────────────────────────────► no

Invariant: nothing is allowed by being forgotten: each yes has a sentence above. The bucket's owner can
always read, replace and remove the bucket's policy, or a careless Deny could never be undone.
Source: S3 user guide, "How Amazon S3 authorizes a request"; "Blocking public access". Page: docs/s3/auth.md
"""

from dataclasses import dataclass, field

from s3.auth import acl, policy
from s3.auth.acl import ENFORCED
from s3.auth.actions import RULES, Rule
from s3.auth.authenticate import Identity
from s3.auth.patterns import Context
from s3.auth.policy_document import Policy
from s3.errors import Refused
from s3.records import Bucket, Facts

POLICY_OPERATIONS = {"GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"}


@dataclass(frozen=True, slots=True)
class BucketFacts:
    """What a decision needs to know of a bucket."""

    name: str
    owner: str
    tenant: str = ""
    acl: Facts = field(default_factory=dict)
    policy: Policy | None = None
    block: Facts = field(default_factory=dict)  # BlockPublicAcls: true, …
    ownership: str = ""  # "", "ObjectWriter", "BucketOwnerPreferred", "BucketOwnerEnforced"

    @classmethod
    def of(cls, bucket: Bucket) -> "BucketFacts":
        """Return the facts of a stored bucket; its policy is parsed once and then remembered."""
        text = bucket.configs.get("policy")
        return cls(
            bucket.name,
            bucket.owner,
            bucket.tenant,
            bucket.acl,
            policy.parse(text, bucket.name) if text else None,
            bucket.configs.get("publicAccessBlock", {}),
            bucket.configs.get("ownershipControls", ""),
        )


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """What a decision needs to know of an object that exists."""

    owner: str
    acl: Facts = field(default_factory=dict)


def permit(
    who: Identity,
    operation: str,
    bucket: BucketFacts | None,
    *,
    context: Context,
    key: str = "",
    version_id: str = "",
    object: ObjectFacts | None = None,
) -> None:
    """Return if `who` may do `operation`; raise `AccessDenied` otherwise.

    `bucket` is None for operations on the service. `object` is None when there is no such object: then
    it is permitted to be told so, to whoever may list the bucket at this key.
    """
    rule = RULES.get(operation)
    if rule is None or (bucket is None and (rule.level != "service" or who.is_anonymous)):
        raise Refused("AccessDenied")
    if bucket is None:
        return
    owns = _owns(who, rule, bucket, object)
    verdict = _verdict(who, rule.action_for(version_id), bucket, key, context)
    if verdict == "deny" and not (owns and operation in POLICY_OPERATIONS):
        raise Refused("AccessDenied", "The bucket's policy denies it explicitly")
    if owns or verdict == "allow" or _granted(who, rule, bucket, object):
        return
    if rule.grant_on == "object" and object is None:
        permit(who, "ListObjects", bucket, context={**context, "s3:prefix": key})
        return
    raise Refused("AccessDenied")


def may(
    who: Identity,
    operation: str,
    bucket: BucketFacts,
    *,
    context: Context,
    key: str = "",
    version_id: str = "",
    object: ObjectFacts | None = None,
) -> bool:
    """Return whether `permit` would let it pass."""
    try:
        permit(
            who, operation, bucket,
            context=context, key=key, version_id=version_id, object=object,
        )  # fmt: skip
    except Refused:
        return False
    return True


def _owns(who: Identity, rule: Rule, bucket: BucketFacts, object: ObjectFacts | None) -> bool:
    """Return whether it is the caller's own, and ownership is enough.

    It is for what no ACL can grant, and for the ACL itself. To read and to write, an owner too needs the
    grant that every ACL begins with, and may have given it away; unless ACLs are off.
    """
    if who.is_anonymous:
        return False
    if bucket.ownership == ENFORCED:
        return who.id == bucket.owner
    if rule.grant_on and rule.permission not in ("READ_ACP", "WRITE_ACP"):
        return False
    if rule.level == "object" and object is not None:
        return who.id == object.owner or (not rule.grant_on and who.id == bucket.owner)
    return who.id == bucket.owner


def _verdict(
    who: Identity, action: str, bucket: BucketFacts, key: str, context: Context
) -> policy.Verdict:
    """Return what the bucket's policy says; a public one says yes to outsiders only if it may."""
    if bucket.policy is None:
        return None
    resource = f"arn:aws:s3:::{bucket.name}" + (f"/{key}" if key else "")
    verdict = policy.evaluate(bucket.policy, who, action, resource, context)
    restricted = bucket.block.get("RestrictPublicBuckets") and not _is_of_account(who, bucket)
    if verdict == "allow" and restricted and policy.is_public(bucket.policy):
        return None
    return verdict


def _is_of_account(who: Identity, bucket: BucketFacts) -> bool:
    if who.user is None:
        return False
    return who.id == bucket.owner or bool(bucket.tenant and who.user.tenant == bucket.tenant)


def _granted(who: Identity, rule: Rule, bucket: BucketFacts, object: ObjectFacts | None) -> bool:
    """Return whether an ACL, if ACLs count here, gives the permission that the operation needs."""
    if not rule.grant_on or bucket.ownership == ENFORCED:
        return False
    ignore_public = bool(bucket.block.get("IgnorePublicAcls"))
    if rule.grant_on == "bucket":
        listed, owner = bucket.acl, bucket.owner
    elif object is not None:
        listed, owner = object.acl, object.owner
    else:
        return False
    return acl.allows(listed, owner, who, rule.permission, ignore_public=ignore_public)


def is_public(bucket: BucketFacts) -> bool:
    """Return whether strangers may do anything here: what GetBucketPolicyStatus answers."""
    by_policy = bucket.policy is not None and policy.is_public(bucket.policy)
    by_acl = bucket.ownership != ENFORCED and acl.is_public(bucket.acl)
    return by_policy or (by_acl and not bucket.block.get("IgnorePublicAcls"))


def check_public_policy(parsed: Policy, block: Facts) -> None:
    """Refuse a public policy for a bucket whose public access block does not allow one."""
    if block.get("BlockPublicPolicy") and policy.is_public(parsed):
        raise Refused("AccessDenied", "The bucket's public access block refuses public policies")
