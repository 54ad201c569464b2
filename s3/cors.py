"""Cross-origin requests: what a browser may do here on behalf of a page from elsewhere.

    browser ──OPTIONS  Origin, Access-Control-Request-Method, -Headers──►   may I?     200 or 403
            ──GET      Origin ─────────────────────────────────────────►   the answer, with leave to read it

The server only *says* what it allows; it is the browser that keeps a page from more. So CORS protects
people, not buckets: a request is never refused for its Origin, only a preflight is. The first rule that
matches counts. Source: Fetch standard, section 3.2; S3 user guide, "Using CORS". Page: docs/s3/configs.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from xml.etree.ElementTree import Element

from s3.errors import Refused
from s3.markup import parse, text_of

RULES_MAX = 100
ID_MAX = 255
METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")
VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which pages may send what. Patterns hold at most one `*`."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    age_s: str = ""

    def matches(self, origin: str, method: str, headers: Sequence[str]) -> bool:
        """Return whether a page of `origin` may send such a request."""
        return (
            method in self.methods
            and any(like(each, origin) for each in self.origins)
            and all(
                any(like(each.lower(), name.lower()) for each in self.headers) for name in headers
            )
        )


def like(pattern: str, text: str) -> bool:
    """Return whether `text` is as `pattern` says, in which `*` stands for anything."""
    before, star, behind = pattern.partition("*")
    if not star:
        return text == pattern
    return (
        len(text) >= len(before) + len(behind) and text.startswith(before) and text.endswith(behind)
    )


@lru_cache(maxsize=256)
def rules_from(text: str) -> list[Rule]:
    """Return the rules of a document that was kept."""
    return read_rules(parse(text.encode(), "CORSConfiguration"))


def read_rules(document: Element) -> list[Rule]:
    """Return the rules. Raises `MalformedXML`, `InvalidRequest`."""
    elements = document.findall("CORSRule")
    if not 1 <= len(elements) <= RULES_MAX:
        raise Refused("MalformedXML", f"1 to {RULES_MAX} rules make a CORS configuration")
    return [_rule(each) for each in elements]


def _rule(element: Element) -> Rule:
    rule = Rule(
        _texts(element, "AllowedOrigin"),
        _texts(element, "AllowedMethod"),
        _texts(element, "AllowedHeader"),
        _texts(element, "ExposeHeader"),
        text_of(element, "MaxAgeSeconds", ""),
    )
    if not (rule.origins and rule.methods) or len(text_of(element, "ID", "")) > ID_MAX:
        raise Refused("MalformedXML", "A rule has origins and methods, and an ID of 255 characters")
    for method in rule.methods:
        if method not in METHODS:
            raise Refused(
                "InvalidRequest", f"Found unsupported HTTP method in CORS config: {method}"
            )
    for pattern in (*rule.origins, *rule.headers):
        if pattern.count("*") > 1:
            raise Refused("InvalidRequest", f"{pattern!r} can not have more than one wildcard")
    if any("*" in name for name in rule.exposed):
        raise Refused("InvalidRequest", "ExposeHeader contains a wildcard; name the headers")
    if rule.age_s and not rule.age_s.isdecimal():
        raise Refused("MalformedXML", f"MaxAgeSeconds is {rule.age_s!r}: no whole number")
    return rule


def _texts(element: Element, tag: str) -> tuple[str, ...]:
    return tuple((each.text or "").strip() for each in element.findall(tag))


def allowed(
    rules: Sequence[Rule], origin: str, method: str, headers: Sequence[str] = ()
) -> dict[str, str]:
    """Return the headers that give leave, by the first rule that matches; none without one."""
    rule = next((each for each in rules if each.matches(origin, method, headers)), None)
    if rule is None:
        return {}
    anywhere = "*" in rule.origins
    said = {
        "Access-Control-Allow-Origin": "*" if anywhere else origin,
        "Access-Control-Allow-Credentials": "" if anywhere else "true",
        "Access-Control-Allow-Methods": ", ".join(rule.methods),
        "Access-Control-Allow-Headers": ", ".join(name.lower() for name in headers),
        "Access-Control-Expose-Headers": ", ".join(rule.exposed),
        "Access-Control-Max-Age": rule.age_s,
        "Vary": VARY,
    }
    return {name: text for name, text in said.items() if text}
