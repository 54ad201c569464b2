"""Least recently used: what was asked for longest ago goes.

    oldest  a  c  d  b  newest        request(c):  a  d  b  c

A hit moves its key to the end, so the front is what nobody has wanted for the longest time. It is a good
guess as long as the near past is like the near future, and a single scan throws all of it out.
Page: docs/chapters/cache.md
"""

from chapters.cache.fifo import Fifo
from chapters.cache.policy import Key


class Lru(Fifo):
    """FIFO, but a key that is asked for goes to the end of the queue."""

    def _hit(self, key: Key) -> None:
        self._queue.renew(key)
