"""Access control lists: who may do what with one bucket or object, as a short list of grants.

    {"grants": [["FULL_CONTROL", "id", "75aa…"], ["READ", "group", "AllUsers"]]}
    {}                                        private: the owner has FULL_CONTROL, as if it were written

    READ  WRITE  READ_ACP  WRITE_ACP  FULL_CONTROL = all four

Invariant: a stored ACL names users by canonical id, never by e-mail address, and groups that exist. It
only ever allows; who may do nothing here may still be let in by a policy. At most 100 grants.
Source: AWS, "Access control list (ACL) overview". Page: docs/s3/auth.md
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from s3.auth.authenticate import Identity
from s3.auth.users import Users
from s3.errors import Refused
from s3.markup import XSI, Pair, parse, render, text_of
from s3.records import Facts

if TYPE_CHECKING:
    from s3.service import Call

PERMISSIONS = ("READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL")
GROUPS = {
    "AllUsers": "http://acs.amazonaws.com/groups/global/AllUsers",
    "AuthenticatedUsers": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
    "LogDelivery": "http://acs.amazonaws.com/groups/s3/LogDelivery",
}
LOGGING = "logging.s3.amazonaws.com"
PUBLIC_GROUPS = {"AllUsers", "AuthenticatedUsers"}
GRANTS_MAX = 100

ENFORCED = "BucketOwnerEnforced"
PREFERRED = "BucketOwnerPreferred"
BUCKET_OWNER_FULL = "bucket-owner-full-control"

# What the canned ACLs grant beside FULL_CONTROL to the owner.
_CANNED_GROUPS = {
    "private": (),
    "public-read": (("READ", "AllUsers"),),
    "public-read-write": (("READ", "AllUsers"), ("WRITE", "AllUsers")),
    "authenticated-read": (("READ", "AuthenticatedUsers"),),
    "log-delivery-write": (("WRITE", "LogDelivery"), ("READ_ACP", "LogDelivery")),
}
_SO_ANYWAY = {  # what may be asked for although ACLs are off, by profile
    "aws": {BUCKET_OWNER_FULL, "private"},
    "rgw": {BUCKET_OWNER_FULL},
}
_CANNED_BUCKET_OWNER = {"bucket-owner-read": "READ", BUCKET_OWNER_FULL: "FULL_CONTROL"}
_GRANT_HEADERS = {
    f"x-amz-grant-{permission.lower().replace('_', '-')}": permission for permission in PERMISSIONS
}


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission to one grantee: a user ("id") or a group ("group")."""

    permission: str
    kind: str
    who: str

    def covers(self, permission: str) -> bool:
        return self.permission in (permission, "FULL_CONTROL")

    def reaches(self, identity: Identity) -> bool:
        """Return whether `identity` is the grantee, or in the group."""
        if self.kind == "id":
            return identity.id == self.who and not identity.is_anonymous
        if self.who == "LogDelivery" or identity.service:
            return self.who == "LogDelivery" and identity.service == LOGGING
        return self.who == "AllUsers" or not identity.is_anonymous


def grants_of(acl: Facts, owner: str) -> list[Grant]:
    """Return the grants that a stored ACL means, of a thing that `owner` owns."""
    if "grants" not in acl:
        return [Grant("FULL_CONTROL", "id", owner)]
    return [Grant(*each) for each in acl["grants"]]


def allows(
    acl: Facts, owner: str, identity: Identity, permission: str, *, ignore_public: bool = False
) -> bool:
    """Return whether a grant gives `identity` that permission; `ignore_public` skips open groups."""
    return any(
        grant.covers(permission) and grant.reaches(identity)
        for grant in grants_of(acl, owner)
        if not (ignore_public and grant.who in PUBLIC_GROUPS)
    )


def is_public(acl: Facts) -> bool:
    """Return whether it grants anything to everybody, or to everybody with an account."""
    return any(grant.who in PUBLIC_GROUPS for grant in grants_of(acl, ""))


