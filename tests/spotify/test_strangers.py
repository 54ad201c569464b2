"""`kit serve spotify`, and programs that we did not write: API clients, mpv, a browser."""

import asyncio
import json
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import numpy as np
import pytest
import soundfile

from spotify.catalogue.library import albums
from spotify.ingest import opus
from spotify.ingest.ffmpeg import decode
from tests.npm import CACHE, installed
from tests.waiting import until

pytestmark = pytest.mark.slow

PORT = 9480
SUBSONIC_API = "3.3.1"


@pytest.fixture(scope="module")
def service(library, tmp_path_factory):
    """The real thing, as a learner starts it."""
    folder = tmp_path_factory.mktemp("listeners")
    command = [sys.executable, "-m", "chapters.cli", "serve", "spotify", "--port", str(PORT)]
    options = ["--library", str(library), "--folder", str(folder)]
    server = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None and "open http" in server.stdout.readline()
        yield Service(f"http://127.0.0.1:{PORT}", folder)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        server.stdout.close()


class Service:
    def __init__(self, url, folder):
        self.url, self.folder = url, folder

    @property
    def app_password(self):
        users = json.loads((self.folder / "accounts.json").read_text())
        return next(user["app_password"] for user in users if user["name"] == "ada")

    def ask(self, path, facts=None):
        data = json.dumps(facts).encode() if facts is not None else None
        with urllib.request.urlopen(
            urllib.request.Request(self.url + path, data), timeout=30
        ) as answer:
            return json.loads(answer.read())


# spotipy ----------------------------------------------------------------------------------------


@pytest.fixture
def spotify(service):
    import spotipy
    from spotipy.cache_handler import MemoryCacheHandler
    from spotipy.oauth2 import SpotifyClientCredentials

    class Here(SpotifyClientCredentials):
        OAUTH_TOKEN_URL = f"{service.url}/api/token"

    def client(name, password="tide"):
        auth = Here(client_id=name, client_secret=password, cache_handler=MemoryCacheHandler())
        found = spotipy.Spotify(auth_manager=auth, retries=0, status_retries=0)
        found.prefix = f"{service.url}/v1/"
        return found

    return client


def test_spotipy_finds_music_and_keeps_likes(spotify):
    ada = spotify("ada")
    found = ada.search("harbor lihgts", type="track,album,artist", limit=5)
    assert found["tracks"]["items"][0]["name"] == "Harbour Lights"
    track = ada.track(found["tracks"]["items"][0]["id"])
    album = ada.album(track["album"]["id"])
    assert [each["name"] for each in album["tracks"]["items"]][:2] == [
        "Harbour Lights",
        "Low Water",
    ]
    assert ada.artist_albums(track["artists"][0]["id"])["total"] >= 1
    ada.current_user_saved_tracks_add([track["id"]])
    assert ada.current_user_saved_tracks_contains([track["id"]]) == [True]
    assert ada.current_user_saved_tracks()["items"][0]["track"]["id"] == track["id"]
    ada.current_user_saved_tracks_delete([track["id"]])
    assert ada.current_user_saved_tracks()["total"] == 0
    assert ada.me()["country"] == "SE"


def test_spotipy_hears_of_another_recording_where_the_first_may_not_be_played(spotify):
    ben = spotify("ben")
    items = ben.search("harbour lights", type="track")["tracks"]["items"]
    european = next(each for each in items if "SE" in each["available_markets"])
    linked = ben.track(european["id"], market="from_token")
    assert linked["is_playable"] and linked["linked_from"]["id"] == european["id"]
    away = spotify("ada").search("rain on copper", type="track", market="SE")["tracks"]["items"][0]
    assert not away["is_playable"] and away["restrictions"]["reason"] == "market"


def test_spotipy_edits_a_playlist_together_with_somebody_who_saw_it_earlier(spotify):
    ada, ben = spotify("ada"), spotify("ben")
    tracks = [each["id"] for each in ada.search("harbour", type="track")["tracks"]["items"]]
    one, two, three, four = (tracks * 4)[:4]
    made = ada.current_user_playlist_create("Together", public=False, collaborative=True)
    seen = ada.playlist_add_items(made["id"], [one, two, three, four])["snapshot_id"]
    before = [each["added_at"] for each in ada.playlist_items(made["id"])["items"]]
    assert len(before) == 4
    ben.playlist_add_items(made["id"], [four], position=0)  # ada does not know of it
    ada.playlist_reorder_items(made["id"], range_start=3, insert_before=0, snapshot_id=seen)
    ids = [each["track"]["id"] for each in ada.playlist_items(made["id"])["items"]]
    assert ids == [four, four, one, two, three] and len(ids) == 5
    by = [each["added_by"]["id"] for each in ada.playlist_items(made["id"])["items"]]
    assert by == ["ada", "ben", "ada", "ada", "ada"]  # what ada saw in the fourth place was moved


