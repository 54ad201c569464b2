"""Sessions under bitrate rules, and the rules' maps: played when the site is built."""

from chapters.measure.plot import Axes, lines, steps
from chapters.sim.chance import Chance
from chapters.sim.promises import Series
from netflix.abr import picture
from netflix.abr.bba import BufferBased
from netflix.abr.bola import GAMMA_P, best_per_bit, utilities
from netflix.abr.generated import collapse, title
from netflix.abr.rule import Ladder, Moment
from netflix.abr.rules import make
from netflix.abr.session import Session
from netflix.abr.simulator import play

BUFFER_S, UNTIL_S = 24.0, 160.0
SEED = 7


def line_and_throughput() -> str:
    """Return what the throughput rule asks for while the line collapses."""
    found = _session("throughput")
    return steps(
        Axes("The throughput rule on a line that collapses", "seconds", "kbit/s"),
        Series("the line", "kbit/s", ((0, 5000), (60, 500), (100, 5000), (UNTIL_S, 5000))),
        _cut(picture.rung_series(found, "asked for")),
    )


def collapse_buffers() -> str:
    """Return the buffer's level under three rules while the line collapses."""
    shown = {"throughput": "throughput", "bola": "BOLA", "mpc": "robust MPC"}
    return lines(
        Axes("The buffer while the line collapses, from 60 to 100 s", "seconds", "seconds to play"),
        *(_cut(picture.buffer_series(_session(name), label)) for name, label in shown.items()),
    )


def collapse_rungs() -> str:
    """Return what three rules ask for while the line collapses."""
    shown = {"bba": "BBA-0", "bola": "BOLA", "mpc": "robust MPC"}
    return steps(
        Axes("What they ask for meanwhile", "seconds", "kbit/s"),
        *(_cut(picture.rung_series(_session(name), label)) for name, label in shown.items()),
    )


def maps() -> str:
    """Return which rung BBA-0 and BOLA take at each level of a buffer that fills."""
    ladder = _title()
    rates, bba = ladder.bitrates_kbps, BufferBased(ladder, BUFFER_S)
    worths = [each + GAMMA_P for each in utilities(rates)]
    v_s = (BUFFER_S - ladder.segment_s) / worths[-1]
    levels_s = [tenth / 10 for tenth in range(round(10 * (BUFFER_S - ladder.segment_s)) + 1)]
    by_bba = [rates[bba.choose(Moment(0, each, 0.0))] for each in levels_s]
    by_bola = [rates[best_per_bit(worths, rates, v_s, each)] for each in levels_s]
    return steps(
        Axes("Which rung at which level of the buffer", "seconds in the buffer", "kbit/s"),
        Series("BBA-0", "kbit/s", tuple(zip(levels_s, by_bba, strict=True))),
        Series("BOLA", "kbit/s", tuple(zip(levels_s, by_bola, strict=True))),
    )


def _title() -> Ladder:
    return title(Chance(SEED).stream("title"))


def _session(name: str) -> Session:
    ladder = _title()
    return play(ladder, collapse(), make(name, ladder, BUFFER_S), BUFFER_S)


def _cut(series: Series) -> Series:
    points = tuple(each for each in series.points if each[0] <= UNTIL_S)
    return Series(series.label, series.unit, points)
