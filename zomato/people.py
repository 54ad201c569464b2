"""Those who the order process deals with: customers, kitchens, riders, and the payment company.

None of them is nice. Customers ask again under the same key, and at once; kitchens are silent, and then
say no; riders vanish with the food; the company says nothing after it has taken the money, and its
webhooks come early, twice and contradict each other. What they all keep is their own word: asked again,
they answer as before. Page: docs/zomato/money.md
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from chapters.sim.clock import MS, S
from chapters.sim.process import Process
from zomato.gateway.gateway import Gateway

MINUTE = 60 * S
ASK_AGAIN_NS, ASKS_MAX = 4 * S, 200
SERVICE = "orders"


@dataclass(slots=True)
class Wish:
    """What one customer wants: when, under which key, and whether they change their mind."""

    at_ns: int
    key: str
    cart: dict[str, Any]
    cancels_after_ns: int | None = None
    complains_about: str | None = None
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def order(self) -> str | None:
        """Return the order's id, once somebody has said it."""
        return next((each["order"] for each in self.answers if "order" in each), None)


class Customers:
    """All customers: each asks until there is an answer."""

    taps: tuple[int, ...] = (1, 1, 2)  # how often a thumb falls on the button, by chance

    def __init__(self, process: Process, rng: Random, wishes: list[Wish]) -> None:
        self._process, self._rng, self.wishes = process, rng, wishes
        self._waiting: dict[int, Callable[[dict[str, Any]], None]] = {}
        self._open: set[int] = set()  # questions without an answer
        self._asked = 0
        for wish in wishes:
            process.call_later(wish.at_ns, lambda wish=wish: self._begin(wish))  # type: ignore[misc]

    def handle(self, source: str, message: object) -> None:
        """Take an answer; the same one may come again."""
        assert isinstance(message, dict)
        self._open.discard(message["re"])
        self._waiting[message["re"]](message)

    def _begin(self, wish: Wish) -> None:
        place = {"do": "place", "key": wish.key, "cart": wish.cart}
        for _ in range(self._rng.choice(self.taps)):
            self._ask(place, lambda told: self._placed(wish, told))
        if wish.cancels_after_ns is not None:
            self._process.call_later(wish.cancels_after_ns, lambda: self._cancel(wish))

    def _placed(self, wish: Wish, told: dict[str, Any]) -> None:
        wish.answers.append({name: told[name] for name in told if name != "re"})
        dish, id = wish.complains_about, wish.order
        if len(wish.answers) == 1 and dish and id:
            complaint = {"do": "missing", "id": id, "dish": dish}
            for minutes in (100, 130):  # once more, to be sure
                self._process.call_later(
                    minutes * MINUTE, lambda: self._ask(complaint, lambda told: None)
                )

    def _cancel(self, wish: Wish) -> None:
        if wish.order is not None:
            self._ask({"do": "cancel", "id": wish.order}, lambda told: None)

    def _ask(self, message: dict[str, Any], answered: Callable[[dict[str, Any]], None]) -> None:
        self._asked += 1
        number = self._asked
        self._waiting[number] = answered
        self._open.add(number)
        self._again(number, message | {"ask": number}, 0)

    def _again(self, number: int, message: dict[str, Any], asked: int) -> None:
        if number not in self._open or asked == ASKS_MAX:
            return
        self._process.send(SERVICE, message)
        wait_ns = min(ASK_AGAIN_NS << min(asked, 4), MINUTE)
        self._process.call_later(wait_ns, lambda: self._again(number, message, asked + 1))


class Company:
    """The payment company on its line: sometimes it does what was asked and says nothing."""

    def __init__(self, process: Process, rng: Random, gateway: Gateway, rudeness: float) -> None:
        self._process, self._rng, self.gateway = process, rng, gateway
        self.rudeness = rudeness
        self.is_down = False

    def handle(self, source: str, message: object) -> None:
        """Do what is asked; say so, or nothing, or too much."""
        assert isinstance(message, dict)
        if self.is_down:
            return
        if self._rng.random() < self.rudeness:
            self._hint(message["id"])  # early: nothing is done yet
        answer = self.gateway.ask(message)
        if self._rng.random() < self.rudeness:
            return  # "500 Internal Server Error", and the money is taken
        reply = {"did": message["do"], "id": message["id"], "done": answer.done, "why": answer.why}
        more = {"paise": answer.paise} | ({"dish": message["dish"]} if "dish" in message else {})
        self._process.send(SERVICE, reply | more)
        if self._rng.random() < self.rudeness:
            self._hint(message["id"])

    def _hint(self, id: str) -> None:
        words = self._rng.choices(("authorised", "captured", "failed"), k=2)
        for hint in words:
            self._process.send(SERVICE, {"hint": hint, "id": id})


