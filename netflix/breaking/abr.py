"""A line that collapses to a tenth in the middle of a title, under each rule.

Page: docs/netflix/abr.md
"""

from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Series, Verdict
from netflix.abr import picture
from netflix.abr.generated import HIGH_KBPS, title
from netflix.abr.generated import collapse as collapsing
from netflix.abr.rules import RULES, make
from netflix.abr.session import Session
from netflix.abr.simulator import play

BOLAS = ("bola-basic", "bola", "bolae", "dynamic")  # the buffer decides, the throughput is a cap
OTHERS = ("throughput", "bba", "mpc")  # one large request at the wrong moment is possible
AFTER_S = 60.0  # a buffer is full by then
STALL_S_MAX = 2.0  # one segment
BACK_S_MAX = 60.0  # a buffer is filled in about half of that, and then a rule may dare more


def collapse(
    *, seed: int = 7, left: float = 0.1, lasts: float = 40.0, buffer: float = 24.0
) -> Outcome:
    """Let a good line drop to a share of itself for a while, and watch each rule."""
    at_least(0.001, left=left)
    at_least(1, lasts=lasts)
    ladder = title(Chance(seed).stream("title"))
    trace = collapsing(after_s=AFTER_S, lasts_s=lasts, left=left)
    found = {name: play(ladder, trace, make(name, ladder, buffer), buffer) for name in RULES}
    back_s = {name: _back_s(each, AFTER_S + lasts) for name, each in found.items()}
    worst = max(found[name].stalled_s for name in BOLAS)
    others = max(found[name].stalled_s for name in OTHERS)
    return Outcome(
        title=f"{HIGH_KBPS:,.0f} kbit/s fall to {HIGH_KBPS * left:,.0f} for {lasts:g} s",
        verdicts=(
            Verdict(
                f"BOLA and its kin stall for {STALL_S_MAX:g} s at most",
                worst <= STALL_S_MAX,
                f"{worst:.1f} s, the worst of four",
            ),
            Verdict(
                "and it is the rule that saves them",
                others > worst,
                f"{others:.1f} s, the worst of the others",
            ),
            Verdict(
                f"every rule is back at its quality within {BACK_S_MAX:g} s",
                max(back_s.values()) <= BACK_S_MAX,
                f"{max(back_s.values()):.0f} s, the slowest",
            ),
            Verdict(
                "all of the title is played",
                all(len(each.played_kbps) == len(ladder.sizes_bits) for each in found.values()),
                f"{len(ladder.sizes_bits)} segments by {len(found)} rules",
            ),
        ),
        lines=(
            f"the lowest rung is {ladder.bitrates_kbps[0]:,} kbit/s: below that, nothing helps",
            "rule         bit rate    stalled   back after",
            *(_row(name, each, back_s[name]) for name, each in found.items()),
        ),
        next_commands=(
            "kit break netflix collapse --left 0.05",
            "kit run netflix/abr/simulator --rule throughput --trace collapse",
        ),
        replay=f"kit break netflix collapse --left {left:g} --lasts {lasts:g} --buffer {buffer:g} "
        f"--seed {seed}",
        series=(_buffer("bola", found["bola"]), _buffer("throughput", found["throughput"])),
    )


def _buffer(name: str, session: Session) -> Series:
    points = picture.buffer_series(session, "").points
    times = [points[-1][0] * column / picture.COLUMNS for column in range(picture.COLUMNS)]
    sampled = ((at_s, picture.sample(points, at_s)) for at_s in times)
    return Series(f"buffer, {name}", "s", tuple(sampled))


def _row(name: str, session: Session, back_s: float) -> str:
    return f"{name:11}{session.bitrate_kbps:6,.0f} kbit/s{session.stalled_s:8.1f} s{back_s:10.0f} s"


def _back_s(session: Session, over_s: float) -> float:
    """Return how long after the collapse the median bit rate of before is asked for again."""
    rates = session.ladder.bitrates_kbps
    before = sorted(rates[each.rung] for each in session.fetches if each.asked_s < AFTER_S)
    usual = before[len(before) // 2]
    again = (
        each.asked_s for each in session.fetches
        if each.asked_s >= over_s and rates[each.rung] >= usual
    )  # fmt: skip
    return next(again, session.duration_s) - over_s
