"""Every method that is there, against the API's own OpenAPI files: its shape, and that it says ok."""

import json
import os
import xml.etree.ElementTree as ET
from hashlib import md5
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from spotify import wire
from spotify.subsonic.methods import METHODS, OPEN

DATA = Path(os.environ.get("KIT_DATA", Path(__file__).parents[4] / "shared" / "data"))
API = DATA / "spotify" / "openapi"
needs_api = pytest.mark.skipif(
    not API.is_dir(), reason="KIT_DATA names no folder with spotify's data"
)
REFUSED = {
    name for name in METHODS if name.endswith(("InternetRadioStation", "PodcastChannel", "Episode"))
}


class Buffered(FlaskClient):
    """A client that reads answers to the end, so that files are closed."""

    def open(self, *args, **kwargs):
        return super().open(*args, **{"buffered": True} | kwargs)


@pytest.fixture
def client(house):
    app = wire.create(house, [])
    app.test_client_class = Buffered
    return app.test_client()


@pytest.fixture
def ask(client, house):
    """Call a method as ada, with token and salt; return the JSON envelope."""
    password = house.users.named("ada").app_password

    def call(method, **words):
        salt = "c19b2d"
        token = md5((password + salt).encode()).hexdigest()
        own = {"u": "ada", "t": token, "s": salt, "v": "1.16.1", "c": "tests", "f": "json"}
        answer = client.get(f"/rest/{method}", query_string=own | words)
        assert answer.status_code == 200
        return answer.get_json()["subsonic-response"]

    return call


@pytest.fixture
def given(house, ask):
    """What each method is asked for, with something there to be found."""
    track = next(iter(house.shelf.catalogue().tracks.values()))
    album, artist = track.album_id, track.artist_id
    ask("star", id=track.id, albumId=album, artistId=artist)
    ask("setRating", id=track.id, rating=4)
    ask("scrobble", id=track.id, submission="false")
    ask("savePlayQueue", id=[track.id], current=track.id, position=1200)
    playlist = ask("createPlaylist", name="Sunday", songId=[track.id, track.id])["playlist"]["id"]
    one = {"id": track.id}
    return {
        "getMusicDirectory": {"id": album}, "getArtist": {"id": artist}, "getAlbum": {"id": album},
        "getSong": one, "getArtistInfo": {"id": artist}, "getArtistInfo2": {"id": artist},
        "getAlbumInfo": {"id": album}, "getAlbumInfo2": {"id": album}, "getSimilarSongs": one,
        "getSimilarSongs2": {"id": artist}, "getTopSongs": {"artist": track.artist},
        "getAlbumList": {"type": "starred"}, "getAlbumList2": {"type": "newest"},
        "getSongsByGenre": {"genre": track.genre}, "search2": {"query": "harbor"},
        "search3": {"query": "harbor"}, "getPlaylist": {"id": playlist},
        "createPlaylist": {"name": "Monday"}, "updatePlaylist": {"playlistId": playlist, "name": "Noon"},
        "deletePlaylist": {"id": playlist}, "getLyrics": {"artist": "x", "title": "y"},
        "getLyricsBySongId": one, "star": one, "unstar": one, "setRating": {"id": track.id, "rating": "5"},
        "scrobble": one, "savePlayQueue": one | {"current": track.id},
        "savePlayQueueByIndex": one | {"currentIndex": 0}, "getUser": {"username": "ada"},
    }  # fmt: skip


def validator(method: str) -> Draft202012Validator:
    """The schema of a method's answer, with everything that it refers to."""

    def retrieve(uri: str) -> Resource:
        return Resource.from_contents(
            json.loads(Path(uri.removeprefix("file://")).read_text()), DRAFT202012
        )

    path = API / "endpoints" / f"{method}.json"
    place = json.loads(path.read_text())["get"]["responses"]["200"]
    while "$ref" in place:
        path = (path.parent / place["$ref"]).resolve()
        place = json.loads(path.read_text())
    schema = place["content"]["application/json"]["schema"]
    target = (
        {"$ref": (path.parent / schema["$ref"]).resolve().as_uri()} if "$ref" in schema else schema
    )
    return Draft202012Validator(target, registry=Registry(retrieve=retrieve))


@needs_api
@pytest.mark.parametrize("method", sorted({*METHODS, *OPEN} - REFUSED))
def test_a_method_answers_as_its_schema_says(ask, given, method):
    answer = ask(method, **given.get(method, {}))
    assert answer["status"] == "ok", answer
    problems = [
        each.message for each in validator(method).iter_errors({"subsonic-response": answer})
    ]
    assert not problems


@pytest.mark.parametrize("method", sorted({*METHODS, *OPEN} - REFUSED))
def test_a_method_says_the_same_in_xml(client, house, given, ask, method):
    words = {"u": "ada", "p": house.users.named("ada").app_password} | given.get(method, {})
    root = ET.fromstring(client.get(f"/rest/{method}.view", query_string=words).data)
    assert root.tag == "{http://subsonic.org/restapi}subsonic-response"
    assert root.get("status") == "ok" and root.get("openSubsonic") == "true"


@needs_api
def test_the_validator_finds_what_is_missing(ask):
    answer = ask("getGenres")
    del answer["genres"]["genre"][0]["songCount"]
    assert list(validator("getGenres").iter_errors({"subsonic-response": answer}))


@pytest.mark.parametrize("method", sorted(REFUSED))
def test_what_is_not_here_is_refused(ask, method):
    assert ask(method)["error"]["code"] == 50


