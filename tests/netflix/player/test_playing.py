"""`kit serve netflix` and a browser: our player and others, to the end, on a bad line, past a dead edge."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from netflix.adding import add
from netflix.encode.clips import CLIPS, generate
from netflix.package.published import Published
from netflix.places import secret_of
from tests.netflix import players
from tests.waiting import WAIT_S_MAX, until

pytestmark = pytest.mark.slow

SECONDS = 32
AHEAD_S = 5  # of the buffer, where a test wants changes to be seen soon
PORT = 9460


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("netflix") / "library"
    from random import Random

    secret = secret_of(folder, rng=Random(1))
    film = generate(CLIPS["colony"], folder.parent / "colony.mp4", seconds=SECONDS, height=360)
    add(film, folder, height_max=360, workers=2)
    add(film.rename(folder.parent / "locked.mp4"), folder, height_max=240, secret=secret, workers=2)
    return folder


@pytest.fixture(scope="module")
def service(library):
    """The real thing, as a learner starts it."""
    command = [sys.executable, "-m", "chapters.cli", "serve", "netflix"]
    options = ["--port", str(PORT), "--library", str(library)]
    server = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None and "open http" in server.stdout.readline()
        yield f"http://127.0.0.1:{PORT}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        server.stdout.close()


def ask(url, facts=None):
    data = json.dumps(facts).encode() if facts is not None else None
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=30) as answer:
        return json.loads(answer.read())


@pytest.fixture
def kbps(service):
    """A function that limits the line of all edges; the limit is lifted at the end."""
    yield lambda limit: ask(f"{service}/api/throttle", {"kbps": limit})
    ask(f"{service}/api/throttle", {"kbps": 0})


@pytest.fixture
def tab(browser, service):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(service)
    page.wait_for_selector("[data-title=colony]")
    yield page
    page.evaluate("kitPlayer.stop()")
    page.close()


def watch(tab, title, profile="ada"):
    tab.select_option("#profile", profile)
    tab.click(f"[data-title={title}]")


def state(tab):
    """What our player knows of itself, and what the video element says."""
    return tab.evaluate(
        "({ended: false, heights: [], edge: '', ...kitPlayer.state, history: 0, "
        "at: kitPlayer.video.currentTime, "
        "frames: kitPlayer.video.getVideoPlaybackQuality().totalVideoFrames})"
    )


def top_kbps(library, title):
    """Twice what the best rung and the sound take, at their peak."""
    tracks = Published.load(library / title).tracks
    rates = [
        max(each.peak_bps for each in tracks if each.kind == kind) for kind in ("video", "audio")
    ]
    return 2 * sum(rates) // 1000


def test_our_player_plays_to_the_end_without_a_stall_at_twice_the_top_rate(tab, library, kbps):
    kbps(top_kbps(library, "colony"))
    watch(tab, "colony")
    found = until(lambda: (now := state(tab))["ended"] and now)
    assert found["stalls"] == 0 and found["frames"] >= SECONDS * 24 - 12
    assert found["heights"][-1] == 360 and not tab.problems and not found["problem"]
    (told,) = until(lambda: ask(f"{tab.url}api/quality?by=title"))
    assert told["what"] == "colony" and told["rebuffer_ratio"] == 0 and told["mean_kbps"] > 100


def test_an_encrypted_title_plays_to_its_end(tab):
    watch(tab, "locked")
    found = until(lambda: (now := state(tab))["ended"] and now)
    assert found["stalls"] == 0 and found["frames"] >= SECONDS * 24 - 12 and not tab.problems


def test_quality_goes_down_with_the_line_and_up_again(tab, kbps):
    kbps(3000)
    tab.evaluate(f"kitPlayer.aheadS = {AHEAD_S}")
    watch(tab, "colony")
    until(lambda: state(tab)["heights"][-1:] == [360])
    kbps(300)
    until(lambda: 144 in state(tab)["heights"][1:])
    kbps(6000)
    found = until(
        lambda: (now := state(tab))["heights"][-1] == 360 and len(now["heights"]) > 3 and now
    )
    assert found["switches"] >= 2


def test_a_download_that_would_not_come_in_time_is_broken_off(tab, kbps):
    kbps(4000)
    ahead_s = 12  # with less in the buffer the rule is careful, and asks for the lowest rung
    tab.evaluate(f"kitPlayer.aheadS = {ahead_s}; kitPlayer.rule = 'throughput'")
    watch(tab, "colony", "grace")
    until(lambda: state(tab)["heights"][-1:] == [360])
    kbps(60)
    found = until(lambda: (now := state(tab))["abandoned"] and now)
    assert not found["problem"] and not tab.problems


def test_the_serving_edge_is_killed_and_the_picture_goes_on(tab, service, kbps):
    kbps(1500)
    watch(tab, "colony", "vincent")
    serving = until(lambda: (now := state(tab))["at"] > 2 and now["edge"])
    assert ask(f"{service}/api/edges/{serving}", {"up": False})["up"] is False
    found = until(lambda: (now := state(tab))["ended"] and now)
    assert found["stalls"] == 0 and found["edge"] != serving and found["failovers"] >= 1
    assert found["frames"] >= SECONDS * 24 - 12
    ask(f"{service}/api/edges/{serving}", {"up": True})
    until(lambda: all(each["age_s"] < 3 for each in ask(f"{service}/api/edges")))


def test_one_goes_on_where_one_was(tab):
    watch(tab, "colony", "grace")
    until(lambda: state(tab)["at"] > 6)
    tab.evaluate("kitPlayer.stop()")
    watch(tab, "colony", "grace")
    until(lambda: state(tab).get("begun") and state(tab)["at"] >= 5.5)
    assert tab.locator("h2", has_text="Continue watching").count() == 1


def test_a_filled_edge_plays_without_the_origin_and_what_was_watched_shapes_the_page(tab, service):
    told = ask(f"{service}/api/fill", {})["edges"]
    assert sum(each["files"] + each["had"] for each in told) > 20
    before = misses_at_rest(service)
    watch(tab, "colony", "alan")
    found = until(lambda: (now := state(tab))["at"] > 8 and now)
    tab.evaluate("kitPlayer.stop()")
    assert found["stalls"] == 0 and misses_at_rest(service) == before
    rows = until(lambda: (now := page_of(service, "alan")) and "Top picks for you" in now and now)
    assert rows["Top picks for you"][-1] == "colony" and rows["Continue watching"] == ["colony"]


def misses_at_rest(service):
    """How often each edge fetched, once nothing is filled and nobody is served."""

    def look():
        edges = ask(f"{service}/api/edges")
        return [(each["to_fill"], each["load"], each["misses"]) for each in edges]

    def rest():
        seen = look()
        time.sleep(1.2)  # two looks of the control plane
        return all(left == load == 0 for left, load, _ in seen) and look() == seen and seen

    return [fetched for *_, fetched in until(rest)]


def page_of(service, profile):
    rows = ask(f"{service}/api/home?profile={profile}")["rows"]
    return {row["name"]: [each["title"] for each in row["titles"]] for row in rows}


def test_pictures_learn_from_clicks_and_bad_ones_are_refused(service):
    for _ in range(3):
        ask(f"{service}/api/home?profile=vincent")
    assert (
        ask(f"{service}/api/artwork", {"title": "colony", "profile": "vincent", "picture": 0}) == {}
    )
    for facts in (
        {"title": "nothing", "profile": "ada", "picture": 0},
        {},
        {"title": "colony", "profile": "ada"},
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask(f"{service}/api/artwork", facts)
        assert refused.value.code in (400, 404)
        refused.value.close()


def flood(url, until_s):
    """Ask ahead for a page, as a browser does, again and again; return how often it was refused."""
    refused = 0
    while time.monotonic() < until_s:
        request = urllib.request.Request(
            f"{url}/api/home?profile=ada", headers={"Sec-Purpose": "prefetch"}
        )
        try:
            urllib.request.urlopen(request, timeout=30).close()
        except urllib.error.HTTPError as error:
            error.close()
            refused += error.code == 503
    return refused


def test_play_is_answered_while_others_ask_ahead_without_end(service):
    until_s, answered = time.monotonic() + 5, 0
    with ThreadPoolExecutor(48) as crowd:
        floods = [crowd.submit(flood, service, until_s) for _ in range(48)]
        while time.monotonic() < until_s:
            session = ask(f"{service}/api/play", {"title": "colony", "profile": "ada"})["session"]
            ask(f"{service}/api/stop", {"session": session})
            answered += 1
        refused = sum(each.result() for each in floods)
    gate = ask(f"{service}/api/gate")
    assert answered >= 10 and refused > 100 and set(gate["shed"]) == {"PREFETCH"}


def test_chaos_kills_an_edge_and_the_picture_goes_on(tab, service):
    watch(tab, "colony")
    until(lambda: state(tab)["at"] > 1)
    command = [sys.executable, "-m", "chapters.cli", "netflix", "chaos", "--url", service]
    done = subprocess.run(
        [*command, "--kills", "2", "--every", "2", "--for", "1"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("is killed") == 2 and "all are back" in done.stdout
    found = until(lambda: (now := state(tab))["ended"] and now)
    assert found["stalls"] == 0
    until(lambda: all(each["age_s"] < 3 for each in ask(f"{service}/api/edges")))


def begun(service):
    """A session of grace's, or nothing while her account has as many as it may."""
    try:
        return ask(f"{service}/api/play", {"title": "colony", "profile": "grace"})["session"]
    except urllib.error.HTTPError as full:
        with full:
            assert full.code == 429


