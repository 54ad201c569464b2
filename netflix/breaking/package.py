"""A last segment that is too short: published as it falls, and as the rule has it.

Page: docs/netflix/package.md
"""

from fractions import Fraction

from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Verdict
from netflix.package.samples import Sample
from netflix.package.timeline import Cut, without_runt

RATE, SEGMENT_S = 24, 2


def runt_segment(*, seed: int = 7, films: int = 500, rule: bool = True) -> Outcome:
    """Cut films of any length, and look at their last segments."""
    at_least(1, films=films)
    rng = Chance(seed).stream("films")
    lasts, lost = [], 0
    for _ in range(films):
        frames = rng.randrange(RATE * 4, RATE * 120)
        samples = [Sample(b"", 1, 0, False)] * frames
        cut = _as_it_falls(frames)
        if rule:
            cut = without_runt(cut, samples, Fraction(RATE * SEGMENT_S))
        lasts.append((cut[-1][1] - cut[-1][0]) / RATE)
        lost += frames - sum(end - first for first, end in cut)
    runts = sum(last < SEGMENT_S / 2 for last in lasts)
    flag = "" if rule else " --no-rule"
    return Outcome(
        title=f"{films} films of any length, in segments of {SEGMENT_S} s",
        verdicts=(
            Verdict(
                "no last segment is shorter than half of the target",
                not runts,
                f"{runts} are; the shortest has {min(lasts):.2f} s",
            ),
            Verdict("no frame is lost", not lost, f"{lost} frames"),
        ),
        lines=(
            "players that fill a buffer before they play on wait for such a segment at the very end",
        ),
        next_commands=(
            "kit break netflix runt-segment --no-rule",
            "kit start netflix/runt-segment",
        ),
        replay=f"kit break netflix runt-segment --films {films}{flag} --seed {seed}",
    )


def _as_it_falls(frames: int) -> Cut:
    """Segments of two seconds, and what is left."""
    step = RATE * SEGMENT_S
    return [(first, min(first + step, frames)) for first in range(0, frames, step)]
