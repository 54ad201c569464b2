"""Three indexes of a catalogue; a song is found by its title, artist and album together.

Popularity is a weight in the index, by the logarithm of the plays: a song that is heard a thousand times as
often is not found a thousand times as often. And it is a whole number, so that a song is indexed anew only
when its plays have doubled. Page: docs/spotify/search.md
"""

from collections.abc import Callable, Collection

from chapters.inverted_index import Index
from spotify.catalogue.catalogue import Catalogue

KINDS = ("song", "album", "artist")
TITLE_TWICE = 2  # a word in the title says more than one in the album's name


class Search:
    """What can be found in a catalogue; `plays` tells how often a track was heard."""

    def __init__(self, plays: Callable[[str], int]) -> None:
        self._plays = plays
        self._indexes = {kind: Index() for kind in KINDS}
        self._known: dict[str, dict[str, tuple[str, float]]] = {kind: {} for kind in KINDS}

    def refresh(self, catalogue: Catalogue) -> None:
        """Bring the indexes up to a catalogue, and to the plays as they are now."""
        songs = {
            track.id: (
                f"{track.title} " * TITLE_TWICE + f"{track.artist} {track.album}",
                self._weight(track.id),
            )
            for track in catalogue.tracks.values()
        }
        albums = {album.id: (f"{album.title} {album.artist}", 1.0) for album in catalogue.albums}
        artists = {artist.id: (artist.name, 1.0) for artist in catalogue.artists.values()}
        for kind, wanted in zip(KINDS, (songs, albums, artists), strict=True):
            self._bring(kind, wanted)

    def _bring(self, kind: str, wanted: dict[str, tuple[str, float]]) -> None:
        index, known = self._indexes[kind], self._known[kind]
        for id in known.keys() - wanted.keys():
            index.remove(id)
        for id, (text, weight) in wanted.items():
            if known.get(id) != (text, weight):
                index.add(id, text, weight)
        index.refresh()
        self._known[kind] = wanted

    def heard(self, tracks: Collection[str]) -> None:
        """Take note that these were heard again; it changes the index where plays have doubled since."""
        known = self._known["song"]
        for id in tracks:
            text, weight = known.get(id, ("", 0.0))
            if text and self._weight(id) != weight:
                known[id] = text, self._weight(id)
                self._indexes["song"].add(id, *known[id])
        self._indexes["song"].refresh()

    def _weight(self, track: str) -> float:
        return float((1 + self._plays(track)).bit_length())

    def find(self, kind: str, query: str, count: int, *, is_typing: bool = True) -> list[str]:
        """Return the ids of the best of a kind; the last word may still be in the typing."""
        return [hit.key for hit in self._indexes[kind].search(query, count, is_typing=is_typing)]
