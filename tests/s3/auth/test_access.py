"""ACLs, and the one decision over policy, owner, ACL, public access block and ownership."""

import json
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3 import routes
from s3.auth import acl, policy
from s3.auth.access import (
    BucketFacts,
    ObjectFacts,
    check_public_policy,
    is_public,
    may,
    permit,
)
from s3.auth.actions import RULES, versioned
from s3.auth.authenticate import Identity
from s3.auth.users import Users, make_user
from s3.errors import Refused
from s3.records import Bucket

OWNER, WRITER, OTHER = (
    make_user(name, f"AK{name}", "s", email=f"{name}@x.org")
    for name in ("owner", "writer", "other")
)
USERS = Users([OWNER, WRITER, OTHER])
WHO = {user.name: Identity(user) for user in USERS.all} | {"anybody": Identity(None)}
PRIVATE = BucketFacts("b", OWNER.id)


def facts(**over):
    over = {"name": "b", "owner": OWNER.id} | over
    return BucketFacts(**over)


def allowed(operation, bucket, key="", object=None):
    """Name those who may."""
    context = {}
    return [
        name for name, who in WHO.items()
        if may(who, operation, bucket, context=context, key=key, object=object)
    ]  # fmt: skip


def canned(name, owner=OWNER):
    return acl.canned(name, owner.id, OWNER.id)


