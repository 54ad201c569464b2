"""The rules side by side on one line, and one of them drawn.

Page: docs/netflix/abr.md
"""

from pathlib import Path

from chapters.errors import UsageError
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from netflix.abr import picture
from netflix.abr.generated import SEGMENTS, TRACES, title
from netflix.abr.rules import RULES, make
from netflix.abr.session import Session
from netflix.abr.simulator import play
from netflix.abr.trace import Trace, read

TITLE = "Rates: which quality next?"
BUFFER_S = 24.0
HEAD = "rule         bit rate    startup   stalled   stalls   switches   thrown away"


def trace_named(name: str, seed: int) -> Trace:
    """Return a generated trace by name, or the one in the file of that path."""
    if name in TRACES:
        return TRACES[name](Chance(seed).stream("trace"))
    if not Path(name).is_file():
        raise UsageError(
            f"there is no trace {name!r}: take one of {', '.join(TRACES)}, or the path of a JSON file"
        )
    return read(Path(name))


def session(rule: str, trace: Trace, *, seed: int, segments: int, buffer_s: float) -> Session:
    """Return a generated title's session by that rule."""
    at_least(1, segments=segments)
    ladder = title(Chance(seed).stream("title"), segments)
    return play(ladder, trace, make(rule, ladder, buffer_s), buffer_s)


def row(name: str, found: Session) -> str:
    """Return a session as a line under `HEAD`."""
    return (
        f"{name:11}{found.bitrate_kbps:6,.0f} kbit/s{found.startup_s:8.2f} s{found.stalled_s:8.1f} s"
        f"{found.stalls:9}{found.switches:11}{found.wasted_bits / 8e6:11.1f} MB"
    )


def demo(
    *,
    seed: int = 7,
    trace: str = "collapse",
    segments: int = SEGMENTS,
    buffer: float = BUFFER_S,
    draw: str = "bola",
) -> None:
    """Watch the same title by every rule."""
    network = trace_named(trace, seed)
    found = {
        name: session(name, network, seed=seed, segments=segments, buffer_s=buffer)
        for name in RULES
    }
    if draw not in found:
        raise UsageError(f"draw is {draw!r}: name one of {', '.join(found)}")
    print(f"{segments} segments of 2 s, a buffer of {buffer:g} s, trace {trace}\n\n{HEAD}")
    for name, each in found.items():
        print(row(name, each))
    print(f"\n{draw}\n" + "\n".join(picture.lines(found[draw], network)))


if __name__ == "__main__":
    demo()
