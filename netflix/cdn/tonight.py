"""What will be asked for tonight, from the reports in a log.

Page: docs/netflix/fill.md
"""

from collections.abc import Collection

from chapters.log import Log
from netflix.cdn.popularity import Popularity
from netflix.events.intake import events
from netflix.events.plays import counted
from netflix.events.windows import Windows


def expected(
    log: Log, now_ms: int, titles: Collection[str], new: Collection[str] = ()
) -> dict[str, float]:
    """Return the expected plays of each of `titles`. What came late counts all the same."""
    popularity = Popularity()
    arrived = ((event.at_ms, event) for event in events(log))
    for told in counted(arrived, Windows()):
        popularity.hear(told)
    return popularity.predict(now_ms, titles, new)
