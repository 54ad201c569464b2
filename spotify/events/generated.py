"""Plays as players report them: most once, some again, in any order, and a few that cannot be.

Page: docs/spotify/events.md
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from spotify.catalogue.track import Track
from spotify.events.play import COUNTS_MS

Report = dict[str, Any]
USERS = 50
DAY_MS = 24 * 3_600_000


def reports(tracks: Sequence[Track], rng: Random, count: int, begin_ms: int) -> list[Report]:
    """Return reports of `count` plays in a day; the n-th track has 1/n of the first one's."""
    found = []
    for _ in range(count):
        track = tracks[min(len(tracks) - 1, int(len(tracks) ** rng.random()) - 1)]
        heard = rng.choice(
            (track.duration_ms, rng.randrange(1000, track.duration_ms + 1), COUNTS_MS)
        )
        found.append({
            "id": f"{rng.getrandbits(96):024x}",
            "user": f"user-{rng.randrange(USERS)}",
            "track": track.id,
            "at_ms": begin_ms + rng.randrange(DAY_MS),
            "played_ms": min(heard, track.duration_ms),
            "source": "page",
        })  # fmt: skip
    return found


def badly(good: Sequence[Report], rng: Random, repeated: float) -> list[Report]:
    """Return the reports in another order, some of them more than once."""
    found = [*good, *(each for each in good if rng.random() < repeated)]
    rng.shuffle(found)
    return found


def impossible(good: Sequence[Report], tracks: Mapping[str, Track], now_ms: int) -> list[Report]:
    """Return one report of each kind that cannot be a play."""
    one = good[0]
    length = tracks[one["track"]].duration_ms
    return [
        one | {"id": "a", "track": "nothing"},
        one | {"id": "b", "played_ms": -1},
        one | {"id": "c", "played_ms": length + 60_000},
        {name: value for name, value in one.items() if name != "id"},
        one | {"id": "e", "at_ms": now_ms + DAY_MS},
        one | {"id": "f", "played_ms": 1.5},
    ]
