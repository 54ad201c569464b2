"""A city of viewers with tastes, and what they have watched: where a page can be judged by what came next.

Page: docs/netflix/rows.md
"""

from dataclasses import dataclass

import numpy as np

from chapters.recommend.generated import Oracle, world
from chapters.recommend.interactions import Interactions, split_by_time
from netflix.catalogue import Entry, TitleId
from netflix.recs.home import View

GENRES = (
    "Drama",
    "Comedy",
    "Science",
    "Action",
    "Family",
    "Documentary",
)  # one for each kind of taste
FIRST = (
    "Silent",
    "Northern",
    "Paper",
    "Second",
    "Golden",
    "Broken",
    "Salt",
    "Winter",
    "Electric",
    "Distant",
)
SECOND = (
    "Harbour",
    "Orbit",
    "Kitchen",
    "Signal",
    "Garden",
    "Letters",
    "Empire",
    "Choir",
    "Bridge",
    "Season",
)
LATER = 0.2  # of each viewer's views: what a page is judged by
DAYS_MS = 30 * 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class City:
    """A catalogue, what was watched first, and what each viewer watched next."""

    catalogue: tuple[Entry, ...]
    views: tuple[View, ...]
    later: dict[str, set[str]]
    oracle: Oracle


def city(seed: int, viewers: int, titles: int, each: int) -> City:
    """Return a city of a seed. Raises `UsageError`."""
    made = world(np.random.default_rng(seed), viewers, titles, each)
    catalogue = tuple(
        Entry(TitleId(f"t{number}"), name_of(number), _genres(kinds))
        for number, kinds in enumerate(made.kinds)
    )
    earlier, later = split_by_time(made.data, LATER)
    next_ones: dict[str, set[str]] = {}
    for view in _views(later):
        next_ones.setdefault(view.profile, set()).add(view.title)
    return City(catalogue, tuple(_views(earlier)), next_ones, Oracle(made.appeal))


def name_of(number: int) -> str:
    """Return a title's name: another one for each number."""
    rest, second = divmod(number, len(SECOND))
    season, first = divmod(rest, len(FIRST))
    return f"{FIRST[first]} {SECOND[(second + first) % len(SECOND)]}" + (
        f" {season + 1}" if season else ""
    )


def _genres(kinds: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[str, ...]:
    """The two kinds that a title has most of."""
    return tuple(GENRES[kind] for kind in np.argsort(-kinds)[:2])


def _views(data: Interactions) -> list[View]:
    rows = zip(data.users.tolist(), data.items.tolist(), data.times.tolist(), strict=True)
    return [
        View(f"viewer-{user}", f"t{item}", time * DAYS_MS // 1_000_000) for user, item, time in rows
    ]
