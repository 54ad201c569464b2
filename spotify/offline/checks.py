"""What the exercises on offline listening check: who may play, and when to ask anew.

Page: docs/spotify/offline.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.errors import Refused
from spotify.offline.licence import DAY_S, RENEW_S, SKEW_S, VALID_S, Licence, is_due, must_allow

T0 = 1_767_000_000


def _licence() -> Licence:
    return Licence("ada", "phone", T0, T0 + VALID_S, {"a": "00ff"})


def allowed(track: str, now_s: int, seen_s: int, has_licence: bool = True) -> JSON:
    """Ask for the key of a track, at a time after the licence was issued."""
    try:
        return must_allow(_licence() if has_licence else None, track, T0 + now_s, T0 + seen_s)
    except Refused as refused:
        return [refused.status, refused.reason]


def in_time(rng: Random) -> Iterator[Case]:
    yield "a", 0, 0
    yield "a", VALID_S, VALID_S
    yield "a", rng.randrange(VALID_S), 0


def without(rng: Random) -> Iterator[Case]:
    yield "b", 10, 10
    yield "a", 10, 10, False
    yield "b", 2 * VALID_S, 10


def too_late(rng: Random) -> Iterator[Case]:
    yield "a", VALID_S + 1, 0
    yield "a", VALID_S + rng.randrange(1, VALID_S), 0


def turned_back(rng: Random) -> Iterator[Case]:
    yield "a", 1000, 1000 + SKEW_S
    yield "a", 1000, 1000 + SKEW_S + 1
    yield "a", DAY_S, VALID_S + rng.randrange(DAY_S)
    yield "a", VALID_S + 50, VALID_S + 90


def due(now_s: int) -> JSON:
    """Return whether to ask for a new licence."""
    return is_due(_licence(), T0 + now_s)


def moments(rng: Random) -> Iterator[Case]:
    yield (0,)
    yield (VALID_S - RENEW_S - 1,)
    yield (VALID_S - RENEW_S,)
    yield (VALID_S + 5,)
    yield (rng.randrange(VALID_S - RENEW_S),)


def odd_clocks(rng: Random) -> Iterator[Case]:
    yield (-SKEW_S,)
    yield (-SKEW_S - 1,)
    yield (-rng.randrange(SKEW_S + 1, VALID_S),)


STAGES: dict[str, list[Stage]] = {
    "offline-licence": [
        Stage("within its time", in_time, allowed),
        Stage("without a licence for it", without, allowed, needs=(1,)),
        Stage("when its time is over", too_late, allowed, needs=(1,)),
        Stage("a clock that was turned back", turned_back, allowed, needs=(1,)),
    ],
    "licence-renewal": [
        Stage("in the last ten days", moments, due),
        Stage("when the clock cannot be right", odd_clocks, due, needs=(1,)),
    ],
}