def canned(name: str, owner: str, bucket_owner: str) -> Facts:
    """Return the ACL of that name; {} for private. Raises `InvalidArgument` for unknown names."""
    if name in _CANNED_BUCKET_OWNER:
        if owner == bucket_owner:
            return {}
        more = [Grant(_CANNED_BUCKET_OWNER[name], "id", bucket_owner)]
    elif name in _CANNED_GROUPS:
        more = [Grant(permission, "group", who) for permission, who in _CANNED_GROUPS[name]]
    else:
        known = ", ".join((*_CANNED_GROUPS, *_CANNED_BUCKET_OWNER))
        message = f"There is no canned ACL {name!r}; there are {known}"
        raise Refused("InvalidArgument", message, ArgumentName="x-amz-acl", ArgumentValue=name)
    return stored([Grant("FULL_CONTROL", "id", owner), *more]) if more else {}


def stored(grants: Iterable[Grant]) -> Facts:
    """Return the small JSON of grants, each once. Raises `MalformedACLError` above 100."""
    listed = list(dict.fromkeys(grants))
    if len(listed) > GRANTS_MAX:
        raise Refused("MalformedACLError", f"An ACL may have {GRANTS_MAX} grants")
    return {"grants": [[each.permission, each.kind, each.who] for each in listed]}


def in_headers(headers: Mapping[str, str]) -> bool:
    """Return whether a request says something of ACLs in its headers."""
    return "x-amz-acl" in headers or any(name in headers for name in _GRANT_HEADERS)


def from_headers(headers: Mapping[str, str], owner: str, bucket_owner: str, users: Users) -> Facts:
    """Return the ACL that x-amz-acl or x-amz-grant-… ask for; {} without any of them.

    Raises `InvalidRequest` for both at once, `InvalidArgument` and
    `UnresolvableGrantByEmailAddress` for grantees that nobody knows.
    """
    given = [name for name in _GRANT_HEADERS if name in headers]
    if not given:
        return canned(headers.get("x-amz-acl") or "private", owner, bucket_owner)
    if "x-amz-acl" in headers:
        raise Refused("InvalidRequest", "Either x-amz-acl or x-amz-grant- headers, not both")
    return stored(
        _header_grantee(_GRANT_HEADERS[name], part, users)
        for name in given
        for part in headers[name].split(",")
        if part.strip()
    )


def _header_grantee(permission: str, text: str, users: Users) -> Grant:
    """Read one of `id="…"`, `emailAddress="…"`, `uri="…"`."""
    kind, _, value = text.strip().partition("=")
    value = value.strip().strip('"')
    match kind.strip().lower():
        case "id":
            return by_id(permission, value, users)
        case "emailaddress":
            return by_email(permission, value, users)
        case "uri":
            return by_uri(permission, value)
    message = f"{text.strip()!r} is no grantee; write id=, emailAddress= or uri="
    raise Refused("InvalidArgument", message)


def by_id(permission: str, canonical_id: str, users: Users) -> Grant:
    if users.by_id(canonical_id) is None:
        raise Refused("InvalidArgument", "Invalid id", ArgumentValue=canonical_id)
    return Grant(permission, "id", canonical_id)


def by_email(permission: str, email: str, users: Users) -> Grant:
    user = users.by_email(email)
    if user is None:
        raise Refused("UnresolvableGrantByEmailAddress", ArgumentValue=email)
    return Grant(permission, "id", user.id)


def by_uri(permission: str, uri: str) -> Grant:
    for name, known in GROUPS.items():
        if uri == known:
            return Grant(permission, "group", name)
    raise Refused("InvalidArgument", "Invalid group uri", ArgumentValue=uri)