def test_spotipy_is_refused_in_its_own_words(spotify):
    import spotipy

    ada = spotify("ada")
    with pytest.raises(spotipy.SpotifyException) as unknown:
        ada.track("0" * 22)
    assert unknown.value.http_status == 404 and "no track" in unknown.value.msg
    made = ada.current_user_playlist_create("Mine", public=False)
    with pytest.raises(spotipy.SpotifyException) as stale:
        ada.playlist_reorder_items(made["id"], 0, 1, snapshot_id="9-none")
    assert stale.value.http_status == 409 and "9-none" in stale.value.msg
    with pytest.raises(spotipy.SpotifyException) as private:
        spotify("ben").playlist(made["id"])
    assert private.value.http_status == 404
    ada.current_user_unfollow_playlist(made["id"])
    with pytest.raises(spotipy.SpotifyException) as gone:
        ada.playlist(made["id"])
    assert gone.value.http_status == 404
    with pytest.raises(spotipy.SpotifyOauthError):
        spotify("ada", "wrong").me()


# Subsonic ---------------------------------------------------------------------------------------


def test_py_opensonic_browses_streams_and_scrobbles(service, library):
    import libopensonic

    client = libopensonic.Connection(
        service.url.rpartition(":")[0], "ada", service.app_password, port=PORT
    )
    assert client.ping()
    listed = client.get_album_list2("alphabeticalByName")
    assert listed[0].name.startswith("After the Ferry")
    found = client.search3("opne water")
    track = found.song[0]
    assert track.title == "Open Water" and track.replay_gain is not None
    reader = client.stream(track.id)
    sound = asyncio.run_coroutine_threadsafe(reader.read(), client._loop).result(30)
    own = next(each for album in albums(library) for each in album.tracks if each.id == track.id)
    assert len(sound) == own.rendition("opus96").size
    assert client.scrobble(track.id, True)
    made = client.create_playlist(name="From afar", song_ids=[track.id])
    assert made is not None and any(each.name == "From afar" for each in client.get_playlists())
    client.cleanup()
    client._thread.join()
    client._loop.close()  # which it leaves to the garbage collector


def test_subsonic_api_of_npm_plays_a_track(service, tmp_path):
    folder = CACHE / "subsonic-api"
    client = folder / "node_modules" / "subsonic-api" / "lib" / "index.js"
    installed(folder, [f"subsonic-api@{SUBSONIC_API}"], [client])
    script = tmp_path / "client.mjs"
    script.write_text(f"""
        import {{ SubsonicAPI }} from '{client}';
        const auth = {{ username: 'ada', password: '{service.app_password}' }};
        const api = new SubsonicAPI({{ url: '{service.url}', auth }});
        const ping = await api.ping();
        const {{ openSubsonicExtensions }} = await api.getOpenSubsonicExtensions();
        const {{ randomSongs }} = await api.getRandomSongs({{ size: 3 }});
        const answer = await api.stream({{ id: randomSongs.song[0].id }});
        const bytes = (await answer.arrayBuffer()).byteLength;
        const {{ searchResult3 }} = await api.search3({{ query: 'landing' }});
        console.log(JSON.stringify({{
            ping: ping.status, extensions: openSubsonicExtensions.length, bytes,
            songs: randomSongs.song.length, size: randomSongs.song[0].size,
            found: searchResult3.song[0].title,
        }}));
    """)
    told = json.loads(
        subprocess.run(["node", script], capture_output=True, text=True, check=True).stdout
    )
    assert told["ping"] == "ok" and told["songs"] == 3 and told["extensions"] >= 4
    assert told["bytes"] == told["size"] > 10_000 and told["found"] == "Landing"


# Gapless, by ear --------------------------------------------------------------------------------


def ferry(library):
    return next(album for album in albums(library) if album.title.startswith("After the Ferry"))


def played(files, tmp_path):
    """What mpv makes of files one after the other."""
    if shutil.which("mpv") is None:
        pytest.skip("mpv is not installed: apt install mpv")
    place = tmp_path / "played.wav"
    quiet = ["--no-config", "--no-video", "--really-quiet", "--gapless-audio=yes"]
    subprocess.run(
        ["mpv", *quiet, "--ao=pcm", f"--ao-pcm-file={place}", *map(str, files)], check=True
    )
    return soundfile.read(place, dtype="float32")[0]


