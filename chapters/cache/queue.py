"""A queue of keys with sizes, from which any key can be taken in constant time.

A Python dict keeps the order of insertion, which is all that is needed: the first key is the oldest.
Page: docs/chapters/cache.md
"""

from chapters.cache.policy import Key


class Queue:
    """Keys in order, oldest first, and the sum of their sizes."""

    def __init__(self) -> None:
        self._sizes: dict[Key, int] = {}
        self.used = 0

    def __contains__(self, key: Key) -> bool:
        return key in self._sizes

    def __len__(self) -> int:
        return len(self._sizes)

    def push(self, key: Key, size: int) -> None:
        """Put a key at the end."""
        self._sizes[key] = size
        self.used += size

    def take(self, key: Key) -> int:
        """Take a key out, wherever it stands; return its size."""
        size = self._sizes.pop(key)
        self.used -= size
        return size

    def renew(self, key: Key) -> None:
        """Put a key that is here at the end."""
        self._sizes[key] = self._sizes.pop(key)

    def oldest(self) -> Key:
        """Return the key at the front."""
        return next(iter(self._sizes))

    def pop(self) -> tuple[Key, int]:
        """Take out the oldest; return it and its size."""
        key = self.oldest()
        return key, self.take(key)
