"""Quality of experience, in SQL: who waited, who stalled, and whose fault it was.

    sessions ──► DuckDB ──► GROUP BY edge, title or hour ──► start time, rebuffer ratio, mean bit rate

The metrics are those of Dobrian et al., "Understanding the Impact of Video Quality on User Engagement",
SIGCOMM 2011: join time, buffering ratio, rate of buffering events, mean bit rate; and plays that ended
before they began. DuckDB reads the columns where they are. Page: docs/netflix/events.md
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import duckdb
import numpy as np

from chapters.errors import UsageError
from netflix.events.sessions import Session

DIMENSIONS = {
    "all": "'all'",
    "edge": "edge",
    "title": "title",
    "hour": "strftime(make_timestamp(begun_ms * 1000), '%Y-%m-%d %H:00')",
}

QUALITY = """
SELECT {dimension}                                                    AS what,
       count(*)                                                       AS sessions,
       count(*) FILTER (played_ms = 0) / count(*)                     AS never_began,
       quantile_disc(waited_ms, 0.50) FILTER (played_ms > 0)          AS start_p50_ms,
       quantile_disc(waited_ms, 0.95) FILTER (played_ms > 0)          AS start_p95_ms,
       coalesce(sum(stalled_ms) / nullif(sum(played_ms + stalled_ms), 0), 0)    AS rebuffer_ratio,
       coalesce(sum(stalls) * 3600000 / nullif(sum(played_ms), 0), 0) AS stalls_an_hour,
       coalesce(sum(kbit) * 1000 / nullif(sum(played_ms), 0), 0)      AS mean_kbps
FROM sessions GROUP BY ALL ORDER BY what
"""


@dataclass(frozen=True, slots=True)
class Quality:
    """How it was for the sessions of one edge, title or hour. Start times are None if none began."""

    what: str
    sessions: int
    never_began: float  # share
    start_p50_ms: int | None
    start_p95_ms: int | None
    rebuffer_ratio: float  # of the time from the first frame on
    stalls_an_hour: float  # of playing
    mean_kbps: float  # over playing time


def quality(sessions: Sequence[Session], by: str = "all") -> list[Quality]:
    """Return the quality of experience by `edge`, `title`, `hour` or of `all`.

    Raises `UsageError` for another dimension.
    """
    if by not in DIMENSIONS:
        raise UsageError(f"no dimension {by!r}; there are {', '.join(DIMENSIONS)}")
    if not sessions:
        return []
    with duckdb.connect() as connection:
        connection.register("sessions", _columns(sessions))
        rows = connection.execute(QUALITY.format(dimension=DIMENSIONS[by])).fetchall()
    return [Quality(*row) for row in rows]


def _columns(sessions: Sequence[Session]) -> dict[str, np.ndarray]:
    """The sessions by column, as DuckDB reads them best."""
    return {
        field.name: np.array([getattr(each, field.name) for each in sessions])
        for field in fields(Session)
    }
