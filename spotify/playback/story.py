"""An evening on a simulated line: how long from the tap to the sound, cold starts apart.

Page: docs/spotify/playback.md
"""

from chapters.measure.plot import sparkline
from spotify.playback.imagined import evening
from spotify.playback.listening import Line

TITLE = "From tap to sound"
STEPS_MS = 25
SHOWN_MS = 1000


def demo(
    *, seed: int = 7, taps: int = 400, trip_ms: float = 50, mbps: float = 5, prefetch: bool = True
) -> None:
    """Tap, and wait: the median with everything, the cold starts alone, and a picture of both."""
    line = Line(trip_s=trip_ms / 1000, bps=mbps * 1e6)
    print(f"{taps} taps on a line of {mbps:g} Mbit/s and {trip_ms:g} ms, seed {seed}\n")
    print("                     starts   median ms   p99 ms   stutters")
    for name, prefetching in (("with prefetch", True), ("without", False)):
        if prefetching and not prefetch:
            continue
        found = evening(seed=seed, taps=taps, line=line, prefetching=prefetching)
        for told, cold in ((name, False), ("  cold starts only", True)):
            starts = found.starts_ms(cold_only=cold)
            row = f"{found.median_ms(cold_only=cold):9.0f}   {found.p99_ms(cold_only=cold):6.0f}"
            print(f"  {told:18} {len(starts):6}   {row}   {found.stuttered:7.1%}")
        print(f"  0 ms {_picture(found.starts_ms())} {SHOWN_MS} ms\n")


def _picture(starts: list[float]) -> str:
    counts = [0] * (SHOWN_MS // STEPS_MS)
    for each in starts:
        counts[min(len(counts) - 1, int(each / STEPS_MS))] += 1
    return sparkline(counts)
