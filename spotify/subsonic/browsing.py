"""Browsing, lists and search: what there is, by artist, album, genre, newness, taste.

Page: docs/spotify/subsonic.md
"""

from collections.abc import Callable, Sequence
from typing import Any

from chapters.errors import Refused
from spotify.catalogue.catalogue import Artist
from spotify.catalogue.track import Album
from spotify.subsonic import shapes
from spotify.subsonic.call import Call
from spotify.subsonic.envelope import GENERIC, Failure

LIST_MAX = 500
FOLDER = "0"  # there is one folder of music
ARTICLES = "The El La Los Las Le Les"
TYPES = (
    "random", "newest", "highest", "frequent", "recent", "starred", "alphabeticalByName",
    "alphabeticalByArtist", "byYear", "byGenre",
)  # fmt: skip

Answer = dict[str, Any]


def music_folders(call: Call) -> Answer:
    """Return the one folder."""
    return {"musicFolders": {"musicFolder": [{"id": int(FOLDER), "name": "Music"}]}}


def genres(call: Call) -> Answer:
    """Return each genre with its counts."""
    counts: dict[str, list[int]] = {}
    for album in call.house.shelf.catalogue().albums:
        if album.genre:
            found = counts.setdefault(album.genre, [0, 0])
            found[0] += len(album.tracks)
            found[1] += 1
    rows = [
        {"value": name, "songCount": n, "albumCount": a} for name, (n, a) in sorted(counts.items())
    ]
    return {"genres": {"genre": rows}}


def _by_letter(call: Call, shaped: Callable[[Artist], Answer]) -> list[Answer]:
    letters: dict[str, list[Answer]] = {}
    for artist in sorted(
        call.house.shelf.catalogue().artists.values(), key=lambda each: _plain(each.name)
    ):
        first = _plain(artist.name)[:1].upper()
        letters.setdefault(first if first.isalpha() else "#", []).append(shaped(artist))
    return [{"name": letter, "artist": own} for letter, own in letters.items()]


def _plain(name: str) -> str:
    """A name without its article, for sorting."""
    first, _, rest = name.partition(" ")
    return (rest if rest and first in ARTICLES.split() else name).casefold()


def artists(call: Call) -> Answer:
    """Return the artists by their first letters."""
    rows = _by_letter(call, lambda artist: shapes.artist(call.house, call.user, artist))
    return {"artists": {"ignoredArticles": ARTICLES, "index": rows}}


def indexes(call: Call) -> Answer:
    """Return the same for those who browse by folders."""
    rows = _by_letter(call, lambda artist: {"id": artist.id, "name": artist.name})
    return {
        "indexes": {"ignoredArticles": ARTICLES, "lastModified": call.house.now_ms, "index": rows}
    }


def directory(call: Call) -> Answer:
    """Return an artist's albums, or an album's tracks, as a folder."""
    id, catalogue = call.text("id"), call.house.shelf.catalogue()
    if id in catalogue.artists:
        artist = catalogue.artists[id]
        own = [shapes.directory_of(call.house, call.user, album) for album in artist.albums]
        return {"directory": {"id": id, "name": artist.name, "child": own}}
    album = catalogue.album(id)
    tracks = [shapes.song(call.house, call.user, track) for track in album.tracks]
    return {
        "directory": {"id": id, "name": album.title, "parent": album.artist_id, "child": tracks}
    }


def artist(call: Call) -> Answer:
    """Return an artist with the albums."""
    found = call.house.shelf.catalogue().artist(call.text("id"))
    own = [shapes.album(call.house, call.user, each) for each in found.albums]
    return {"artist": shapes.artist(call.house, call.user, found) | {"album": own}}


def album(call: Call) -> Answer:
    """Return an album with its tracks."""
    found = call.house.shelf.catalogue().album(call.text("id"))
    return {"album": shapes.album_with_songs(call.house, call.user, found)}


def song(call: Call) -> Answer:
    """Return a track."""
    found = call.house.shelf.catalogue().track(call.text("id"))
    return {"song": shapes.song(call.house, call.user, found)}


