"""A town of listeners with tastes, evening after evening: where a list can be judged by what came next.

    each evening    a genre, by the listener's taste; its tracks, the better known more often; some others
    nights          what a model may learn from          later    what is heard for the first time after

Page: docs/spotify/weekly.md
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from chapters.sim.errors import at_least
from spotify.events.play import Play

GENRES = 8
TRACKS_PER_ARTIST = 5
EVENING_TRACKS = 8
FOCUS = 0.25  # of tastes: the less, the fewer genres a listener likes
STRAYS = 0.2  # of an evening's tracks: of any genre
DAY_MS, TRACK_MS = 24 * 3_600_000, 180_000


@dataclass(frozen=True, slots=True)
class Town:
    """Tracks by id with their artist and genre, what was heard, and what is new to each listener later."""

    artists: dict[str, str]
    genres: dict[str, int]
    plays: tuple[Play, ...]
    later: dict[str, set[str]]
    liking: dict[str, dict[str, float]]  # how likely each track is, which only the town knows


def town(
    rng: np.random.Generator, listeners: int = 300, tracks: int = 400, nights: int = 28
) -> Town:
    """Return a town; its last quarter of nights is what lists are judged by. Raises `UsageError`."""
    at_least(1, listeners=listeners)
    at_least(4, nights=nights)
    at_least(GENRES * EVENING_TRACKS * 2, tracks=tracks)
    names = [f"t{number:04}" for number in range(tracks)]
    artists = {name: f"a{place // TRACKS_PER_ARTIST}" for place, name in enumerate(names)}
    genre = np.arange(tracks) // TRACKS_PER_ARTIST % GENRES
    known = 1 / np.arange(1, tracks + 1)[rng.permutation(tracks)] ** 0.7
    tastes = rng.dirichlet(np.full(GENRES, FOCUS), listeners)
    within = [np.where(genre == each, known, 0) for each in range(GENRES)]
    anything = known / known.sum()
    chances = np.stack([STRAYS * anything + (1 - STRAYS) * each / each.sum() for each in within])
    plays = [
        Play(f"{user}-{night}-{place}", f"u{user}", names[track], _at(night, place), TRACK_MS)
        for user in range(listeners)
        for night in range(nights)
        for place, track in enumerate(_evening(rng, tastes[user], chances))
    ]
    cut = _at(nights - nights // 4, 0)
    earlier = tuple(play for play in plays if play.at_ms < cut)
    had = {(play.user, play.track) for play in earlier}
    later: dict[str, set[str]] = {}
    for play in plays:
        if play.at_ms >= cut and (play.user, play.track) not in had:
            later.setdefault(play.user, set()).add(play.track)
    liking = {
        f"u{user}": dict(zip(names, (tastes[user] @ chances).tolist(), strict=True))
        for user in range(listeners)
    }
    return Town(artists, dict(zip(names, genre.tolist(), strict=True)), earlier, later, liking)


def _evening(rng: np.random.Generator, taste: np.ndarray, chances: np.ndarray) -> Iterator[int]:
    """Yield the numbers of an evening's tracks."""
    genre = rng.choice(len(taste), p=taste)
    yield from rng.choice(
        chances.shape[1], EVENING_TRACKS, replace=False, p=chances[genre]
    ).tolist()


def _at(night: int, place: int) -> int:
    return night * DAY_MS + place * TRACK_MS
