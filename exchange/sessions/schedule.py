"""The day as data: at what time which phase begins, and who says so.

    08:00 PRE_OPEN   08:50 OPENING_AUCTION   09:00 + chance CONTINUOUS   17:30 CLOSING_AUCTION
                                                                         17:35 + chance CLOSED

The schedule has no clock and no effect: asked with a time, it returns the phase changes that are due, and
whoever asked puts them into the journal like orders. So a replay needs neither the schedule nor the chance
that was drawn. An auction ends at a moment that nobody knows, within half a minute, so that nobody can wait
for the last one. Invariant: each phase change is returned once. Page: docs/exchange/auctions.md
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from chapters.sim.clock import S
from exchange.control import Phase, SetPhase
from exchange.errors import within
from exchange.orders import Command
from exchange.sessions.clerks import Clerk

if TYPE_CHECKING:
    from exchange.sequencer import Sequenced

MINUTE_NS = 60 * S
HOUR_NS = 60 * MINUTE_NS
SPREAD_NS = MINUTE_NS // 2  # within which an auction ends by chance
DAY_MINUTES_MAX = 24 * 60  # a day that passes no faster than others


class Slot(NamedTuple):
    """From `at_ns` after midnight on, and up to `spread_ns` later, the phase holds."""

    at_ns: int
    phase: Phase
    spread_ns: int = 0


DAY = (
    Slot(8 * HOUR_NS, Phase.PRE_OPEN),
    Slot(8 * HOUR_NS + 50 * MINUTE_NS, Phase.OPENING_AUCTION),
    Slot(9 * HOUR_NS, Phase.CONTINUOUS, SPREAD_NS),
    Slot(17 * HOUR_NS + 30 * MINUTE_NS, Phase.CLOSING_AUCTION),
    Slot(17 * HOUR_NS + 35 * MINUTE_NS, Phase.CLOSED, SPREAD_NS),
)
# A day that passes in minutes: of its own shape, or an auction would be over before anybody looked.
SHORT = (
    Slot(8 * HOUR_NS, Phase.PRE_OPEN),
    Slot(9 * HOUR_NS, Phase.OPENING_AUCTION),
    Slot(10 * HOUR_NS, Phase.CONTINUOUS, 20 * MINUTE_NS),
    Slot(16 * HOUR_NS, Phase.CLOSING_AUCTION),
    Slot(17 * HOUR_NS + 10 * MINUTE_NS, Phase.CLOSED, 20 * MINUTE_NS),
)
LENGTH_NS = SHORT[-1].at_ns + SHORT[-1].spread_ns - SHORT[0].at_ns  # to the latest end


class Schedule:
    """The phase changes of one day, for some symbols; each symbol's auctions end by its own chance."""

    def __init__(
        self,
        symbols: Iterable[str],
        *,
        rng: Random,
        day: Sequence[Slot] = DAY,
        speed: int = 1,
        starts_ns: int | None = None,
    ) -> None:
        """The first phase begins at `starts_ns`, or when `day` says on the first of all days.

        The day passes `speed` times as fast as it says.
        """
        first_ns = day[0].at_ns
        begins_ns = first_ns if starts_ns is None else starts_ns
        self._waiting: list[tuple[int, SetPhase]] = []
        for symbol in symbols:
            for at_ns, phase, spread_ns in day:
                due_ns = at_ns + (rng.randrange(spread_ns) if spread_ns else 0)
                scaled_ns = begins_ns + (due_ns - first_ns) // speed
                self._waiting.append((scaled_ns, SetPhase(symbol, phase)))
        self._waiting.sort(key=lambda each: each[0])

    @property
    def due_ns(self) -> int | None:
        """Return when the next phase change is due; None once the day is over."""
        return self._waiting[0][0] if self._waiting else None

    @property
    def ends_ns(self) -> int | None:
        """Return when the last phase change is due; None once the day is over."""
        return self._waiting[-1][0] if self._waiting else None

    def resume(self, told: Mapping[str, Phase], now_ns: int) -> None:
        """Forget the phases that have been told, of each symbol up to that one; what is late is due now."""
        for symbol, phase in told.items():
            own = [each for each in self._waiting if each[1].symbol == symbol]
            last = next(n for n, (_, command) in enumerate(own) if command.phase is phase)
            self._waiting = [each for each in self._waiting if each not in own[: last + 1]]
        self._waiting = [(max(at_ns, now_ns), command) for at_ns, command in self._waiting]

    def due(self, now_ns: int) -> list[Command]:
        """Return the phase changes that are due by `now_ns`, each only once.

        Of a symbol's phases that have passed unseen, as the machine was down, only the last is told.
        """
        count = sum(at_ns <= now_ns for at_ns, _ in self._waiting)
        latest = {command.symbol: command for _, command in self._waiting[:count]}
        del self._waiting[:count]
        return list(latest.values())

    def follow(self, done: "Sequenced") -> None:
        """Nothing that happens changes the day."""


def day_of(minutes: int, symbols: Iterable[str], *, rng: Random, starts_ns: int) -> list[Clerk]:
    """Return who tells the phases of a day that passes in so many minutes; nobody, if it is none."""
    if not minutes:
        return []
    return [short_day(minutes, symbols, rng=rng, starts_ns=starts_ns)]


def short_day(minutes: int, symbols: Iterable[str], *, rng: Random, starts_ns: int) -> Schedule:
    """Return the schedule of a day that passes in so many minutes."""
    speed = max(1, LENGTH_NS // (minutes * MINUTE_NS))
    return Schedule(symbols, rng=rng, starts_ns=starts_ns, speed=speed, day=SHORT)


def demo(*, seed: int = 7, minutes: int = 0) -> None:
    """A day's phases of two symbols: the same times, but for the ends of their auctions.

    With `minutes`, a day that passes in so many, from its beginning.
    """
    within(0, DAY_MINUTES_MAX, minutes=minutes)
    names, rng = ["ACME", "GLOBEX"], Random(seed)
    (schedule,) = day_of(minutes, names, rng=rng, starts_ns=0) or [Schedule(names, rng=rng)]
    while (due_ns := schedule.due_ns) is not None:
        for command in schedule.due(due_ns):
            assert isinstance(command, SetPhase)
            shown = timedelta(seconds=due_ns // S)
            print(f"{shown!s:0>8}  {command.symbol:<7} {command.phase.value}")
