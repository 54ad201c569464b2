"""Bucket policies: truth tables, conditions, patterns, what is refused, and what is public."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3.auth.authenticate import Identity
from s3.auth.patterns import ANY, ONE, like, matches
from s3.auth.policy import evaluate, is_public, parse
from s3.auth.policy_context import context_of
from s3.auth.users import make_user
from s3.errors import Refused
from s3.http import Request

ALICE = Identity(make_user("alice", "AKA", "s"), "AKA", "v4-header")
BOB = Identity(make_user("bob", "AKB", "s", tenant="acme"), "AKB", "v2-query")
ANYBODY = Identity(None)
KEY = "arn:aws:s3:::photos/a.jpg"


def statement(effect="Allow", action="s3:GetObject", principal="*", **more):
    found = {"Effect": effect, "Action": action, "Principal": principal}
    return found | {"Resource": "arn:aws:s3:::photos/*"} | more


def policy_of(*statements):
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return parse(json.dumps(document), "photos")


def verdict(*statements, who=ALICE, action="s3:GetObject", resource=KEY, **context):
    named = {key.replace("__", ":").replace("_", "-"): value for key, value in context.items()}
    return evaluate(policy_of(*statements), who, action, resource, named)


def condition(operator, key, values, **context):
    one = statement(Condition={operator: {key: values}})
    return verdict(one, **context) == "allow"


ALLOW, DENY, OTHER = statement(), statement("Deny"), statement("Deny", "s3:PutObject")


@pytest.mark.parametrize(
    "statements, expected",
    [
        ((OTHER,), None),
        ((ALLOW,), "allow"),
        ((DENY,), "deny"),
        ((ALLOW, DENY), "deny"),
        ((DENY, ALLOW), "deny"),
        ((ALLOW, OTHER), "allow"),
        ((OTHER, ALLOW, DENY, ALLOW), "deny"),
    ],
)
def test_an_explicit_deny_wins_in_any_order(statements, expected):
    assert verdict(*statements) == expected


@given(st.lists(st.sampled_from([ALLOW, DENY, OTHER]), min_size=1, max_size=8))
def test_a_verdict_depends_on_which_statements_fit_only(statements):
    expected = "deny" if DENY in statements else "allow" if ALLOW in statements else None
    assert verdict(*statements) == expected


@pytest.mark.parametrize(
    "principal, alice, bob, anybody",
    [
        ("*", True, True, True),
        ({"AWS": "*"}, True, True, True),
        ({"AWS": ALICE.user.arn}, True, False, False),
        ({"AWS": [ALICE.user.arn, "arn:aws:iam::acme:user/bob"]}, True, True, False),
        ({"AWS": "arn:aws:iam::acme:root"}, False, True, False),
        ({"CanonicalUser": ALICE.id}, True, False, False),
        ({"AWS": BOB.id}, False, True, False),
        ({"AWS": "arn:aws:iam::other:user/bob"}, False, False, False),
        ({"Service": "logging.s3.amazonaws.com"}, False, False, False),
        ({"Service": "*"}, False, False, False),
    ],
)
def test_who_is_meant(principal, alice, bob, anybody):
    found = [verdict(statement(principal=principal), who=who) for who in (ALICE, BOB, ANYBODY)]
    assert found == ["allow" if each else None for each in (alice, bob, anybody)]


def test_lists_can_be_turned_round():
    others = statement("Deny", NotPrincipal={"AWS": ALICE.user.arn})
    del others["Principal"]
    assert [verdict(others, who=who) for who in (ALICE, BOB, ANYBODY)] == [None, "deny", "deny"]
    rest = statement(NotAction="s3:Get*")
    del rest["Action"]
    assert verdict(rest, action="s3:PutObject") == "allow"
    assert verdict(rest, action="s3:GetObject") is None
    elsewhere = statement(NotResource="arn:aws:s3:::photos/private/*")
    del elsewhere["Resource"]
    assert verdict(elsewhere) == "allow"
    assert verdict(elsewhere, resource="arn:aws:s3:::photos/private/a") is None


@pytest.mark.parametrize(
    "pattern, action, fits",
    [
        ("s3:GetObject", "s3:GetObject", True),
        ("s3:getobject", "s3:GetObject", True),
        ("s3:GetObject", "s3:GetObjectAcl", False),
        ("s3:Get*", "s3:GetObjectAcl", True),
        ("s3:*", "s3:PutObject", True),
        ("*", "s3:PutObject", True),
        ("s3:?etObject", "s3:GetObject", True),
        ("s3:*Object", "s3:GetObjectAcl", False),
    ],
)
def test_which_action_is_meant(pattern, action, fits):
    assert (verdict(statement(action=pattern), action=action) == "allow") == fits


@pytest.mark.parametrize(
    "pattern, resource, fits",
    [
        ("arn:aws:s3:::photos", "arn:aws:s3:::photos", True),
        ("arn:aws:s3:::photos/*", "arn:aws:s3:::photos", False),
        ("arn:aws:s3:::photos*", "arn:aws:s3:::photos", True),
        ("arn:aws:s3::*:photos/*", KEY, True),
        ("arn:aws:s3:::*/*", KEY, True),
        ("arn:aws:s3:::photos/?.jpg", KEY, True),
        ("arn:aws:s3:::photos/A.jpg", KEY, False),
        ("arn:aws:s3:::photos/${aws:username}/*", "arn:aws:s3:::photos/alice/x", True),
        ("arn:aws:s3:::photos/${aws:username}/*", "arn:aws:s3:::photos/bob/x", False),
        ("arn:aws:s3:::photos/${*}", "arn:aws:s3:::photos/*", True),
        ("arn:aws:s3:::photos/${*}", KEY, False),
    ],
)
def test_which_resource_is_meant(pattern, resource, fits):
    found = verdict(statement(Resource=pattern), resource=resource, aws__username="alice")
    assert (found == "allow") == fits


@given(st.text("ab*?", max_size=12), st.text("ab", max_size=20))
def test_patterns_mean_what_a_regular_expression_means(pattern, text):
    wanted = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    tokens = [ANY if each == "*" else ONE if each == "?" else each for each in pattern]
    assert matches(tokens, text) == like(pattern, text, {}) == bool(re.fullmatch(wanted, text))


def test_a_hostile_pattern_costs_a_product_and_no_more():
    assert not like("*a" * 60 + "?b", "a" * 1024, {})


def test_what_a_caller_says_is_no_wildcard():
    assert not like("${aws:Referer}", "anything", {"aws:referer": "*"})
    assert like("${aws:Referer}", "*", {"aws:referer": "*"})
    assert like("${aws:nothing}", "${aws:nothing}", {})


TRUTH = [
    # operator, values, absent, {value: holds}
    ("StringEquals", ["a", "b*"], False, {"a": True, "A": False, "bx": False, "b*": True}),
    ("StringNotEquals", ["a", "b"], True, {"a": False, "b": False, "c": True}),
    ("StringEqualsIgnoreCase", "a", False, {"A": True, "b": False}),
    ("StringNotEqualsIgnoreCase", "a", True, {"A": False, "b": True}),
    ("StringLike", ["a*", "?b"], False, {"ax": True, "xb": True, "x": False}),
    ("StringNotLike", "a*", True, {"ax": False, "x": True}),
    ("StringEqualsIfExists", "a", True, {"a": True, "b": False}),
    ("StringNotLikeIfExists", "a*", True, {"ax": False, "x": True}),
    ("NumericEquals", "10", False, {"10": True, "10.0": True, "9": False, "x": False}),
    ("NumericNotEquals", 10, True, {"10": False, "9": True}),
    ("NumericLessThan", 10, False, {"9": True, "10": False}),
    ("NumericLessThanEquals", "10", False, {"10": True, "11": False, "": False}),
    ("NumericGreaterThan", "10", False, {"11": True, "10": False}),
    ("NumericGreaterThanEquals", "10", False, {"10": True, "9": False}),
    ("Bool", "true", False, {"true": True, "false": False}),
    ("Bool", False, False, {"false": True, "true": False}),
    ("Null", "true", True, {"x": False}),
    ("Null", False, False, {"x": True}),
    ("IpAddress", ["10.0.0.0/8", "::1"], False, {"10.1.2.3": True, "11.0.0.1": False, "::1": True}),
    ("NotIpAddress", "10.0.0.0/8", True, {"10.1.2.3": False, "11.0.0.1": True}),
    ("ArnLike", "arn:aws:*:::b*", False, {"arn:aws:s3:::bu": True, "arn:aws:s3:::c": False, "b": False}),
    ("ArnNotEquals", "arn:aws:s3:::b", True, {"arn:aws:s3:::b": False, "arn:aws:s3:::c": True}),
    ("DateLessThan", "2013-05-24T00:00:00Z", False,
     {"2013-05-23T23:59:59Z": True, "2013-05-24T00:00:00Z": False, "1369353599": True, "x": False}),
    ("DateGreaterThanEquals", "1369353600", False, {"2013-05-24T02:00:00+02:00": True}),
    ("DateNotEquals", "2013-05-24", True, {"2013-05-24T00:00:00Z": False, "2014-01-01": True}),
]  # fmt: skip


@pytest.mark.parametrize("operator, values, absent, cases", TRUTH, ids=[each[0] for each in TRUTH])
def test_each_operator_holds_when_it_should(operator, values, absent, cases):
    assert condition(operator, "aws:X", values) == absent
    for value, holds in cases.items():
        assert condition(operator, "aws:X", values, aws__x=value) == holds, value


@pytest.mark.parametrize(
    "operator, empty, absent, some, others",
    [
        ("ForAnyValue:StringEquals", False, False, True, False),
        ("ForAllValues:StringEquals", True, True, False, False),
        ("ForAnyValue:StringNotEquals", False, False, True, True),
        ("ForAllValues:StringNotEquals", True, True, False, True),
        ("StringEquals", False, False, True, False),
        ("StringNotEquals", True, True, False, True),
    ],
)
def test_many_values_of_one_key(operator, empty, absent, some, others):
    def holds(**context):
        return condition(operator, "s3:RequestObjectTagKeys", ["a", "b"], **context)

    name = "s3__requestobjecttagkeys"
    assert holds(**{name: []}) == empty
    assert holds() == absent
    assert holds(**{name: ["a", "z"]}) == some
    assert holds(**{name: ["y", "z"]}) == others
    assert condition("ForAllValues:StringEquals", "s3:RequestObjectTagKeys", "a", **{name: ["a"]})


def test_all_conditions_of_a_statement_must_hold():
    both = statement(Condition={"StringEquals": {"aws:A": "1", "aws:B": "2"}})
    assert verdict(both, aws__a="1", aws__b="2") == "allow"
    assert verdict(both, aws__a="1", aws__b="3") is None


def test_variables_count_in_values():
    assert condition(
        "StringEquals", "s3:prefix", "${aws:username}", s3__prefix="a", aws__username="a"
    )
    assert condition(
        "StringLike", "s3:prefix", "${aws:username}/*", s3__prefix="a/b", aws__username="a"
    )


MALFORMED = [
    "", "{", "[]", "5", "{}", '{"Statement": []}', '{"Statement": "x"}', '{"Statement": [5]}', "[" * 9000,
    '{"Version": "2013-01-01", "Statement": []}', '{"Statements": []}',
]  # fmt: skip


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_no_policy_is_refused(text):
    with pytest.raises(Refused) as caught:
        parse(text, "photos")
    assert (caught.value.code, caught.value.status) == ("MalformedPolicy", 400)
    assert str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"Effect": "allow"}, {"Effect": None}, {"Action": None}, {"Action": []}, {"Action": 5},
        {"Action": "GetObject"}, {"Action": "ec2:Run"}, {"NotAction": "s3:*"}, {"Resource": None},
        {"Resource": "arn:aws:s3:::other/*"}, {"Resource": "photos/*"}, {"Resource": []},
        {"Resource": "arn:aws:s3:::photo"}, {"Resource": "arn:aws:sqs:::photos"},
        {"Resource": "arn:aws:s3:::other*"}, {"Principal": None}, {"Principal": "alice"},
        {"Principal": {}}, {"Principal": {"AWS": "alice"}}, {"Principal": {"Who": "*"}},
        {"Principal": {"AWS": []}}, {"Principal": {"AWS": "arn:aws:iam::a:user/*"}},
        {"Conditions": {}}, {"Condition": []}, {"Condition": {"StringEqual": {"aws:a": "b"}}},
        {"Condition": {"StringEquals": {"a": "b"}}}, {"Condition": {"StringEquals": "b"}},
        {"Condition": {"StringEquals": {"aws:a": []}}}, {"Condition": {"StringEquals": {"aws:a": {}}}},
        {"Condition": {"NumericEquals": {"aws:a": "b"}}}, {"Condition": {"IpAddress": {"aws:a": "b"}}},
        {"Condition": {"DateEquals": {"aws:a": "b"}}}, {"Condition": {"Bool": {"aws:a": "b"}}},
        {"Condition": {"ForSome:StringEquals": {"aws:a": "b"}}}, {"Condition": {"Null": {"aws:a": "x"}}},
    ],
)  # fmt: skip
def test_a_statement_that_could_be_misread_is_refused(change):
    changed = {name: value for name, value in (statement() | change).items() if value is not None}
    with pytest.raises(Refused) as caught:
        policy_of(changed)
    assert caught.value.code == "MalformedPolicy"


def test_an_allow_for_all_but_somebody_is_refused():
    others = statement("Allow", NotPrincipal={"AWS": ALICE.user.arn})
    del others["Principal"]
    with pytest.raises(Refused, match="NotPrincipal"):
        parse(json.dumps({"Statement": [others]}), "photos")


def test_a_policy_is_bounded():
    with pytest.raises(Refused, match="20480 bytes"):
        policy_of(statement(Sid="x" * 20_480))


@pytest.mark.parametrize(
    "one, public",
    [
        (statement(), True),
        (statement(principal={"AWS": "*"}), True),
        (statement("Deny"), False),
        (statement(principal={"AWS": ALICE.user.arn}), False),
        (statement(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/32"}}), False),
        (statement(Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}), True),
        (statement(Condition={"NotIpAddress": {"aws:SourceIp": "10.0.0.0/32"}}), True),
        (statement(Condition={"StringLike": {"aws:Referer": "http://example.com/*"}}), True),
        (statement(Condition={"StringEquals": {"aws:SourceVpc": "vpc-91237329"}}), False),
        (statement(Condition={"StringLike": {"aws:SourceVpc": "vpc-*"}}), True),
        (statement(Condition={"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}), True),
    ],
)
def test_what_public_means(one, public):
    assert is_public(policy_of(one)) == public
    assert is_public(policy_of(statement("Deny"), one)) == public


def test_the_keys_of_a_request():
    request = Request(
        "PUT", "/photos/a", {"prefix": "a/", "max-keys": "5", "versionId": "v"},
        {"user-agent": "curl", "referer": "http://r", "x-amz-acl": "private", "x-amz-tagging": "a=1&B=",
         "x-amz-copy-source": "b/%C3%BC"},
        None, "photos", "a", scheme="https", remote="10.0.0.1",
    )  # fmt: skip
    found = context_of(request, BOB, now=1369353600, tags={"Old": "x"})
    assert found == {
        "aws:currenttime": "2013-05-24T00:00:00Z", "aws:epochtime": "1369353600",
        "aws:securetransport": "true", "aws:principaltype": "User", "aws:sourceip": "10.0.0.1",
        "aws:useragent": "curl", "aws:referer": "http://r", "aws:username": "bob",
        "aws:userid": BOB.id, "aws:principalarn": "arn:aws:iam::acme:user/bob",
        "aws:principalaccount": "acme", "s3:authtype": "REST-QUERY-STRING", "s3:signatureversion": "AWS",
        "s3:prefix": "a/", "s3:max-keys": "5", "s3:versionid": "v", "s3:x-amz-acl": "private",
        "s3:x-amz-tagging": "a=1&B=", "s3:x-amz-copy-source": "b/ü", "s3:existingobjecttag/Old": "x",
        "s3:requestobjecttag/a": "1", "s3:requestobjecttag/B": "", "s3:requestobjecttagkeys": ["a", "B"],
    }  # fmt: skip
    assert "aws:username" not in context_of(request, ANYBODY, now=0)
