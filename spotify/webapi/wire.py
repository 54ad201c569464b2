"""HTTP of the Web API: a token, then `/v1/…`; refusals are `{"error": {"status", "message"}}`.

Page: docs/spotify/webapi.md
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from chapters.errors import KitError, Refused
from chapters.portal.answers import posted
from chapters.sim.clock import S
from spotify.house import House
from spotify.webapi import mine, music, player
from spotify.webapi.asked import Asked
from spotify.webapi.tokens import TOKEN_S, Tokens, basic

GET: dict[str, Callable[..., Any]] = {
    "/search": music.search,
    "/tracks": music.tracks,
    "/tracks/<id>": music.track,
    "/albums": music.albums,
    "/albums/<id>": music.album,
    "/albums/<id>/tracks": music.album_tracks,
    "/artists": music.artists,
    "/artists/<id>": music.artist,
    "/artists/<id>/albums": music.artist_albums,
    "/artists/<id>/top-tracks": music.top_tracks,
    "/artists/<id>/related-artists": music.related,
    "/audio-features/<id>": music.audio_features,
    "/recommendations": music.recommendations,
    "/browse/new-releases": music.new_releases,
    "/me": mine.me,
    "/me/tracks": mine.liked("track"),
    "/me/tracks/contains": mine.likes("track"),
    "/me/albums": mine.liked("album"),
    "/me/albums/contains": mine.likes("album"),
    "/me/library/contains": mine.are_kept,
    "/me/player": player.player,
    "/me/player/devices": player.devices,
    "/me/player/currently-playing": player.player,
    "/me/playlists": mine.my_playlists,
    "/playlists/<id>": mine.playlist,
    "/playlists/<id>/tracks": mine.entries,
    "/playlists/<id>/items": mine.entries,
}
POST: dict[str, Callable[..., Any]] = {
    "/me/playlists": mine.create,
    "/users/<user>/playlists": mine.create,
    "/playlists/<id>/tracks": mine.add,
    "/playlists/<id>/items": mine.add,
}
PUT: dict[str, Callable[..., Any]] = {
    "/me/library": mine.keep,
    "/me/player": player.transfer,
    "/me/tracks": mine.like("track"),
    "/me/albums": mine.like("album"),
    "/playlists/<id>": mine.change,
    "/playlists/<id>/tracks": mine.reorder_or_replace,
    "/playlists/<id>/items": mine.reorder_or_replace,
}
DELETE: dict[str, Callable[..., Any]] = {
    "/me/library": mine.drop,
    "/me/tracks": mine.unlike("track"),
    "/me/albums": mine.unlike("album"),
    "/playlists/<id>/followers": mine.unfollow,
    "/playlists/<id>/tracks": mine.remove,
    "/playlists/<id>/items": mine.remove,
}


def blueprint(house: House, tokens: Tokens) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("webapi", __name__)
    for verb, table in (("GET", GET), ("POST", POST), ("PUT", PUT), ("DELETE", DELETE)):
        for path, operation in table.items():
            name = f"{verb}{path}".replace(".", "_")
            answer = _answering(house, tokens, operation)
            routes.add_url_rule(f"/v1{path}", name, answer, methods=[verb], strict_slashes=False)
    routes.add_url_rule("/api/token", "token", lambda: _token(house, tokens), methods=["POST"])
    return routes


def _answering(house: House, tokens: Tokens, operation: Callable[..., Any]) -> Callable[..., Any]:
    def answer(**names: str) -> tuple[Response, int]:
        try:
            asked = _asked(house, tokens)
            with house.turn:
                return jsonify(operation(asked, **names)), 201 if request.method == "POST" else 200
        except Refused as refused:
            return _error(refused.status, str(refused), refused.reason)
        except KitError as error:
            return _error(503, str(error))

    return answer


def _asked(house: House, tokens: Tokens) -> Asked:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise Refused(401, "No token provided")
    user = house.users.named(tokens.user(token, house.clock.now_ns() / S))
    body = posted()
    return Asked(
        house=house,
        user=user,
        path=request.path,
        words=request.args.to_dict(),
        body=body
        if isinstance(body, dict)
        else {"ids": body, "uris": body}
        if isinstance(body, list)
        else {},
        root=request.host_url.rstrip("/"),
    )


def _token(house: House, tokens: Tokens) -> tuple[Response, int]:
    """Give a token for a name and a password."""
    try:
        if request.form.get("grant_type") != "client_credentials":
            raise Refused(400, "grant_type must be client_credentials", "unsupported_grant_type")
        user = house.users.by_password(*basic(request.headers.get("Authorization", "")))
    except Refused as refused:
        told = {"error": refused.reason or "invalid_client", "error_description": str(refused)}
        return jsonify(told), refused.status
    token = tokens.make(user.name, house.clock.now_ns() / S)
    return jsonify({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_S}), 200


def _error(status: int, message: str, reason: str = "") -> tuple[Response, int]:
    facts = {"status": status, "message": message} | ({"reason": reason} if reason else {})
    return jsonify({"error": facts}), status
