"""Conditions of a policy: an operator, a key of the request, and the values that it is compared with.

    "StringLike":                  {"s3:prefix": ["home/${aws:username}/*", ""]}   one value must fit
    "StringNotEquals":             {"s3:x-amz-acl": ["private", …]}                none of them may
    "NumericLessThanIfExists":     {"s3:max-keys": "10"}                           or there is no such key
    "ForAllValues:StringEquals":   {"s3:RequestObjectTagKeys": ["a", "b"]}         each value of the request
    "Null":                        {"s3:x-amz-acl": "true"}                        the key is absent

Invariant: a key that the request does not have fails every test, except negated ones, …IfExists and
ForAllValues. All conditions of a statement must hold. Source: IAM reference, "Condition operators".
Page: docs/s3/auth.md
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from operator import eq, ge, gt, le, lt

from s3.auth.patterns import Context, filled, folded, like

Test = Callable[[str, str, Context], bool]  # (value in the policy, value of the request, context)

_NUMBERS = {
    "Equals": eq, "LessThan": lt, "LessThanEquals": le, "GreaterThan": gt, "GreaterThanEquals": ge
}  # fmt: skip


def _equals(wanted: str, found: str, context: Context) -> bool:
    return filled(wanted, context) == found


def _ignoring_case(wanted: str, found: str, context: Context) -> bool:
    return filled(wanted, context).lower() == found.lower()


def _arn_like(wanted: str, found: str, context: Context) -> bool:
    """Compare the six parts of two ARNs, each with wildcards."""
    pairs = list(zip(wanted.split(":", 5), found.split(":", 5), strict=False))
    return len(pairs) == 6 and all(like(*pair, context) for pair in pairs)


def _in_network(wanted: str, found: str, context: Context) -> bool:
    return ip_address(found) in ip_network(wanted, strict=False)


def _boolean(wanted: str, found: str, context: Context) -> bool:
    return wanted.lower() == found.lower()


def _ordered(read: Callable[[str], float], name: str) -> Test:
    compare = _NUMBERS[name]
    return lambda wanted, found, context: bool(compare(read(found), read(wanted)))


def read_time(text: str) -> float:
    """Return the Unix time of an ISO 8601 date, or of a number of seconds."""
    if text.replace(".", "", 1).isdigit():
        return float(text)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


OPERATORS: dict[str, Test] = {
    "StringEquals": _equals,
    "StringEqualsIgnoreCase": _ignoring_case,
    "StringLike": like,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "IpAddress": _in_network,
    "Bool": _boolean,
    **{f"Numeric{name}": _ordered(float, name) for name in _NUMBERS},
    **{f"Date{name}": _ordered(read_time, name) for name in _NUMBERS},
}
NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One test; `operator` is a key of OPERATORS, or "Null"."""

    operator: str
    key: str
    values: tuple[str, ...]
    negated: bool = False
    if_exists: bool = False
    quantifier: str = ""  # "", "ForAnyValue" or "ForAllValues"

    def holds(self, context: Context) -> bool:
        """Return whether the request of `context` passes."""
        found = context.get(folded(self.key))
        if self.operator == "Null":
            return (found is None) == (self.values[0].lower() == "true")
        if found is None:
            absent = self.negated and not self.quantifier
            return self.if_exists or absent or self.quantifier == "ForAllValues"
        each = [found] if isinstance(found, str) else found
        if self.quantifier == "ForAllValues":
            return all(self._passes(value, context) for value in each)
        if self.quantifier or not self.negated:
            return any(self._passes(value, context) for value in each)
        return all(self._passes(value, context) for value in each)

    def _passes(self, found: str, context: Context) -> bool:
        return any(self._fits(wanted, found, context) for wanted in self.values) != self.negated

    def _fits(self, wanted: str, found: str, context: Context) -> bool:
        try:
            return OPERATORS[self.operator](wanted, found, context)
        except ValueError:  # what the request says is no number, date or address
            return False


def read_operator(name: str, key: str, values: tuple[str, ...]) -> Condition:
    """Return the condition that `name` asks for. Raises `ValueError` for what it cannot mean."""
    quantifier, colon, rest = name.rpartition(":")
    if_exists = rest.endswith("IfExists")
    rest = rest.removesuffix("IfExists")
    operator = NEGATED.get(rest, rest)
    if (colon and quantifier not in ("ForAnyValue", "ForAllValues")) or (
        operator not in OPERATORS and rest != "Null"
    ):
        raise ValueError(f"Invalid condition operator {name!r}")
    if not key.startswith(("aws:", "s3:")) or not values:
        raise ValueError(f"Policy has an invalid condition key {key!r}, or no value for it")
    for value in values:
        _check_value(operator, value)
    return Condition(operator, key, values, rest in NEGATED, if_exists, quantifier)


def _check_value(operator: str, value: str) -> None:
    """Raise `ValueError` when no request could ever be compared with `value`."""
    if operator.startswith("Numeric"):
        float(value)
    elif operator.startswith("Date"):
        read_time(value)
    elif operator == "IpAddress":
        ip_network(value, strict=False)
    elif operator in ("Bool", "Null") and value.lower() not in ("true", "false"):
        raise ValueError(f"{value!r} is neither true nor false")
