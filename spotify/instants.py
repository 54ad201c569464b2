"""Times as both APIs write them.

Page: docs/spotify/subsonic.md
"""

from datetime import UTC, datetime


def instant(at_ms: int) -> str:
    """Return a time in milliseconds since the epoch as `2026-01-01T20:00:00.000Z`."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
