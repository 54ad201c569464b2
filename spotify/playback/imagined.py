"""An evening of one listener among many: whole albums, old favourites, now and then something new.

    next on the album 55 %    a favourite, heard before 25 %    something else, by popularity 20 %

The edge is warm, as others have been there before: with popular songs, that is, and not with all.
Page: docs/spotify/playback.md
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from random import Random
from statistics import median

from chapters.cache.s3fifo import S3Fifo
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from spotify.delivery.edge import BLOCK_BYTES, Edge
from spotify.playback.listening import Heard, Line, Listener, Song

ALBUMS, TRACKS = 120, 10  # of the catalogue
KBPS, VARIES = 128, 0.15
LENGTH_S = (150, 260)
EDGE_BYTES = 450 * 1024 * 1024  # an eighth of the catalogue
WARMING = 1_500  # tracks that others asked this edge for
NEXT, AGAIN = 0.55, 0.25
SKIPPED, SKIPPED_AFTER_S = 0.3, (2, 30)


@dataclass(frozen=True, slots=True)
class Evening:
    """What the listener waited for: all starts, and how each was."""

    heard: tuple[Heard, ...]

    def starts_ms(self, *, cold_only: bool = False) -> list[float]:
        """Return the waits for the first sound in milliseconds, sorted."""
        return sorted(
            1000 * each.start_s for each in self.heard if not (cold_only and each.was_kept)
        )

    @property
    def kept(self) -> float:
        """Return the share of starts for which the beginning was there already."""
        return sum(each.was_kept for each in self.heard) / len(self.heard)

    @property
    def stuttered(self) -> float:
        """Return the share of tracks that stopped on the way."""
        return sum(each.stopped_s > 0 for each in self.heard) / len(self.heard)

    def median_ms(self, *, cold_only: bool = False) -> float:
        """Return the median wait."""
        return median(self.starts_ms(cold_only=cold_only))

    def p99_ms(self, *, cold_only: bool = False) -> float:
        """Return the wait that one in a hundred exceeds."""
        starts = self.starts_ms(cold_only=cold_only)
        return starts[min(len(starts) - 1, int(0.99 * len(starts)))]


def evening(
    *, seed: int = 7, taps: int = 400, line: Line = Line(), prefetching: bool = True
) -> Evening:
    """Let a listener tap so often, and return how long they waited."""
    at_least(1, taps=taps)
    chance = Chance(seed)
    catalogue = list(_catalogue(chance.stream("catalogue")))
    rng = chance.stream("listener")
    edge = _warm(catalogue, chance.stream("others"))
    listener = Listener(edge, line)
    heard, album, place, old = [], 0, 0, [(0, 0)]
    for _ in range(taps):
        album, place = _tapped(rng, album, place, old)
        old.append((album, place))
        song = catalogue[album][place]
        following = catalogue[album][place + 1] if prefetching and place + 1 < TRACKS else None
        for_s = rng.uniform(*SKIPPED_AFTER_S) if rng.random() < SKIPPED else float("inf")
        heard.append(listener.hear(song, following, for_s))
    return Evening(tuple(heard))


def _catalogue(rng: Random) -> Iterator[list[Song]]:
    for album in range(ALBUMS):
        yield [_song(rng, f"/{album}/{track}") for track in range(TRACKS)]


def _song(rng: Random, name: str) -> Song:
    count = rng.randrange(*LENGTH_S)
    sizes = tuple(int(rng.gauss(1, VARIES) * KBPS * 125) for _ in range(count))
    return Song(name, 150, (sizes[0] // 50, *sizes), (0.02, *[1.0] * count))


def _popular(rng: Random) -> int:
    """An album by popularity: the n-th is asked for about 1/n as often as the first."""
    return min(ALBUMS - 1, int(ALBUMS ** rng.random()) - 1)


def _warm(catalogue: list[list[Song]], rng: Random) -> Edge:
    edge = Edge("edge-1", partial(S3Fifo, EDGE_BYTES))
    nothing = bytes(BLOCK_BYTES)
    for _ in range(WARMING):
        song = catalogue[_popular(rng)][rng.randrange(TRACKS)]
        for number in edge.missing(song.name, 0, song.begin(len(song.sizes))):
            edge.keep(song.name, number, nothing)
    return edge


def _tapped(rng: Random, album: int, place: int, old: list[tuple[int, int]]) -> tuple[int, int]:
    drawn = rng.random()
    if drawn < NEXT and place + 1 < TRACKS:
        return album, place + 1
    if drawn < NEXT + AGAIN:
        return rng.choice(old)
    return _popular(rng), rng.randrange(TRACKS)