def artist_info(call: Call) -> Answer:
    """Return what is known of an artist beside the music: those who are alike."""
    catalogue = call.house.shelf.catalogue()
    found = catalogue.artist(call.text("id"))
    alike = [
        shapes.artist(call.house, call.user, other)
        for other in catalogue.artists.values()
        if other.id != found.id and set(other.genres) & set(found.genres)
    ]
    return {"artistInfo2": {"similarArtist": alike[: call.whole("count", 20, LIST_MAX)]}}


def artist_info_by_folder(call: Call) -> Answer:
    """Return the same for those who browse by folders."""
    alike = artist_info(call)["artistInfo2"]["similarArtist"]
    rows = [{"id": each["id"], "name": each["name"]} for each in alike]
    return {"artistInfo": {"similarArtist": rows}}


def album_info(call: Call) -> Answer:
    """Return what is known of an album beside the music: nothing, but only for one that is there."""
    call.house.shelf.catalogue().album(call.text("id"))
    return {"albumInfo": {}}


def _listed(call: Call) -> list[Album]:
    """The albums that a list asks for."""
    kind = call.text("type")
    if kind not in TYPES:
        raise Failure(GENERIC, f"type is {kind!r}; it must be one of {', '.join(TYPES)}")
    found = list(_ordered(call, kind))
    first, count = call.whole("offset", 0), call.whole("size", 10, LIST_MAX)
    return found[first : first + count]


def _ordered(call: Call, kind: str) -> Sequence[Album]:
    house, user = call.house, call.user.name
    all_ = house.shelf.catalogue().albums
    plays = {album.id: sum(house.stats.plays(track.id) for track in album.tracks) for album in all_}
    last = {
        album.id: max((house.stats.last_ms(t.id) for t in album.tracks), default=0)
        for album in all_
    }
    liked = house.collection.liked(user, "album")
    match kind:
        case "random":
            return house.shuffled(all_)
        case "newest":
            return sorted(all_, key=lambda album: -album.year)
        case "highest":
            return sorted(all_, key=lambda album: -house.collection.rating(user, album.id))
        case "frequent":
            return sorted((a for a in all_ if plays[a.id]), key=lambda album: -plays[album.id])
        case "recent":
            return sorted((a for a in all_ if last[a.id]), key=lambda album: -last[album.id])
        case "starred":
            return sorted((a for a in all_ if a.id in liked), key=lambda album: -liked[album.id])
        case "alphabeticalByArtist":
            return sorted(all_, key=lambda album: (album.artist.casefold(), album.year))
        case "byYear":
            first, last_ = call.whole("fromYear", 0), call.whole("toYear", 9999)
            low, high = sorted((first, last_))
            within = [album for album in all_ if low <= album.year <= high]
            return sorted(within, key=lambda album: album.year, reverse=first > last_)
        case "byGenre":
            genre = call.text("genre")
            return [album for album in all_ if album.genre == genre]
        case _:
            return sorted(all_, key=lambda album: album.title.casefold())


def album_list2(call: Call) -> Answer:
    """Return albums in the order that `type` says."""
    return {
        "albumList2": {
            "album": [shapes.album(call.house, call.user, each) for each in _listed(call)]
        }
    }


def album_list(call: Call) -> Answer:
    """Return the same, as folders."""
    own = [shapes.directory_of(call.house, call.user, each) for each in _listed(call)]
    return {"albumList": {"album": own}}


def random_songs(call: Call) -> Answer:
    """Return tracks by lot, of those that play in the user's country."""
    genre = call.maybe("genre")
    within = [
        track
        for track in call.house.shelf.catalogue().of_market(call.user.market)
        if (genre is None or track.genre == genre)
        and call.whole("fromYear", 0) <= track.year <= call.whole("toYear", 9999)
    ]
    chosen = call.house.shuffled(within)[: call.whole("size", 10, LIST_MAX)]
    return {"randomSongs": {"song": [shapes.song(call.house, call.user, each) for each in chosen]}}


def songs_by_genre(call: Call) -> Answer:
    """Return the tracks of a genre."""
    genre, first = call.text("genre"), call.whole("offset", 0)
    own = [track for track in call.house.shelf.catalogue().tracks.values() if track.genre == genre]
    page = own[first : first + call.whole("count", 10, LIST_MAX)]
    return {"songsByGenre": {"song": [shapes.song(call.house, call.user, each) for each in page]}}