@pytest.mark.parametrize("name", ["opus24", "opus96", "opus160"])
def test_mpv_plays_an_album_without_a_sample_too_many_or_a_seam(library, studio, tmp_path, name):
    album = ferry(library)
    files = [library / album.id / track.rendition(name).file for track in album.tracks]
    heard = played(files, tmp_path)
    assert len(heard) == sum(track.samples for track in album.tracks)
    sources = sorted((studio / "Paper Satellites - After the Ferry (one take)").glob("*.flac"))
    piece = np.concatenate([decode(path)[0] for path in sources])
    whole = tmp_path / "whole.ogg"
    stream = opus.encode(piece, int(name[4:]))
    whole.write_bytes(opus.to_ogg(opus.cut(stream, 0, len(piece))))
    at_once = played([whole], tmp_path)
    at = 0
    for track in album.tracks[:-1]:
        at += track.samples
        near = slice(at - 480, at + 4800)  # 10 ms before the join and 100 ms after it
        ours = np.abs(heard[near] - piece[near]).max()
        continuous = np.abs(at_once[near] - piece[near]).max()
        assert ours <= 2 * continuous
        assert (
            np.abs(heard[near] - at_once[near]).max() < 0.02
        )  # nor is there a click where two encodes meet


# The page ---------------------------------------------------------------------------------------


@pytest.fixture
def tab(browser, service):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(service.url)
    page.wait_for_selector(".track")
    yield page
    page.close()


def buffered(page):
    return page.evaluate("""(() => { const b = kitPlayer.audio.buffered;
        return [...Array(b.length).keys()].map((i) => [b.start(i), b.end(i)]); })()""")


def test_the_page_plays_a_track_and_what_is_buffered_is_its_length_exactly(tab, library, service):
    tab.click("text=Salt >> nth=0")  # the last of its album
    until(lambda: tab.evaluate("kitPlayer.state.start_ms") is not None)
    own = next(t for album in albums(library) for t in album.tracks if t.title == "Salt")
    until(lambda: tab.evaluate("kitPlayer.lanes[0].next >= kitPlayer.lanes[0].offer.pieces.length"))
    tab.evaluate("kitPlayer.lanes.length = 1")
    ((begin, end),) = buffered(tab)
    assert begin == 0 and end == pytest.approx(own.samples / 48_000, abs=2e-5)
    assert tab.evaluate("kitPlayer.state.stutters") == 0 and not tab.problems


def test_an_album_plays_through_as_one_range_past_a_dead_edge(tab, library, service):
    tab.click("text=Casting Off")
    until(lambda: tab.evaluate("kitPlayer.audio.currentTime") > 1)
    edge = tab.evaluate("kitPlayer.lane.offer.edges[0]")
    service.ask(f"/api/edges/{edge}", {"up": False})
    try:
        lengths = [track.samples / 48_000 for track in ferry(library).tracks]
        tab.evaluate(f"kitPlayer.seek({lengths[0] - 1})")
        until(lambda: tab.evaluate("kitPlayer.index") == 1)
        tab.evaluate(f"kitPlayer.seek({lengths[1] - 1})")
        until(lambda: tab.evaluate("kitPlayer.index") == 2)
        until(
            lambda: tab.evaluate(
                "kitPlayer.lanes.at(-1).next >= kitPlayer.lanes.at(-1).offer.pieces.length"
            )
        )
        ((begin, end),) = buffered(tab)
        assert begin == 0 and end == pytest.approx(sum(lengths), abs=2e-5)
        assert tab.evaluate("kitPlayer.lanes.map((each) => each.joins)") == [False, True, True]
        assert tab.evaluate("kitPlayer.line.failovers") >= 0 and not tab.problems
    finally:
        service.ask(f"/api/edges/{edge}", {"up": True})


@pytest.mark.parametrize("trouble", ["short", "wrong", "busy"])
def test_an_edge_in_trouble_is_noticed_and_another_is_asked(tab, service, trouble):
    edges = [each["name"] for each in service.ask("/api/edges")]
    tab.click("text=The Lock Keeper >> nth=0")
    until(lambda: tab.evaluate("kitPlayer.state.start_ms") is not None)
    edge = tab.evaluate("kitPlayer.lane.offer.edges[0]")
    assert edge in edges
    service.ask(f"/api/edges/{edge}", {"trouble": trouble})
    try:
        tab.evaluate("kitPlayer.line.kept.clear()")
        tab.evaluate("kitPlayer.next()")
        until(lambda: tab.evaluate("kitPlayer.line.failovers") > 0)
        until(lambda: tab.evaluate("kitPlayer.state.start_ms") is not None)
        assert not tab.problems
    finally:
        service.ask(f"/api/edges/{edge}", {"trouble": ""})


