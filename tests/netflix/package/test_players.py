"""Strangers play what was packaged: hls.js, dash.js and shaka-player in Chromium, to the end."""

import base64

import pytest

from netflix.adding import add
from netflix.encode.clips import CLIPS, generate
from netflix.package.keys import ContentKey
from tests.netflix import players

SECONDS = 13  # the last segment of sound would be a runt of one frame or so
SECRET = b"a secret of this test, and no other"
END_MS_MAX = 90_000


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A plain server of files: the library, the players, and a page for each."""
    folder = tmp_path_factory.mktemp("site")
    film = generate(CLIPS["signal"], folder / "signal.mp4", seconds=SECONDS, height=240)
    add(film, folder / "library", height_max=240)
    add(film.rename(folder / "locked.mp4"), folder / "library", height_max=240, secret=SECRET)
    with players.served(folder) as url:
        yield folder, url


def keys():
    key = ContentKey.derive(SECRET, "locked")
    plain = [base64.urlsafe_b64encode(each).decode().rstrip("=") for each in (key.key_id, key.key)]
    return {"hex": {key.key_id.hex(): key.key.hex()}, "base64": {plain[0]: plain[1]}}


def played(browser, site, name, title, keys=None):
    """Return what the page counted once it is at its end, or stuck, and the video's own numbers."""
    folder, url = site
    html = players.page(name, f"{url}/library/{title}", f"{name}.js", keys)
    (folder / f"{name}-{title}.html").write_text(html)
    tab = browser.new_page()
    tab.goto(f"{url}/{name}-{title}.html")
    tab.wait_for_function("counts.ended || counts.errors.length", timeout=END_MS_MAX)
    counts = tab.evaluate(
        "({...counts, at: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames})"
    )
    tab.close()
    return counts


@pytest.mark.slow
@pytest.mark.parametrize("name", players.VERSIONS)
def test_a_strange_player_plays_a_title_to_its_end(browser, site, name):
    counts = played(browser, site, name, "signal")
    assert counts["ended"] and not counts["errors"], counts
    assert counts["at"] == pytest.approx(SECONDS, abs=0.1)
    assert counts["frames"] >= SECONDS * 24 - 12
    assert counts["stalls"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dashjs", "shaka-player"])
def test_a_strange_player_with_the_key_plays_an_encrypted_title(browser, site, name):
    counts = played(browser, site, name, "locked", keys())
    assert counts["ended"] and not counts["errors"], counts
    assert counts["frames"] >= SECONDS * 24 - 12


@pytest.mark.slow
def test_without_the_key_an_encrypted_title_does_not_play(browser, site):
    counts = played(browser, site, "shaka-player", "locked", {"hex": {"0" * 32: "1" * 32}})
    assert not counts["ended"] and counts["errors"]
