"""Tracks, albums, artists and playlists as the Web API shows them, and lists in pages.

Page: docs/spotify/webapi.md
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chapters.errors import Refused
from spotify.catalogue.catalogue import Artist, Catalogue, Linked, may
from spotify.catalogue.track import Album, Track
from spotify.house import House
from spotify.instants import instant
from spotify.playlists.service import Kept

LIMIT_MAX = 50
Facts = dict[str, Any]
Thing = TypeVar("Thing")


def link(kind: str, id: str) -> Facts:
    """Return what every object begins with."""
    uri = f"spotify:{kind}:{id}"
    return {"id": id, "type": kind, "uri": uri, "href": f"/v1/{kind}s/{id}", "external_urls": {}}


def artist_link(id: str, name: str) -> Facts:
    """Return an artist as others name it."""
    return link("artist", id) | {"name": name}


def artist(found: Artist) -> Facts:
    """Return an artist."""
    more = {"genres": found.genres, "followers": {"href": None, "total": 0}, "popularity": 0}
    return artist_link(found.id, found.name) | more | {"images": _images(found.albums[0])}


def album(found: Album) -> Facts:
    """Return an album without its tracks."""
    return link("album", found.id) | {
        "name": found.title,
        "album_type": "compilation" if found.artist == "Various Artists" else "album",
        "artists": [artist_link(found.artist_id, found.artist)],
        "total_tracks": len(found.tracks),
        "release_date": f"{found.year}" if found.year else "",
        "release_date_precision": "year",
        "images": _images(found),
        "genres": [found.genre] if found.genre else [],
    }


def _images(found: Album) -> list[Facts]:
    return [{"url": f"/cover/{found.id}", "width": 480, "height": 480}] if found.cover else []


def simple_track(found: Track) -> Facts:
    """Return a track as its album lists it."""
    return link("track", found.id) | {
        "name": found.title,
        "artists": [artist_link(found.artist_id, found.artist)],
        "disc_number": found.disc,
        "track_number": found.number,
        "duration_ms": found.duration_ms,
        "explicit": False,
        "is_local": False,
        "preview_url": None,
    }


def track(house: House, found: Track, market: str | None) -> Facts:
    """Return a track; with a market the one that would be played, with what was asked for linked."""
    catalogue = house.shelf.catalogue()
    if market is None:
        return _full(house, catalogue, found) | {"available_markets": list(found.markets)}
    try:
        linked = catalogue.playable(found.id, market)
    except Refused:
        return _full(house, catalogue, found) | {
            "is_playable": False,
            "restrictions": {"reason": "market"},
        }
    return _full(house, catalogue, linked.track) | {"is_playable": True} | _linked(linked)


def _linked(linked: Linked) -> Facts:
    return {"linked_from": link("track", linked.asked.id)} if linked.is_relinked else {}


def _full(house: House, catalogue: Catalogue, found: Track) -> Facts:
    return simple_track(found) | {
        "album": album(catalogue.album(found.album_id)),
        "external_ids": {"isrc": found.isrc} if found.isrc else {},
        "popularity": min(100, house.stats.plays(found.id)),
    }


def is_here(found: Track, market: str | None) -> bool:
    """Return whether a list for a market shows a track."""
    return market is None or may(found, market)


def playlist(house: House, kept: Kept) -> Facts:
    """Return a playlist without its entries."""
    return link("playlist", kept.id) | {
        "name": kept.state.name,
        "description": kept.state.comment,
        "owner": user(kept.owner),
        "public": kept.is_public,
        "collaborative": kept.is_collaborative,
        "snapshot_id": kept.snapshot,
        "images": [],
        "tracks": {"href": f"/v1/playlists/{kept.id}/tracks", "total": len(kept.state.entries)},
    }


def entries(house: House, kept: Kept, market: str | None) -> list[Facts]:
    """Return a playlist's entries; of a track that is there no more, nothing is known."""
    tracks = house.shelf.catalogue().tracks
    return [
        {
            "added_at": instant(entry.at_ms),
            "added_by": user(entry.by),
            "is_local": False,
            "track": track(house, tracks[entry.track], market) if entry.track in tracks else None,
        }
        for entry in kept.state.entries
    ]


def user(name: str) -> Facts:
    """Return a user as others see it."""
    return {
        "id": name, "type": "user", "uri": f"spotify:user:{name}", "display_name": name,
        "href": f"/v1/users/{name}", "external_urls": {},
    }  # fmt: skip


def paged(
    items: Sequence[Thing],
    shaped: Callable[[Thing], Facts | None],
    href: str,
    first: int,
    limit: int,
) -> Facts:
    """Return a page of a list, with the addresses of its neighbours."""

    def at(place: int) -> str:
        mark = "&" if "?" in href else "?"
        return f"{href}{mark}offset={place}&limit={limit}"

    return {
        "href": at(first),
        "items": [shaped(each) for each in items[first : first + limit]],
        "limit": limit,
        "offset": first,
        "total": len(items),
        "next": at(first + limit) if first + limit < len(items) else None,
        "previous": at(max(0, first - limit)) if first else None,
    }
