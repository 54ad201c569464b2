"""Made for you: a list for each listener, what goes together, and which row comes first.

Page: docs/spotify/weekly.md
"""

from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from statistics import mean

import numpy as np

from chapters.batch import executor
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from spotify.recs.home import HOUR_MS, IN_SIGHT, ROWS, SOURCE, Rows
from spotify.recs.together import Together
from spotify.recs.town import GENRES, Town, town
from spotify.recs.weekly import COUNT, Lists, choose, weekly

TITLE = "Made for you: a list for Monday, what goes together, which row first"
NEAR = 10
LOOKED_AT = 200  # tracks whose neighbours are judged
# How often a row that is in sight leads to a track, in the imagined town: (morning, evening).
TRUE = dict(zip(ROWS, [(0.05, 0.25), (0.30, 0.10), (0.08, 0.20), (0.12, 0.05)], strict=True))


def demo(*, seed: int = 7, listeners: int = 300, pages: int = 4000, workers: int = 1) -> None:
    """Make everybody's list, and judge it by what they heard next; then neighbours, and rows."""
    at_least(1, listeners=listeners, pages=pages, workers=workers)
    chance = Chance(seed)
    made = town(np.random.default_rng(seed), listeners)
    with executor(workers=workers) as pool:
        lists = weekly(made.plays, made.artists, {}, pool)
    print(f"{len(made.plays):,} plays by {listeners} listeners of {len(made.artists)} tracks\n")
    print(f"Of what is heard for the first time in the next week, in {COUNT} tracks:")
    for name, own in ways(made, lists).items():
        print(f"  {name:28} {found(made, own):6.1%}")
    together = Together(made.plays, np.random.default_rng(seed))
    print(f"\nOf the {NEAR} tracks heard most in the company of one, of its genre: ", end="")
    print(f"{alike(made, together):.0%}; by chance {1 / GENRES:.0%}\n")
    print(f"Pages, of {pages:,}, from which something was begun:")
    for name, share in orders(chance.stream("home"), pages).items():
        print(f"  {name:28} {share:6.1%}")


def ways(made: Town, lists: Lists) -> dict[str, Lists]:
    """Return the lists beside two others: the same for all, and by what only the town knows."""
    had: dict[str, set[str]] = {}
    for play in made.plays:
        had.setdefault(play.user, set()).add(play.track)
    popular = [track for track, _ in Counter(play.track for play in made.plays).most_common()]
    return {
        "what most hear": {user: choose(popular, had[user], made.artists) for user in lists},
        "a list for each": lists,
        "if tastes were known": {
            user: choose(_best(made.liking[user]), had[user], made.artists) for user in lists
        },
    }


def _best(liking: Mapping[str, float]) -> list[str]:
    return sorted(liking, key=lambda track: (-liking[track], track))


def found(made: Town, lists: Lists) -> float:
    """Return the share of what listeners heard for the first time that was in their list, on average."""
    return mean(len(new & set(lists[user])) / len(new) for user, new in made.later.items())


def alike(made: Town, together: Together) -> float:
    """Return how many of a track's neighbours are of its genre, on average."""
    return mean(
        mean(made.genres[each] == made.genres[track] for each in together.near(track, NEAR))
        for track in together.tracks[:LOOKED_AT]
    )


def orders(rng: Random, pages: int) -> dict[str, float]:
    """Return for each way to order the rows: the share of pages from which something was begun."""
    rows = Rows(ROWS, rng=rng)
    return {
        "always the same": _tried(rng, pages, lambda at_ms: list(ROWS)),
        "by lot": _tried(rng, pages, lambda at_ms: rng.sample(ROWS, len(ROWS))),
        "learnt for each part of a day": _tried(rng, pages, lambda at_ms: rows.order("u", at_ms), rows),
    }  # fmt: skip


def _tried(
    rng: Random, pages: int, order: Callable[[int], list[str]], rows: Rows | None = None
) -> float:
    begun = 0
    for page in range(pages):
        evening = page % 2
        in_sight = order((8 + 12 * evening) * HOUR_MS)[:IN_SIGHT]
        name = next((each for each in in_sight if rng.random() < TRUE[each][evening]), "")
        begun += bool(name)
        if name and rows:
            rows.begun("u", f"{SOURCE}{name}")
    return begun / pages
