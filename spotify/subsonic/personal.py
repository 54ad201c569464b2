"""Likes, ratings, playlists, queues and reports of what was heard.

Page: docs/spotify/subsonic.md
"""

from hashlib import blake2b
from typing import Any

from chapters.errors import Refused
from spotify.collection.collection import Queue
from spotify.instants import instant
from spotify.playlists.playlist import Edit, Rename
from spotify.playlists.service import Kept, added, removed
from spotify.subsonic import shapes
from spotify.subsonic.browsing import must_be_there
from spotify.subsonic.call import Call
from spotify.subsonic.envelope import GENERIC, MISSING, Failure

Answer = dict[str, Any]
KINDS = {"id": "", "albumId": "album", "artistId": "artist"}
ROLES = (
    "adminRole", "settingsRole", "uploadRole", "coverArtRole", "commentRole", "podcastRole",
    "jukeboxRole", "shareRole", "videoConversionRole",
)  # fmt: skip
MAY = ("scrobblingEnabled", "downloadRole", "playlistRole", "streamRole")


def star(call: Call) -> Answer:
    """Like tracks, albums and artists."""
    for kind, id in _named(call):
        call.house.collection.like(call.user.name, kind, id, call.house.now_ms)
    return {}


def unstar(call: Call) -> Answer:
    """Take likes back."""
    for kind, id in _named(call):
        call.house.collection.unlike(call.user.name, kind, id)
    return {}


def _named(call: Call) -> list[tuple[str, str]]:
    """All ids of a call with their kinds; all must be there before anything is done."""
    found = [(must_be_there(call, id), id) for name in KINDS for id in call.all(name)]
    if not found:
        raise Failure(MISSING, "required parameter 'id', 'albumId' or 'artistId' is missing")
    return found


def starred(name: str, is_by_folder: bool = False) -> Any:
    """Return the call that answers, under `name`, with what a user likes."""

    def answer(call: Call) -> Answer:
        liked, catalogue = call.house.collection.liked, call.house.shelf.catalogue()
        user = call.user.name
        artists = [catalogue.artists[id] for id in liked(user, "artist") if id in catalogue.artists]
        albums = [album for album in catalogue.albums if album.id in liked(user, "album")]
        shaped = shapes.directory_of if is_by_folder else shapes.album
        return {
            name: {
                "artist": [shapes.artist(call.house, call.user, each) for each in artists],
                "album": [shaped(call.house, call.user, each) for each in albums],
                "song": shapes.songs(call.house, call.user, liked(user, "track")),
            }
        }

    return answer


def set_rating(call: Call) -> Answer:
    """Rate something."""
    must_be_there(call, call.text("id"))
    call.text("rating")
    call.house.collection.rate(call.user.name, call.text("id"), call.whole("rating", 0))
    return {}


# Playlists --------------------------------------------------------------------------------------


def playlists(call: Call) -> Answer:
    """Return the playlists that a user sees."""
    own = [shapes.playlist(call.house, kept) for kept in call.house.playlists.of(call.user.name)]
    return {"playlists": {"playlist": own}}


def playlist(call: Call) -> Answer:
    """Return a playlist with its entries."""
    return _shown(call, call.house.playlists.get(call.text("id"), call.user.name))


def _shown(call: Call, kept: Kept) -> Answer:
    entries = shapes.songs(call.house, call.user, (entry.track for entry in kept.state.entries))
    return {"playlist": shapes.playlist(call.house, kept) | {"entry": entries}}


def create_playlist(call: Call) -> Answer:
    """Make a playlist, or replace the entries of one."""
    lists, user, now_ms = call.house.playlists, call.user.name, call.house.now_ms
    tracks = _tracks(call, "songId")
    if call.maybe("playlistId"):
        kept = lists.editable(call.text("playlistId"), user)
        every = removed(kept.state, range(len(kept.state.entries)))
        lists.edit(kept.id, Edit(call.house.new_id(), every, user, now_ms))
        if call.maybe("name"):
            lists.edit(kept.id, Edit(call.house.new_id(), Rename(call.text("name")), user, now_ms))
    else:
        kept = lists.create(call.house.new_id(), user, call.text("name"), now_ms)
    if tracks:
        edit = call.house.new_id()
        lists.edit(
            kept.id, Edit(edit, added(kept.state, tracks, None, edit, user, now_ms), user, now_ms)
        )
    return _shown(call, kept)


