"""Days of a city's viewers before a handful of edges, played three ways, and what the origin sends.

    nearest   each viewer asks the edge of the quarter, which keeps what was asked for
    placed    each viewer asks the edge that keeps this title; it keeps what was asked for
    filled    as placed, and at night the edges are filled with what tomorrow's viewers will want

Every way has the same edges, the same room and the same viewers. Each day some titles are new, from nine in
the morning on, and are among the most popular at once. Page: docs/netflix/fill.md
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from chapters.cache.policy import Policy
from chapters.cache.s3fifo import S3Fifo
from chapters.sim.chance import Chance
from netflix.cdn.fill import Wanted, plan
from netflix.cdn.placement import Placement, place
from netflix.cdn.popularity import Popularity
from netflix.events.windows import HOUR_MS, Told

Way = Literal["nearest", "placed", "filled"]
WAYS: tuple[Way, ...] = ("nearest", "placed", "filled")

# Viewers awake and watching, hour by hour, as shares of the busiest hour's.
CURVE = (
    30, 18, 10, 6, 5, 6, 10, 16, 20, 22, 24, 28,
    34, 36, 36, 40, 46, 56, 72, 88, 100, 98, 76, 48,
)  # fmt: skip
NIGHT_HOUR, PREMIERE_HOUR, BUSIEST_HOUR = 4, 9, 20
RUNGS = ((300, 0.1), (800, 0.2), (1_800, 0.3), (4_000, 0.4))  # kbit/s, share of the viewers
PIECES, PIECE_S = 12, 300  # a title is an hour, in pieces of five minutes
GOES_ON = 0.92  # how many of a piece's viewers see the next one
ZIPF = 0.9
FADES = 0.75  # what is left of a new title's lead, each day
KEPT_FOR_ASKING = 0.1  # of a filled edge's room, for what the night did not foresee

Piece = tuple[str, int, int]  # title, rung, which five minutes


def size_bytes(piece: Piece) -> int:
    """Return how large a piece is."""
    return RUNGS[piece[1]][0] * 1000 * PIECE_S // 8


TITLE_BYTES = sum(size_bytes(("", rung, 0)) for rung in range(len(RUNGS))) * PIECES


@dataclass(slots=True)
class City:
    """What is watched, day after day: the same for every way."""

    rng: Random
    titles: int
    premieres: int
    plays_a_day: int
    weights: dict[str, float] = field(default_factory=dict)
    leads: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.weights = {f"t{rank}": rank**-ZIPF for rank in range(1, self.titles + 1)}

    def next_day(self, day: int) -> list[str]:
        """Let a day pass; return the titles that are new on it."""
        self.leads = {title: lead * FADES for title, lead in self.leads.items() if lead > 0.02}
        new = [f"day{day}-{number}" for number in range(self.premieres)]
        for title in new:
            self.leads[title] = self.rng.uniform(0.3, 1.0)
            self.weights[title] = self.rng.choice(list(self.weights.values()))
        return new

    def hour(self, hour: int, new: list[str]) -> list[tuple[str, float]]:
        """Return the titles that can be played in an hour, with their weights."""
        found = Counter(self.weights)
        found.update(self.leads)
        hidden = set(new) if hour < PREMIERE_HOUR else set()
        return [(title, weight) for title, weight in found.items() if title not in hidden]

    def plays(self, hour: int, new: list[str]) -> Iterator[tuple[str, int, int]]:
        """Yield an hour's plays: title, rung, and how many pieces are watched."""
        titles, weights = zip(*self.hour(hour, new), strict=True)
        count = round(self.plays_a_day * CURVE[hour] / sum(CURVE))
        rungs, shares = range(len(RUNGS)), [share for _, share in RUNGS]
        for title in self.rng.choices(titles, weights, k=count):
            watched = 1
            while watched < PIECES and self.rng.random() < GOES_ON:
                watched += 1
            yield title, self.rng.choices(rungs, shares)[0], watched