class Kitchens:
    """All restaurants: they say yes or no, once, and stick to it; what was recalled stays recalled."""

    def __init__(self, process: Process, rng: Random, refuses: float) -> None:
        self._process, self._rng, self._refuses = process, rng, refuses
        self.said: dict[str, bool] = {}
        self.recalled: set[str] = set()
        self.silent: set[str] = set()  # restaurants whose tablet is off

    def handle(self, source: str, message: object) -> None:
        """Answer a command."""
        assert isinstance(message, dict)
        id = message["id"]
        if message["restaurant"] in self.silent:
            return
        if message["do"] == "recall":
            self.recalled.add(id)
        elif id not in self.said:
            self.said[id] = self._rng.random() >= self._refuses
        done = message["do"] == "recall" or (self.said[id] and id not in self.recalled)
        why = "" if done else "the kitchen says no"
        answer = {"did": message["do"], "id": id, "done": done, "why": why}
        self._process.call_later(
            self._rng.randrange(2000) * MS, lambda: self._process.send(SERVICE, answer)
        )


@dataclass(slots=True)
class Job:
    """An order that a rider has been sent for."""

    rider: str
    trip: int
    is_picked_up: bool = False
    is_done: bool = False


class Riders:
    """All riders, with one dispatcher: each has one order at a time, and some vanish with it."""

    def __init__(self, process: Process, rng: Random, count: int, vanish: float) -> None:
        self._process, self._rng, self._vanish = process, rng, vanish
        self.free = [f"rider-{number}" for number in range(1, count + 1)]
        self.jobs: dict[str, Job] = {}
        self.called_back: set[str] = set()
        self.brought: list[str] = []  # what has reached a door

    def handle(self, source: str, message: object) -> None:
        """Take a command, or the word that something was noted."""
        assert isinstance(message, dict)
        if "re" in message:
            self._noted(message)
        elif message["do"] == "call back":
            self._call_back(message["id"])
        elif message["id"] not in self.called_back:
            self._process.send(SERVICE, {"hears": "deliver", "id": message["id"]})
            self._deliver(message)

    def _deliver(self, message: dict[str, Any]) -> None:
        id, trip = message["id"], message["trip"]
        job = self.jobs.get(id)
        if job is not None and job.is_done:
            self._delivered(id, job)
        elif (job is None or job.trip < trip) and self.free:
            self._later(5, 25, self.sent(id, Job(self.free.pop(0), trip)))

    def sent(self, id: str, job: Job) -> Callable[[], None]:
        """Note who was sent; return what is to be done at the restaurant."""
        self.jobs[id] = job
        return lambda: self._at_restaurant(id, job)

    def _at_restaurant(self, id: str, job: Job) -> None:
        self._say_until(id, job, "picked up", lambda: job.is_picked_up)

    def _noted(self, message: dict[str, Any]) -> None:
        """The order process knows what was said: only then has the rider the food."""
        id, job = message["re"], self.jobs.get(message["re"])
        if job is None or job.is_picked_up or message.get("picked up") != job.trip:
            return
        job.is_picked_up = True
        gone = self._rng.random() < self._vanish
        act = self._lost if gone else self._at_door
        self._process.call_later(self.ride_ns(id), lambda: act(id, job))

    def ride_ns(self, id: str) -> int:
        """Return how long it takes from the restaurant to the door."""
        return self._rng.randint(5, 20) * MINUTE

    def _lost(self, id: str, job: Job) -> None:
        """The rider is never seen again; it is said until somebody else is to be sent."""
        self._say_until(id, job, "lost", lambda: False)

    def _at_door(self, id: str, job: Job) -> None:
        job.is_done = True
        self.brought.append(id)
        self.freed(id, job.rider)
        self._delivered(id, job)

    def freed(self, id: str, rider: str) -> None:
        """A rider can be sent again: at the door of an order, or wherever they were called back."""
        self.free.append(rider)

    def _delivered(self, id: str, job: Job) -> None:
        answer = {"did": "deliver", "id": id, "done": True, "rider": job.rider, "trip": job.trip}
        self._process.send(SERVICE, answer)

    def _call_back(self, id: str) -> None:
        job = self.jobs.pop(id, None)
        if job is not None:
            self.freed(id, job.rider)
        self.called_back.add(id)
        self._process.send(SERVICE, {"did": "call back", "id": id, "done": True})

    def _say_until(self, id: str, job: Job, what: str, is_known: Callable[[], bool]) -> None:
        """Say something about a job once a minute, until it is known or the job is another's."""
        if self.jobs.get(id) is job and not is_known():
            said = {"says": what, "id": id, "rider": job.rider, "trip": job.trip, "ask": id}
            self._process.send(SERVICE, said)
            self._process.call_later(MINUTE, lambda: self._say_until(id, job, what, is_known))

    def _later(self, least: int, most: int, act: Callable[[], object]) -> None:
        self._process.call_later(self._rng.randint(least, most) * MINUTE, act)
