"""Which edge has a track: the one that the ring says, and behind it those to ask if it does not answer.

    Ring(edges).owners(album, all of them)     an album's files lie together: its tracks are heard together

Invariant: all who know the edges' names agree, without asking anybody; when one goes, only its own albums
move. Page: docs/spotify/delivery.md
"""

from collections.abc import Collection, Mapping

from chapters.consistent_hashing.ring import Ring


class Router:
    """Edges by name, with their addresses."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self.urls = dict(urls)
        self._ring = Ring(list(self.urls))

    def edges(self, album_id: str, down: Collection[str] = ()) -> list[str]:
        """Return the edges to ask for an album's files, in order; those believed down come last."""
        order = self._ring.owners(album_id.encode(), len(self.urls))
        return sorted(order, key=lambda name: name in down)  # stable: the ring's order within both
