"""Tracks that are heard together: whoever is near in somebody's evening is near here.

    plays of one listener   a b c │ half an hour of nothing │ d e      sessions
    pairs within WINDOW     ab ac bc                          de       counted both ways
    PPMI                    log of how much oftener than by chance, at least 0
    SVD                     what of it is most: a vector for each track

It knows nothing of sound and nothing of people, and puts a song beside what is played beside it. Source:
Levy & Goldberg, "Neural Word Embedding as Implicit Matrix Factorization", NeurIPS 2014: what word2vec
learns from sentences, and item2vec from evenings, is nearly this. Page: docs/spotify/weekly.md
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import svds

from chapters.ann import Brute, unit
from chapters.sim.errors import at_least
from spotify.events.play import Play

GAP_MS = 30 * 60_000  # a longer silence, and it is another evening
WINDOW = 5  # tracks: what is further apart was not heard together
DIMENSIONS = 32
SVD_MIN = 3  # tracks: fewer have no directions to speak of
LENGTH_MIN = 1e-9

Pairs = Mapping[tuple[str, str], int]


def sessions(plays: Iterable[Play]) -> Iterator[list[str]]:
    """Yield each listener's tracks in the order heard, cut where nothing was heard for `GAP_MS`.

    A play of less than 30 s does not count: it was skipped.
    """
    own: dict[str, list[Play]] = {}
    for play in plays:
        if play.counts:
            own.setdefault(play.user, []).append(play)
    for heard in own.values():
        heard.sort(key=lambda play: (play.at_ms, play.id))
        session = [heard[0].track]
        for before, play in pairwise(heard):
            if play.at_ms - (before.at_ms + before.played_ms) > GAP_MS:
                yield session
                session = []
            session.append(play.track)
        yield session


def pairs(heard: Iterable[Sequence[str]], window: int = WINDOW) -> Pairs:
    """Return how often two tracks were at most `window` apart, both ways; never a track with itself."""
    at_least(1, window=window)
    counts: Counter[tuple[str, str]] = Counter()
    for session in heard:
        for place, track in enumerate(session):
            for other in session[place + 1 : place + 1 + window]:
                if other != track:
                    counts[track, other] += 1
                    counts[other, track] += 1
    return counts


def surprise(counts: Pairs) -> dict[tuple[str, str], float]:
    """Return for each pair log (count · all / (count of one · count of the other)), where above 0.

    Chance alone would give 0.
    """
    own: Counter[str] = Counter()
    for (track, _), count in counts.items():
        own[track] += count
    total = own.total()
    told = {
        pair: float(np.log(count * total / (own[pair[0]] * own[pair[1]])))
        for pair, count in counts.items()
    }
    return {pair: value for pair, value in told.items() if value > 0}


class Together:
    """A vector for each track that was heard beside another, and which are near it.

    The index is the exact one; another of `chapters.ann` could stand in for it. Tracks without enough
    company to have a direction are left out.
    """

    def __init__(self, plays: Iterable[Play], rng: np.random.Generator) -> None:
        values = surprise(pairs(sessions(plays)))
        names = sorted({track for track, _ in values})
        vectors = reduced(values, names, rng)
        kept = np.linalg.norm(vectors, axis=1) > LENGTH_MIN
        self.tracks = [name for name, keep in zip(names, kept, strict=True) if keep]
        self._places = {track: place for place, track in enumerate(self.tracks)}
        self._vectors = unit(vectors[kept])
        self._index = Brute(self._vectors) if self.tracks else None

    def __contains__(self, track: str) -> bool:
        return track in self._places

    def near(self, track: str, count: int) -> list[str]:
        """Return the tracks heard most in the same company, nearest first; none for a lonely one."""
        if self._index is None or track not in self._places:
            return []
        place = self._places[track]
        found, _ = self._index.search(self._vectors[place : place + 1], count + 1)
        return [self.tracks[each] for each in found[0] if each != place][:count]


def reduced(
    values: Mapping[tuple[str, str], float], names: Sequence[str], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return names × dimensions: the directions in which the table of `values` is largest."""
    size = len(names)
    if size < SVD_MIN:
        return np.zeros((size, 1))
    places = {name: place for place, name in enumerate(names)}
    rows, columns = zip(*((places[one], places[other]) for one, other in values), strict=True)
    matrix = csr_array((list(values.values()), (rows, columns)), shape=(size, size))
    start = rng.standard_normal(size)
    left, strengths, _ = svds(matrix, k=min(DIMENSIONS, size - 1), v0=start)
    found: NDArray[np.float64] = left * np.sqrt(strengths)
    return found
