"""HTTP of `kit serve spotify`: the page, and what its player asks for.

    GET  /                  the page              GET  /api/library       albums, users
    POST /api/play          {track, user, …}      POST /api/want          what to fetch next
    POST /api/plays         [plays]               GET  /api/edges         the edges
    POST /api/edges/<name>  {"up": false} kills it; {"trouble": "short"} spoils its answers
    GET  /cover/<album>     its picture           GET  /api/search?q=      songs
    POST /api/offline       {user, device, tracks}: a licence     POST /api/forget  {user, device}
    POST /api/sign-in       {user}: a token of the Web API, by which the page likes and keeps playlists
    GET  /api/charts        most heard this week, ?market=SE      GET  /api/home?user=   rows for one
    /rest/…                 Subsonic              /v1/…, /api/token       the Web API

Page: docs/spotify/serve.md
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, render_template, request, send_from_directory

from chapters.errors import Refused
from chapters.portal.answers import answered, posted, posted_object
from chapters.portal.pages import blueprint as portal
from chapters.sim.clock import S
from spotify.catalogue.track import Album, Track
from spotify.charts.charts import week_of
from spotify.connect.wire import blueprint as connect
from spotify.house import House
from spotify.playback.advice import advice
from spotify.playback.offer import shown
from spotify.recs.desk import TITLES
from spotify.subsonic.wire import blueprint as subsonic
from spotify.webapi.tokens import TOKEN_S
from spotify.webapi.wire import blueprint as webapi

FOUND_MAX = 12
DEVICE_CHARS_MAX = 64

pages = Blueprint("spotify", __name__, template_folder="player/templates", static_folder="player/static",
                  static_url_path="/spotify")  # fmt: skip


def create(house: House, hosts: list[str]) -> Flask:
    """Return the application; `hosts` are the edges' addresses, which the page may connect to."""
    app = Flask(__name__)
    app.register_blueprint(portal())
    app.register_blueprint(pages)
    app.register_blueprint(subsonic(house))
    app.register_blueprint(webapi(house, house.tokens))
    app.register_blueprint(connect(house))
    app.add_url_rule("/", "page", lambda: render_template("spotify/page.html"))
    app.add_url_rule("/api/library", "library", lambda: answered(lambda: _library(house)))
    app.add_url_rule("/api/edges", "edges", lambda: jsonify(house.fleet.shown()))
    app.add_url_rule("/api/charts", "charts", lambda: answered(lambda: _charts(house)))
    app.add_url_rule("/api/home", "home", lambda: answered(lambda: _home(house), house.turn))
    app.add_url_rule("/api/search", "search", lambda: answered(lambda: _search(house)))
    app.add_url_rule("/cover/<album>", "cover", lambda album: _cover(house, album))
    _post(app, "/api/play", lambda: _play(house))
    _post(app, "/api/want", lambda: advice(posted_object(), house.shelf.catalogue()))
    _post(app, "/api/plays", lambda: _plays(house))
    _post(app, "/api/offline", lambda: _licence(house))
    _post(app, "/api/forget", lambda: _forget(house))
    _post(app, "/api/sign-in", lambda: _sign_in(house))
    _post(app, "/api/edges/<name>", lambda name: _switch(house, name))
    app.after_request(_with_policy(" ".join(hosts)))
    return app


def _post(app: Flask, rule: str, operation: Callable[..., object]) -> None:
    app.add_url_rule(
        rule, rule, lambda **words: answered(lambda: operation(**words)), methods=["POST"]
    )


