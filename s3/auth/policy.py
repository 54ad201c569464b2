"""What a policy says to one request: allow, deny, or nothing.

    any Deny that fits?  ──yes──► "deny"      whatever else is written, and in whatever order
           │ no
    any Allow that fits? ──yes──► "allow"
           │ no
          None                                then ACLs may still allow; by itself, nothing is

Invariant: an explicit deny wins. So adding a Deny can only take away, and adding an Allow can only give:
statements can be read one at a time. O(statements × conditions).
Source: IAM user guide, "Policy evaluation logic"; S3 user guide, "The meaning of public".
Page: docs/s3/auth.md
"""

from ipaddress import ip_network
from typing import Literal

from s3.auth.authenticate import Identity
from s3.auth.patterns import Context, like
from s3.auth.policy_conditions import Condition
from s3.auth.policy_document import Policy, Statement, parse
from s3.auth.users import User

__all__ = ["Verdict", "evaluate", "fits", "is_public", "parse"]

Verdict = Literal["allow", "deny"] | None

# Conditions on these tie an open statement to known callers, unless their value is a wildcard.
_CLOSING_KEYS = {
    "aws:sourceip", "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceaccount",
    "aws:sourceowner", "aws:userid", "aws:username", "aws:principalarn", "aws:principalaccount",
    "aws:principalorgid", "aws:principalorgpaths",
}  # fmt: skip
_CLOSING_OPERATORS = {"StringEquals", "StringLike", "ArnEquals", "ArnLike", "IpAddress"}
_OPEN_PREFIX_MAX = 7  # bits: a network of half the internet closes nothing


def evaluate(
    policy: Policy, who: Identity, action: str, resource: str, context: Context
) -> Verdict:
    """Return "deny" if any statement denies, else "allow" if any allows, else None.

    `action` is like `s3:GetObject`, `resource` an ARN, `context` the condition keys of the request.
    """
    verdict: Verdict = None
    for statement in policy.statements:
        if fits(statement, who, action, resource, context):
            if not statement.allows:
                return "deny"
            verdict = "allow"
    return verdict


def fits(statement: Statement, who: Identity, action: str, resource: str, context: Context) -> bool:
    """Return whether a statement speaks of this request: all four parts must."""
    action = action.lower()
    listed = any(like(each, action, {}) for each in statement.actions)
    named = any(like(each, resource, context) for each in statement.resources)
    meant = any(_is_principal(kind, each, who) for kind, each in statement.principals)
    return (
        listed != statement.other_actions
        and named != statement.other_resources
        and meant != statement.other_principals
        and all(condition.holds(context) for condition in statement.conditions)
    )


def _is_principal(kind: str, named: str, who: Identity) -> bool:
    if kind == "Service" or who.service:
        return kind == "Service" and named == who.service
    if named == "*" and kind == "AWS":
        return True
    if who.user is None or kind not in ("AWS", "CanonicalUser"):
        return False
    return named in _names(who.user)


def _names(user: User) -> tuple[str, ...]:
    """Return what a policy may call this user: by id, by ARN, or by the whole account."""
    account = (user.tenant, f"arn:aws:iam::{user.tenant}:root") if user.tenant else ()
    by_id = (f"arn:aws:iam::{user.id}:root", f"arn:aws:iam::{user.tenant}:user/{user.id}")
    return (user.id, user.arn, *by_id, *account)


def is_public(policy: Policy) -> bool:
    """Return whether any statement lets in callers whom nobody has named."""
    return any(
        statement.allows
        and (("AWS", "*") in statement.principals or statement.other_principals)
        and not any(_closes(condition) for condition in statement.conditions)
        for statement in policy.statements
    )


def _closes(condition: Condition) -> bool:
    """Return whether a condition leaves only callers that are known."""
    if condition.operator not in _CLOSING_OPERATORS or condition.negated or condition.if_exists:
        return False
    if condition.key.lower() not in _CLOSING_KEYS or condition.quantifier == "ForAllValues":
        return False
    if condition.operator == "IpAddress":
        prefixes = [ip_network(each, strict=False).prefixlen for each in condition.values]
        return min(prefixes) > _OPEN_PREFIX_MAX
    return not any(mark in each for each in condition.values for mark in ("*", "?", "${"))
