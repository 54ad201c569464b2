"""What the lifecycle exercise checks: the date of one wait, and of a version under several rules.

Page: docs/s3/lifecycle.md
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

from chapters.checking import JSON, Case, Stage
from s3.lifecycle import DAY_MS, DAY_S, Rule, Standing, Wait, expiry, ripe_ms
from s3.records import Version

MONDAY = "2026-11-23"


def date_of(since: str, days: int, date: str, day_s: float) -> JSON:
    """Return when a wait that began at `since` is over; `date` is "" for days."""
    wait = Wait(days, at_ms=_ms(date) if date else None)
    return _text(ripe_ms(_ms(since), wait, day_s))


def expires(created: str, standing: dict[str, JSON], rules: list[dict[str, JSON]]) -> JSON:
    """Return when a version expires and by which rule; `standing` says what is unusual about it."""
    is_marker = bool(standing.get("is_marker"))
    version = Version("a", "v", "0", _ms(created), "me", is_marker=is_marker)
    replaced = standing.get("replaced")
    found = expiry(
        [_rule(each) for each in rules],
        Standing(
            version,
            _ms(str(replaced)) if replaced else None,
            int(str(standing.get("newer", 0))),
            bool(standing.get("is_alone", True)),
        ),
    )
    return [_text(found[0]), found[1]] if found else "never"


def _rule(said: dict[str, JSON]) -> Rule:
    return Rule(
        str(said["id"]),
        expire=_wait(said.get("days"), said.get("date")),
        noncurrent=_wait(said.get("noncurrent_days"), None, said.get("keep")),
        drops_markers=bool(said.get("drops_markers")),
    )


def _wait(days: JSON, date: JSON, keep: JSON = None) -> Wait | None:
    if days is None and date is None:
        return None
    at_ms = _ms(str(date)) if date else None
    return Wait(int(str(days or 0)), at_ms=at_ms, keep=int(str(keep or 0)))


def _ms(text: str) -> int:
    found = datetime.fromisoformat(text)
    return round(found.replace(tzinfo=UTC).timestamp() * 1_000)


def _text(ms: JSON) -> JSON:
    """Return a time to be read, or what came instead of milliseconds, as it is."""
    if not isinstance(ms, int) or not 0 <= ms < 10**14:
        return repr(ms)
    return datetime.fromtimestamp(ms / 1_000, UTC).isoformat(timespec="milliseconds")


def _moment(rng: Random) -> str:
    return str(_text(_ms(MONDAY) + rng.randrange(1, DAY_MS)))[:-6]


def dates(rng: Random) -> Iterator[Case]:
    """A date is a date, whatever the creation."""
    for date in ("2015-01-01", "2030-01-01"):
        yield _moment(rng), rng.randint(1, 9), date, float(DAY_S)
    yield _moment(rng), 0, "2030-01-01", 2.0


def midnights(rng: Random) -> Iterator[Case]:
    """Days end at the next midnight; at midnight they end at once."""
    for days in (0, 1, 3, rng.randint(4, 400)):
        yield _moment(rng), days, "", float(DAY_S)
    yield f"{MONDAY}T00:00:00.000", 3, "", float(DAY_S)
    yield f"{MONDAY}T00:00:00.001", 3, "", float(DAY_S)
    yield f"{MONDAY}T23:59:59.999", 1, "", float(DAY_S)


def short_days(rng: Random) -> Iterator[Case]:
    """Where a day lasts seconds there is no midnight to wait for."""
    for day_s in (2.0, 10.0, 0.5):
        yield _moment(rng), rng.randint(1, 9), "", day_s


def current_ones(rng: Random) -> Iterator[Case]:
    """Days from creation; the earliest of the rules."""
    days = rng.sample(range(1, 30), 3)
    rules: list[JSON] = [{"id": f"rule {at}", "days": each} for at, each in enumerate(days)]
    yield _moment(rng), {"is_alone": False}, rules
    yield _moment(rng), {}, [*rules, {"id": "date", "date": "2020-01-01"}]
    yield _moment(rng), {}, [{"id": "old ones", "noncurrent_days": 1}]
    yield _moment(rng), {}, []


def old_ones(rng: Random) -> Iterator[Case]:
    """Days from when it was replaced; the newest ones may be spared."""
    replaced = f"2026-12-{rng.randint(10, 27)}T{rng.randint(10, 23)}:30:00"
    rules: list[JSON] = [
        {"id": "hide", "days": 1},
        {"id": "old", "noncurrent_days": rng.randint(3, 9), "keep": 2},
    ]
    for newer in (0, 1, 2, 7):
        yield _moment(rng), {"replaced": replaced, "newer": newer, "is_alone": False}, rules
    yield (
        _moment(rng),
        {"replaced": replaced, "is_alone": False, "is_marker": True},
        [
            {"id": "old", "noncurrent_days": 3},
            {"id": "markers", "drops_markers": True},
        ],
    )


def markers(rng: Random) -> Iterator[Case]:
    """A marker goes once it is alone: at once, or by its own days."""
    drop: JSON = {"id": "markers", "drops_markers": True}
    days: JSON = {"id": "days", "days": rng.randint(2, 9)}
    for is_alone in (False, True):
        for rules in ([drop], [days], [days, drop]):
            yield _moment(rng), {"is_marker": True, "is_alone": is_alone}, rules
    yield _moment(rng), {}, [drop]


STAGES: dict[str, list[Stage]] = {
    "lifecycle-date": [
        Stage("a date is a date", dates, date_of),
        Stage("days end at a midnight", midnights, date_of, needs=()),
        Stage("a day that lasts seconds", short_days, date_of, needs=()),
        Stage("current versions: days from creation", current_ones, expires, needs=(1, 2)),
        Stage("noncurrent ones: days since they were replaced", old_ones, expires, needs=(4,)),
        Stage("delete markers that stand alone", markers, expires, needs=(4,)),
    ],
}
