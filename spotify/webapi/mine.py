"""What is a user's own: likes, and playlists.

Page: docs/spotify/webapi.md
"""

from typing import Any

from chapters.errors import Refused
from spotify.collection.collection import KINDS
from spotify.instants import instant
from spotify.playlists.playlist import Change, Edit, Playlist, Rename
from spotify.playlists.service import Kept, added, removed, reordered, without
from spotify.webapi import objects
from spotify.webapi.asked import Asked
from spotify.webapi.objects import Facts


def me(asked: Asked) -> Facts:
    """Return the user."""
    return objects.user(asked.user.name) | {"country": asked.user.market, "product": "premium"}


def liked(kind: str) -> Any:
    """Return the call that lists what a user likes of a kind, the latest first."""

    def answer(asked: Asked) -> Facts:
        catalogue = asked.house.shelf.catalogue()
        known: dict[str, Any] = catalogue.tracks if kind == "track" else catalogue.albums_by_id
        own = asked.house.collection.liked(asked.user.name, kind)
        rows = [(id, at_ms) for id, at_ms in reversed(own.items()) if id in known]

        def shown(row: tuple[str, int]) -> Facts:
            id, at_ms = row
            if kind == "track":
                return {
                    "added_at": instant(at_ms),
                    "track": objects.track(asked.house, known[id], asked.market),
                }
            return {"added_at": instant(at_ms), "album": objects.album(known[id])}

        return asked.page(rows, shown)

    return answer


def like(kind: str) -> Any:
    """Return the call that likes things of a kind; all must be there before any is liked."""

    def answer(asked: Asked) -> Facts:
        catalogue = asked.house.shelf.catalogue()
        ids = [
            catalogue.track(id).id if kind == "track" else catalogue.album(id).id
            for id in asked.ids()
        ]
        for id in ids:
            asked.house.collection.like(asked.user.name, kind, id, asked.house.now_ms)
        return {}

    return answer


def unlike(kind: str) -> Any:
    """Return the call that takes likes back."""

    def answer(asked: Asked) -> Facts:
        for id in asked.ids():
            asked.house.collection.unlike(asked.user.name, kind, id)
        return {}

    return answer


def likes(kind: str) -> Any:
    """Return the call that says of each thing whether it is liked."""
    return lambda asked: [
        id in asked.house.collection.liked(asked.user.name, kind) for id in asked.ids()
    ]


def _by_uri(asked: Asked) -> list[tuple[str, str]]:
    """The kinds and ids of the URIs that were sent. Raises `Refused`: 400, 404."""
    found = []
    for uri in asked.ids("uris"):
        kind, _, id = uri.removeprefix("spotify:").partition(":")
        if kind not in KINDS:
            raise Refused(400, f"uri {uri[:60]!r} is none of {', '.join(KINDS)}")
        found.append((kind, id))
    return found


def keep(asked: Asked) -> Facts:
    """Like what the URIs name."""
    for kind, id in _by_uri(asked):
        asked.house.collection.like(asked.user.name, kind, id, asked.house.now_ms)
    return {}


def drop(asked: Asked) -> Facts:
    """Take those likes back."""
    for kind, id in _by_uri(asked):
        asked.house.collection.unlike(asked.user.name, kind, id)
    return {}


def are_kept(asked: Asked) -> list[bool]:
    """Say of each URI whether it is liked."""
    return [
        id in asked.house.collection.liked(asked.user.name, kind) for kind, id in _by_uri(asked)
    ]


# Playlists --------------------------------------------------------------------------------------


def my_playlists(asked: Asked) -> Facts:
    """Return the playlists that a user sees."""
    own = asked.house.playlists.of(asked.user.name)
    return asked.page(own, lambda kept: objects.playlist(asked.house, kept))


def create(asked: Asked, user: str = "") -> Facts:
    """Make a playlist. Raises `Refused`: 400 without a name, 403 for another user's."""
    name = asked.body.get("name")
    if user and user != asked.user.name:
        raise Refused(403, f"{asked.user.name} makes no playlists for {user}")
    if not isinstance(name, str) or not name:
        raise Refused(400, "Missing required field: name")
    lists, now_ms = asked.house.playlists, asked.house.now_ms
    is_public = asked.body.get("public") is True
    kept = lists.create(asked.house.new_id(), asked.user.name, name, now_ms, is_public=is_public)
    if asked.body.get("collaborative") is True:
        lists.share(
            kept.id, asked.user.name, is_public=is_public, is_collaborative=True, now_ms=now_ms
        )
    return playlist(asked, kept.id)


