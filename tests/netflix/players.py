"""Players that others wrote: hls.js, dash.js and shaka-player, from npm, kept outside the repository."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.npm import CACHE, installed

FOLDER = CACHE / "players"
VERSIONS = {"hls.js": "1.7.4", "dashjs": "5.2.1", "shaka-player": "5.2.12"}
BUNDLES = {
    "hls.js": "hls.js/dist/hls.min.js",
    "dashjs": "dashjs/dist/modern/umd/dash.all.min.js",
    "shaka-player": "shaka-player/dist/shaka-player.compiled.js",
}

# How each is told to play; `counts` is filled by the page, and read by the tests.
START = {
    "hls.js": """
        const hls = new Hls({maxBufferLength: BUFFER, maxMaxBufferLength: BUFFER});
        hls.on(Hls.Events.LEVEL_SWITCHED,
            (_, data) => counts.heights.push(hls.levels[data.level].height));
        hls.on(Hls.Events.ERROR, (_, data) => data.fatal && counts.errors.push(data.details));
        hls.loadSource(HLS); hls.attachMedia(video);""",
    "dashjs": """
        const player = dashjs.MediaPlayer().create();
        player.updateSettings({streaming: {buffer: {
            bufferTimeDefault: BUFFER, bufferTimeAtTopQuality: BUFFER,
            bufferTimeAtTopQualityLongForm: BUFFER}}});
        player.on('qualityChangeRendered',
            e => e.mediaType === 'video' && counts.heights.push(e.newRepresentation.height));
        player.on('error', e => counts.errors.push(String(e.error && e.error.message)));
        if (KEYS) player.setProtectionData({'org.w3.clearkey': {clearkeys: KEYS.base64}});
        player.initialize(video, DASH, true);""",
    "shaka-player": """
        shaka.polyfill.installAll();
        const player = new shaka.Player();
        await player.attach(video);
        player.configure({streaming: {bufferingGoal: BUFFER, rebufferingGoal: 2}});
        if (KEYS) player.configure({drm: {clearKeys: KEYS.hex}});
        player.addEventListener('adaptation', () => counts.heights.push(
            player.getVariantTracks().find(each => each.active).height));
        player.addEventListener('error', e => counts.errors.push(String(e.detail.code)));
        await player.load(DASH);""",
}

PAGE = """<!doctype html><title>PLAYER</title><video id="video" muted playsinline width="640"></video>
<script src="BUNDLE"></script><script>
const video = document.getElementById('video'), BUFFER = 8, KEYS = KEYDATA,
      HLS = 'TITLE/master.m3u8', DASH = 'TITLE/manifest.mpd';
window.counts = {heights: [], stalls: 0, errors: [], ended: false, begun: false};
video.addEventListener('playing', () => counts.begun = true);
video.addEventListener('waiting', () => counts.begun && !video.seeking && counts.stalls++);
video.addEventListener('ended', () => counts.ended = true);
(async () => { START; video.play().catch(error => counts.errors.push(String(error))); })()
    .catch(error => counts.errors.push(String(error)));
</script>"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder, with the players' files in it, and yield the address."""
    for name, path in bundles().items():
        (folder / f"{name}.js").write_bytes(path.read_bytes())
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def bundles() -> dict[str, Path]:
    """Return the players' files, installed on first use; skips the test where that is not possible."""
    paths = {name: FOLDER / "node_modules" / path for name, path in BUNDLES.items()}
    installed(FOLDER, [f"{name}@{version}" for name, version in VERSIONS.items()], paths.values())
    return paths


def page(
    name: str, title_url: str, bundle_url: str, keys: dict[str, dict[str, str]] | None = None
) -> str:
    """Return a page on which that player plays the title at `title_url`."""
    text = PAGE.replace("START", START[name]).replace("PLAYER", name).replace("BUNDLE", bundle_url)
    return text.replace("TITLE", title_url).replace("KEYDATA", json.dumps(keys))
