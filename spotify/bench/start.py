"""From tap to sound on a simulated line: the median with everything in it, and cold starts beside it.

Page: docs/spotify/speed.md
"""

from collections.abc import Callable, Iterator

from chapters.measure.findings import Figure, Finding
from spotify.playback.imagined import evening

MEDIAN_MS_MAX = 265  # Kreitz & Niemelä 2010, cached tracks included
STUTTER_MAX = 0.01


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield waits, on 5 Mbit/s and 50 ms."""
    on_progress("an evening of taps")
    seen = evening(seed=7, taps=200 if quick else 1_000)
    yield Figure(
        "start: median of all, 5 Mbit/s and 50 ms", seen.median_ms(), "ms", most=MEDIAN_MS_MAX
    )
    yield Figure("start: median of cold starts", seen.median_ms(cold_only=True), "ms")
    yield Figure(
        "start: one in a hundred cold starts waits more than", seen.p99_ms(cold_only=True), "ms"
    )
    yield Figure("start: share of tracks that stuttered", seen.stuttered, most=STUTTER_MAX)