def policy_of(effect="Allow", action="s3:*", principal="*", **more):
    one = {"Effect": effect, "Action": action, "Principal": principal} | more
    one = {"Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]} | one
    return policy.parse(json.dumps({"Statement": [one]}), "b")


EVERYBODY = ["owner", "writer", "other", "anybody"]


@pytest.mark.parametrize(
    "name, lists, writes, reads_acl",
    [
        ("private", ["owner"], ["owner"], ["owner"]),
        ("public-read", EVERYBODY, ["owner"], ["owner"]),
        ("public-read-write", EVERYBODY, EVERYBODY, ["owner"]),
        ("authenticated-read", EVERYBODY[:3], ["owner"], ["owner"]),
        ("log-delivery-write", ["owner"], ["owner"], ["owner"]),
        ("bucket-owner-read", ["owner"], ["owner"], ["owner"]),
    ],
)
def test_what_a_canned_acl_lets_whom_do_with_a_bucket(name, lists, writes, reads_acl):
    bucket = facts(acl=canned(name))
    assert allowed("ListObjectsV2", bucket) == lists
    assert allowed("PutObject", bucket, "k") == writes
    assert allowed("GetBucketAcl", bucket) == reads_acl
    assert allowed("PutBucketPolicy", bucket) == ["owner"]


@pytest.mark.parametrize(
    "name, reads, reads_acl",
    [
        ("private", ["writer"], ["writer"]),
        ("public-read", EVERYBODY, ["writer"]),
        ("authenticated-read", EVERYBODY[:3], ["writer"]),
        ("bucket-owner-read", ["owner", "writer"], ["writer"]),
        ("bucket-owner-full-control", ["owner", "writer"], ["owner", "writer"]),
    ],
)
def test_what_a_canned_acl_lets_whom_do_with_somebody_s_object(name, reads, reads_acl):
    thing = ObjectFacts(WRITER.id, canned(name, WRITER))
    who_reads = [name for name in EVERYBODY if name in reads]
    assert allowed("GetObject", PRIVATE, "k", thing) == who_reads
    assert allowed("GetObjectAcl", PRIVATE, "k", thing) == reads_acl
    assert allowed("DeleteObject", PRIVATE, "k", thing) == ["owner"]


def test_the_bucket_owner_has_every_object_when_ownership_is_enforced():
    thing = ObjectFacts(WRITER.id, canned("public-read", WRITER))
    enforced = facts(ownership=acl.ENFORCED, acl=canned("public-read-write"))
    assert allowed("GetObject", enforced, "k", thing) == ["owner"]
    assert allowed("PutObject", enforced, "k") == ["owner"]


def test_open_groups_can_be_ignored():
    bucket = facts(acl=canned("public-read-write"), block={"IgnorePublicAcls": True})
    assert allowed("ListObjects", bucket) == ["owner"]
    thing = ObjectFacts(WRITER.id, acl.stored([acl.Grant("READ", "id", OTHER.id)]))
    assert allowed("GetObject", bucket, "k", thing) == ["other"]


def test_a_policy_lets_in_and_keeps_out():
    thing = ObjectFacts(OWNER.id, canned("public-read"))
    assert allowed("GetObject", facts(policy=policy_of("Deny")), "k", thing) == []
    one = {"AWS": OTHER.arn}
    assert allowed("GetObject", facts(policy=policy_of("Deny", principal=one)), "k", thing) == [
        "owner", "writer", "anybody"
    ]  # fmt: skip
    private = ObjectFacts(OWNER.id)
    assert allowed("GetObject", facts(policy=policy_of()), "k", private) == EVERYBODY
    only = facts(policy=policy_of(action="s3:GetObject", principal=one))
    assert allowed("GetObject", only, "k", private) == ["owner", "other"]
    assert allowed("PutObject", only, "k") == ["owner"]


def test_a_version_needs_the_action_of_versions():
    bucket = facts(policy=policy_of(action="s3:GetObject"))
    asked = {"context": {}, "key": "k", "object": ObjectFacts(OWNER.id)}
    assert may(WHO["other"], "GetObject", bucket, **asked)
    assert not may(WHO["other"], "GetObject", bucket, version_id="v", **asked)
    bucket = facts(policy=policy_of(action="s3:GetObjectVersion"))
    assert may(WHO["other"], "GetObject", bucket, version_id="v", **asked)
    assert versioned("s3:GetObjectTagging") == "s3:GetObjectVersionTagging"
    assert versioned("s3:PutObject") == "s3:PutObject"


def test_the_owner_can_undo_a_careless_policy():
    bucket = facts(policy=policy_of("Deny"))
    assert allowed("DeleteBucketPolicy", bucket) == ["owner"]
    assert allowed("ListObjects", bucket) == []


def test_a_public_policy_can_be_restricted_to_the_account():
    public = facts(policy=policy_of(), block={"RestrictPublicBuckets": True})
    assert allowed("ListObjects", public) == ["owner"]
    named = policy_of(principal={"AWS": OTHER.arn})
    bucket = facts(policy=named, block={"RestrictPublicBuckets": True})
    assert allowed("ListObjects", bucket) == ["owner", "other"]
    mate = Identity(make_user("mate", "AKmate", "s", tenant="acme"))
    shared = facts(policy=policy_of(), block={"RestrictPublicBuckets": True}, tenant="acme")
    assert may(mate, "ListObjects", shared, context={})


def test_who_may_list_is_told_that_a_key_is_missing():
    assert allowed("GetObject", facts(acl=canned("public-read")), "gone") == EVERYBODY
    assert allowed("GetObject", PRIVATE, "gone") == ["owner"]


def test_who_may_list_a_part_is_told_of_keys_in_that_part():
    under = {"StringLike": {"s3:prefix": "public/*"}}
    bucket = facts(policy=policy_of(action="s3:ListBucket", Condition=under))
    assert allowed("GetObject", bucket, "public/gone") == EVERYBODY
    assert allowed("GetObject", bucket, "private/gone") == ["owner"]


def test_the_service_is_for_users():
    for operation in ("ListBuckets", "CreateBucket"):
        permit(WHO["other"], operation, None, context={})
        with pytest.raises(Refused):
            permit(WHO["anybody"], operation, None, context={})


def test_an_operation_that_is_not_in_the_table_is_allowed_to_nobody():
    assert allowed("InventedOperation", facts(policy=policy_of())) == []
    routed = {name for (_, _, _), name in routes.ROUTES.items()} - {"Preflight"}
    assert routed <= RULES.keys()


def test_what_is_public():
    assert not is_public(PRIVATE)
    assert is_public(facts(policy=policy_of()))
    assert is_public(facts(acl=canned("authenticated-read")))
    assert not is_public(facts(acl=canned("public-read"), block={"IgnorePublicAcls": True}))
    check_public_policy(policy_of(), {})
    with pytest.raises(Refused):
        check_public_policy(policy_of(), {"BlockPublicPolicy": True})


def test_the_facts_of_a_stored_bucket():
    text = '{"Statement": {"Effect": "Allow", "Action": "*", "Principal": "*", "Resource": "*"}}'
    configs = {"policy": text, "publicAccessBlock": {"BlockPublicAcls": True}}
    found = BucketFacts.of(Bucket("b", OWNER.id, 0, configs=configs))
    assert is_public(found)
    assert found.block == {"BlockPublicAcls": True}
    assert BucketFacts.of(Bucket("b", OWNER.id, 0)) == PRIVATE


grants = st.builds(
    lambda permission, who: acl.Grant(permission, *who),
    st.sampled_from(acl.PERMISSIONS),
    st.sampled_from(
        [("id", user.id) for user in USERS.all] + [("group", name) for name in acl.GROUPS]
    ),
)


@given(st.lists(grants, max_size=6))
def test_an_acl_survives_the_trip_to_xml_and_back(listed):
    facts = acl.stored(listed)
    assert acl.from_xml(acl.to_xml(facts, OWNER.id, USERS), OWNER.id, USERS) == facts
    assert json.loads(json.dumps(facts)) == facts


def test_a_private_acl_is_written_out_as_what_it_means():
    text = acl.to_xml({}, OWNER.id, USERS).decode()
    assert f"<ID>{OWNER.id}</ID><DisplayName>owner</DisplayName>" in text
    assert 'xsi:type="CanonicalUser"' in text
    assert "<Permission>FULL_CONTROL</Permission>" in text


def test_grants_in_headers():
    headers = {
        "x-amz-grant-read": f'id="{OTHER.id}", uri="{acl.GROUPS["AllUsers"]}"',
        "x-amz-grant-write-acp": "emailAddress=WRITER@x.org",
    }
    found = acl.from_headers(headers, OWNER.id, OWNER.id, USERS)
    assert found["grants"] == [
        ["READ", "id", OTHER.id], ["READ", "group", "AllUsers"], ["WRITE_ACP", "id", WRITER.id]
    ]  # fmt: skip
    assert acl.from_headers({}, OWNER.id, OWNER.id, USERS) == {}


@pytest.mark.parametrize(
    "headers, code",
    [
        ({"x-amz-acl": "public-readwrite"}, "InvalidArgument"),
        ({"x-amz-acl": "private", "x-amz-grant-read": "id=x"}, "InvalidRequest"),
        ({"x-amz-grant-read": "id=nobody"}, "InvalidArgument"),
        ({"x-amz-grant-read": "emailAddress=nobody@x.org"}, "UnresolvableGrantByEmailAddress"),
        ({"x-amz-grant-read": "uri=http://x"}, "InvalidArgument"),
        ({"x-amz-grant-read": "somebody"}, "InvalidArgument"),
    ],
)
def test_acl_headers_that_mean_nothing_are_refused(headers, code):
    with pytest.raises(Refused) as caught:
        acl.from_headers(headers, OWNER.id, OWNER.id, USERS)
    assert (caught.value.code, caught.value.status) == (code, 400)


def document(grant="", owner=OWNER.id):
    return (
        f"<AccessControlPolicy><Owner><ID>{owner}</ID></Owner><AccessControlList>{grant}"
        "</AccessControlList></AccessControlPolicy>"
    ).encode()


def xml_grant(kind, inner, permission="READ"):
    return (
        f'<Grant><Grantee xmlns:xsi="{acl.XSI}" xsi:type="{kind}">{inner}</Grantee>'
        f"<Permission>{permission}</Permission></Grant>"
    )


@pytest.mark.parametrize(
    "raw, code",
    [
        (b"<x/>", "MalformedACLError"),
        (b"<AccessControlPolicy/>", "MalformedACLError"),
        (document("<Grant/>"), "MalformedACLError"),
        (document(xml_grant("CanonicalUser", f"<ID>{OTHER.id}</ID>", "ALL")), "MalformedACLError"),
        (document(xml_grant("Robot", "")), "MalformedACLError"),
        (document("<Grant><Permission>READ</Permission></Grant>"), "MalformedACLError"),
        (document(xml_grant("CanonicalUser", "<ID>x</ID>")), "InvalidArgument"),
        (document(xml_grant("Group", "<URI>x</URI>")), "InvalidArgument"),
        (
            document(xml_grant("AmazonCustomerByEmail", "<EmailAddress>a@b</EmailAddress>")),
            "UnresolvableGrantByEmailAddress",
        ),
        (document(owner=OTHER.id), "AccessDenied"),
    ],
)
def test_acl_documents_that_mean_nothing_are_refused(raw, code):
    with pytest.raises(Refused) as caught:
        acl.from_xml(raw, OWNER.id, USERS)
    assert caught.value.code == code


def test_an_acl_is_bounded():
    many = [acl.Grant("READ", "id", str(number)) for number in range(101)]
    with pytest.raises(Refused, match="100 grants"):
        acl.stored(many)
    assert len(acl.stored(many[:100] * 2)["grants"]) == 100


def test_an_owner_can_give_away_everything_but_the_acl():
    none = acl.stored([])
    assert acl.grants_of(none, OWNER.id) == []
    bucket = facts(acl=none)
    assert allowed("PutObject", bucket, "k") == allowed("ListObjects", bucket) == []
    assert allowed("PutBucketAcl", bucket) == allowed("DeleteBucket", bucket) == ["owner"]
    assert allowed("ListObjects", facts(acl=none, ownership=acl.ENFORCED)) == ["owner"]
    assert allowed("GetObject", PRIVATE, "k", ObjectFacts(WRITER.id, none)) == []
    assert allowed("GetObjectAcl", PRIVATE, "k", ObjectFacts(WRITER.id, acl.stored([]))) == [
        "writer"
    ]


def test_ownership_and_block_refuse_acls():
    public = canned("public-read")
    headers = {"x-amz-acl": "public-read"}
    acl.check_allowed(public, headers, "", {})
    for ownership, block, code in (
        (acl.ENFORCED, {}, "AccessControlListNotSupported"),
        ("", {"BlockPublicAcls": True}, "AccessDenied"),
    ):
        with pytest.raises(Refused) as caught:
            acl.check_allowed(public, headers, ownership, block)
        assert caught.value.code == code
    acl.check_allowed({}, {"x-amz-acl": acl.BUCKET_OWNER_FULL}, acl.ENFORCED, {})


def test_a_service_is_let_in_by_its_name_only():
    logging = Identity(None, service="logging.s3.amazonaws.com")
    asked = {"context": {}, "key": "log/"}
    named = facts(policy=policy_of(principal={"Service": "logging.s3.amazonaws.com"}))
    assert may(logging, "PutObject", named, **asked)
    for principal in ("*", {"AWS": "*"}, {"Service": "logging.s3.amazonaws.com.example"}):
        assert not may(logging, "PutObject", facts(policy=policy_of(principal=principal)), **asked)
    assert allowed("PutObject", named, "log/") == ["owner"]
    granted = facts(acl=canned("log-delivery-write"))
    assert may(logging, "PutObject", granted, **asked)
    assert not may(logging, "ListObjects", granted, context={})


def test_who_owns_what_is_written():
    def call(ownership, canned="", who="writer"):
        bucket = Bucket(
            "b", OWNER.id, 0, configs={"ownershipControls": ownership} if ownership else {}
        )
        headers = {"x-amz-acl": canned} if canned else {}
        service = SimpleNamespace(users=USERS, profile="aws")
        return SimpleNamespace(bucket=bucket, headers=headers, who=WHO[who], service=service)

    full = acl.BUCKET_OWNER_FULL
    for made, owner, grants in (
        (call(""), WRITER, {}),
        (call("", who="anybody"), OWNER, {}),
        (call("", full), WRITER, canned(full, WRITER)),
        (call(acl.PREFERRED), WRITER, {}),
        (call(acl.PREFERRED, full), OWNER, {}),
        (call(acl.ENFORCED), OWNER, {}),
        (call(acl.ENFORCED, full), OWNER, {}),
    ):
        assert (acl.owner_of_object(made), acl.of_object(made)) == (owner.id, grants)
