"""What the exercise on policies checks: wildcards, single statements, many, and those turned round.

Page: docs/s3/auth.md
"""

import json
from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from s3.auth.authenticate import Identity
from s3.auth.patterns import ANY, ONE, matches
from s3.auth.policy import evaluate, parse
from s3.auth.users import make_user


def fits_pattern(pattern: str, text: str) -> JSON:
    tokens = [ANY if each == "*" else ONE if each == "?" else each for each in pattern]
    return matches(tokens, text)


def patterns(rng: Random) -> Iterator[Case]:
    yield "photos/*", "photos/a/b"
    yield "photos/?", "photos/"
    yield "*.jpg", "a.jpg.jpg"
    yield "a*b*c", "aXbXbXc"
    yield "abc", "abcd"
    yield "**", ""
    yield "*a" * 12 + "b", "a" * 60
    for _ in range(5):
        pattern = "".join(rng.choice("ab*?") for _ in range(rng.randint(1, 6)))
        yield pattern, "".join(rng.choice("ab") for _ in range(rng.randint(0, 8)))


def decides(
    statements: list[JSON], who: str, action: str, key: str, context: dict[str, str]
) -> JSON:
    """Return what a policy of these statements says to a GET or PUT of `key`."""
    policy = parse(json.dumps({"Statement": statements}), "photos")
    user = make_user(who, "AKEXAMPLE", "secret", tenant="acme") if who else None
    resource = f"arn:aws:s3:::photos/{key}"
    return evaluate(policy, Identity(user), action, resource, context)


def statement(effect: str, action: str = "s3:GetObject", **more: JSON) -> dict[str, JSON]:
    usual: dict[str, JSON] = {"Principal": "*", "Resource": "arn:aws:s3:::photos/*"}
    return {"Effect": effect, "Action": action} | usual | more


def single_statements(rng: Random) -> Iterator[Case]:
    name = rng.choice(("alice", "bob"))
    mine: JSON = {"AWS": f"arn:aws:iam::acme:user/{name}"}
    yield [statement("Allow")], name, "s3:GetObject", "a", {}
    yield [statement("Deny")], "", "s3:GetObject", "a", {}
    yield [statement("Allow")], name, "s3:PutObject", "a", {}
    yield [statement("Allow", "s3:Get*")], name, "s3:GetObjectAcl", "a", {}
    for who in (name, "carol", ""):
        yield [statement("Allow", Principal=mine)], who, "s3:GetObject", "a", {}
    for key in ("public/a", "private/a"):
        yield (
            [statement("Allow", Resource="arn:aws:s3:::photos/public/*")],
            "",
            "s3:GetObject",
            key,
            {},
        )


def many_statements(rng: Random) -> Iterator[Case]:
    allow, deny, other = statement("Allow"), statement("Deny"), statement("Deny", "s3:PutObject")
    yield [allow, deny], "alice", "s3:GetObject", "a", {}
    yield [deny, allow], "alice", "s3:GetObject", "a", {}
    yield [other], "alice", "s3:GetObject", "a", {}
    for _ in range(6):
        chosen = [rng.choice((allow, deny, other, allow)) for _ in range(rng.randint(1, 5))]
        yield chosen, rng.choice(("alice", "")), "s3:GetObject", "a", {}


def turned_round(rng: Random) -> Iterator[Case]:
    one: dict[str, JSON] = {"Effect": "Deny", "Principal": "*", "Resource": "arn:aws:s3:::photos/*"}
    for action in ("s3:GetObject", "s3:PutObject"):
        yield [one | {"NotAction": "s3:Get*"}], "alice", action, "a", {}
    del one["Resource"]
    for key in ("public/a", f"private/{rng.random()}"):
        only: JSON = "arn:aws:s3:::photos/public/*"
        yield [one | {"Action": "s3:*", "NotResource": only}], "", "s3:GetObject", key, {}
    others: dict[str, JSON] = statement(
        "Deny", NotPrincipal={"AWS": "arn:aws:iam::acme:user/alice"}
    )
    del others["Principal"]
    for who in ("alice", "bob", ""):
        yield [others], who, "s3:GetObject", "a", {}


def with_conditions(rng: Random) -> Iterator[Case]:
    both: JSON = {"StringEquals": {"s3:prefix": "a", "s3:delimiter": "/"}}
    contexts: list[JSON] = [
        {"s3:prefix": "a", "s3:delimiter": "/"}, {"s3:prefix": "a"},
        {"s3:prefix": "b", "s3:delimiter": "/"}, {},
    ]  # fmt: skip
    rng.shuffle(contexts)
    for context in contexts:
        yield [statement("Allow", Condition=both)], "alice", "s3:GetObject", "a", context
        yield (
            [statement("Allow"), statement("Deny", Condition=both)],
            "",
            "s3:GetObject",
            "a",
            context,
        )


POLICY_STAGES = [
    Stage("wildcards", patterns, fits_pattern),
    Stage("one statement: who, what, on what", single_statements, decides),
    Stage("many statements: an explicit deny wins", many_statements, decides),
    Stage(
        "everything but: NotAction, NotResource, NotPrincipal",
        turned_round,
        decides,
        needs=(2,),
    ),
    Stage("conditions: all of them", with_conditions, decides, needs=(2,)),
]
