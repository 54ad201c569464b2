"""What will be asked for tonight, from the reports in a log and from what is new in a library.

Page: docs/netflix/fill.md
"""

from collections.abc import Collection
from pathlib import Path

from chapters.log import Log
from netflix.cdn.popularity import Popularity
from netflix.events.intake import events
from netflix.events.plays import by_hour
from netflix.package.published import FACTS

NEW_S = 24 * 3600  # a title is new for so long


def expected(log: Log, titles: Collection[str], library: Path, now_ms: int) -> dict[str, float]:
    """Return the expected plays of each of `titles`. What came late counts all the same."""
    popularity = Popularity()
    for told in by_hour(events(log), now_ms):
        popularity.hear(told)
    new = [title for title in titles if _is_new(library / title / FACTS, now_ms / 1000)]
    return popularity.predict(now_ms, titles, new)


def _is_new(facts: Path, now_s: float) -> bool:
    try:
        return now_s - facts.stat().st_mtime < NEW_S
    except OSError:
        return False
