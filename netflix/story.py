"""Netflix in a few minutes: from play to the picture, a bad line, a dead edge, and what an evening costs.

    python -m netflix          the story              kit trace netflix     play, span by span
    kit break netflix          what can go wrong      kit scale netflix     how many boxes

Page: docs/netflix/index.md
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from chapters.sim.trace import Report, Trace
from netflix.abr.generated import SEGMENTS
from netflix.abr.story import session, trace_named
from netflix.adding import add
from netflix.breaking import FAULTS
from netflix.encode.clips import CLIPS, generate
from netflix.package.published import Published
from netflix.scene.evening import for_real, in_simulation
from netflix.sizing import capacity

__all__ = ["FAULTS", "OPENING", "TITLE", "capacity", "demo", "tour", "trace"]

TITLE = "How Netflix works"
OPENING = "Press play: within a second there is a picture, from the nearest edge that lives."

BUFFER_S = 16.0
TOUR_RULES = ("throughput", "bolae")


def trace(*, seed: int = 7, real: bool = False) -> Trace:
    """Return the trace of one press of play, up to the second segment.

    Simulated: control plane, edges and origin with a network between them, in seeded, virtual time. `real`:
    a film that is encoded and published first, the wall clock, and the first frame decoded.
    """
    return for_real() if real else in_simulation(seed)


def tour(report: Report) -> None:
    """The article's opening: press play; then a real film, encoded and packaged, and a bad line."""
    report.trace(trace(seed=7))
    report()
    for line in _published():
        report(line)
    for line in _on_a_bad_line():
        report(line)


def _published() -> Iterator[str]:
    """Encode, package and publish six seconds of film, for real."""
    with TemporaryDirectory(prefix="kit-netflix-") as place:
        film = generate(CLIPS["colony"], Path(place) / "colony.mp4", seconds=6, height=240)
        made, _ = add(film, Path(place) / "library", name=CLIPS["colony"].name, height_max=240)
        count = sum(len(track.segments) for track in made.tracks)
        yield f"A film of {made.duration_s:g} s, encoded by FFmpeg and packaged for HLS and DASH:"
        yield f"  {len(made.video)} qualities and sound, {count} segments, {_sizes(made)}"


def _sizes(made: Published) -> str:
    rates = [f"{track.height}p at {track.mean_bps // 1000} kbit/s" for track in made.video]
    return ", ".join(rates)


def _on_a_bad_line() -> Iterator[str]:
    """Play a minute on a line that falls to a tenth, by two rules."""
    yield "The line falls to a tenth for a while; two rules play the same film:"
    for name in TOUR_RULES:
        seen = session(
            name, trace_named("collapse", 7), seed=7, segments=SEGMENTS, buffer_s=BUFFER_S
        )
        yield f"  {name:10} {seen.bitrate_kbps:5.0f} kbit/s on average, {seen.stalled_s:4.1f} s of stalls"


def demo(*, seed: int = 7) -> None:
    """One press of play, in the order of time."""
    from chapters.sim.waterfall import to_text

    print(OPENING, end="\n\n")
    for line in to_text(trace(seed=seed)):
        print(line)
