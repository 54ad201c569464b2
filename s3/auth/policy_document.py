"""A bucket policy, read from JSON: every word is understood, or the whole document is refused.

    {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::acme:user/alice"},
                    "Action": "s3:Get*", "Resource": "arn:aws:s3:::photos/*", "Condition": {…}}]}

Invariant: a statement that would be misread is never stored. An unknown element in a Deny would let
somebody in, and one in an Allow too. At most 20 KiB. Source: IAM reference, "Policy elements".
Page: docs/s3/auth.md
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from s3.auth.policy_conditions import Condition, read_operator
from s3.errors import Refused

POLICY_BYTES_MAX = 20 * 1024
POLICIES_CACHED_MAX = 256

_ELEMENTS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
    "Condition",
}  # fmt: skip
_ACTION = re.compile(r"\*|s3(-object-lambda|express)?:[A-Za-z*?]+", re.IGNORECASE)
_PRINCIPAL = re.compile(r"\*|arn:aws[a-z-]*:(iam|sts)::[^:]*:[^*]+|[0-9]{12}|[0-9a-f]{64}")
_LITERAL = re.compile(r"[*?]|\$\{")
_KINDS = ("AWS", "CanonicalUser", "Service", "Federated")


@dataclass(frozen=True, slots=True)
class Statement:
    """One rule. `others` turn a list round: all actions but these, all resources but these."""

    allows: bool
    principals: tuple[tuple[str, str], ...]  # (kind, who); ("AWS", "*") is everybody
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    other_principals: bool = False
    other_actions: bool = False
    other_resources: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """The statements of a document; their order does not matter."""

    statements: tuple[Statement, ...]


@lru_cache(maxsize=POLICIES_CACHED_MAX)
def parse(document: str, bucket: str) -> Policy:
    """Return the policy of a bucket. Raises `MalformedPolicy` with the reason."""
    if len(document.encode("utf-8", "surrogatepass")) > POLICY_BYTES_MAX:
        raise Refused("MalformedPolicy", f"A policy may have {POLICY_BYTES_MAX} bytes")
    try:
        found = json.loads(document)
        return _policy(found, bucket)
    except RecursionError as error:
        raise Refused("MalformedPolicy", "The policy is nested too deeply") from error
    except ValueError as error:
        raise Refused("MalformedPolicy", str(error)) from error


def _policy(found: Any, bucket: str) -> Policy:
    _need(isinstance(found, dict), "Policies must be a JSON object")
    unknown = found.keys() - {"Version", "Id", "Statement"}
    _need(not unknown, f"Unknown policy element {min(unknown, default='')!r}")
    version = found.get("Version", "2008-10-17")
    _need(version in ("2008-10-17", "2012-10-17"), f"Invalid policy version {version!r}")
    listed = found.get("Statement")
    statements = listed if isinstance(listed, list) else [listed]
    _need(bool(statements), "Missing required field Statement")
    return Policy(tuple(_statement(each, bucket) for each in statements))


def _statement(found: Any, bucket: str) -> Statement:
    _need(isinstance(found, dict), "A Statement must be a JSON object")
    unknown = found.keys() - _ELEMENTS
    _need(not unknown, f"Unknown element {min(unknown, default='')!r} in a Statement")
    effect = found.get("Effect")
    _need(effect in ("Allow", "Deny"), f"Invalid effect {effect!r}")
    principal, other_principals = _one_of(found, "Principal")
    _need(
        effect == "Deny" or not other_principals, "Allow with NotPrincipal lets in the whole world"
    )
    actions, other_actions = _one_of(found, "Action")
    resources, other_resources = _one_of(found, "Resource")
    return Statement(
        effect == "Allow",
        _principals(principal),
        _checked_actions(_texts(actions, "Action")),
        _checked_resources(_texts(resources, "Resource"), bucket),
        _conditions(found.get("Condition", {})),
        other_principals,
        other_actions,
        other_resources,
    )


def _one_of(found: dict[str, Any], name: str) -> tuple[Any, bool]:
    """Return the element `name` or `Not` + name, and whether it is the latter."""
    _need(
        (name in found) != (f"Not{name}" in found),
        f"A Statement needs either {name} or Not{name}",
    )
    return (found[name], False) if name in found else (found[f"Not{name}"], True)


def _texts(found: Any, name: str) -> tuple[str, ...]:
    listed = found if isinstance(found, list) else [found]
    _need(bool(listed) and all(isinstance(each, str) for each in listed), f"{name} must be text")
    return tuple(listed)


def _principals(found: Any) -> tuple[tuple[str, str], ...]:
    if found == "*":
        return (("AWS", "*"),)
    _need(isinstance(found, dict) and bool(found), "Invalid principal in policy")
    pairs = []
    for kind, who in found.items():
        _need(kind in _KINDS, f"Invalid principal in policy: {kind!r}")
        pairs += [(kind, each) for each in _texts(who, "Principal")]
    for kind, each in pairs:
        _need(
            kind != "AWS" or _PRINCIPAL.fullmatch(each) is not None,
            f"Invalid principal in policy: {each!r}",
        )
    return tuple(pairs)


def _checked_actions(actions: tuple[str, ...]) -> tuple[str, ...]:
    for each in actions:
        _need(_ACTION.fullmatch(each) is not None, f"Policy has invalid action {each!r}")
    return tuple(each.lower() for each in actions)


def _checked_resources(resources: tuple[str, ...], bucket: str) -> tuple[str, ...]:
    for each in resources:
        of_s3 = each == "*" or each.startswith("arn:aws:s3:")
        _need(of_s3 and _may_name(each, bucket), f"Policy has invalid resource {each!r}")
    return resources


def _may_name(resource: str, bucket: str) -> bool:
    """Return whether a resource may be the bucket or an object in it, going by what is literal."""
    head, objects = _LITERAL.split(resource, maxsplit=1)[0], f"arn:aws:s3:::{bucket}/"
    if head == resource:
        return resource + "/" == objects or resource.startswith(objects)
    return objects.startswith(head) or head.startswith(objects)


def _conditions(found: Any) -> tuple[Condition, ...]:
    _need(isinstance(found, dict), "Condition must be a JSON object")
    conditions = []
    for operator, pairs in found.items():
        _need(isinstance(pairs, dict), f"{operator} must be a JSON object")
        for key, values in pairs.items():
            conditions.append(read_operator(operator, key, _scalars(values, key)))
    return tuple(conditions)


def _scalars(found: Any, name: str) -> tuple[str, ...]:
    listed = found if isinstance(found, list) else [found]
    _need(
        all(isinstance(each, str | int | float) for each in listed),
        f"{name} must be a text or list",
    )
    return tuple(json.dumps(each) if isinstance(each, bool) else str(each) for each in listed)


def _need(holds: bool, reason: str) -> None:
    if not holds:
        raise ValueError(reason)
