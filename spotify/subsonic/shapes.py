"""Tracks, albums, artists and playlists in the protocol's words.

Page: docs/spotify/subsonic.md
"""

from collections.abc import Iterable
from typing import Any

from spotify.accounts.users import User
from spotify.catalogue.catalogue import Artist
from spotify.catalogue.track import Album, Track
from spotify.house import House
from spotify.instants import instant
from spotify.playlists.service import Kept, tracks_of

STREAMED = "opus96"  # what a client gets that does not say what it wants
CREATED = "2024-01-01T00:00:00.000Z"  # of an album without a year


def song(house: House, user: User, track: Track) -> dict[str, Any]:
    """Return a track, as a `Child`."""
    own = track.rendition(STREAMED)
    liked = house.collection.liked(user.name, "track").get(track.id)
    stars = house.collection.rating(user.name, track.id)
    plays = house.stats.plays(track.id)
    facts: dict[str, Any] = {
        "id": track.id,
        "parent": track.album_id,
        "isDir": False,
        "title": track.title,
        "album": track.album,
        "artist": track.artist,
        "track": track.number,
        "discNumber": track.disc,
        "coverArt": track.album_id,
        "size": own.size,
        "contentType": own.mime,
        "suffix": "ogg",
        "duration": round(track.samples / 48_000),
        "bitRate": round(own.kbps),
        "samplingRate": 48_000,
        "channelCount": 2,
        "path": f"{track.artist}/{track.album}/{track.number:02d} {track.title}.ogg",
        "isVideo": False,
        "created": _created(track.year),
        "albumId": track.album_id,
        "artistId": track.artist_id,
        "type": "music",
        "mediaType": "song",
        "playCount": plays,
        "displayArtist": track.artist,
        "isrc": [track.isrc] if track.isrc else [],
        "artists": [{"id": track.artist_id, "name": track.artist}],
        "replayGain": {
            "trackGain": track.gain_db,
            "albumGain": track.album_gain_db,
            "trackPeak": round(10 ** (track.peak_db / 20), 6),
        },
    }
    return (
        facts
        | _if(year=track.year, genre=track.genre, userRating=stars)
        | _starred(liked)
        | _genres(track.genre)
    )


def album(house: House, user: User, found: Album) -> dict[str, Any]:
    """Return an album without its tracks, as an `AlbumID3`."""
    liked = house.collection.liked(user.name, "album").get(found.id)
    facts: dict[str, Any] = {
        "id": found.id,
        "name": found.title,
        "artist": found.artist,
        "artistId": found.artist_id,
        "coverArt": found.id,
        "songCount": len(found.tracks),
        "duration": sum(round(track.samples / 48_000) for track in found.tracks),
        "playCount": sum(house.stats.plays(track.id) for track in found.tracks),
        "created": _created(found.year),
        "displayArtist": found.artist,
        "artists": [{"id": found.artist_id, "name": found.artist}],
    }
    stars = house.collection.rating(user.name, found.id)
    return (
        facts
        | _if(year=found.year, genre=found.genre, userRating=stars)
        | _starred(liked)
        | _genres(found.genre)
    )


def album_with_songs(house: House, user: User, found: Album) -> dict[str, Any]:
    """Return an album with its tracks."""
    return album(house, user, found) | {"song": [song(house, user, each) for each in found.tracks]}


def directory_of(house: House, user: User, found: Album) -> dict[str, Any]:
    """Return an album as a folder, as a `Child`, for those who browse by folders."""
    own = album(house, user, found)
    kept = (
        "id",
        "artist",
        "coverArt",
        "created",
        "year",
        "genre",
        "starred",
        "duration",
        "playCount",
    )
    return {name: own[name] for name in kept if name in own} | {
        "title": found.title, "album": found.title, "parent": found.artist_id, "isDir": True,
        "artistId": found.artist_id,
    }  # fmt: skip


def artist(house: House, user: User, found: Artist) -> dict[str, Any]:
    """Return an artist without the albums, as an `ArtistID3`."""
    liked = house.collection.liked(user.name, "artist").get(found.id)
    facts = {
        "id": found.id,
        "name": found.name,
        "coverArt": found.albums[0].id,
        "albumCount": len(found.albums),
    }
    return facts | _starred(liked)


def playlist(house: House, kept: Kept) -> dict[str, Any]:
    """Return a playlist without its entries."""
    tracks = house.shelf.catalogue().tracks
    own = [tracks[id] for id in tracks_of(kept) if id in tracks]
    facts: dict[str, Any] = {
        "id": kept.id,
        "name": kept.state.name,
        "comment": kept.state.comment,
        "owner": kept.owner,
        "public": kept.is_public,
        "songCount": len(own),
        "duration": sum(round(track.samples / 48_000) for track in own),
        "created": instant(kept.created_ms),
        "changed": instant(kept.changed_ms),
    }
    return facts | ({"coverArt": own[0].album_id} if own else {})


def songs(house: House, user: User, ids: Iterable[str]) -> list[dict[str, Any]]:
    """Return tracks by their ids; those that are not there any more are left out."""
    tracks = house.shelf.catalogue().tracks
    return [song(house, user, tracks[id]) for id in ids if id in tracks]


def _created(year: int) -> str:
    return f"{year}-01-01T00:00:00.000Z" if year else CREATED


def _if(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value}


def _starred(liked: int | None) -> dict[str, str]:
    return {} if liked is None else {"starred": instant(liked)}


def _genres(genre: str) -> dict[str, Any]:
    return {"genres": [{"name": genre}] if genre else []}
