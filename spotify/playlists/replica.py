"""A device with a playlist, and no network for a while: it edits at once, and rebases later.

    service   1 2 3 4 5              edits in the order in which they were taken
    device    1 2 3 + a b            three of the service's, two of its own that are on their way
    it hears 4 5                     1 2 3 4 5 + a b         its own are applied anew, behind the others'
    the service takes a b            1 2 3 4 5 6 7

Invariant: when everything has been sent and heard, all devices show what the service has. An edit that
the service refuses, as it names what nobody knows, is dropped and told. Page: docs/spotify/playlists.md
"""

from collections.abc import Sequence

from chapters.errors import Refused
from spotify.playlists.playlist import Change, Edit, Entry, Playlist


class Replica:
    """One device's copy."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._taken: list[Edit] = []  # the service's, as far as they were heard
        self.pending: list[Edit] = []
        self.shown = Playlist()
        self._made = 0

    @property
    def revision(self) -> int:
        """Return how many of the service's edits were heard."""
        return len(self._taken)

    @property
    def entries(self) -> list[Entry]:
        """Return what the device shows."""
        return self.shown.entries

    def edit(self, change: Change, at_ms: int = 0) -> Edit:
        """Edit here and now; it goes to the service later. Raises `Refused`."""
        self._made += 1
        edit = Edit(f"{self.name}-{self._made}", change, self.name, at_ms)
        self.shown.apply(edit)
        self.pending.append(edit)
        return edit

    def hear(self, first: int, edits: Sequence[Edit]) -> list[Edit]:
        """Take the service's edits from number `first` on; return our own that were dropped.

        What was heard already is passed over, and what would leave a gap too: it is asked for again.
        """
        new = edits[len(self._taken) - first :] if first <= len(self._taken) else ()
        if not new:
            return []
        self._taken += new
        known = {edit.id for edit in self._taken}
        self.shown = rebuilt(self._taken)
        dropped = []
        for edit in [each for each in self.pending if each.id not in known]:
            try:
                self.shown.apply(edit)
            except Refused:
                dropped.append(edit)
        self.pending = [
            each for each in self.pending if each.id not in known and each not in dropped
        ]
        return dropped


def rebuilt(edits: Sequence[Edit]) -> Playlist:
    """Return the state after these edits."""
    found = Playlist()
    for edit in edits:
        found.apply(edit)
    return found
