"""Replication rules: which new versions are copied, and to which buckets.

    photos/a.jpg ──► rule "all", priority 1  ──► arn:aws:s3:::copies
                └──► rule "pics", priority 2 ──► arn:aws:s3:::copies, as STANDARD_IA     the higher wins

Invariant: a replica is never copied on, so two buckets may replicate to each other. Delete markers are
copied when the rule says so; a version that is deleted by its id is deleted here only.
Source: Amazon S3 API reference, PutBucketReplication. Page: docs/s3/replication.md
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from xml.etree.ElementTree import Element

from s3.errors import Refused
from s3.http import is_number
from s3.lifecycle import Filter
from s3.markup import parse, raw_text, text_of
from s3.records import Version

RULES_MAX = 1_000
ID_MAX = 255
ARN = "arn:aws:s3:::"
REPLICA, PENDING, COMPLETED, FAILED = "REPLICA", "PENDING", "COMPLETED", "FAILED"
_NOT_DONE = ("AccessControlTranslation", "EncryptionConfiguration")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what is copied where."""

    id: str
    bucket: str
    is_enabled: bool = True
    priority: int = 0
    filter: Filter = field(default_factory=Filter)
    storage_class: str = ""
    copies_markers: bool = False

    def is_about(self, version: Version) -> bool:
        """Return whether this rule copies the version."""
        if version.is_marker and not self.copies_markers:
            return False
        return self.is_enabled and self.filter.matches(version)


def targets(rules: Iterable[Rule], version: Version) -> dict[str, str]:
    """Return the buckets that a new version is copied to, each with a storage class or ""."""
    if version.replication == REPLICA:
        return {}
    ranked = sorted(rules, key=lambda rule: rule.priority)
    return {rule.bucket: rule.storage_class for rule in ranked if rule.is_about(version)}


@lru_cache(maxsize=256)
def rules_from(text: str) -> list[Rule]:
    """Return the rules of a document that was kept."""
    return read_rules(parse(text.encode(), "ReplicationConfiguration"))


def read_rules(document: Element) -> list[Rule]:
    """Return the rules. Raises `MalformedXML`, `InvalidArgument`, `InvalidRequest`, `NotImplemented`."""
    elements = document.findall("Rule")
    if not 1 <= len(elements) <= RULES_MAX:
        raise Refused("MalformedXML", f"1 to {RULES_MAX} rules make a replication configuration")
    rules = [_rule(each) for each in elements]
    named = [rule.id for rule in rules if rule.id]
    if len({*named}) != len(named):
        raise Refused("InvalidArgument", "Rule ID must be unique")
    is_new = [each.find("Filter") is not None for each in elements]
    if len({*is_new}) > 1:
        raise Refused("InvalidRequest", "Rules with a Filter and rules with a Prefix do not mix")
    if all(is_new) and len({rule.priority for rule in rules}) != len(rules):
        raise Refused("InvalidRequest", "Two rules have the same Priority")
    return rules


def _rule(element: Element) -> Rule:
    id, status = text_of(element, "ID", ""), text_of(element, "Status")
    if len(id) > ID_MAX or status not in ("Enabled", "Disabled"):
        raise Refused("MalformedXML", "Status is Enabled or Disabled, an ID has 255 characters")
    destination = element.find("Destination")
    if destination is None:
        raise Refused("MalformedXML", "A rule has a Destination")
    arn = text_of(destination, "Bucket")
    if not arn.startswith(ARN):
        raise Refused("InvalidArgument", f"Invalid bucket ARN: {arn!r}")
    for name in _NOT_DONE:
        if destination.find(name) is not None:
            raise Refused("NotImplemented", f"This store does not implement {name}")
    chosen = _filter(element)
    return Rule(
        id,
        arn.removeprefix(ARN),
        status == "Enabled",
        _priority(element),
        chosen,
        text_of(destination, "StorageClass", ""),
        _copies_markers(element, chosen),
    )


def _priority(element: Element) -> int:
    text = text_of(element, "Priority", "0")
    if not is_number(text):
        raise Refused("MalformedXML", f"Priority is {text!r}: no whole number")
    return int(text)


def _copies_markers(element: Element, chosen: Filter) -> bool:
    """Return whether markers are copied: rules without a Filter, of former times, always do it."""
    said = element.find("DeleteMarkerReplication")
    if element.find("Filter") is None:
        return True
    if said is None:
        raise Refused("MalformedXML", "A rule with a Filter says DeleteMarkerReplication")
    wanted = text_of(said, "Status") == "Enabled"
    if wanted and chosen.tags:
        raise Refused("InvalidRequest", "Delete markers have no tags to filter by")
    return wanted


def _filter(element: Element) -> Filter:
    new = element.find("Filter")
    if new is None:
        return Filter(raw_text(element, "Prefix"))
    place = new if (both := new.find("And")) is None else both
    prefix = raw_text(place, "Prefix") if place.find("Prefix") is not None else ""
    tags = [(raw_text(tag, "Key"), raw_text(tag, "Value")) for tag in place.findall("Tag")]
    return Filter(prefix, tuple(tags))
