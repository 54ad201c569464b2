"""The riders, as the order process knows them: told whom to bring something, they say what became of it.

    deliver! ─► the day's dispatcher ─► plans, trips ─► picked up ─► delivered, or lost, or nobody came

Invariant: what is said of an order follows from what the day says of it, so it may be said again and again,
until it was noted. Page: docs/zomato/serve.md
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chapters.sim.clock import S
from chapters.sim.process import Process
from zomato.dispatch.instance import Order
from zomato.live import Live
from zomato.people import SERVICE

TICK_NS = 30 * S


@dataclass(slots=True)
class Job:
    """An order that is to be brought: by whom it was fetched, as was said and as was noted."""

    trip: int
    said: str = ""
    noted: str = ""
    is_over: bool = False


class Fleet:
    """Tells the order process how its orders fare on the road; `ready_min` says when food is ready."""

    def __init__(self, process: Process, live: Live, ready_min: Callable[[str, int], int]) -> None:
        self._process, self._live, self._ready_min = process, live, ready_min
        self._jobs: dict[str, Job] = {}
        self._called_back: set[str] = set()
        process.call_later(TICK_NS, self._tick)

    def handle(self, source: str, message: object) -> None:
        """Take a command, or the word that something was noted."""
        assert isinstance(message, dict)
        if "re" in message:
            self._noted(message)
        elif message["do"] == "call back":
            self._call_back(message["id"])
        elif message["id"] not in self._called_back:
            self._say({"hears": "deliver", "id": message["id"]})
            self._deliver(message)

    def _deliver(self, message: dict[str, Any]) -> None:
        id, trip, now = message["id"], message["trip"], int(self._live.minute)
        job = self._jobs.get(id)
        if job is None:
            x, y = round(message["x"]), round(message["y"])
            ready = self._ready_min(id, now)
            self._live.take(Order(id, x, y, now, message["restaurant"], ready))
            self._jobs[id] = Job(trip)
        elif job.trip < trip:
            job.trip, job.said, job.noted = trip, "", ""
        elif job.is_over:
            self._look(id, job)  # it was said, and not heard

    def _noted(self, message: dict[str, Any]) -> None:
        job = self._jobs.get(message["re"])
        if job is not None and message.get("picked up") == job.trip:
            job.noted = job.said

    def _call_back(self, id: str) -> None:
        if id in self._jobs and id not in self._called_back:
            self._live.drop(id)
            self._jobs[id].is_over = True
        self._called_back.add(id)
        self._process.send(SERVICE, {"did": "call back", "id": id, "done": True})

    def _tick(self) -> None:
        """Look how each order fares, and say what the order process has not noted yet."""
        for id, job in self._jobs.items():
            if not job.is_over:
                self._look(id, job)
        self._process.call_later(TICK_NS, self._tick)

    def _look(self, id: str, job: Job) -> None:
        fares = self._live.order(id)
        rider, state = str(fares["rider"]), fares["state"]
        here = {"id": id, "rider": rider, "trip": job.trip}
        if state == "given up":
            job.is_over = True
            self._say(here | {"did": "deliver", "done": False, "why": "nobody could come in time"})
        elif job.noted and job.noted != rider:
            self._say(here | {"says": "lost", "rider": job.noted, "ask": id})
        elif state in ("on the way to you", "delivered") and not job.noted:
            job.said = rider
            self._say(here | {"says": "picked up", "ask": id})
        elif state == "delivered":
            job.is_over = True
            self._say(here | {"did": "deliver", "done": True})

    def _say(self, message: dict[str, Any]) -> None:
        self._process.send(SERVICE, message)
