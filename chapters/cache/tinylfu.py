"""W-TinyLFU: a newcomer gets in only if it has been asked for more often than whoever would go.

    new ──► window (1 %) ──► duel: who was asked for more often, by the sketch? ──► main ──► out
                                   newcomer  or  main's next to go                 probation │ protected

The window lets what is suddenly popular prove itself; the duel keeps out what comes once. A Bloom filter
before the sketch (the doorkeeper) takes the first request of each key, and most keys have no second.
Source: Einziger, Friedman and Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", ACM TOS 2017.
Page: docs/chapters/cache.md
"""

from collections.abc import Callable

from chapters.bloom.filter import Bloom
from chapters.cache.policy import Key, Policy, ignore
from chapters.cache.queue import Queue
from chapters.cache.sketch import Sketch

WINDOW_SHARE = 0.01
PROTECTED_SHARE = 0.8  # of main: what was asked for again while it was on probation
KEYS_MIN = 64
DOORKEEPER_ERROR = 0.03


class WTinyLfu(Policy):
    """A window, a segmented LRU behind it, and a duel at the door between them.

    `keys` is how many objects are expected to fit, where sizes are not 1.
    """

    def __init__(
        self,
        capacity: int,
        on_evict: Callable[[Key], object] = ignore,
        *,
        keys: int | None = None,
    ) -> None:
        super().__init__(capacity, on_evict)
        self._window, self._probation, self._protected = Queue(), Queue(), Queue()
        self._window_max = max(1, int(capacity * WINDOW_SHARE))
        self._main_max = capacity - self._window_max
        self._protected_max = int(self._main_max * PROTECTED_SHARE)
        self._keys = max(KEYS_MIN, capacity if keys is None else keys)
        self._sketch = Sketch(self._keys)
        self._doorkeeper = Bloom.for_keys(10 * self._keys, DOORKEEPER_ERROR)

    def request(self, key: Key, size: int = 1) -> bool:
        """Take note of the request, hit or not, then decide."""
        self._note(name(key))
        return super().request(key, size)

    def __contains__(self, key: Key) -> bool:
        return key in self._protected or key in self._probation or key in self._window

    def remove(self, key: Key) -> None:
        """Take out a key that is here."""
        queues = (self._window, self._probation, self._protected)
        self.used -= next(each for each in queues if key in each).take(key)

    @property
    def _main_used(self) -> int:
        return self._probation.used + self._protected.used

    def _note(self, key: bytes) -> None:
        if key not in self._doorkeeper:
            self._doorkeeper.add(key)
        elif self._sketch.add(key):
            self._doorkeeper = Bloom.for_keys(10 * self._keys, DOORKEEPER_ERROR)

    def _frequency(self, key: Key) -> int:
        return self._sketch.estimate(name(key)) + (name(key) in self._doorkeeper)

    def _hit(self, key: Key) -> None:
        if key in self._window:
            self._window.renew(key)
        elif key in self._protected:
            self._protected.renew(key)
        else:
            self._protected.push(key, self._probation.take(key))
            while self._protected.used > self._protected_max and len(self._protected) > 1:
                self._probation.push(*self._protected.pop())

    def _miss(self, key: Key, size: int) -> None:
        self._window.push(key, size)
        self.used += size
        while self._window.used > self._window_max:
            candidate, weight = self._window.pop()
            self._duel(candidate, weight)

    def _duel(self, candidate: Key, size: int) -> None:
        """Let the candidate into main if there is room, or if it wins against those who would go."""
        while self._main_used + size > self._main_max:
            main = self._probation or self._protected
            if not main or self._frequency(candidate) <= self._frequency(main.oldest()):
                self._out(candidate, size)
                return
            self._out(*main.pop())
        self._probation.push(candidate, size)

    def _out(self, key: Key, size: int) -> None:
        self.used -= size
        self.on_evict(key)


def name(key: Key) -> bytes:
    """Return the bytes that stand for a key in a sketch."""
    return key if isinstance(key, bytes) else str(key).encode()