def playlist(asked: Asked, id: str) -> Facts:
    """Return a playlist with its first entries."""
    kept = asked.house.playlists.get(id, asked.user.name)
    rows = objects.entries(asked.house, kept, asked.market)
    page = objects.paged(rows, lambda row: row, f"{asked.root}/v1/playlists/{id}/tracks", 0, 100)
    return objects.playlist(asked.house, kept) | {"tracks": page}


def change(asked: Asked, id: str) -> Facts:
    """Rename a playlist, or say who may see and edit it."""
    lists, user, now_ms = asked.house.playlists, asked.user.name, asked.house.now_ms
    kept = lists.editable(id, user)
    name, about = asked.body.get("name"), asked.body.get("description")
    if isinstance(name, str) or isinstance(about, str):
        new = Rename(name or kept.state.name, kept.state.comment if about is None else str(about))
        lists.edit(id, Edit(asked.house.new_id(), new, user, now_ms))
    flags = {"public": kept.is_public, "collaborative": kept.is_collaborative}
    told = {each: asked.body[each] is True for each in flags if each in asked.body}
    if told:
        flags |= told
        lists.share(
            id,
            user,
            is_public=flags["public"],
            is_collaborative=flags["collaborative"],
            now_ms=now_ms,
        )
    return {}


def unfollow(asked: Asked, id: str) -> Facts:
    """Take a playlist away from everybody, if it is one's own. Raises `Refused`: 403, 404."""
    asked.house.playlists.delete(id, asked.user.name)
    return {}


def entries(asked: Asked, id: str) -> Facts:
    """Return a playlist's entries, in pages."""
    kept = asked.house.playlists.get(id, asked.user.name)
    return asked.page(objects.entries(asked.house, kept, asked.market), lambda row: row)


def add(asked: Asked, id: str) -> Facts:
    """Put tracks in, at a place or at the end."""
    told = asked.body.get("uris") or asked.words.get("uris", "").split(",")
    place = asked.body.get("position", asked.words.get("position"))
    if place is not None and not str(place).isdecimal():
        raise Refused(400, f"position is {place!r}; it must be a whole number from 0")
    tracks = asked.tracks(told)

    def make(state: Playlist, edit: str) -> Change:
        where = None if place is None else int(place)
        return added(state, tracks, where, edit, asked.user.name, asked.house.now_ms)

    return _edited(asked, id, make)


def reorder_or_replace(asked: Asked, id: str) -> Facts:
    """Move a range of entries, or put other tracks in place of all."""
    if "range_start" in asked.body:
        first, before = _place(asked, "range_start"), _place(asked, "insert_before")
        count = _place(asked, "range_length", 1)
        return _edited(asked, id, lambda state, edit: reordered(state, first, count, before))
    told = asked.body["uris"] if "uris" in asked.body else asked.words.get("uris", "").split(",")
    tracks = asked.tracks([uri for uri in told if uri] if isinstance(told, list) else told)
    _edited(asked, id, lambda state, edit: removed(state, range(len(state.entries))))
    user, now_ms = asked.user.name, asked.house.now_ms
    return _edited(asked, id, lambda state, edit: added(state, tracks, None, edit, user, now_ms))


def remove(asked: Asked, id: str) -> Facts:
    """Take tracks out: all entries of each, or those at the places that are named."""
    told = asked.body.get("tracks", asked.body.get("items"))
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        raise Refused(400, 'tracks: send [{"uri": "spotify:track:…"}]')
    places = [place for each in told for place in each.get("positions", ())]
    tracks = asked.tracks([each.get("uri") for each in told])
    if places and all(isinstance(place, int) for place in places):
        return _edited(asked, id, lambda state, edit: removed(state, places))
    return _edited(asked, id, lambda state, edit: without(state, tracks))


def _place(asked: Asked, name: str, default: int | None = None) -> int:
    found = asked.body.get(name, default)
    if isinstance(found, bool) or not isinstance(found, int):
        raise Refused(400, f"{name} is {found!r}; it must be a whole number")
    return found


def _edited(asked: Asked, id: str, make: Any) -> Facts:
    """Edit a playlist by what its caller saw: the snapshot that it names, or the latest."""
    lists = asked.house.playlists
    own: Kept = lists.editable(id, asked.user.name)
    told = asked.body.get("snapshot_id")
    state = own.at(told) if isinstance(told, str) else own.state
    edit_id = asked.house.new_id()
    edit = Edit(edit_id, make(state, edit_id), asked.user.name, asked.house.now_ms)
    return {"snapshot_id": lists.edit(id, edit).snapshot}
