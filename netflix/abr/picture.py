"""A session as a picture in the terminal: the line, the rung that was asked for, the buffer, the stalls.

    line     ████████▁▁▁▁▁█████   up to 5,000 kbit/s
    rung     ▁▃▃▅▅▇▇▇▇▃▁▁▁▁▃▅▇▇   300 to 6,000 kbit/s
    buffer   ▁▂▄▆███▇▅▃▂▁▁▂▃▅▇█   up to 22 s
    stalls               ××

Page: docs/netflix/abr.md
"""

from bisect import bisect_right

from chapters.measure.plot import sparkline
from chapters.sim.promises import Series
from netflix.abr.session import Session
from netflix.abr.trace import Trace

COLUMNS = 60
Points = tuple[tuple[float, float], ...]


def buffer_series(session: Session, label: str) -> Series:
    """Return the buffer's level over the time, falling while it plays and up with each segment."""
    points = [(0.0, 0.0)]
    for each in session.fetches:
        arrived_s, left_s = each.asked_s + each.took_s, max(0.0, each.buffer_s - each.took_s)
        gained_s = session.ladder.segment_s if each.is_whole else 0.0
        points += [
            (each.asked_s, each.buffer_s),
            (arrived_s, left_s),
            (arrived_s, left_s + gained_s),
        ]
    return Series(label, "s", tuple(points))


def rung_series(session: Session, label: str) -> Series:
    """Return the bit rate asked for, over the time: each holds until the next."""
    rates = session.ladder.bitrates_kbps
    points = [(each.asked_s, float(rates[each.rung])) for each in session.fetches]
    last = session.fetches[-1]
    return Series(label, "kbit/s", (*points, (last.asked_s + last.took_s, points[-1][1])))


def lines(session: Session, trace: Trace, columns: int = COLUMNS) -> list[str]:
    """Return the picture, a line each."""
    end_s = session.fetches[-1].asked_s + session.fetches[-1].took_s
    times = [end_s * (column + 0.5) / columns for column in range(columns)]
    line = [trace.at(at_s).bandwidth_kbps for at_s in times]
    rung, buffer = (
        [sample(series.points, at_s) for at_s in times]
        for series in (rung_series(session, ""), buffer_series(session, ""))
    )
    stalled = [_stalls(session, at_s, end_s / columns) for at_s in times]
    return [
        f"line     {sparkline(line)}   {min(line):,.0f} to {max(line):,.0f} kbit/s",
        f"rung     {sparkline(rung)}   {min(rung):,.0f} to {max(rung):,.0f} kbit/s",
        f"buffer   {sparkline(buffer)}   {min(buffer):.0f} to {max(buffer):.0f} s",
        f"stalls   {''.join(' ×'[each] for each in stalled)}   {session.stalled_s:.1f} s",
    ]


def sample(points: Points, at_s: float) -> float:
    """Return the value at that time: the last one that was set before it."""
    return points[max(0, bisect_right(points, (at_s, float("inf"))) - 1)][1]


def _stalls(session: Session, at_s: float, width_s: float) -> bool:
    """Return whether the picture stood still in the column around that time."""
    stalls = (
        (each.asked_s + each.took_s - each.stalled_s, each.asked_s + each.took_s)
        for each in session.fetches
        if each.stalled_s
    )
    return any(begin < at_s + width_s / 2 and end > at_s - width_s / 2 for begin, end in stalls)
