"""Spotify in a few minutes: from the tap to the sound, an album without a seam, and what is paid for it.

    python -m spotify          the story              kit trace spotify     a tap, span by span
    kit break spotify          what can go wrong      kit scale spotify     how many edges

Page: docs/spotify/index.md
"""

from collections.abc import Iterator

import numpy as np

from chapters.errors import UsageError
from chapters.sim.trace import Report, Trace
from spotify.breaking import FAULTS
from spotify.ingest import opus
from spotify.ingest.ffmpeg import RATE, Samples, decode
from spotify.playback.imagined import evening
from spotify.scene.evening import in_simulation
from spotify.sizing import capacity
from spotify.studio.mix import perform
from spotify.studio.repertoire import BRIGHT
from spotify.studio.score import compose

__all__ = ["FAULTS", "OPENING", "TITLE", "capacity", "demo", "tour", "trace"]

TITLE = "How Spotify works"
OPENING = (
    "Tap a song: it sounds before you notice a delay, from the first edge that sends true bytes."
)
TAPS = 150


def trace(*, seed: int = 7, real: bool = False) -> Trace:
    """Return the trace of one tap, up to the beginning of the next track, in virtual time.

    Raises `UsageError` for `real`: what a real tap takes is shown on the page.
    """
    if real:
        raise UsageError(
            "spotify's trace runs in virtual time alone; leave out --real, or look at the page"
        )
    return in_simulation(seed)


def tour(report: Report) -> None:
    """The article's opening: tap a song; then an album cut in three, and an evening of taps."""
    report.trace(trace(seed=7))
    report()
    for line in _seamless():
        report(line)
    found = evening(seed=7, taps=TAPS)
    report(
        f"{TAPS} taps on 5 Mbit/s with round trips of 50 ms: the median waits {found.median_ms():.0f} ms,"
    )
    cold_ms = found.median_ms(cold_only=True)
    report(f"  {found.kept:.0%} had the beginning at hand; the others waited {cold_ms:.0f} ms")


def _seamless() -> Iterator[str]:
    """Compose a piece, encode it once, cut it in two, and compare with the uncut one."""
    rng = np.random.default_rng(7)
    piece = perform(compose(BRIGHT, 4, rng), rng)
    stream = opus.encode(piece, 96)
    middle = len(piece) // 2 | 1
    parts = [opus.cut(stream, 0, middle), opus.cut(stream, middle, len(piece))]
    heard = np.concatenate([decoded(part) for part in parts])
    whole = decoded(opus.cut(stream, 0, len(piece)))
    near = slice(middle - RATE // 100, middle + RATE // 10)
    click = float(np.abs(heard[near] - whole[near]).max())
    yield f"A piece of {len(piece) / RATE:.2f} s, composed, encoded once, and cut at sample {middle:,}:"
    yield f"  both parts decode to {len(heard):,} samples of {len(piece):,}; at the join they differ from"
    yield f"  the uncut piece by {click:.4f} of full scale: no gap, no click"


def decoded(part: opus.Cut) -> Samples:
    """Return what a decoder that knows nothing of us makes of a track."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="kit-spotify-") as folder:
        place = Path(folder) / "part.ogg"
        place.write_bytes(opus.to_ogg(part))
        return decode(place)[0]


def demo(*, seed: int = 7) -> None:
    """One tap, in the order of time."""
    from chapters.sim.waterfall import to_text

    print(OPENING, end="\n\n")
    for line in to_text(trace(seed=seed)):
        print(line)
