"""What a broken system still owes you: promises, each with a verdict, and how to see it again.

`kit break` runs a `FaultStory` and prints its `Outcome`. A promise that does not hold is reported
as plainly as one that does. Page: docs/chapters/sim.md
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """One promise and whether it held; `detail` says by how much, with units."""

    promise: str
    held: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Series:
    """A measured line, to be drawn as a sparkline or a plot: (x, y) pairs, y in `unit`."""

    label: str
    unit: str
    points: tuple[tuple[float, float], ...]

    @property
    def values(self) -> list[float]:
        """Return the y values alone."""
        return [y for _, y in self.points]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened when a fault was injected; `replay` is the command that shows it again."""

    title: str
    verdicts: tuple[Verdict, ...]
    lines: tuple[str, ...]
    next_commands: tuple[str, ...]
    replay: str
    series: tuple[Series, ...] = ()

    @property
    def held(self) -> bool:
        """Return whether every promise held."""
        return all(verdict.held for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class FaultStory:
    """A fault that can be injected; `run`'s keyword parameters with defaults are its knobs."""

    name: str
    summary: str
    run: Callable[..., Outcome]

    @property
    def knobs(self) -> Mapping[str, inspect.Parameter]:
        """Return the parameters of `run` by name."""
        return inspect.signature(self.run).parameters
