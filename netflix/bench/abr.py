"""The session simulator beside the reference's results, and beside one that walks in small steps.

Agreement is the worst of all reference sessions: a real title on real 3G and 4G traces, by five rules.
The reference takes 0.15 s of CPU a session, its files read and its interpreter's start aside; ours
reads the files anew for each session too.

Page: docs/netflix/abr.md
"""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from chapters.measure.findings import Figure, Finding, Missing
from chapters.measure.ratio import Ratio, compare
from netflix.abr import simulator, stepped
from netflix.abr.generated import markov, title
from netflix.abr.reference import Row, folder, rows
from netflix.abr.rules import make

REFERENCE_S = 0.15  # of CPU a session
FASTER = 20.0  # times, at least
BITRATE_OFF, REBUFFER_OFF = 0.01, 0.002  # at most, for each session
BUFFER_S = 24.0
STEP_S = 0.001  # steps of 10 ms are off by more than 1 %


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield how far the simulator is off, and how fast it is."""
    data = folder()
    if data is None:
        yield Missing("agreement with Sabre", "name the folder with test data in KIT_DATA")
    else:
        on_progress("sessions of the reference")
        yield from agreement(list(rows(data)), 1 if quick else 5)
    on_progress("sessions walked in steps")
    for rule in ("throughput", "bola"):
        yield steps(rule, 1 if quick else 7)


def agreement(sessions: Sequence[Row], rounds: int) -> Iterator[Figure]:
    """Yield the worst deviations from the reference, and how much less CPU it takes."""
    found = [(row, row.play()) for row in sessions]
    bitrate = max(abs(ours.bitrate_kbps / row.bitrate_kbps - 1) for row, ours in found)
    ratio = max(abs(ours.rebuffer_ratio - row.rebuffer_ratio) for row, ours in found)
    count = f"of {len(sessions)} sessions"
    yield Figure(
        f"bit rate beside Sabre's, the worst {count}", 100 * bitrate, "%", 100 * BITRATE_OFF
    )
    yield Figure(f"rebuffer ratio beside Sabre's, the worst {count}", ratio, "", REBUFFER_OFF)
    all_of_them = compare(
        lambda: [row.play() for row in sessions], lambda: None, rounds=rounds
    ).name_ns
    session_s = all_of_them / 1e9 / len(sessions)
    yield Figure("CPU of a session", 1000 * session_s, "ms")
    name = f"CPU of a session beside Sabre's {REFERENCE_S:g} s"
    yield Figure(name, REFERENCE_S / session_s, "times less", least=FASTER)


def steps(rule: str, rounds: int) -> Ratio:
    """Compare a session by arithmetic with the same one in steps of time."""
    ladder, trace = title(Random(7)), markov(Random(7))
    return compare(
        lambda: simulator.play(ladder, trace, make(rule, ladder, BUFFER_S), BUFFER_S),
        lambda: stepped.play(ladder, trace, make(rule, ladder, BUFFER_S), BUFFER_S, STEP_S),
        rounds=rounds,
        names=(f"a session by {rule}, event by event", f"in steps of {STEP_S * 1000:g} ms"),
    )
