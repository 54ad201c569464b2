"""Uploads from a browser's form: the site's owner signs what the form may say, not the request.

    policy (Base64 of JSON) ──signed──► the browser sends it back, with the file and its fields
      expiration     until when
      conditions     {"acl": "private"}  ["eq", "$x-amz-meta-a", "1"]  ["starts-with", "$key", "user/"]
                     ["content-length-range", 0, 1048576]

Invariant: every field of a signed form is named by a condition, so that nothing can be added by whoever
fills it in; only the signature's own fields, the file, its checksum and x-ignore-… need none. Field
names compare without case. Source: AWS, "Creating an HTML form" and "POST policy". Page: docs/s3/auth.md
"""

import hmac
import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from s3.auth.authenticate import Identity
from s3.auth.multipart_form import Form
from s3.auth.policy_conditions import read_time
from s3.auth.signature import ALGORITHM, SERVICE, TERMINATOR, cached_key, sign
from s3.auth.signature_v2 import sign_v2
from s3.auth.users import Credential, User, Users
from s3.errors import Refused
from s3.http import is_number

_UNCOVERED = {"policy", "signature", "x-amz-signature", "awsaccesskeyid", "file"}
_UNCOVERED_PREFIXES = ("x-ignore-", "x-amz-checksum-")  # a checksum says nothing new of the file
_SIGNING = {"x-amz-signature", "x-amz-credential", "x-amz-algorithm", "x-amz-date"}
_HEADERS = {"cache-control", "content-type", "content-disposition", "content-encoding", "expires"}


def authenticate_form(
    form: Form, users: Users, *, bucket: str, now: float, region: str
) -> Identity:
    """Return who signed the form: anybody in particular, or nobody. The file is not read.

    The file part then refuses itself if its size is not what the policy allows. Raises `Refused`:
    InvalidArgument, InvalidAccessKeyId, SignatureDoesNotMatch, AccessDenied (expired, or a condition
    that does not hold), InvalidPolicyDocument.
    """
    fields = form.fields
    if "key" not in fields:
        raise Refused("UserKeyMustBeSpecified", ArgumentName="key")
    fields["key"] = fields["key"].replace("${filename}", form.filename)
    signed = any(each in fields for each in ("signature", "x-amz-signature", "policy"))
    if not signed and "awsaccesskeyid" not in fields and "x-amz-credential" not in fields:
        return Identity(None, auth_type="anonymous")
    if "policy" not in fields:
        raise Refused(
            "InvalidArgument", "A signed form needs the field policy", ArgumentName="policy"
        )
    user, pair = _signer(fields, users, region)
    low_bytes, high_bytes = check_policy(fields["policy"], fields, bucket=bucket, now=now)
    form.file.low_bytes, form.file.high_bytes = low_bytes, high_bytes
    return Identity(user, pair.access_key, "post-form")


def _signer(fields: Mapping[str, str], users: Users, region: str) -> tuple[User, Credential]:
    """Return whose signature is on the policy."""
    if "x-amz-signature" in fields or "x-amz-credential" in fields:
        return _signer_v4(fields, users, region)
    for name in ("awsaccesskeyid", "signature"):
        if name not in fields:
            raise Refused("InvalidArgument", f"A signed form needs the field {name}")
    user, pair = _owner(users, fields["awsaccesskeyid"])
    _compare(sign_v2(pair.secret_key, fields["policy"]), fields["signature"], fields["policy"])
    return user, pair


def _signer_v4(fields: Mapping[str, str], users: Users, region: str) -> tuple[User, Credential]:
    for name in ("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"):
        if name not in fields:
            raise Refused("InvalidArgument", f"A signed form needs the field {name}")
    access_key, *where = fields["x-amz-credential"].rsplit("/", 4)
    of_s3 = len(where) == 4 and where[2:] == [SERVICE, TERMINATOR]
    if not of_s3 or fields["x-amz-algorithm"] != ALGORITHM:
        raise Refused("InvalidArgument", "x-amz-credential or x-amz-algorithm cannot be read")
    user, pair = _owner(users, access_key)
    date, named = where[0], where[1]
    if named != region or not fields["x-amz-date"].startswith(date):
        message = f"x-amz-credential is for another region or day; the region is {region}"
        raise Refused("InvalidArgument", message, Region=region)
    key = cached_key(pair.secret_key, date, region)
    _compare(sign(key, fields["policy"]), fields["x-amz-signature"], fields["policy"])
    return user, pair


def _owner(users: Users, access_key: str) -> tuple[User, Credential]:
    found = users.by_access_key(access_key)
    if found is None:
        raise Refused("InvalidAccessKeyId", AWSAccessKeyId=access_key)
    return found


