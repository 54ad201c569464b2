"""Thirty tracks for everybody, every Monday: not heard yet, and near to what was.

    plays ─► factors of tracks, once ─┬─► 500 listeners ─► their lists      tasks of a batch: one by
             (ALS)                    └─► 500 listeners ─► …                one, on all cores, on Dask

    one list    best first ─► not heard ─► not in last week's ─► at most 2 of an artist ─► 30

Whoever has heard nothing gets what most hear. Invariant: the same plays give the same lists, whoever
computes them and how often: so a task whose worker dies is simply run again. Page: docs/spotify/weekly.md
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from chapters.batch.executor import Executor
from chapters.recommend.als import Factors, ImplicitAls, half_step
from spotify.events.play import Play

COUNT = 30
OF_ARTIST_MAX = 2
CHUNK = 500  # listeners a task
REGULARIZATION, ALPHA = 10.0, 5.0
POPULAR = 1e-3  # what being popular adds to a score: it decides where nothing else does


@dataclass(frozen=True, slots=True)
class Task:
    """Some listeners, and all that is needed for their lists; tracks by place."""

    name: str
    histories: tuple[tuple[str, tuple[int, ...]], ...]
    last: Mapping[str, frozenset[str]]
    tracks: tuple[str, ...]
    artists: tuple[str, ...]
    factors: Factors
    popular: tuple[float, ...]


Lists = dict[str, list[str]]


def weekly(
    plays: Iterable[Play],
    artists: Mapping[str, str],
    last: Mapping[str, frozenset[str]],
    pool: Executor,
    *,
    listeners: Iterable[str] = (),
) -> Lists:
    """Return a list for each who heard something, and for `listeners`; `artists`: of all tracks.

    `last` is what was in each one's last list.
    """
    heard: dict[str, set[int]] = {name: set() for name in listeners}
    tracks = tuple(sorted(artists))
    places = {track: place for place, track in enumerate(tracks)}
    counts = np.zeros(len(tracks))
    for play in plays:
        if play.counts and play.track in places:
            heard.setdefault(play.user, set()).add(places[play.track])
            counts[places[play.track]] += 1
    popular = tuple((POPULAR * counts / max(1.0, counts.max(initial=0))).tolist())
    rows = [(user, tuple(sorted(own))) for user, own in sorted(heard.items())]
    factors = learnt([own for _, own in rows], len(tracks))
    of = tuple(artists[track] for track in tracks)
    tasks = [
        Task(f"{start}", tuple(part), _only(last, part), tracks, of, factors, popular)
        for start in range(0, len(rows), CHUNK)
        for part in [rows[start : start + CHUNK]]
    ]
    found = pool.map(compute, tasks, key=lambda task: task.name)
    return {user: own for part in found for user, own in part.items()}


def learnt(histories: Sequence[tuple[int, ...]], tracks: int) -> Factors:
    """Return the factors of the tracks."""
    model = ImplicitAls(
        regularization=REGULARIZATION, alpha=ALPHA, rng=np.random.default_rng(tracks)
    )
    model.fit(matrix(histories, tracks))
    return model.items


def compute(task: Task) -> Lists:
    """Return the lists of one task's listeners."""
    seen = matrix([own for _, own in task.histories], len(task.tracks))
    users = half_step(seen, task.factors, REGULARIZATION, ALPHA)
    scores = users @ task.factors.T + np.array(task.popular)
    artists = dict(zip(task.tracks, task.artists, strict=True))
    found: Lists = {}
    for (user, own), row in zip(task.histories, scores, strict=True):
        order = [task.tracks[place] for place in np.argsort(-row, kind="stable")]
        left_out = {task.tracks[place] for place in own} | task.last.get(user, frozenset())
        found[user] = choose(order, left_out, artists)
    return found


def choose(
    order: Iterable[str],
    left_out: set[str] | frozenset[str],
    artists: Mapping[str, str],
    count: int = COUNT,
    of_artist_max: int = OF_ARTIST_MAX,
) -> list[str]:
    """Return the first `count` of `order` without those left out, at most so many of an artist.

    When that leaves places empty, those that were one too many of their artist fill them, in order.
    """
    taken: list[str] = []
    spare: list[str] = []
    of: Counter[str] = Counter()
    for track in order:
        if track not in left_out:
            of[artists[track]] += 1
            (taken if of[artists[track]] <= of_artist_max else spare).append(track)
    return (taken + spare)[:count]


def matrix(histories: Sequence[tuple[int, ...]], tracks: int) -> csr_array:
    """Return listeners × tracks, 1 where something was heard."""
    rows = [row for row, own in enumerate(histories) for _ in own]
    columns = [place for own in histories for place in own]
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(histories), tracks))


def _only(
    last: Mapping[str, frozenset[str]], part: Sequence[tuple[str, tuple[int, ...]]]
) -> dict[str, frozenset[str]]:
    return {user: last[user] for user, _ in part if user in last}
