"""A viewer in one process: presses play, asks edges, and has a picture; each step takes its time.

    /api/play ──► edges, ranked ──► title.json ──► rule ──► init, segment, sound ──► first frame

The steps are those of the player in the page, and what they call is the production code; only the network
between them is a number of milliseconds, drawn from a seed, or nothing at all on the wall clock.
Page: docs/netflix/index.md
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Protocol

from chapters.sim.clock import MS, Clock, S
from chapters.sim.trace import note, span
from netflix.cdn.body import Body
from netflix.cdn.edge import Answer, Edge
from netflix.cdn.signing import Signer
from netflix.control.entitlement import Device
from netflix.control.service import Address, Control
from netflix.errors import Unreachable
from netflix.package.published import FACTS, Published

FIRST = 0  # the number of the first segment
TOOK_S_MIN = 0.001


class Ways(Protocol):
    """How long it takes from one place to another."""

    def control(self) -> None:
        """Pass the time of a round trip to the control plane."""

    def edge(self, name: str, size_bytes: int) -> None:
        """Pass the time of a round trip to an edge, and of so many bytes from there."""

    def origin(self, size_bytes: int) -> None:
        """Pass the time of a round trip from an edge to the origin, and of so many bytes."""


class NoWays:
    """Everything is in this process: only what is computed takes time."""

    def control(self) -> None:
        """Take no time."""

    def edge(self, name: str, size_bytes: int) -> None:
        """Take no time."""

    def origin(self, size_bytes: int) -> None:
        """Take no time."""


class SimulatedWays:
    """A city line, edges at their distances, and an origin in another country; in virtual time."""

    CONTROL_MS = 38
    ORIGIN_MS, ORIGIN_BPS = 64, 400e6
    JITTER = 0.3

    def __init__(
        self, clock: "Passing", rng: Random, distance_ms: Mapping[str, float], line_bps: float = 6e6
    ) -> None:
        self._clock, self._rng, self._distance_ms, self._line_bps = (
            clock,
            rng,
            distance_ms,
            line_bps,
        )

    def control(self) -> None:
        """Pass a round trip."""
        self._pass(self.CONTROL_MS)

    def edge(self, name: str, size_bytes: int) -> None:
        """Pass a round trip and the bytes' time on the viewer's line."""
        self._pass(2 * self._distance_ms[name], 8 * size_bytes / self._line_bps)

    def origin(self, size_bytes: int) -> None:
        """Pass a round trip and the bytes' time on the backbone."""
        self._pass(self.ORIGIN_MS, 8 * size_bytes / self.ORIGIN_BPS)

    def _pass(self, trip_ms: float, more_s: float = 0.0) -> None:
        trip_ns = trip_ms * MS * self._rng.uniform(1 - self.JITTER, 1 + self.JITTER)
        self._clock.advance(round(trip_ns + more_s * S))


class Passing(Clock, Protocol):
    """A clock whose time can be passed by hand."""

    def advance(self, duration_ns: int) -> None:
        """Let so much time pass."""


@dataclass(frozen=True, slots=True)
class Got:
    """A file, how long it took, and from where."""

    body: Body
    took_s: float
    edge: str


class Viewer:
    """One who watches, in front of these edges."""

    def __init__(
        self,
        control: Control,
        edges: Mapping[str, Edge],
        fetch: Callable[[str], Body],
        signer: Signer,
        *,
        clock: Clock,
        ways: Ways,
        dead: frozenset[str] = frozenset(),
    ) -> None:
        self._control, self._edges, self._fetch, self._signer = control, edges, fetch, signer
        self._clock, self._ways, self.dead = clock, ways, dead
        self._order: list[Address] = []

    def watch(
        self, title_id: str, profile: str, *, segments: int = 2, rule: str = "bolae"
    ) -> list[Got]:
        """Press play, and fetch the first segments; return those of the picture."""
        with span("POST /api/play", title=title_id, profile=profile):
            self._ways.control()
            offer = self._control.play(title_id, profile, Device())
        session, self._order = offer.session, list(offer.edges)
        begun_s = self._now_s()
        title = Published.from_json(self._get(FACTS).body.data.decode())
        pictures: list[Got] = []
        downloads: list[dict[str, float]] = []
        for number in range(FIRST, segments):
            with span("POST /api/advice", segment=number):
                self._ways.control()
                facts: dict[str, object] = {
                    "rule": rule,
                    "segment": number,
                    "buffer_s": number * title.segment_s,
                    "now_s": self._now_s() - begun_s,
                    "downloads": downloads,
                }
                rung = self._control.advice(session, facts).rung
            got = self._segment(title, rung, number)
            size_bits, took_s = 8 * len(got.body.data), max(got.took_s, TOOK_S_MIN)
            told = {"segment": number, "rung": rung, "size_bits": size_bits}
            downloads = [{**told, "first_byte_s": 0.0, "took_s": took_s}]
            pictures.append(got)
            if number == FIRST:
                note("first frame", after_ms=round((self._now_s() - begun_s) * 1000), edge=got.edge)
        return pictures

    def _segment(self, title: Published, rung: int, number: int) -> Got:
        track, sound = (
            title.video[rung],
            next(each for each in title.tracks if each.kind == "audio"),
        )
        with span(f"segment {number + 1}, {track.height}p"):
            if number == FIRST:
                for name in (track.name, sound.name):
                    self._get(f"{name}/init.mp4")
            got = self._get(f"{track.name}/{number + 1}.m4s")
            self._get(f"{sound.name}/{number + 1}.m4s")
        return got

    def _get(self, path: str) -> Got:
        """Ask the edges in their order until one answers."""
        for place, edge in enumerate(list(self._order)):
            began_s = self._now_s()
            with span(f"GET {path}", edge=edge.name) as asked:
                try:
                    body = self._ask(edge.name, f"{edge.url}/{path}")
                except Unreachable as error:
                    asked.set(error=str(error))
                    note("no answer: the next edge is asked", edge=edge.name)
                    continue
                asked.set(size_bytes=len(body.data))
            self._order = [*self._order[place:], *self._order[:place]]
            return Got(body, self._now_s() - began_s, edge.name)
        raise Unreachable(f"no edge has {path}; is one alive?")

    def _ask(self, name: str, path: str) -> Body:
        if name in self.dead:
            self._ways.edge(name, 0)
            raise Unreachable(f"{name} refuses the connection; ask another edge")
        inner, answers = self._signer.check(path, now_s=self._now_s()), list[Answer]()
        if self._edges[name].ask(inner, answers.append):
            with span("from the origin"):
                body = self._fetch(inner)
                self._ways.origin(len(body.data))
            self._edges[name].arrived(inner, body)
        (found,) = answers
        if not isinstance(found, Body):
            raise found
        self._ways.edge(name, len(found.data))
        return found

    def _now_s(self) -> float:
        return self._clock.now_ns() / S
