"""Three thousand riders: for each order the one who is there first, sent when the food is nearly ready.

    deliver! ─► waits until it is nearly ready ─► the nearest that are free ─► who is first by road? ─► sent

Nobody is sent earlier than need be: who waits at a counter is missing elsewhere. Finding who is near is the
grid's work, so a look costs the same however large the city is. Page: docs/zomato/city.md
"""

import heapq
from random import Random
from typing import Any

from chapters.geo import Grid, Plane
from chapters.sim.clock import MS, S
from chapters.sim.process import Process
from zomato.catalog.areas import CITY
from zomato.city.people import Cook, Shift
from zomato.city.streets import Streets
from zomato.city.weather import Weather
from zomato.people import MINUTE, Job, Riders
from zomato.roads.graph import Graph

LOOK_NS = 30 * S
LEAD_MIN = 9.0  # before food is ready somebody may be sent
NEAREST = 6  # free riders who are compared by road
COOKS_MIN = (7, 19)
HANDOVER_NS = 2 * MINUTE


class Fleet(Riders):
    """All riders of a city, by the junction at which each is free."""

    def __init__(
        self,
        process: Process,
        rng: Random,
        *,
        graph: Graph,
        streets: Streets,
        weather: Weather,
        places: list[Cook],
        homes: dict[tuple[int, int], int],
        crew: list[Shift],
    ) -> None:
        super().__init__(process, rng, 0, 0.0)
        self._graph, self._streets, self._weather, self._homes = graph, streets, weather, homes
        self._places = {each.id: each.node for each in places}
        self._plane = Plane(CITY)
        self._grid = Grid(self._plane, 500)
        self.at: dict[str, int] = {}  # where each who works is, or will be free
        self._off_min = {each.rider: each.off_min for each in crew}
        self._waiting: list[tuple[float, str]] = []  # when somebody may be sent, and for what
        self._facts: dict[str, dict[str, Any]] = {}
        self.ready_min: dict[str, float] = {}
        for shift in crew:
            process.call_later(shift.on_min * MINUTE, lambda own=shift: self._begin(own))  # type: ignore[misc]
        process.call_later(LOOK_NS, self._look)

    @property
    def minute(self) -> float:
        """Return the minute of the day."""
        return self._process.now_ns() / MINUTE

    def _begin(self, shift: Shift) -> None:
        self.at[shift.rider] = shift.node
        self._put(shift.rider)

    def _put(self, rider: str) -> None:
        node = self.at[rider]
        self._grid.put(rider, self._plane.place(self._graph.xs[node], self._graph.ys[node]))

    def _deliver(self, message: dict[str, Any]) -> None:
        id = message["id"]
        job = self.jobs.get(id)
        if job is not None and job.is_done:
            self._delivered(id, job)
        elif id not in self._facts:
            self._facts[id] = message
            self.ready_min[id] = self.minute + self._rng.uniform(*COOKS_MIN)
            heapq.heappush(self._waiting, (self.ready_min[id] - LEAD_MIN, id))

    def _look(self) -> None:
        """Send somebody for what is due; what nobody is free for stays due."""
        due, now = [], self.minute
        while self._waiting and self._waiting[0][0] <= now:
            due.append(heapq.heappop(self._waiting))
        for each in due:
            if each[1] not in self.called_back and not self._send(each[1]):
                heapq.heappush(self._waiting, each)
        self._process.call_later(LOOK_NS, self._look)

    def _send(self, id: str) -> bool:
        place = self._facts[id]["restaurant"]
        node, pace = self._places[place], self._weather.pace(self.minute)
        spot = self._plane.place(self._graph.xs[node], self._graph.ys[node])
        near = [(self._streets.fetch_ms(self.at[each.id], place), each.id)
                for each in self._grid.nearest(spot, NEAREST)]  # fmt: skip
        if not near:
            return False
        ms, rider = min(near)
        self._grid.remove(rider)
        arrives_ns = round(ms / pace) * MS
        ready_ns = round((self.ready_min[id] - self.minute) * MINUTE)
        act = self.sent(id, Job(rider, self._facts[id]["trip"]))
        self._process.call_later(max(arrives_ns, ready_ns) + HANDOVER_NS // 2, act)
        return True

    def ride_ns(self, id: str) -> int:
        """Return how long it takes from the restaurant to the door, in this weather."""
        facts = self._facts[id]
        ms = self._streets.bring_ms(facts["restaurant"], self._home(id))
        return round(ms / self._weather.pace(self.minute)) * MS + HANDOVER_NS

    def freed(self, id: str, rider: str) -> None:
        """A rider is free at a door, unless the shift is over."""
        self.at[rider] = self._home(id)
        if self.minute <= self._off_min[rider]:
            self._put(rider)

    def _home(self, id: str) -> int:
        facts = self._facts[id]
        return self._homes[facts["x"], facts["y"]]

    def end_shifts(self) -> None:
        """Send home who is free and whose shift is over."""
        for rider, off in self._off_min.items():
            if off < self.minute and rider in self.at:
                self._grid.remove(rider)