def _with_policy(hosts: str) -> Callable[[Response], Response]:
    policy = (
        f"default-src 'self'; connect-src 'self' {hosts}; media-src 'self' blob:; "
        "img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
    )

    def add(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        return response

    return add


def _library(house: House) -> dict[str, Any]:
    return {
        "users": [{"name": user.name, "market": user.market} for user in house.users],
        "albums": [_album(album) for album in house.shelf.catalogue().albums],
    }


def _album(album: Album) -> dict[str, Any]:
    return {
        "id": album.id,
        "title": album.title,
        "artist": album.artist,
        "year": album.year,
        "genre": album.genre,
        "cover": bool(album.cover),
        "tracks": [track_shown(track) for track in album.tracks],
    }


def track_shown(track: Track) -> dict[str, Any]:
    """Return what a page shows of a track."""
    return {
        "id": track.id,
        "title": track.title,
        "artist": track.artist,
        "album": track.album,
        "album_id": track.album_id,
        "number": track.number,
        "duration_ms": track.duration_ms,
        "waveform": track.waveform,
        "markets": track.markets,
    }


def _play(house: House) -> dict[str, Any]:
    facts = posted_object()
    user = house.users.named(str(facts.get("user")))
    track, quality = str(facts.get("track")), str(facts.get("quality", "normal"))
    return {**shown(house.desk.offer(track, user.market, quality)), "quality": quality}


def _plays(house: House) -> dict[str, int]:
    with house.turn:
        return house.take_plays(posted()).shown()


def _search(house: House) -> dict[str, Any]:
    tracks = house.shelf.catalogue().tracks
    found = house.search("song", request.args.get("q", ""), FOUND_MAX)
    return {"tracks": [track_shown(tracks[id]) for id in found if id in tracks]}


def _licence(house: House) -> dict[str, Any]:
    facts = posted_object()
    tracks = facts.get("tracks")
    if not isinstance(tracks, list) or not all(isinstance(each, str) for each in tracks):
        raise Refused(400, "tracks: send a list of ids")
    user = house.users.named(str(facts.get("user")))
    with house.turn:
        return asdict(house.offline.grant(user, _device(facts), tracks))


def _forget(house: House) -> dict[str, Any]:
    facts = posted_object()
    user = house.users.named(str(facts.get("user"))).name
    with house.turn:
        house.offline.forget(user, _device(facts))
        return {"devices": house.offline.devices(user)}


def _device(facts: dict[str, Any]) -> str:
    found = facts.get("device")
    if not isinstance(found, str) or not 0 < len(found) <= DEVICE_CHARS_MAX:
        raise Refused(400, f"device is {found!r:.40}; it must be 1 to {DEVICE_CHARS_MAX} letters")
    return found


def _sign_in(house: House) -> dict[str, Any]:
    """A token without a password: who sits before the page may be any of its listeners."""
    user = house.users.named(str(posted_object().get("user"))).name
    return {"token": house.tokens.make(user, house.clock.now_ns() / S), "expires_s": TOKEN_S}


def _charts(house: House) -> dict[str, Any]:
    """The most heard tracks of this week, of a market or of all."""
    tracks, week = house.shelf.catalogue().tracks, week_of(house.now_ms)
    rows = house.charts.top(week, request.args.get("market", ""))
    shown = [{**track_shown(tracks[id]), "plays": plays} for id, plays in rows if id in tracks]
    return {"week": week, "tracks": shown}


def _home(house: House) -> dict[str, Any]:
    """A listener's rows, from the top."""
    catalogue, user = house.shelf.catalogue(), house.users.named(request.args.get("user", ""))
    rows = house.home.page(user, catalogue, house.now_ms)
    return {
        "rows": [
            {
                "name": name,
                "title": TITLES[name],
                "tracks": [track_shown(catalogue.tracks[id]) for id in ids],
            }
            for name, ids in rows
        ]
    }


def _switch(house: House, name: str) -> object:
    facts = posted_object()
    if isinstance(facts.get("up"), bool):
        (house.fleet.revive if facts["up"] else house.fleet.kill)(name)
    elif isinstance(facts.get("trouble"), str):
        house.fleet.trouble(name, facts["trouble"])
    else:
        raise Refused(400, 'post {"up": false} or {"trouble": "short"}')
    return {"name": name, **facts}


def _cover(house: House, album: str) -> Response:
    """Send an album's picture, or none of any."""
    folder = house.library.resolve() / album
    if not (folder / "cover.jpg").is_file():
        return Response(NO_COVER, mimetype="image/svg+xml")
    return send_from_directory(folder, "cover.jpg", max_age=3600)


NO_COVER = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#777"/>'
    '<circle cx="4" cy="4" r="2.4" fill="#444"/><circle cx="4" cy="4" r=".5" fill="#777"/></svg>'
)
