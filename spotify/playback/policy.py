"""What to fetch next: enough to start, enough not to stop, then the next track, then the rest.

    before it sounds   1 s of this track, in one request with its head
    while it plays     what is missing of the next 5 s (and 4 round trips)
    then               the beginning of the next track, once this one has 30 s or less to go, or is all here
    then               the rest of this track, in larger pieces

Music is small: a track is 4 MB where a film is 4 GB. So bandwidth is not the trouble; round trips are.
The figures are librespot's, a client that was written by watching the real one. The player of the page
asks this very function over HTTP. Page: docs/spotify/playback.md
"""

from collections.abc import Sequence
from dataclasses import dataclass

REQUEST_BYTES_MIN = 64 * 1024  # a request for less wastes its round trip
REST_BYTES = 4 * REQUEST_BYTES_MIN
START_S = 1.0
DURING_S = 5.0
TRIPS = 4
NEXT_S = 30.0
PING_S_MAX = 1.5


@dataclass(frozen=True, slots=True)
class Held:
    """What is here of a track: for each piece its size, how long it sounds, and whether it is here."""

    sizes: Sequence[int]
    seconds: Sequence[float]
    here: Sequence[bool]

    @property
    def is_whole(self) -> bool:
        """Return whether all of it is here."""
        return all(self.here)


@dataclass(frozen=True, slots=True)
class Hearing:
    """Where a listener is: the piece that sounds, what is left of the track, what comes next."""

    current: Held
    at: int
    left_s: float
    is_playing: bool
    ping_s: float
    following: Held | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Pieces to fetch in one request, from `first` to before `end`; `track` 0 is this one, 1 the next."""

    track: int
    first: int
    end: int


def wanted(now: Hearing) -> Wanted | None:
    """Return what to fetch next, or None when there is nothing worth a request."""
    ahead_s = START_S
    if now.is_playing:
        ahead_s = DURING_S + TRIPS * min(now.ping_s, PING_S_MAX)
    first = _first_missing(now.current, now.at, ahead_s)
    if first is not None:
        return Wanted(0, first, _enough(now.current, first, REQUEST_BYTES_MIN))
    if now.following is not None and (now.left_s <= NEXT_S or now.current.is_whole):
        first = _first_missing(now.following, 0, START_S + DURING_S)
        if first is not None:
            return Wanted(1, first, _enough(now.following, first, REQUEST_BYTES_MIN))
    first = _first_missing(now.current, now.at, float("inf"))
    return None if first is None else Wanted(0, first, _enough(now.current, first, REST_BYTES))


def _first_missing(held: Held, at: int, ahead_s: float) -> int | None:
    """The first piece from `at` on that is not here and begins within `ahead_s`."""
    begins_s = 0.0
    for number in range(at, len(held.sizes)):
        if begins_s >= ahead_s:
            return None
        if not held.here[number]:
            return number
        begins_s += held.seconds[number]
    return None


def _enough(held: Held, first: int, size: int) -> int:
    """Where a request that begins at `first` ends: with `size` bytes, or before what is here already."""
    end, bytes_ = first, 0
    while end < len(held.sizes) and not held.here[end] and bytes_ < size:
        bytes_ += held.sizes[end]
        end += 1
    return end