class Server:
    """An edge without the bytes: what was filled, and what a policy keeps."""

    def __init__(self, room_bytes: int, *, filled: bool) -> None:
        own = KEPT_FOR_ASKING if filled else 1.0
        self.shelf: set[Piece] = set()
        self.shelf_bytes = round(room_bytes * (1 - own))
        self._policy: Policy = S3Fifo(max(1, round(room_bytes * own)))

    def misses(self, piece: Piece) -> int:
        """Ask for a piece; return how many bytes the origin had to send."""
        if piece in self.shelf or self._policy.request(piece, size_bytes(piece)):
            return 0
        return size_bytes(piece)

    def fill(self, wishes: Iterable[tuple[float, Piece]]) -> int:
        """Bring what is worth it, by plays expected; return how many bytes came."""
        pieces = {"/".join(map(str, piece)): (plays, piece) for plays, piece in wishes}
        files = (Wanted(path, plays, size_bytes(piece)) for path, (plays, piece) in pieces.items())
        held = {"/".join(map(str, piece)) for piece in self.shelf}
        night = plan(files, self.shelf_bytes, held, self.shelf_bytes)
        self.shelf = {pieces[path][1] for path in night.keep}
        return night.fetch_bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """A day. What the origin sent, hour by hour, and for the fill; both in bytes."""

    by_hour: tuple[int, ...]
    night_bytes: int
    asked_bytes: int  # by viewers, in the busiest hour
    busiest_edge: float  # what it carried in that hour, as a multiple of the mean

    @property
    def peak_bytes(self) -> int:
        """Return what the origin sent in the viewers' busiest hour."""
        return self.by_hour[BUSIEST_HOUR]


class Days:
    """One way of serving, for some days. `room` is that of all edges together, as a share of all titles."""

    def __init__(
        self,
        way: Way,
        *,
        seed: int,
        edges: int = 6,
        titles: int = 300,
        plays: int = 6_000,
        premieres: int = 4,
        room: float = 1.0,
    ) -> None:
        chance = Chance(seed)
        self._way, self._rng = way, chance.stream("which edge")
        self._city = City(chance.stream("city"), titles, premieres, plays)
        room_bytes = round(room * titles * TITLE_BYTES / edges)
        names = [f"edge-{number}" for number in range(1, edges + 1)]
        self._servers = {name: Server(room_bytes, filled=way == "filled") for name in names}
        self._popularity = Popularity()
        self._placement: Placement = {}

    def pass_day(self, day: int) -> Seen:
        """Play a day, night and all; return what was seen."""
        new = self._city.next_day(day)
        by_hour, night = [0] * 24, 0
        carried: Counter[str] = Counter()
        for hour in range(24):
            now_ms = (24 * day + hour) * HOUR_MS
            if hour == NIGHT_HOUR:
                night = self._night(now_ms, new)
            counts: Counter[str] = Counter()
            for title, rung, watched in self._city.plays(hour, new):
                counts[title] += 1
                pieces = [(title, rung, number) for number in range(watched)]
                edge = self._edge_for(title)
                by_hour[hour] += sum(map(self._servers[edge].misses, pieces))
                if hour == BUSIEST_HOUR:
                    carried[edge] += sum(map(size_bytes, pieces))
            self._popularity.hear(Told(now_ms, 0, dict(counts)))
        asked = sum(carried.values())
        share = max(carried.values(), default=0) / max(1, asked)
        return Seen(tuple(by_hour), night, asked, share * len(self._servers))

    def _edge_for(self, title: str) -> str:
        names = list(self._servers)
        kept = names if self._way == "nearest" else self._placement.get(title, names)
        return self._rng.choice(kept)

    def _night(self, now_ms: int, new: list[str]) -> int:
        """Place the titles anew, and fill if this is the way; return the bytes that the origin sent."""
        plays = self._popularity.predict(now_ms, self._city.weights, new)
        self._placement = place(plays, dict.fromkeys(self._servers, 1.0))
        if self._way != "filled":
            return 0
        return sum(
            server.fill(_wishes(name, plays, self._placement))
            for name, server in self._servers.items()
        )


def last_day(way: Way, days: int, **knobs: Any) -> Seen:
    """Let some days pass; return what was seen on the last."""
    city = Days(way, **knobs)
    return [city.pass_day(day) for day in range(days)][-1]


def _wishes(
    name: str, plays: dict[str, float], placement: Placement
) -> Iterator[tuple[float, Piece]]:
    """How often each piece will be asked of an edge."""
    for title, kept in placement.items():
        if name in kept:
            for rung, (_, share) in enumerate(RUNGS):
                for number in range(PIECES):
                    yield plays[title] * share * GOES_ON**number / len(kept), (title, rung, number)
