"""The index follows the catalog in batches: what changed in five seconds costs hardly more than one change.

Page: docs/zomato/search.md
"""

from chapters.sim.clock import S
from zomato.search.search import Search

EVERY_NS = 5 * S


class Follower:
    """Refreshes a search when it is time; `is_stopped` is what breaks in `kit break zomato stale-index`."""

    def __init__(self, search: Search, *, every_ns: int = EVERY_NS) -> None:
        self._search, self._every_ns = search, every_ns
        self.is_stopped = False
        self.refreshed = 0  # restaurants that were read again, in all

    def tick(self, now_ns: int) -> bool:
        """Refresh if the interval is over; return whether it was."""
        if self.is_stopped or now_ns - self._search.refreshed_ns < self._every_ns:
            return False
        self.refreshed += len(self._search.refresh(now_ns))
        return True