def test_a_third_screen_is_refused_in_words(tab, service):
    sessions = [until(lambda: begun(service)) for _ in range(2)]  # when those before have ended
    watch(tab, "colony", "vincent")
    until(lambda: "plays on 2 at once" in tab.inner_text("#hint"))
    for session in sessions:
        ask(f"{service}/api/stop", {"session": session})


def test_the_page_fits_a_phone_and_asks_no_other_host(browser, service):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(service)
    page.wait_for_selector(".card")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert all(url.startswith(("http://127.0.0.1:", "data:", "blob:")) for url in asked)
    page.close()


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Pages of the players of others, on another origin than the edges."""
    folder = tmp_path_factory.mktemp("players")
    with players.served(folder) as url:
        yield folder, url


def strange(browser, service, elsewhere, name, profile="ada"):
    """Open a page on which a stranger plays what /api/play gave out."""
    folder, url = elsewhere
    offer = ask(f"{service}/api/play", {"title": "colony", "profile": profile})
    (folder / f"{name}.html").write_text(players.page(name, offer["edges"][0]["url"], f"{name}.js"))
    page = browser.new_page()
    page.goto(f"{url}/{name}.html")
    return page, offer["session"]


@pytest.mark.parametrize("name", players.VERSIONS)
def test_a_stranger_plays_from_our_edges_without_a_stall(
    browser, service, elsewhere, library, kbps, name
):
    kbps(top_kbps(library, "colony"))
    page, session = strange(browser, service, elsewhere, name)
    page.wait_for_function("counts.ended || counts.errors.length", timeout=WAIT_S_MAX * 1000)
    counts = page.evaluate("counts")
    page.close()
    ask(f"{service}/api/stop", {"session": session})
    assert counts["ended"] and not counts["errors"] and counts["stalls"] == 0, counts


@pytest.mark.parametrize("name", players.VERSIONS)
def test_a_stranger_switches_down_and_up(browser, service, elsewhere, kbps, name, monkeypatch):
    kbps(4000)
    monkeypatch.setitem(players.START, name, players.START[name].replace("BUFFER", str(AHEAD_S)))
    page, session = strange(browser, service, elsewhere, name)
    try:
        until(lambda: page.evaluate("counts.heights.at(-1)") == 360)
        kbps(300)
        until(lambda: page.evaluate("Math.min(...counts.heights.slice(-1))") == 144)
        kbps(6000)
        until(lambda: page.evaluate("counts.heights.at(-1)") > 144)
    finally:
        page.close()
        ask(f"{service}/api/stop", {"session": session})


def test_a_killed_server_takes_its_edges_with_it(library):
    command = [
        sys.executable,
        "-m",
        "chapters.cli",
        "serve",
        "netflix",
        "--port",
        "9480",
        "--edges",
        "1",
    ]
    server = subprocess.Popen(
        [*command, "--library", str(library)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None and "open http" in server.stdout.readline()
    until(lambda: "pid" in ask("http://127.0.0.1:9480/api/edges")[0])
    edge = ask("http://127.0.0.1:9480/api/edges")[0]["pid"]
    server.kill()
    server.wait()
    server.stdout.close()
    until(lambda: not _lives(edge))


def _lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
