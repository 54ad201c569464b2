"""When an object or an upload will be gone, as the headers of answers say it.

    x-amz-expiration: expiry-date="Fri, 23 Dec 2012 00:00:00 GMT", rule-id="tmp"

The dates are those of the calendar, also where `day_s` makes the store's days pass faster.
Page: docs/s3/lifecycle.md
"""

from email.utils import formatdate

from s3.http import quoted
from s3.lifecycle import Rule, Standing, Wait, expiry, ripe_ms
from s3.lifecycle_rules import rules_from
from s3.records import Bucket, Version
from s3.service import Call, Service


def rules_of(service: Service, bucket: Bucket) -> list[Rule]:
    """Return the bucket's rules that are switched on."""
    text: str | None = bucket.configs.get("lifecycle")
    if text is None:
        return []
    known = rules_from(text, service.storage_classes, service.profile, service.day_s)
    return [rule for rule in known if rule.is_enabled]


def expiration(call: Call, version: Version) -> dict[str, str]:
    """Return the header that says when a current version will expire, if a rule says so."""
    rules = [rule for rule in rules_of(call.service, call.bucket) if rule.filter.matches(version)]
    end = expiry(rules, Standing(version))
    if end is None:
        return {}
    date = formatdate(end[0] // 1_000, usegmt=True)
    return {"x-amz-expiration": f'expiry-date="{date}", rule-id="{quoted(end[1])}"'}


def abortion(call: Call, key: str, started_ms: int) -> dict[str, str]:
    """Return the headers that say when an upload will be aborted, if a rule says so."""
    found = [
        (ripe_ms(started_ms, Wait(rule.abort_days)), rule.id)
        for rule in rules_of(call.service, call.bucket)
        if rule.abort_days is not None and key.startswith(rule.filter.prefix)
    ]
    if not found:
        return {}
    at_ms, rule_id = min(found)
    return {
        "x-amz-abort-date": formatdate(at_ms // 1_000, usegmt=True),
        "x-amz-abort-rule-id": rule_id,
    }
