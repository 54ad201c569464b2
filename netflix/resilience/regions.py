"""A whole region is lost. Where do its viewers go, how fast, and what must be there before they come?

    us-east  ▇▇▇ ✘          detect ──► more machines elsewhere ──► names lead elsewhere, as answers expire
    us-west  ▇▇  ──► ▇▇▇▇
    eu-west  ▇▇  ──► ▇▇▇

Invariants: a share of the lost traffic goes to each region that lives, in proportion to the room that it
has; together they are all of it; so no region is sent more than it has room for while another has room.
Source: Netflix, "Evolution of Netflix Region Evacuation", 2018 (seven minutes in place of fifty).
Page: docs/netflix/regions.md
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from netflix.errors import Unreachable

DETECT_S = 60  # until it is believed
SCALE_S = 180  # until machines that are asked for do work
NAME_TTL_S = 60  # how long an answer of the name service is used
MINUTE_S = 60
COLLAPSED = (
    0.1  # of its capacity, what an overloaded region that lets everybody in still answers in time
)


@dataclass(frozen=True, slots=True)
class Region:
    """Plays a second that a region is asked for, and how many it can do."""

    demand: float
    capacity: float


REGIONS = {
    "us-east": Region(1_000, 1_300),
    "us-west": Region(600, 800),
    "eu-west": Region(800, 1_100),
}


def shares(lost: str, regions: Mapping[str, Region], grown: float = 1.0) -> dict[str, float]:
    """Return where the traffic of a lost region goes: a share for each of the others, which add up to 1.

    In proportion to the room that each has when its capacity has `grown`; evenly where nobody has any.
    Raises `Unreachable` when no other region is left.
    """
    others = {name: each for name, each in regions.items() if name != lost}
    if not others:
        raise Unreachable(f"{lost} is the only region; there is nowhere to go")
    room = {name: max(0.0, grown * each.capacity - each.demand) for name, each in others.items()}
    total = sum(room.values())
    if not total:
        return dict.fromkeys(others, 1 / len(others))
    return {name: each / total for name, each in room.items()}


@dataclass(slots=True)
class Evacuated:
    """Second by second: plays that failed, and where the lost region's traffic was."""

    failed: list[float] = field(default_factory=list)
    asked: float = 0.0
    moved: list[float] = field(default_factory=list)  # the share that has gone elsewhere

    @property
    def failed_share(self) -> float:
        """Return the share of all plays that failed."""
        return sum(self.failed) / max(1.0, self.asked)


def outage(
    lost: str,
    minutes: int,
    regions: Mapping[str, Region] = REGIONS,
    *,
    evacuate: bool = True,
    scale_first: bool = False,
    shed: bool = True,
    grown: float = 1.6,
) -> Evacuated:
    """Lose a region for some minutes, second by second.

    Plays that are too many for a region fail; where it does not `shed`, nearly all of its plays do:
    COLLAPSED, and kit run netflix/resilience shows why.
    """
    found = Evacuated()
    begins_s = DETECT_S + (SCALE_S if scale_first else 0)
    growth = grown if evacuate else 1.0
    going = shares(lost, regions, growth)
    for second in range(minutes * MINUTE_S):
        is_grown = evacuate and second >= DETECT_S + SCALE_S
        moved = _moved(second - begins_s) if evacuate else 0.0
        failed = regions[lost].demand * (1 - moved)
        for name, share in going.items():
            region = regions[name]
            capacity = region.capacity * (growth if is_grown else 1.0)
            asked = region.demand + share * moved * regions[lost].demand
            failed += max(0.0, asked - capacity * (1 if shed or asked <= capacity else COLLAPSED))
        found.failed.append(failed)
        found.moved.append(moved)
        found.asked += sum(each.demand for each in regions.values())
    return found


def _moved(since_s: int) -> float:
    """The share that asks elsewhere so long after the names were changed: answers expire one by one."""
    return min(1.0, max(0.0, since_s / NAME_TTL_S))