def update_playlist(call: Call) -> Answer:
    """Rename a playlist, show or hide it, take entries out by place, and add some at the end."""
    lists, user, now_ms = call.house.playlists, call.user.name, call.house.now_ms
    kept = lists.editable(call.text("playlistId"), user)
    tracks = _tracks(call, "songIdToAdd")
    places = [_place(each) for each in call.all("songIndexToRemove")]
    out = removed(kept.state, places) if places else None
    if call.maybe("name") is not None or call.maybe("comment") is not None:
        name, comment = (
            call.maybe("name") or kept.state.name,
            call.maybe("comment") or kept.state.comment,
        )
        lists.edit(kept.id, Edit(call.house.new_id(), Rename(name, comment), user, now_ms))
    if call.maybe("public") is not None:
        lists.share(
            kept.id, user, is_public=call.flag("public", False),
            is_collaborative=kept.is_collaborative, now_ms=now_ms,
        )  # fmt: skip
    if out:
        lists.edit(kept.id, Edit(call.house.new_id(), out, user, now_ms))
    if tracks:
        edit = call.house.new_id()
        lists.edit(
            kept.id, Edit(edit, added(kept.state, tracks, None, edit, user, now_ms), user, now_ms)
        )
    return {}


def _place(word: str) -> int:
    if not word.isdecimal() or len(word) > 9:
        raise Failure(
            GENERIC, f"songIndexToRemove is {word!r:.40}; it must be a whole number from 0"
        )
    return int(word)


def _tracks(call: Call, name: str) -> list[str]:
    return [call.house.shelf.catalogue().track(id).id for id in call.all(name)]


def delete_playlist(call: Call) -> Answer:
    """Take a playlist away."""
    call.house.playlists.delete(call.text("id"), call.user.name)
    return {}


# The queue, and what was heard ------------------------------------------------------------------


def play_queue(name: str, is_by_index: bool = False) -> Any:
    """Return the call that answers, under `name`, with where a user was."""

    def answer(call: Call) -> Answer:
        queue = call.house.collection.queue(call.user.name) or Queue((), 0, 0, 0, "nobody")
        facts: Answer = {
            "username": call.user.name,
            "changed": instant(queue.changed_ms),
            "changedBy": queue.changed_by,
            "position": queue.position_ms,
            "entry": shapes.songs(call.house, call.user, queue.tracks),
        }
        if queue.tracks:
            facts["currentIndex" if is_by_index else "current"] = (
                queue.current if is_by_index else queue.tracks[queue.current]
            )
        return {name: facts}

    return answer


def save_play_queue(call: Call) -> Answer:
    """Keep where a user is; `current` is a track, or with `currentIndex` a place."""
    tracks = _tracks(call, "id")
    current, place = call.maybe("current"), call.whole("currentIndex", 0)
    if current:
        if current not in tracks:
            raise Failure(GENERIC, f"current is {current!r:.60}; it must be one of the queue's")
        place = tracks.index(current)
    if tracks and place >= len(tracks):
        raise Failure(GENERIC, f"currentIndex is {place}; the queue has {len(tracks)} tracks")
    client = call.maybe("c") or "unknown"
    queue = Queue(tuple(tracks), place, call.whole("position", 0), call.house.now_ms, client[:64])
    call.house.collection.save_queue(call.user.name, queue)
    return {}


def scrobble(call: Call) -> Answer:
    """Take note of what is heard now, or was: with `submission` it counts as a play, once.

    The protocol knows no id of a play, so it is made of who, what and when: the same report twice is
    one play. A report without a time is one of now, to the half length of the track.
    """
    ids, times = call.all("id"), call.all("time")
    if not ids:
        raise Failure(MISSING, "required parameter 'id' is missing")
    tracks = [call.house.shelf.catalogue().track(id) for id in ids]
    client = (call.maybe("c") or "unknown")[:64]
    if not call.flag("submission", True):
        call.house.stats.playing(call.user.name, tracks[-1].id, call.house.now_ms, client)
        return {}
    plays = []
    for place, track in enumerate(tracks):
        told = times[place] if place < len(times) else ""
        if told and not (told.isdecimal() and len(told) <= 15):
            raise Failure(GENERIC, f"time is {told!r:.40}; it must be milliseconds since 1970")
        half_ms = max(1, track.duration_ms // 2)
        at_ms = int(told) if told else call.house.now_ms // half_ms * half_ms
        words = f"{call.user.name}/{track.id}/{at_ms}"
        id = blake2b(words.encode(), digest_size=16).hexdigest()
        play = {"id": id, "user": call.user.name, "track": track.id, "at_ms": at_ms}
        plays.append(play | {"played_ms": track.duration_ms, "source": client})
    call.house.take_plays(plays)
    return {}


def user(call: Call) -> Answer:
    """Return what the user may do; others' rights are nobody's business."""
    if call.text("username") != call.user.name:
        raise Refused(403, f"{call.user.name} may not look at other users")
    return {"user": _user(call)}


def users(call: Call) -> Answer:
    """Return the users that this one may look at: itself."""
    return {"users": {"user": [_user(call)]}}


def _user(call: Call) -> Answer:
    roles = dict.fromkeys(ROLES, False) | dict.fromkeys(MAY, True)
    return {"username": call.user.name, **roles, "folder": [0]}