def code(answer):
    root = ET.fromstring(answer.data)
    error = root.find("{http://subsonic.org/restapi}error")
    return int(error.get("code")), error.get("message")


@pytest.mark.parametrize(
    ("words", "expected", "said"),
    [
        ({}, 10, "'u'"),
        ({"u": "ada"}, 10, "'p'"),
        ({"u": "ada", "t": "abc"}, 10, "'s'"),
        ({"u": "ada", "t": "0" * 32, "s": "salt"}, 40, "wrong user name or password"),
        ({"u": "nobody", "t": "0" * 32, "s": "salt"}, 40, "wrong user name or password"),
        ({"u": "ada", "p": "tide"}, 40, "wrong user name or password"),
        ({"apiKey": "nonsense"}, 44, "not known"),
        ({"apiKey": "x", "u": "ada"}, 43, "alone"),
    ],
)
def test_who_cannot_prove_it_is_refused_in_xml(client, words, expected, said):
    found, message = code(client.get("/rest/ping", query_string=words))
    assert found == expected and said in message


def test_an_api_key_is_enough_and_so_is_a_hexadecimal_password(client, house):
    key = house.users.new_api_key("ada")
    password = "enc:" + house.users.named("ada").app_password.encode().hex()
    for words in ({"apiKey": key}, {"u": "ada", "p": password}):
        answer = client.post("/rest/ping", data=words | {"f": "json"})
        assert answer.get_json()["subsonic-response"]["status"] == "ok"


@pytest.mark.parametrize(
    ("method", "words", "expected", "said"),
    [
        ("getSong", {}, 10, "'id'"),
        ("getSong", {"id": "nothing"}, 70, "no track"),
        ("stream", {"id": "nothing"}, 70, "no track"),
        ("getAlbum", {"id": "nothing"}, 70, "no album"),
        ("star", {}, 10, "albumId"),
        ("getAlbumList2", {"type": "nonsense"}, 0, "must be one of"),
        ("getAlbumList2", {"type": "newest", "size": "-1"}, 0, "size is '-1'"),
        ("getPlaylist", {"id": "nothing"}, 70, "no playlist"),
        ("setRating", {"id": "nothing", "rating": "3"}, 70, "nothing has the id"),
        ("getUser", {"username": "ben"}, 50, "may not"),
        ("nonsense", {}, 0, "no method"),
    ],
)
def test_a_bad_call_is_refused_by_the_protocols_code(ask, method, words, expected, said):
    error = ask(method, **words)["error"]
    assert error["code"] == expected and said in error["message"]


def test_a_range_is_sent_and_one_past_the_end_is_refused(client, house):
    track = next(iter(house.shelf.catalogue().tracks.values()))
    words = {"u": "ada", "p": house.users.named("ada").app_password, "id": track.id}
    size = track.rendition("opus96").size
    part = client.get("/rest/stream", query_string=words, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206 and len(part.data) == 100
    assert part.headers["Content-Range"] == f"bytes 100-199/{size}"
    past = client.get("/rest/stream", query_string=words, headers={"Range": f"bytes={size}-"})
    assert past.status_code == 416 and past.headers["Content-Range"] == f"bytes */{size}"


def test_what_may_not_be_played_here_is_played_from_another_album_or_refused(client, house):
    tracks = house.shelf.catalogue().tracks.values()
    ben = {"u": "ben", "p": house.users.named("ben").app_password}
    european = next(
        track for track in tracks if "SE" in track.markets and track.title == "Harbour Lights"
    )
    answer = client.get("/rest/stream", query_string=ben | {"id": european.id})
    assert answer.status_code == 200 and answer.data[:4] == b"OggS"
    american = next(track for track in tracks if track.title == "Rain on Copper")
    ada = {"u": "ada", "p": house.users.named("ada").app_password, "id": american.id}
    assert code(client.get("/rest/stream", query_string=ada))[0] == 50


def test_what_is_proposed_to_somebody_plays_in_their_country(house, ask):
    track = house.shelf.catalogue().of_market("SE")[0]
    songs = ask("getRandomSongs", size=500)["randomSongs"]["song"]
    songs += ask("getSimilarSongs", id=track.id)["similarSongs"]["song"]
    assert 0 < len({song["id"] for song in songs}) < len(house.shelf.catalogue().tracks)
    for song in songs:
        assert song["id"] in {each.id for each in house.shelf.catalogue().of_market("SE")}


@pytest.mark.parametrize("kind", ["raw", "opus", "ogg", "aac", "flac", "mp3"])
def test_every_format_decodes_to_the_whole_track(client, house, tmp_path, kind):
    from spotify.ingest.ffmpeg import decode

    track = next(iter(house.shelf.catalogue().tracks.values()))
    words = {"u": "ada", "p": house.users.named("ada").app_password, "id": track.id, "format": kind}
    place = tmp_path / "track"
    place.write_bytes(client.get("/rest/stream", query_string=words).data)
    samples, complaint = decode(place)
    assert not complaint
    assert abs(len(samples) - track.samples) <= (2304 if kind == "mp3" else 0)


def test_the_same_scrobble_twice_is_one_play(ask, house):
    track = next(iter(house.shelf.catalogue().tracks.values()))
    for _ in range(3):
        assert ask("scrobble", id=track.id, time="1767297000000")["status"] == "ok"
    assert len(list(house.intake.plays())) == 1