def _compare(expected: str, given: str, policy: str) -> None:
    if not hmac.compare_digest(expected.encode(), given.strip().encode()):
        raise Refused("SignatureDoesNotMatch", StringToSign=policy, SignatureProvided=given)


def check_policy(
    text: str, fields: Mapping[str, str], *, bucket: str, now: float
) -> tuple[int, int]:
    """Return the (least, most) bytes that the file may have, if everything else holds."""
    found = _document(text)
    if now > _expiration(found):
        raise Refused("AccessDenied", "Invalid according to Policy: Policy expired.")
    conditions = found.get("conditions")
    if not isinstance(conditions, list) or not conditions:
        raise Refused("InvalidPolicyDocument", "Conditions must be a list that is not empty")
    values = {**fields, "bucket": bucket}
    covered, low_bytes, high_bytes = set(), 0, 1 << 63
    for condition in conditions:
        operator, name, value = _read(condition)
        if operator == "content-length-range":
            low_bytes, high_bytes = max(low_bytes, int(name)), min(high_bytes, int(value))
        elif _holds(operator, values.get(name, ""), value):
            covered.add(name)
        else:
            _fail(f"Policy Condition failed: {json.dumps(condition)}")
    _check_covered(values, covered)
    return low_bytes, high_bytes


def _document(text: str) -> dict[str, Any]:
    try:
        found = json.loads(b64decode(text, validate=True))
    except (Base64Error, ValueError, RecursionError) as error:
        raise Refused("InvalidPolicyDocument", f"The policy cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise Refused("InvalidPolicyDocument", "The policy is no JSON object")
    return found


def _expiration(found: Mapping[str, Any]) -> float:
    text = found.get("expiration")
    if not isinstance(text, str) or "T" not in text or not text.endswith("Z"):
        message = f"expiration is {text!r}; write it like 2013-05-24T00:00:00.000Z"
        raise Refused("InvalidPolicyDocument", message)
    try:
        return read_time(text)
    except ValueError as error:
        raise Refused("InvalidPolicyDocument", f"expiration: {error}") from error


def _read(condition: Any) -> tuple[str, str, str]:
    """Return (operator, lower-case field, value); for a range, (operator, least, most)."""
    match condition:
        case dict() if len(condition) == 1:
            ((name, value),) = condition.items()
            if isinstance(value, str):
                return "eq", name.lower(), value
        case [str(operator), str(name), str(value)] if name.startswith("$"):
            if operator.lower() in ("eq", "starts-with"):
                return operator.lower(), name[1:].lower(), value
        case [str(operator), low, high] if operator.lower() == "content-length-range":
            if is_number(str(low)) and is_number(str(high)):
                return "content-length-range", str(low), str(high)
    raise Refused("InvalidPolicyDocument", f"The condition {json.dumps(condition)} cannot be read")


def _holds(operator: str, found: str, wanted: str) -> bool:
    return found == wanted if operator == "eq" else found.startswith(wanted)


def _check_covered(values: Mapping[str, str], covered: set[str]) -> None:
    loose = [
        name
        for name in values
        if not (name in covered or name in _UNCOVERED or name.startswith(_UNCOVERED_PREFIXES))
    ]
    if loose:
        _fail(f"Extra input fields: {', '.join(sorted(loose))}")


def _fail(reason: str) -> None:
    raise Refused("AccessDenied", f"Invalid according to Policy: {reason}")


def headers_of(form: Form) -> dict[str, str]:
    """Return the headers of the PUT that the form stands for: lower-case names."""
    found = {
        name: value
        for name, value in form.fields.items()
        if name in _HEADERS or (name.startswith("x-amz-") and name not in _SIGNING)
    }
    if "acl" in form.fields:
        found["x-amz-acl"] = form.fields["acl"]
    return found


def status_of(form: Form) -> int:
    """Return the status that the form asks for: 200, 201 or, for anything else, 204."""
    text = form.fields.get("success_action_status", "")
    return int(text) if text in ("200", "201") else 204


def redirect_of(form: Form, bucket: str, etag: str) -> str:
    """Return where the browser goes after the upload, or "" when it is not told."""
    target = form.fields.get("success_action_redirect") or form.fields.get("redirect", "")
    if not target.startswith(("http://", "https://")):
        return ""
    told = urlencode({"bucket": bucket, "key": form.fields["key"], "etag": f'"{etag}"'}, safe="/")
    return f"{target}{'&' if '?' in target else '?'}{told}"
