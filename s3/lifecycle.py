"""Lifecycle rules: which versions have served their time, and what becomes of them then.

    current      Expiration             3 days after it was created      a delete marker, or gone
    noncurrent   NoncurrentVersion…     3 days after it was replaced     gone for good
    a marker     …DeleteMarker          once no version is below it      gone

    created Mon 10:30 ──+ 3 days──► Thu 10:30 ──rounded up──► Fri 00:00 UTC

Invariant: a decision depends on the rules, the version and the time alone; nothing is deleted that a rule
did not name, and of several rules the earliest date counts. Where a day is shorter than a real one (tests
turn the clock that way) nothing is rounded. Cost: one pass over the rules a version.
Source: Amazon S3 user guide, "Lifecycle configuration elements". Page: docs/s3/lifecycle.md
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from s3.records import Version

DAY_S = 86_400
DAY_MS = DAY_S * 1_000


@dataclass(frozen=True, slots=True)
class Filter:
    """Which objects a rule is about: all conditions must hold."""

    prefix: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    above_bytes: int | None = None
    below_bytes: int | None = None

    def matches(self, version: Version) -> bool:
        """Return whether the rule is about this version; a marker has no tags and no size."""
        if not version.key.startswith(self.prefix):
            return False
        if version.is_marker:
            return not self.tags and self.above_bytes is None and self.below_bytes is None
        return (
            all(version.tags.get(name) == value for name, value in self.tags)
            and (self.above_bytes is None or version.size_bytes > self.above_bytes)
            and (self.below_bytes is None or version.size_bytes < self.below_bytes)
        )


@dataclass(frozen=True, slots=True)
class Wait:
    """How long until something is due: some days, or a date; `keep` newer noncurrent ones are spared."""

    days: int = 0
    at_ms: int | None = None
    keep: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """A transition to another storage class."""

    wait: Wait
    storage_class: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a lifecycle configuration."""

    id: str
    is_enabled: bool = True
    filter: Filter = field(default_factory=Filter)
    expire: Wait | None = None
    drops_markers: bool = False
    noncurrent: Wait | None = None
    moves: tuple[Move, ...] = ()
    noncurrent_moves: tuple[Move, ...] = ()
    move_bytes_min: int = 0  # smaller objects are not worth a transition
    abort_days: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A version and its place among the others of its key."""

    version: Version
    replaced_ms: int | None = None  # when the next newer one was created; None: it is current
    newer: int = 0  # how many noncurrent versions are newer
    is_alone: bool = True

    @property
    def is_current(self) -> bool:
        return self.replaced_ms is None

    @property
    def since_ms(self) -> int:
        """From when its days are counted."""
        return self.version.modified_ms if self.replaced_ms is None else self.replaced_ms


@dataclass(frozen=True, slots=True)
class Action:
    """What is to be done with a version now, and by which rule."""

    kind: Literal["expire", "move"]
    rule: str
    storage_class: str = ""


def due(
    rules: Iterable[Rule],
    standing: Standing,
    now_ms: int,
    *,
    day_s: float = DAY_S,
    classes: Sequence[str] = (),
) -> Action | None:
    """Return what is to be done with a version now, if anything. Deletion goes before transition.

    `classes` are the storage classes from warm to cold: no transition leads back to a warmer one. Without
    them transitions lead anywhere.
    """
    active = [rule for rule in rules if rule.is_enabled and rule.filter.matches(standing.version)]
    end = expiry(active, standing, day_s)
    if end is not None and end[0] <= now_ms:
        return Action("expire", end[1])
    return _move(active, standing, now_ms, day_s, classes)


def ripe_ms(since_ms: int, wait: Wait, day_s: float = DAY_S) -> int:
    """Return when a wait that began at `since_ms` is over, in milliseconds since 1970.

    Days end at a midnight of UTC: the moment is rounded up to the next one, unless a day is no day.
    """
    if wait.at_ms is not None:
        return wait.at_ms
    moment = since_ms + round(wait.days * day_s * 1_000)
    return moment if day_s != DAY_S else -(-moment // DAY_MS) * DAY_MS


def expiry(
    rules: Iterable[Rule], standing: Standing, day_s: float = DAY_S
) -> tuple[int, str] | None:
    """Return when a version expires by those rules that are about it, and by which; None: never."""
    found: list[tuple[int, str]] = []
    version = standing.version
    for rule in rules:
        wait = rule.expire if standing.is_current else rule.noncurrent
        if standing.is_current and version.is_marker:
            if not standing.is_alone:
                continue
            if rule.drops_markers:
                found.append((version.modified_ms, rule.id))
        if wait is not None and standing.newer >= wait.keep:
            found.append((ripe_ms(standing.since_ms, wait, day_s), rule.id))
    return min(found, key=lambda each: each[0], default=None)


def _move(
    rules: Iterable[Rule], standing: Standing, now_ms: int, day_s: float, classes: Sequence[str]
) -> Action | None:
    """Return the last transition that is due: an object may have missed the ones before."""
    version = standing.version
    if version.is_marker:
        return None
    found: list[tuple[int, int, str, str]] = []
    for rule in rules:
        if version.size_bytes < rule.move_bytes_min:
            continue
        for move in rule.moves if standing.is_current else rule.noncurrent_moves:
            at_ms = ripe_ms(standing.since_ms, move.wait, day_s)
            if at_ms <= now_ms and standing.newer >= move.wait.keep:
                rank = classes.index(move.storage_class) if classes else 0
                found.append((at_ms, rank, move.storage_class, rule.id))
    present = version.storage_class or "STANDARD"
    _, rank, wanted, rule_id = max(found, default=(0, 0, present, ""))
    if wanted == present or (present in classes and rank <= classes.index(present)):
        return None
    return Action("move", rule_id, wanted)
