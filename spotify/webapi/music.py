"""What there is: tracks, albums, artists, search, what is new, what sounds alike.

Page: docs/spotify/webapi.md
"""

from chapters.errors import Refused
from spotify.catalogue.track import Album
from spotify.webapi import objects
from spotify.webapi.asked import Asked
from spotify.webapi.objects import Facts

KINDS = {"track": "song", "album": "album", "artist": "artist"}
FOUND_MAX = 200
RELATED_MAX = 20


def track(asked: Asked, id: str) -> Facts:
    """Return a track."""
    return objects.track(asked.house, asked.track(id), asked.market)


def tracks(asked: Asked) -> Facts:
    """Return several; null where there is none."""
    known = asked.house.shelf.catalogue().tracks
    rows = [
        objects.track(asked.house, known[id], asked.market) if id in known else None
        for id in asked.ids()
    ]
    return {"tracks": rows}


def album(asked: Asked, id: str) -> Facts:
    """Return an album with its tracks."""
    found = asked.house.shelf.catalogue().album(id)
    return objects.album(found) | {"tracks": _tracks_of(asked, found)}


def album_tracks(asked: Asked, id: str) -> Facts:
    """Return an album's tracks, in pages."""
    return _tracks_of(asked, asked.house.shelf.catalogue().album(id))


def _tracks_of(asked: Asked, found: Album) -> Facts:
    own = [each for each in found.tracks if objects.is_here(each, asked.market)]
    return asked.page(own, objects.simple_track)


def albums(asked: Asked) -> Facts:
    """Return several albums; null where there is none."""
    known = asked.house.shelf.catalogue().albums_by_id
    rows = [
        objects.album(known[id]) | {"tracks": _tracks_of(asked, known[id])} if id in known else None
        for id in asked.ids()
    ]
    return {"albums": rows}


def artist(asked: Asked, id: str) -> Facts:
    """Return an artist."""
    return objects.artist(asked.house.shelf.catalogue().artist(id))


def artists(asked: Asked) -> Facts:
    """Return several artists; null where there is none."""
    known = asked.house.shelf.catalogue().artists
    return {"artists": [objects.artist(known[id]) if id in known else None for id in asked.ids()]}


def artist_albums(asked: Asked, id: str) -> Facts:
    """Return an artist's albums, in pages."""
    return asked.page(asked.house.shelf.catalogue().artist(id).albums, objects.album)


def top_tracks(asked: Asked, id: str) -> Facts:
    """Return what is heard most of an artist."""
    house = asked.house
    house.shelf.catalogue().artist(id)
    own = [each for each in house.shelf.catalogue().tracks.values() if each.artist_id == id]
    own.sort(key=lambda each: (-house.stats.plays(each.id), each.year, each.number))
    return {"tracks": [objects.track(house, each, asked.market) for each in own[:10]]}


def related(asked: Asked, id: str) -> Facts:
    """Return artists of the same kind of music."""
    catalogue = asked.house.shelf.catalogue()
    found = catalogue.artist(id)
    own = [
        other for other in catalogue.artists.values()
        if other.id != id and set(other.genres) & set(found.genres)
    ]  # fmt: skip
    return {"artists": [objects.artist(each) for each in own[:RELATED_MAX]]}


def search(asked: Asked) -> Facts:
    """Return what is found for some words, by kind. Raises `Refused` with 400."""
    query, catalogue = asked.words.get("q", "").strip(), asked.house.shelf.catalogue()
    kinds = asked.words.get("type", "").split(",")
    if not query:
        raise Refused(400, "No search query")
    if strange := [kind for kind in kinds if kind not in KINDS]:
        raise Refused(400, f"type {strange[0][:40]!r} is not one of {', '.join(KINDS)}")
    found: Facts = {}
    for kind in kinds:
        ids = asked.house.search(KINDS[kind], query, FOUND_MAX)
        if kind == "track":
            rows = [catalogue.tracks[id] for id in ids]
            found["tracks"] = asked.page(
                rows, lambda each: objects.track(asked.house, each, asked.market)
            )
        elif kind == "album":
            found["albums"] = asked.page([catalogue.albums_by_id[id] for id in ids], objects.album)
        else:
            found["artists"] = asked.page([catalogue.artists[id] for id in ids], objects.artist)
    return found


def new_releases(asked: Asked) -> Facts:
    """Return the albums, the newest first."""
    newest = sorted(asked.house.shelf.catalogue().albums, key=lambda each: -each.year)
    return {"albums": asked.page(newest, objects.album)}


def audio_features(asked: Asked, id: str) -> Facts:
    """Return what a track sounds like."""
    found = asked.track(id)
    return (
        objects.link("track", id)
        | {"type": "audio_features", "duration_ms": found.duration_ms}
        | dict(found.features)
    )


def recommendations(asked: Asked) -> Facts:
    """Return tracks that sound like those that are named. Raises `Refused` with 400 without any."""
    seeds, limit = asked.ids("seed_tracks"), asked.whole("limit", 20, 1, 100)
    rows: dict[str, None] = {}
    for seed in seeds:
        rows |= dict.fromkeys(asked.house.radio(seed, asked.market, limit))
    known = asked.house.shelf.catalogue().tracks
    found = [objects.track(asked.house, known[id], asked.market) for id in rows if id not in seeds]
    return {"tracks": found[:limit], "seeds": [{"id": seed, "type": "TRACK"} for seed in seeds]}