def test_what_was_heard_is_reported_once_with_the_id_that_the_player_drew(tab, service):
    tab.click("text=Salt >> nth=0")
    until(lambda: tab.evaluate("kitPlayer.audio.currentTime") > 1.5)
    play = tab.evaluate("kitPlayer.lane.play")
    tab.evaluate("kitPlayer.seek(kitPlayer.lane.length - 0.3)")
    until(lambda: tab.evaluate("kitPlayer.lane === null"))

    def again():
        report = {"id": play, "user": "ada", "track": "x", "at_ms": 1, "played_ms": 1}
        report["track"] = tab.evaluate("kitPlayer.queue[kitPlayer.index].id")
        return service.ask("/api/plays", [report])["repeated"] == 1

    until(again)


def test_two_tabs_hand_over_and_a_program_hands_back(tab, browser, service, spotify):
    other = browser.new_page()
    try:
        other.goto(service.url)
        other.wait_for_selector(".track")
        tab.click("text=Low Water >> nth=0")
        until(lambda: tab.evaluate("kitPlayer.audio.currentTime") > 1.2)
        other.click("text=Salt >> nth=0")
        until(lambda: other.evaluate("kitPlayer.audio.currentTime") > 0.2)
        until(lambda: tab.evaluate("kitPlayer.audio.paused"))
        assert "another device" in tab.inner_text("#artist")
        ada = spotify("ada")
        until(lambda: ((ada.current_playback() or {}).get("item") or {}).get("name") == "Salt")
        devices = ada.devices()["devices"]
        away = next(each["id"] for each in devices if not each["is_active"])
        ada.transfer_playback(away)
        until(lambda: other.evaluate("kitPlayer.audio.paused"))
        until(lambda: not tab.evaluate("kitPlayer.audio.paused"))
        assert tab.evaluate("kitPlayer.lane.track.title") == "Salt" and not tab.problems
    finally:
        other.close()


def test_on_the_page_one_likes_and_edits_a_playlist_while_somebody_else_does(tab, spotify):
    ada, ben = spotify("ada"), spotify("ben")
    shown = "[...document.querySelectorAll('.view .track b')].map((each) => each.textContent)"
    tab.hover("#shelf .track:has-text('Salt')")
    tab.click("#shelf [aria-label='Like Salt']")
    until(lambda: [each["track"]["name"] for each in ada.current_user_saved_tracks()["items"]])
    until(lambda: tab.inner_text("#views").count("Liked 1"))
    for title in ("Salt", "Low Water", "Landing"):
        tab.hover(f"#shelf .track:has-text('{title}') >> nth=0")
        tab.click(f"#shelf [aria-label='Add {title} to a playlist'] >> nth=0")
        tab.click("#menu button >> nth=-1" if title == "Salt" else "#menu button >> nth=-2")
        until(lambda: not tab.is_visible("#menu"))
    tab.click("#views button >> nth=-2")
    until(lambda: tab.evaluate(shown) == ["Salt", "Low Water", "Landing"])
    tab.click("text=Only you may edit")
    list_id = ada.current_user_playlists()["items"][-1]["id"]
    until(lambda: ada.playlist(list_id)["collaborative"])
    track = ben.search("casting off", type="track")["tracks"]["items"][0]["id"]
    ben.playlist_add_items(list_id, [track], position=0)
    tab.click("[aria-label='Up: Landing']")
    ordered = ["Casting Off", "Salt", "Landing", "Low Water"]
    until(lambda: tab.evaluate(shown) == ordered)
    tab.click("[aria-label='Remove: Salt']")
    until(lambda: tab.evaluate(shown) == [each for each in ordered if each != "Salt"])
    items = ben.playlist_items(list_id)["items"]
    assert [each["track"]["name"] for each in items] == ["Casting Off", "Landing", "Low Water"]
    assert not tab.problems


def test_search_forgives_while_one_types(tab):
    tab.fill("#search", "harbuor ligh")
    until(lambda: "Harbour Lights" in tab.inner_text("#found"))
    assert "found in" in tab.inner_text("#found")


def test_stopped_by_ctrl_c_it_leaves_no_process(library, tmp_path):
    command = [sys.executable, "-m", "chapters.cli", "serve", "spotify", "--port", str(PORT + 20)]
    server = subprocess.Popen([*command, "--library", str(library), "--folder", str(tmp_path)],
                              stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert server.stdout is not None and "open http" in server.stdout.readline()
    server.send_signal(signal.SIGINT)
    assert server.wait(30) == 130  # as a shell has it of what Ctrl-C ended
    server.stdout.close()
    for port in range(PORT + 20, PORT + 25):
        with pytest.raises((urllib.error.URLError, ConnectionError)):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_/status", timeout=1)
    assert (tmp_path / "accounts.json").is_file()
