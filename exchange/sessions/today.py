"""How far the day had come, by the journal: a server that was killed at noon goes on at noon.

    journal:  PRE_OPEN 9:00:00 │ orders … │ OPENING_AUCTION 9:01:00 │ orders … │ CONTINUOUS 9:02:11 │ ✘
                   ▼                                                                  ▼
              the day began then                                   what is told next comes after that

Nothing else remembers it: the phases are in the journal, as every command is, and when they were told too.
Phases that an operator or a breaker has set are no part of the day. Cost: a look at each record's kind.
Page: docs/exchange/auctions.md
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from chapters.log import Reader
from chapters.sim.clock import S
from chapters.sim.disk import Disk
from exchange.codec import decode, is_phase
from exchange.control import Phase, SetPhase, Why
from exchange.orders import Command
from exchange.sequencer import JOURNAL
from exchange.sessions.clerks import Clerk
from exchange.sessions.schedule import DAY, day_of, short_day

NIGHT_NS = 1 * S  # between a day that ended while nobody was there, and the next


@dataclass(slots=True)
class Today:
    """When the present day began, and the last phase of it that each symbol's market was told."""

    began_ns: int
    told: dict[str, Phase] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Return whether all that was to be told has been."""
        return set(self.told.values()) == {DAY[-1].phase}


def so_far(commands: Iterable[tuple[int, Command]]) -> Today | None:
    """Return the day that a journal's (time, command) pairs are in the middle of; None without one."""
    today: Today | None = None
    for time_ns, command in commands:
        if isinstance(command, SetPhase) and command.why is Why.SCHEDULE:
            begins = command.phase is DAY[0].phase
            if begins and (today is None or command.symbol in today.told):
                today = Today(time_ns)
            if today is not None:
                today.told[command.symbol] = command.phase
    return None if today is None or today.is_over else today


def rest_of(
    today: Today | None, minutes: int, symbols: Iterable[str], *, rng: Random, now_ns: int
) -> list[Clerk]:
    """Return who tells what is left of `today`, or a new day, in so many minutes for a whole one.

    A day that would have ended by now is closed first: its orders must not live on in the next.
    """
    if today is None or not minutes:
        return day_of(minutes, symbols, rng=rng, starts_ns=now_ns)
    names = list(symbols)
    rest = short_day(minutes, names, rng=rng, starts_ns=today.began_ns)
    rest.resume(today.told, now_ns)
    if rest.ends_ns is not None and rest.ends_ns > now_ns:
        return [rest]
    return [rest, *day_of(minutes, names, rng=rng, starts_ns=now_ns + NIGHT_NS)]


def phases(disk: Disk) -> Iterator[tuple[int, Command]]:
    """Yield the changes of phase in a journal, with their times."""
    reader = Reader(disk=disk, name=JOURNAL)
    while records := reader.poll():
        for record in records:
            if is_phase(record.payload):
                yield decode(record.payload)
