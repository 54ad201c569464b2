"""A trace on the terminal: a waterfall that gives up its bars, then its details, for want of room.

Page: docs/chapters/sim.md
"""

from typing import TYPE_CHECKING

from chapters.commands.screen import console, say

if TYPE_CHECKING:
    from rich.text import Text

    from chapters.sim.trace import Trace
    from chapters.sim.waterfall import Row

START_COLUMNS, DURATION_COLUMNS = 11, 11  # with their gaps
BAR_COLUMNS_MIN, BAR_COLUMNS_MAX = 8, 24


class Reporter:
    """What a story reports to while it runs: `report("a line")`, `report.trace(trace)`."""

    def __call__(self, line: str = "") -> None:
        """Print one line of the story."""
        say(line)

    def trace(self, trace: "Trace | None") -> None:
        """Print a trace as a waterfall, if there is one."""
        if trace is not None:
            show(trace)


def show(trace: "Trace", *, details: bool = False) -> None:
    """Print the waterfall: when, what, how long, and where in the code.

    With `details`, attributes that do not fit beside their span go below it.
    """
    from chapters.sim.waterfall import rows

    found = rows(trace)
    screen = console()
    tree = max((len(row.text) for row in found), default=0)
    room = screen.width - START_COLUMNS - tree - DURATION_COLUMNS
    short = room < max((len(row.place) for row in found), default=0)
    places = [row.place.rpartition("/")[2] if short else row.place for row in found]
    room -= max((len(place) for place in places), default=0)
    for row, place in zip(found, places, strict=True):
        line = _line(row, tree, min(room - 1, BAR_COLUMNS_MAX))
        more = [place] if place else []
        if row.detail and (details or len(line) + len(place) + 2 + len(row.detail) <= screen.width):
            more.append(row.detail)
        for each in more:
            fits = len(line.plain.splitlines()[-1]) + len(each) <= screen.width
            line.append(each if fits else f"\n{' ' * START_COLUMNS}{each}", style="dim")
            line.append("  ")
        line.rstrip()
        screen.print(line, soft_wrap=True)


def _line(row: "Row", tree: int, columns: int) -> "Text":
    from rich.text import Text

    from chapters.sim.waterfall import bar

    line = Text(f"{row.start:>{START_COLUMNS - 2}}  ", style="dim")
    colour = "red" if row.failed else "none"
    line.append(row.text.ljust(tree), style=colour)
    if columns >= BAR_COLUMNS_MIN:
        line.append(f" {bar(row, columns)}", style="red" if row.failed else "cyan")
    line.append(f" {row.duration:>{DURATION_COLUMNS - 3}}  ", style="none")
    return line
