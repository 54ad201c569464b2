"""A listener on a simulated line: what they tap, how long they wait, how often it stops.

    tap ─► offer: one round trip ─► pieces, as the policy asks, from an edge that may lack blocks ─► sound

The policy is the one of the page; the edge and its cache are the real ones; only bytes and time are
numbers. Page: docs/spotify/playback.md
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from spotify.delivery.edge import BLOCK_BYTES, Edge, blocks
from spotify.playback.policy import START_S, Hearing, Held, Wanted, wanted

KEPT_TRACKS_MAX = 100  # in the listener's own cache: some 300 MB


@dataclass(frozen=True, slots=True)
class Line:
    """A listener's line: round trip, bits a second, and what an edge takes to fetch what it lacks."""

    trip_s: float = 0.05
    bps: float = 5e6
    origin_s: float = 0.09


@dataclass(frozen=True)
class Song:
    """A track as far as a line cares: a name, a head, and sizes and lengths of its pieces."""

    name: str
    head: int
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]

    def begin(self, piece: int) -> int:
        """Return the byte at which a piece begins; the first one takes the head along."""
        return self._begins[piece] if piece else 0

    @cached_property
    def _begins(self) -> list[int]:
        return [*accumulate(self.sizes, initial=self.head)]

    @cached_property
    def begins_s(self) -> list[float]:
        """Return when each piece begins to sound, and last when the track ends."""
        return [*accumulate(self.seconds, initial=0.0)]

    @property
    def length_s(self) -> float:
        """Return how long the track is."""
        return self.begins_s[-1]


@dataclass(frozen=True, slots=True)
class Heard:
    """How it was: the wait for the first sound, how long it stopped, whether it was kept."""

    start_s: float
    stopped_s: float
    was_kept: bool


class Listener:
    """One listener with a cache of their own, in time that is only counted."""

    def __init__(self, edge: Edge, line: Line) -> None:
        self._edge, self._line = edge, line
        self._kept: OrderedDict[str, list[bool]] = OrderedDict()

    def hear(self, song: Song, following: Song | None, for_s: float) -> Heard:
        """Play a track for so many seconds, or to its end; fetch what the policy says meanwhile."""
        here, after = self._room(song), self._room(following) if following else None
        was_kept = all(here[: _pieces_until(song, START_S)])
        clock = _Playing(song, here, self._line.trip_s)
        while not clock.is_over(for_s):
            now = Hearing(
                current=Held(song.sizes, song.seconds, here),
                at=clock.piece,
                left_s=song.length_s - clock.position_s,
                is_playing=clock.start_s is not None,
                ping_s=self._line.trip_s,
                following=Held(following.sizes, following.seconds, after)
                if following and after
                else None,
            )
            asked = wanted(now)
            if asked is None:
                clock.run_out()
                break
            source = song if asked.track == 0 else following
            assert source is not None
            clock.wait(self._fetch_s(source, asked))
            for piece in range(asked.first, asked.end):
                (here if asked.track == 0 else after)[piece] = True  # type: ignore[index]
            clock.look()
        assert clock.start_s is not None
        return Heard(clock.start_s, clock.stopped_s, was_kept)

    def _fetch_s(self, song: Song, asked: Wanted) -> float:
        """The time of a request: the trip, the bytes, and the origin where the edge lacks blocks."""
        first, end = song.begin(asked.first), song.begin(asked.end)
        lacking = self._edge.missing(song.name, first, end)
        for number in lacking:
            self._edge.keep(song.name, number, bytes(BLOCK_BYTES))
        for number in blocks(first, end):
            self._edge.block(song.name, number)
        origin_s = self._line.origin_s if lacking else 0.0
        return self._line.trip_s + origin_s + 8 * (end - first) / self._line.bps

    def _room(self, song: Song) -> list[bool]:
        """What is kept of a track, used now; what was used longest ago goes when it is full."""
        here = self._kept.setdefault(song.name, [False] * len(song.sizes))
        self._kept.move_to_end(song.name)
        while len(self._kept) > KEPT_TRACKS_MAX:
            self._kept.popitem(last=False)
        return here


@dataclass(slots=True)
class _Playing:
    """Where the sound is, in time that is only counted."""

    song: Song
    here: Sequence[bool]
    now_s: float
    start_s: float | None = None
    position_s: float = 0.0
    stopped_s: float = 0.0

    def __post_init__(self) -> None:
        self.look()

    @property
    def piece(self) -> int:
        """The piece that sounds, or would."""
        return _pieces_until(self.song, self.position_s + 1e-9) - 1

    def wait(self, seconds: float) -> None:
        """Let time pass: what is there is played, and then it stops."""
        self.now_s += seconds
        if self.start_s is not None:
            played_s = min(seconds, self._ahead_s())
            self.position_s += played_s
            if self.position_s < self.song.length_s - 1e-9:
                self.stopped_s += seconds - played_s

    def look(self) -> None:
        """Begin, if enough is there."""
        if self.start_s is None and self._ahead_s() >= min(START_S, self.song.length_s):
            self.start_s = self.now_s

    def run_out(self) -> None:
        """Play to the end of what is there; nothing more is fetched."""
        self.wait(self._ahead_s())

    def is_over(self, for_s: float) -> bool:
        """Whether the listener has heard enough."""
        return self.start_s is not None and self.position_s >= min(for_s, self.song.length_s - 1e-6)

    def _ahead_s(self) -> float:
        """How much sound is here from the position on."""
        piece = self.piece
        while piece < len(self.here) and self.here[piece]:
            piece += 1
        return max(0.0, self.song.begins_s[piece] - self.position_s)


def _pieces_until(song: Song, at_s: float) -> int:
    """How many pieces begin before a time; one at least."""
    return max(1, min(bisect_left(song.begins_s, at_s), len(song.sizes)))
