"""HTTP of Subsonic: `/rest/<method>` or `/rest/<method>.view`, by GET or by a posted form.

Page: docs/spotify/subsonic.md
"""

from flask import Blueprint, Response, request, send_file

from chapters.errors import KitError, Refused
from spotify.delivery.ranges import OutOfRange, span
from spotify.house import House
from spotify.subsonic.call import Call, Words, caller
from spotify.subsonic.envelope import GENERIC, Failure, failed, ok, written
from spotify.subsonic.media import Made, chosen, sent
from spotify.subsonic.methods import METHODS, OPEN

MEDIA = ("stream", "download", "getCoverArt")
HEADERS = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}


def blueprint(house: House) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("subsonic", __name__)

    @routes.route("/rest/<method>", methods=["GET", "POST", "HEAD"])
    def answer(method: str) -> Response:
        return _answer(house, method.removesuffix(".view"))

    @routes.after_request
    def open_to_pages(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    return routes


def _answer(house: House, method: str) -> Response:
    words: Words = {
        name: request.args.getlist(name) + request.form.getlist(name)
        for name in {*request.args, *request.form}
    }
    try:
        if method in OPEN:
            return _written(words, ok(OPEN[method]))
        call = Call(house, caller(house, words), words)
        if method in MEDIA:
            return _media(call, method)
        if method not in METHODS:
            raise Failure(GENERIC, f"there is no method {method!r:.60}")
        with house.turn:
            return _written(words, ok(METHODS[method](call)))
    except OutOfRange as past:
        return Response(status=416, headers={"Content-Range": f"bytes */{past.size}"})
    except Refused as refused:
        return _written(words, failed(refused))
    except KitError as error:
        return _written(words, failed(Failure(GENERIC, str(error))))


def _written(words: Words, answer: dict[str, object]) -> Response:
    def word(name: str) -> str:
        return words[name][0] if words.get(name) else ""

    body, mime = written(answer, word("f"), word("callback"))
    return Response(body, content_type=mime)


def _media(call: Call, method: str) -> Response:
    """Send sound or a picture; files as they are, with ranges."""
    if method == "getCoverArt":
        return _cover(call)
    track = call.house.shelf.catalogue().playable(call.text("id"), call.user.market).track
    kind = "raw" if method == "download" else call.maybe("format")
    found = chosen(track, call.house.library, kind, call.whole("maxBitRate", 0, 10_000))
    if isinstance(found, Made):
        return Response(sent(found), mimetype=found.mime)
    path, mime = found
    span(request.headers.get("Range", ""), path.stat().st_size)
    name = f"{track.title}{path.suffix}" if method == "download" else None
    return send_file(
        path.resolve(), mime, as_attachment=bool(name), download_name=name, conditional=True
    )


def _cover(call: Call) -> Response:
    """Send the picture of an album, or of what an id leads to one by."""
    id, catalogue = call.text("id"), call.house.shelf.catalogue()
    if id in catalogue.tracks:
        id = catalogue.tracks[id].album_id
    elif id in catalogue.artists:
        id = catalogue.artists[id].albums[0].id
    place = call.house.library.resolve() / catalogue.album(id).id / "cover.jpg"
    if not place.is_file():
        raise Refused(404, "there is no picture of that")
    return send_file(place, "image/jpeg", conditional=True)
