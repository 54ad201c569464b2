"""What follows from a write, noted in the write's own transaction, so that a crash cannot lose it.

    o/photos␀a := new version     ┐
    e/<time><salt> := an event    ├── one transaction
    r/<time><salt> := "copy it"   ┘         later, a background step takes e/… and r/… one by one,
                                            does them, and then deletes them

Invariant: what is noted is done at least once, and in the order of the key's versions; nothing is noted
for a write that did not happen. Bound: `WAITING_MAX` of a kind, as the background step last counted them;
then writes that would add to them are answered with SlowDown. Source: the "transactional outbox" pattern
(Richardson, Microservices Patterns, 2018). Page: docs/s3/replication.md
"""

import json
from dataclasses import replace
from datetime import UTC, datetime

from s3 import notifications, replication_rules
from s3.errors import Busy
from s3.metadata.keys import waiting_key
from s3.records import Facts, Version
from s3.service import Call

WAITING_MAX = 10_000  # events, and copies, that wait
EVENT, COPY = "e", "r"
_OWN = {"Replicate", "LifecycleExpiration"}  # what is not copied on: S3 does neither

Writes = dict[bytes, bytes | None]


def of_write(call: Call, version: Version) -> tuple[Version, Writes]:
    """Return the version, PENDING if it is to be copied, and what to note with it. Raises `Busy`."""
    targets = _targets(call, version)
    if not targets:
        return version, _events(call, "written", version)
    _check_room(call, COPY)
    job = {"bucket": call.bucket.name, "key": version.key, "id": version.id, "targets": targets}
    age = f"{(1 << 64) - int(version.order, 16):016x}"
    writes: Writes = {waiting_key(COPY, age + version.id): json.dumps(job).encode()}
    pending = replace(version, replication=replication_rules.PENDING)
    return pending, writes | _events(call, "written", version)


def of_removal(call: Call, version: Version) -> Writes:
    """Return what to note when a version is deleted. Raises `Busy`."""
    return _events(call, "removed", version)


def of_change(call: Call, version: Version) -> Writes:
    """Return what to note when a version's tags, ACL or class change. Raises `Busy`."""
    return _events(call, "changed", version)


def _targets(call: Call, version: Version) -> dict[str, str]:
    text: str | None = call.bucket.configs.get("replication")
    if text is None or call.operation in _OWN or call.bucket.versioning != "Enabled":
        return {}
    return replication_rules.targets(replication_rules.rules_from(text), version)


def _events(call: Call, deed: str, version: Version) -> Writes:
    text: str | None = call.bucket.configs.get("notification")
    event = notifications.event_of(call.operation, deed, version) if text else None
    if text is None or event is None:
        return {}
    rules = [each for each in notifications.rules_from(text) if each.matches(event, version.key)]
    if not rules:
        return {}
    _check_room(call, EVENT)
    now_ns = call.service.clock.now_ns()
    sequencer, time = f"{now_ns:016x}", iso(call.now_ms)
    told = notifications.record(call, event, version, time, sequencer)
    letter: Facts = {"to": [[rule.id, rule.arn] for rule in rules], "record": told}
    return {event_place(call, sequencer): json.dumps(letter).encode()}


def event_place(call: Call, sequencer: str) -> bytes:
    """Return where an event waits: behind all earlier ones."""
    return waiting_key(EVENT, f"{sequencer}{call.service.rng.getrandbits(64):016x}")


def iso(ms: int) -> str:
    """Return a time as event records have it."""
    found = datetime.fromtimestamp(ms / 1000, UTC)
    return f"{found:%Y-%m-%dT%H:%M:%S}.{found.microsecond // 1000:03d}Z"


def _check_room(call: Call, kind: str) -> None:
    waiting = call.service.backlog.get(kind, 0)
    if waiting >= WAITING_MAX:
        raise Busy(f"{waiting} {'events' if kind == EVENT else 'copies'} wait; try again later")
