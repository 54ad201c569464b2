"""Everything by its id, and whether it may be played here.

    may(track, market)      yes ──► play it
                            no  ──► is the same recording, by its ISRC, on another album that may? play that

The same recording is often there twice: on the album and on a compilation, with rights in different
countries. Whoever saved the one hears the other, and is told which: Spotify calls it relinking.
Page: docs/spotify/catalogue.md
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from spotify.catalogue.track import WORLD, Album, Track
from spotify.errors import Refused


@dataclass(frozen=True, slots=True)
class Artist:
    """An artist with albums in order of time."""

    id: str
    name: str
    albums: tuple[Album, ...]

    @property
    def genres(self) -> list[str]:
        """Return the genres of the albums, without repeats."""
        return list(dict.fromkeys(album.genre for album in self.albums if album.genre))


@dataclass(frozen=True, slots=True)
class Linked:
    """What is played for a track that was asked for: itself, or the same recording on another album."""

    track: Track
    asked: Track

    @property
    def is_relinked(self) -> bool:
        """Return whether another one is played."""
        return self.track.id != self.asked.id


@dataclass(slots=True)
class Catalogue:
    """Artists, albums and tracks of a library. It never changes: a new library makes a new one."""

    albums: tuple[Album, ...]
    albums_by_id: dict[str, Album] = field(init=False)
    tracks: dict[str, Track] = field(init=False)
    artists: dict[str, Artist] = field(init=False)

    def __init__(self, albums: Iterable[Album]) -> None:
        self.albums = tuple(albums)
        self.albums_by_id = {album.id: album for album in self.albums}
        self.tracks = {track.id: track for album in self.albums for track in album.tracks}
        self.artists = {each.id: each for each in _artists(self.albums)}

    def track(self, id: str) -> Track:
        """Return a track. Raises `Refused` with 404."""
        if id not in self.tracks:
            raise Refused(404, f"there is no track {id!r}")
        return self.tracks[id]

    def album(self, id: str) -> Album:
        """Return an album. Raises `Refused` with 404."""
        if id not in self.albums_by_id:
            raise Refused(404, f"there is no album {id!r}")
        return self.albums_by_id[id]

    def artist(self, id: str) -> Artist:
        """Return an artist. Raises `Refused` with 404."""
        if id not in self.artists:
            raise Refused(404, f"there is no artist {id!r}")
        return self.artists[id]

    def of_market(self, market: str | None) -> list[Track]:
        """Return the tracks that may be played in a market; all of them for None."""
        return [each for each in self.tracks.values() if market is None or may(each, market)]

    def playable(self, id: str, market: str) -> Linked:
        """Return what to play for a track in a market. Raises `Refused`: 404, 403 (`market`)."""
        asked = self.track(id)
        played = asked if may(asked, market) else self._same_recording(asked, market)
        if played is None:
            where = ", ".join(asked.markets)
            raise Refused(
                403, f"{asked.title!r} may be played in {where}, not in {market}", "market"
            )
        return Linked(played, asked)

    def _same_recording(self, asked: Track, market: str) -> Track | None:
        """A track with the same ISRC that may be played; of several, the one with the smallest id."""
        same = (track for track in self.tracks.values() if asked.isrc and track.isrc == asked.isrc)
        return min(
            (track for track in same if may(track, market)), key=lambda t: t.id, default=None
        )


def may(track: Track, market: str) -> bool:
    """Return whether a track may be played in a market."""
    return WORLD in track.markets or market in track.markets


def _artists(albums: Iterable[Album]) -> Iterator[Artist]:
    own: dict[str, list[Album]] = {}
    for album in albums:
        own.setdefault(album.artist_id, []).append(album)
    for id, theirs in own.items():
        yield Artist(id, theirs[0].artist, tuple(sorted(theirs, key=lambda each: each.year)))