def top_songs(call: Call) -> Answer:
    """Return what is heard most of an artist."""
    name = call.text("artist")
    own = [track for track in call.house.shelf.catalogue().tracks.values() if track.artist == name]
    own.sort(key=lambda track: (-call.house.stats.plays(track.id), track.year, track.number))
    page = own[: call.whole("count", 50, LIST_MAX)]
    return {"topSongs": {"song": [shapes.song(call.house, call.user, each) for each in page]}}


def similar_songs(name: str) -> Callable[[Call], Answer]:
    """Return the call that answers, under `name`, with tracks that sound alike."""

    def answer(call: Call) -> Answer:
        id, catalogue = call.text("id"), call.house.shelf.catalogue()
        if id in catalogue.artists:
            seed = catalogue.artists[id].albums[0].tracks[0]
        elif id in catalogue.tracks:
            seed = catalogue.tracks[id]
        else:
            seed = catalogue.album(id).tracks[0]
        alike = call.house.radio(seed.id, call.user.market, call.whole("count", 50, LIST_MAX))
        return {name: {"song": shapes.songs(call.house, call.user, alike)}}

    return answer


def now_playing(call: Call) -> Answer:
    """Return what is being heard."""
    rows = []
    for user, (track, at_ms, client) in call.house.stats.now_playing(call.house.now_ms).items():
        if track in call.house.shelf.catalogue().tracks:
            own = shapes.songs(call.house, call.user, [track])[0]
            minutes = max(0, (call.house.now_ms - at_ms) // 60_000)
            rows.append(
                own | {"username": user, "minutesAgo": minutes, "playerId": 1, "playerName": client}
            )
    return {"nowPlaying": {"entry": rows}}


def search3(call: Call) -> Answer:
    """Return artists, albums and tracks for some words; for no words all of them, page by page."""
    artists_, albums, tracks = _searched(call)
    return {
        "searchResult3": {
            "artist": [shapes.artist(call.house, call.user, each) for each in artists_],
            "album": [shapes.album(call.house, call.user, each) for each in albums],
            "song": shapes.songs(call.house, call.user, tracks),
        }
    }


def search2(call: Call) -> Answer:
    """Return the same, as folders."""
    artists_, albums, tracks = _searched(call)
    return {
        "searchResult2": {
            "artist": [{"id": each.id, "name": each.name} for each in artists_],
            "album": [shapes.directory_of(call.house, call.user, each) for each in albums],
            "song": shapes.songs(call.house, call.user, tracks),
        }
    }


def _searched(call: Call) -> tuple[list[Artist], list[Album], list[str]]:
    query = (call.maybe("query") or "").strip().strip('"')
    catalogue = call.house.shelf.catalogue()

    def page(kind: str, everything: Sequence[str]) -> list[str]:
        first, count = call.whole(f"{kind}Offset", 0), call.whole(f"{kind}Count", 20, LIST_MAX)
        found = call.house.search(kind, query, first + count) if query else everything
        return list(found[first : first + count])

    artists_ = [catalogue.artists[id] for id in page("artist", list(catalogue.artists))]
    albums = [catalogue.albums_by_id[id] for id in page("album", list(catalogue.albums_by_id))]
    return artists_, albums, page("song", list(catalogue.tracks))


def lyrics(call: Call) -> Answer:
    """Return no lyrics: there are none, and none is what the protocol wants to hear."""
    return {"lyrics": {"value": ""}}


def lyrics_by_song(call: Call) -> Answer:
    """Return none for a track that is there. Raises `Refused` with 404."""
    call.house.shelf.catalogue().track(call.text("id"))
    return {"lyricsList": {"structuredLyrics": []}}


def must_be_there(call: Call, id: str) -> str:
    """Return what kind of thing an id is: track, album or artist. Raises `Refused` with 404."""
    catalogue = call.house.shelf.catalogue()
    if id in catalogue.tracks:
        return "track"
    if id in catalogue.albums_by_id:
        return "album"
    if id in catalogue.artists:
        return "artist"
    raise Refused(404, f"nothing has the id {id!r:.60}")
