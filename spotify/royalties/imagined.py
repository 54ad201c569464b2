"""A month of listening: many who hear everything, a few fans, and a machine that never sleeps.

Page: docs/spotify/royalties.md
"""

from collections import Counter
from random import Random

from spotify.royalties.shares import Plays

STARS, NICHE, MACHINE = "a star", "a niche", "the machine's own"
LISTENERS, FANS = 1000, 50
MACHINE_PLAYS = 24 * 120 * 30  # 31 seconds each, day and night


def month(rng: Random, *, with_machine: bool = True) -> Plays:
    """Return plays by listener and payee."""
    found: dict[str, Counter[str]] = {}
    for number in range(LISTENERS):
        heard = rng.randrange(50, 900)
        stars = int(heard * rng.uniform(0.5, 0.9))
        others = {f"artist {rng.randrange(40):02d}": 0 for _ in range(8)}
        own = Counter({STARS: stars})
        for _ in range(heard - stars):
            own[rng.choice(list(others))] += 1
        found[f"listener {number}"] = own
    for number in range(FANS):
        found[f"fan {number}"] = Counter({NICHE: rng.randrange(20, 80), STARS: rng.randrange(5)})
    if with_machine:
        found["machine"] = Counter({MACHINE: MACHINE_PLAYS})
    return found
