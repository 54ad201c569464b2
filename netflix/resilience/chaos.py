"""Kill something every day, in office hours, so that it is no news when it happens at night.

Invariants: never the last of a group; never more than one of a group a day; never outside office hours;
nothing that has opted out. Chosen by a seed and the day, so that everybody can see why.
Source: Netflix, "The Netflix Simian Army", 2011. Page: docs/netflix/chaos.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chapters.sim.chance import Chance

BEGINS, ENDS = 9, 15  # hours in which people are there to look
WORKING_DAYS = 5
SAFE = 2  # of a group so small none is taken


@dataclass(frozen=True, slots=True)
class Group:
    """Machines that do the same; `probability` that one dies on a working day, 0 to opt out."""

    members: Sequence[str]
    probability: float = 1.0


def victims(
    groups: Mapping[str, Group], when: datetime, seed: int
) -> list[tuple[datetime, str, str]]:
    """Return who dies on that day, and when: (time, group, member), in the order of time.

    Nobody on a weekend. The same day and seed give the same victims.
    """
    if when.weekday() >= WORKING_DAYS:
        return []
    found = []
    for name, group in sorted(groups.items()):
        rng = Chance(seed).stream(f"{when:%Y-%m-%d} {name}")
        dies, hour, minute = rng.random(), rng.randrange(BEGINS, ENDS), rng.randrange(60)
        if dies < group.probability and len(group.members) >= SAFE:
            at = when.replace(hour=hour, minute=minute, second=0, microsecond=0)
            found.append((at, name, rng.choice(sorted(group.members))))
    return sorted(found)