def from_xml(document: bytes, owner: str, users: Users) -> Facts:
    """Return the ACL in an AccessControlPolicy document of a thing that `owner` owns.

    Raises `MalformedACLError`, and `AccessDenied` when the document names another owner.
    """
    try:
        root = parse(document, "AccessControlPolicy")
        named = root.find("Owner/ID")
        listed = root.find("AccessControlList")
        if named is None or listed is None:
            raise Refused("MalformedACLError", "An ACL needs Owner/ID and AccessControlList")
        given = [
            (text_of(each, "Permission"), each.find("Grantee")) for each in listed.findall("Grant")
        ]
    except Refused as error:
        raise Refused("MalformedACLError", str(error)) from error
    if (named.text or "").strip() != owner:
        raise Refused("AccessDenied", "The owner cannot be changed by an ACL")
    return stored(_xml_grant(permission, grantee, users) for permission, grantee in given)


def _xml_grant(permission: str, grantee: Element | None, users: Users) -> Grant:
    if permission not in PERMISSIONS or grantee is None:
        names = ", ".join(PERMISSIONS)
        raise Refused("MalformedACLError", f"A grant needs a Grantee, and a Permission of {names}")
    kind = grantee.get(f"{{{XSI}}}type", "")
    match kind:
        case "CanonicalUser":
            return by_id(permission, text_of(grantee, "ID", ""), users)
        case "AmazonCustomerByEmail":
            return by_email(permission, text_of(grantee, "EmailAddress", ""), users)
        case "Group":
            return by_uri(permission, text_of(grantee, "URI", ""))
    raise Refused("MalformedACLError", f"{kind!r} is no type of grantee")


def to_xml(acl: Facts, owner: str, users: Users, *, groups_first: bool = False) -> bytes:
    """Return the AccessControlPolicy document of a stored ACL, in its order or groups first."""
    listed = grants_of(acl, owner)
    if groups_first:
        listed.sort(key=lambda each: each.kind != "group")
    grants: list[Pair] = [("Grant", _grant_pairs(each, users)) for each in listed]
    pairs: list[Pair] = [("Owner", _user_pairs(owner, users)), ("AccessControlList", grants)]
    return render("AccessControlPolicy", pairs)


def _grant_pairs(grant: Grant, users: Users) -> list[Pair]:
    kind = "Group" if grant.kind == "group" else "CanonicalUser"
    who: list[Pair] = (
        [("URI", GROUPS[grant.who])] if kind == "Group" else _user_pairs(grant.who, users)
    )
    return [
        (f'Grantee xmlns:xsi="{XSI}" xsi:type="{kind}"', who),
        ("Permission", grant.permission),
    ]


def _user_pairs(canonical_id: str, users: Users) -> list[Pair]:
    user = users.by_id(canonical_id)
    return [("ID", canonical_id), ("DisplayName", user.display_name if user else None)]


def check_allowed(
    acl: Facts, headers: Mapping[str, str], ownership: str, block: Facts, profile: str = "aws"
) -> None:
    """Refuse an ACL that the bucket's ownership controls or public access block do not allow."""
    harmless = headers.get("x-amz-acl") in _SO_ANYWAY[profile]
    if ownership == ENFORCED and in_headers(headers) and not harmless:
        raise Refused("AccessControlListNotSupported")
    if block.get("BlockPublicAcls") and is_public(acl):
        raise Refused("AccessDenied", "The bucket's public access block does not allow public ACLs")


def owner_of_object(call: "Call") -> str:
    """Return whose object a request is about to write: the writer's, or the bucket owner's."""
    bucket = call.bucket
    ownership = bucket.configs.get("ownershipControls", "")
    given_away = call.headers.get("x-amz-acl") == BUCKET_OWNER_FULL
    if ownership == ENFORCED or (ownership == PREFERRED and given_away):
        return bucket.owner
    return call.who.id or bucket.owner


def of_object(call: "Call") -> Facts:
    """Return the ACL of the object that a request is about to write."""
    bucket = call.bucket
    acl = from_headers(call.headers, owner_of_object(call), bucket.owner, call.service.users)
    ownership = bucket.configs.get("ownershipControls", "")
    block = bucket.configs.get("publicAccessBlock", {})
    check_allowed(acl, call.headers, ownership, block, call.service.profile)
    return {} if ownership == ENFORCED else acl
