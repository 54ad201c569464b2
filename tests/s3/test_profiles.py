"""Where the profile "rgw" differs from S3, and users of tenants: see docs/s3/profiles.md."""

import re
from io import BytesIO
from pathlib import Path

import pytest

from s3 import wire
from s3.auth.acl import GROUPS
from s3.auth.users import Users, make_user

PAGE = Path(__file__).parents[2] / "docs/s3/profiles.md"
CANNED = {"x-amz-acl": "public-read"}
ENFORCED = {"x-amz-object-ownership": "BucketOwnerEnforced"}
WRITER = {"x-amz-object-ownership": "ObjectWriter"}


@pytest.fixture(params=["aws", "rgw"])
def profile(request, store):
    store.service.profile = request.param
    return request.param


@pytest.fixture
def rgw(store):
    store.service.profile = "rgw"
    return store


def test_an_acl_is_listed_as_the_profile_lists_it(store, profile):
    store.ask("PUT", "/box", WRITER | CANNED)
    grantees = re.findall(b"<(ID|URI)>", store.ask("GET", "/box", acl="").body)[1:]
    assert grantees == ([b"ID", b"URI"] if profile == "aws" else [b"URI", b"ID"])
    assert GROUPS["AllUsers"].encode() in store.ask("GET", "/box", acl="").body


def test_a_private_acl_where_acls_are_off_is_a_matter_of_the_profile(store, profile):
    store.ask("PUT", "/box", ENFORCED)
    private = store.ask("PUT", "/box/a", {"x-amz-acl": "private"}, b"x")
    assert private.code == ("" if profile == "aws" else "AccessControlListNotSupported")
    given = store.ask("PUT", "/box/a", {"x-amz-acl": "bucket-owner-full-control"}, b"x")
    assert given.status == 200


def test_rgw_says_which_key_format_logs_have_and_forgets_their_grants(rgw):
    for name in ("box", "logs"):
        rgw.ask("PUT", f"/{name}")
    wanted = "<TargetBucket>logs</TargetBucket><TargetPrefix>in/</TargetPrefix>"
    for more in ("", "<TargetGrants><Grant/></TargetGrants>"):
        body = f"<BucketLoggingStatus><LoggingEnabled>{wanted}{more}</LoggingEnabled></BucketLoggingStatus>"
        assert rgw.ask("PUT", "/box", body=body.encode(), logging="").status == 200
        shown = rgw.ask("GET", "/box", logging="").body
        assert b"<TargetObjectKeyFormat><SimplePrefix" in shown
        assert b"Grant" not in shown


@pytest.fixture
def tenants(rgw):
    kit = make_user("kit", "kit-key", "kit-secret")
    rgw.service.users = Users([kit, make_user("other", "other-key", "other-secret", tenant="acme")])
    rgw.ask("PUT", "/ours", CANNED)
    rgw.ask("PUT", "/theirs", CANNED, user="other")
    return rgw


@pytest.mark.parametrize(
    "address, status",
    [("ours", 200), (":ours", 200), ("acme:ours", 404), ("theirs", 200), ("acme:theirs", 200),
     (":theirs", 404), ("other:theirs", 404), ("acme:nowhere", 404)],
)  # fmt: skip
@pytest.mark.parametrize("user", ["kit", "other"])
def test_a_bucket_may_be_addressed_with_its_tenant(tenants, user, address, status):
    assert tenants.ask("GET", f"/{address}", user=user).status == status


def test_a_copy_may_come_out_of_a_tenant_s_bucket(tenants):
    assert tenants.ask("PUT", "/theirs/a", CANNED, b"data", user="other").status == 200
    for source in ("/acme:theirs/a", "acme%3Atheirs/a"):
        assert tenants.ask("PUT", "/ours/b", {"x-amz-copy-source": source}).status == 200
    assert tenants.ask("GET", "/ours/b").body == b"data"
    assert tenants.ask("PUT", "/ours/b", {"x-amz-copy-source": "/:theirs/a"}).code == "NoSuchBucket"


def test_a_tenant_is_no_part_of_a_new_bucket_s_name(tenants):
    assert tenants.ask("PUT", "/acme:more", user="other").code == "InvalidBucketName"


def test_the_users_on_the_page_are_users(tmp_path):
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) == 2
    for number, block in enumerate(blocks):
        file = tmp_path / f"{number}.toml"
        file.write_text(block)
        users = Users.load(file)
        assert users.all
    tenant = users.by_email("tenant@example.com")
    assert (tenant.tenant, tenant.arn) == ("testx", "arn:aws:iam::testx:user/tenant")


@pytest.mark.parametrize(
    "expect, path, length, closes",
    [
        ("100-continue", "/nowhere/a", "5", True),
        ("", "/nowhere/a", "5", False),
        ("100-continue", "/", "5", False),
        ("100-continue", "/", "0", True),
        ("", "/", "0", False),
    ],
)
def test_who_waits_for_leave_and_is_not_given_it_finds_the_connection_closed(
    store, expect, path, length, closes
):
    store.service.profile = "rgw"
    environ = {
        "REQUEST_METHOD": "PUT" if path != "/" else "GET",
        "PATH_INFO": path,
        "HTTP_HOST": "127.0.0.1:9000",
        "CONTENT_LENGTH": length,
        "wsgi.input": BytesIO(b""),
    } | ({"HTTP_EXPECT": expect} if expect else {})
    found = []
    list(wire.create(store.service)(environ, lambda *start: found.append(start)))
    [(status, headers)] = found
    assert status[:3] == ("200" if path == "/" else "404")
    assert (dict(headers).get("Connection") == "close") == closes
