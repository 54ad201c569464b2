"""What goes wrong, and when, as one line of text; and the smallest such line that still does harm.

    120ms:kill:a,300ms:restart:a,1s:cut:a:b        fits on a command line, and reads back exactly

Invariant: `Schedule.parse(str(schedule)) == schedule`. `shrink` is Zeller's delta debugging: it
returns a schedule from which no single fault can be left out, in O(n²) runs at worst and
O(log n) when one fault is to blame. Source: Zeller and Hildebrandt, *Simplifying and isolating
failure-inducing input* (2002). Page: docs/chapters/sim.md
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from chapters.sim.clock import MS, US, S
from chapters.sim.errors import BadSchedule

T = TypeVar("T")

FAULTS_MAX = 1_000  # one schedule; more is noise, and would not fit on a command line

_UNITS = {"s": S, "ms": MS, "us": US, "ns": 1}
_BLOWS = (("kill", "restart"), ("crash", "restart"), ("pause", "resume"), ("cut", "heal"))
_INSTANT = re.compile(r"(\d+)(ns|us|ms|s)")
_WORD = re.compile(r"[A-Za-z0-9_./+-]+")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """`kind` happens to `args` at `at_ns`; what kinds there are, the simulation says."""

    at_ns: int
    kind: str
    args: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ":".join((instant_text(self.at_ns), self.kind, *self.args))


@dataclass(frozen=True, slots=True)
class Schedule:
    """Faults in order of time."""

    faults: tuple[Fault, ...] = ()

    @staticmethod
    def of(faults: Sequence[Fault]) -> "Schedule":
        """Return the schedule of these faults, sorted by time."""
        return Schedule(tuple(sorted(faults)))

    @staticmethod
    def parse(text: str) -> "Schedule":
        """Return the schedule that `text` writes down; raises `BadSchedule`."""
        words = [word for word in text.split(",") if word.strip()]
        if len(words) > FAULTS_MAX:
            raise BadSchedule(f"{len(words)} faults are more than a schedule's {FAULTS_MAX}")
        return Schedule.of([_fault(word.strip()) for word in words])

    def __str__(self) -> str:
        return ",".join(map(str, self.faults))

    def __len__(self) -> int:
        return len(self.faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.faults)


def shrink(schedule: Schedule, still_fails: Callable[[Schedule], bool]) -> Schedule:
    """Return a smallest part of `schedule` that still fails: none of its faults is superfluous."""
    return Schedule(tuple(ddmin(schedule.faults, lambda part: still_fails(Schedule(tuple(part))))))


def ddmin(items: Sequence[T], still_fails: Callable[[Sequence[T]], bool]) -> list[T]:
    """Return a part of `items`, in order, that fails, and that loses the failure with any item.

    `still_fails(items)` must be true to begin with. At most O(n²) calls.
    """
    if still_fails([]):
        return []
    items, pieces = list(items), 2
    while len(items) > 1:
        for kept in _complements(items, pieces):
            if still_fails(kept):
                items, pieces = kept, max(pieces - 1, 2)
                break
        else:
            if pieces == len(items):
                break
            pieces = min(pieces * 2, len(items))
    return items


def _complements(items: list[T], pieces: int) -> Iterator[list[T]]:
    """Yield `items` without its first, second, … of `pieces` pieces of about the same length."""
    edges = [len(items) * edge // pieces for edge in range(pieces + 1)]
    for start, end in pairwise(edges):
        yield items[:start] + items[end:]


def storm(
    *,
    rng: random.Random,
    names: Sequence[str],
    until_ns: int,
    faults: int,
    peers: Sequence[str] = (),
) -> Schedule:
    """Return a random schedule that ends well: every blow is followed by its mending.

    So a run that fails to recover has itself to blame. `names` may be struck in every way, `peers`
    only be cut off.
    """
    events = [event for _ in range(faults) for event in _episode(rng, names, peers, until_ns)]
    return Schedule.of(events)


def _episode(
    rng: random.Random, names: Sequence[str], peers: Sequence[str], until_ns: int
) -> tuple[Fault, Fault]:
    everyone = [*names, *peers]
    blows = _BLOWS if len(everyone) > 1 else _BLOWS[:-1]
    kind, mending = rng.choice(blows)
    # Whole milliseconds keep the text short.
    first, last = sorted(rng.randrange(1, max(2, until_ns // MS)) * MS for _ in range(2))
    args = tuple(rng.sample(everyone, 2)) if kind == "cut" else (rng.choice(names),)
    return Fault(first, kind, args), Fault(last, mending, args)


def instant_text(instant_ns: int) -> str:
    """Return the instant exactly, in the largest unit that divides it: `120ms`, `1500us`."""
    unit = next(unit for unit, scale in _UNITS.items() if instant_ns % scale == 0)
    return f"{instant_ns // _UNITS[unit]}{unit}"


def instant(text: str) -> int:
    """Return the nanoseconds that `text` writes, such as `120ms`; raises `BadSchedule`."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise BadSchedule(f"{text!r} is not a time; write a number and ns, us, ms or s: 120ms")
    return int(match[1]) * _UNITS[match[2]]


def _fault(word: str) -> Fault:
    when, *rest = word.split(":")
    if not rest or not all(_WORD.fullmatch(part) for part in rest):
        raise BadSchedule(f"{word!r} is not a fault; write time:kind:names, like 120ms:kill:a")
    return Fault(instant(when), rest[0], tuple(rest[1:]))
