"""All calls by name.

Page: docs/spotify/subsonic.md
"""

from collections.abc import Callable, Mapping
from typing import Any

from spotify.subsonic import browsing, personal
from spotify.subsonic.call import Call
from spotify.subsonic.envelope import NOT_AUTHORISED, Failure

Method = Callable[[Call], dict[str, Any]]
EXTENSIONS = (
    {"name": "apiKeyAuthentication", "versions": [1]},
    {"name": "formPost", "versions": [1]},
    {"name": "indexBasedQueue", "versions": [1]},
    {"name": "songLyrics", "versions": [1]},
)


def nothing(call: Call) -> dict[str, Any]:
    """Return an answer without anything in it."""
    return {}


def empty(name: str, inner: str) -> Method:
    """Return the call that answers with an empty list: of what this service does not have."""
    return lambda call: {name: {inner: []}}


def not_here(call: Call) -> dict[str, Any]:
    """Refuse what this service does not do."""
    raise Failure(NOT_AUTHORISED, "this server has neither radio stations nor podcasts to change")


def scan(call: Call) -> dict[str, Any]:
    """Say how many tracks there are: the library is looked at anew with each call."""
    return {"scanStatus": {"scanning": False, "count": len(call.house.shelf.catalogue().tracks)}}


METHODS: Mapping[str, Method] = {
    "ping": nothing,
    "getLicense": lambda call: {"license": {"valid": True}},
    "tokenInfo": lambda call: {"tokenInfo": {"username": call.user.name}},
    "getMusicFolders": browsing.music_folders,
    "getIndexes": browsing.indexes,
    "getMusicDirectory": browsing.directory,
    "getGenres": browsing.genres,
    "getArtists": browsing.artists,
    "getArtist": browsing.artist,
    "getAlbum": browsing.album,
    "getSong": browsing.song,
    "getArtistInfo": browsing.artist_info_by_folder,
    "getArtistInfo2": browsing.artist_info,
    "getAlbumInfo": browsing.album_info,
    "getAlbumInfo2": browsing.album_info,
    "getSimilarSongs": browsing.similar_songs("similarSongs"),
    "getSimilarSongs2": browsing.similar_songs("similarSongs2"),
    "getTopSongs": browsing.top_songs,
    "getAlbumList": browsing.album_list,
    "getAlbumList2": browsing.album_list2,
    "getRandomSongs": browsing.random_songs,
    "getSongsByGenre": browsing.songs_by_genre,
    "getNowPlaying": browsing.now_playing,
    "getStarred": personal.starred("starred", is_by_folder=True),
    "getStarred2": personal.starred("starred2"),
    "search2": browsing.search2,
    "search3": browsing.search3,
    "getPlaylists": personal.playlists,
    "getPlaylist": personal.playlist,
    "createPlaylist": personal.create_playlist,
    "updatePlaylist": personal.update_playlist,
    "deletePlaylist": personal.delete_playlist,
    "getLyrics": browsing.lyrics,
    "getLyricsBySongId": browsing.lyrics_by_song,
    "star": personal.star,
    "unstar": personal.unstar,
    "setRating": personal.set_rating,
    "scrobble": personal.scrobble,
    "getPlayQueue": personal.play_queue("playQueue"),
    "savePlayQueue": personal.save_play_queue,
    "getPlayQueueByIndex": personal.play_queue("playQueueByIndex", is_by_index=True),
    "savePlayQueueByIndex": personal.save_play_queue,
    "getUser": personal.user,
    "getUsers": personal.users,
    "getScanStatus": scan,
    "startScan": scan,
    "getBookmarks": empty("bookmarks", "bookmark"),
    "getShares": empty("shares", "share"),
    "getInternetRadioStations": empty("internetRadioStations", "internetRadioStation"),
    "getPodcasts": empty("podcasts", "channel"),
    "getNewestPodcasts": empty("newestPodcasts", "episode"),
    "getVideos": empty("videos", "video"),
    "refreshPodcasts": nothing,
    "createInternetRadioStation": not_here,
    "updateInternetRadioStation": not_here,
    "deleteInternetRadioStation": not_here,
    "createPodcastChannel": not_here,
    "deletePodcastChannel": not_here,
    "deletePodcastEpisode": not_here,
    "downloadPodcastEpisode": not_here,
}
OPEN: Mapping[str, dict[str, Any]] = {  # answered to anybody
    "getOpenSubsonicExtensions": {"openSubsonicExtensions": list(EXTENSIONS)},
}
