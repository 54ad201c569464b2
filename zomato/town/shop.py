"""The town as its page sees it: a day with riders, and the order process with everybody whom it deals with.

    page ─► place ─► the order process ─► company, kitchens, fleet ─► the day's dispatcher
            └── the same code as in the storm, in virtual time that is let pass at some minutes a second

Invariant: what the page is told of an order is what the database says, and, from the kitchen on, what the
day says. Some neighbours order here too, so that the books are never empty. Page: docs/zomato/serve.md
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from chapters.errors import Indefinite, Refused
from chapters.ledger import Ledger, open_ledger
from chapters.sim.clock import MS, S
from chapters.sim.latency import LogNormal
from chapters.sim.network import Handler, Link
from chapters.sim.process import Process
from chapters.sim.simulation import Simulation
from chapters.transaction import open_database
from chapters.transaction.opening import MEMORY
from zomato.dispatch.instance import Order
from zomato.gateway.gateway import Gateway
from zomato.live import Live, Rides
from zomato.ordering import coupons
from zomato.ordering.bill import rupees
from zomato.ordering.books import Bookkeeper
from zomato.ordering.cart import read_cart
from zomato.ordering.coupons import Coupon
from zomato.ordering.reconcile import reconcile
from zomato.ordering.service import Service
from zomato.ordering.states import State
from zomato.ordering.tables import tables
from zomato.people import MINUTE, SERVICE, Company, Customers, Kitchens, Wish
from zomato.town.fleet import Fleet
from zomato.town.menus import Menus

LINE = Link(latency=LogNormal(40 * MS, 2 * S), loss=0.02, duplication=0.02)
AWAY_NS = 60 * S  # until an order process that was killed is started again
REFUSES = 0.02
COUPON = Coupon("HUNGRY", 2_000, 100_00, 150_00, uses_max=20, until_ns=48 * 3600 * S)
PREPARATION_MIN = (6, 20)
OWN_MAX = 200
ON_THE_ROAD = (State.PAID, State.PICKED_UP, State.DELIVERED)


class Shop:
    """One day of a town, one caller at a time."""

    def __init__(
        self,
        live: Live,
        menus: Menus,
        neighbours: list[Order],
        *,
        seed: int,
        address: str = MEMORY,
        ready_min: Callable[[str, int], int] | None = None,
    ) -> None:
        self.live, self.menus = live, menus
        self.simulation = Simulation(seed, link=LINE)
        self.clock, luck = self.simulation.clock, self.simulation.chance.stream
        self.clock.run(round(live.minute * MINUTE))
        self.database = open_database(address, tables)
        self.database.run(lambda connection: coupons.offer(connection, COUPON))
        self.gateway = Gateway()
        self._own: dict[str, float] = {}  # orders from the page, and when they were placed
        self.ledger: Ledger
        self.service: Service
        self.simulation.start(SERVICE, self._boot)
        self.simulation.join(
            "customers", lambda p: Customers(p, luck("thumbs"), self._wishes(neighbours))
        )
        self.company = self.simulation.join(
            "gateway", lambda p: Company(p, luck("company"), self.gateway, 0.0)
        )
        self.kitchens = self.simulation.join(
            "kitchen", lambda p: Kitchens(p, luck("kitchen"), REFUSES)
        )
        self.fleet = self.simulation.join(
            "riders", lambda p: Fleet(p, live, ready_min or usual_ready_min)
        )

    @property
    def minute(self) -> float:
        """Return the minute of the day."""
        return self.live.minute

    @property
    def is_over(self) -> bool:
        """Return whether nothing more is brought today."""
        return self.live.is_over

    @property
    def own(self) -> list[str]:
        """Return the orders from the page."""
        return list(self._own)

    def rides(self, rider: str) -> Rides:
        """Return a rider's rides, as the day does."""
        return self.live.rides(rider)

    def pass_to(self, minute: float) -> None:
        """Let time pass for the day and for everybody in it, a minute at a time."""
        while self.live.minute < minute:
            step = min(minute, self.live.minute + 1)
            if int(step) > int(self.live.minute):
                self.menus.pass_minute()
            self.live.pass_to(step)
            self.clock.run(round(step * MINUTE))

    def place(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Place an order from the page: {"key", "restaurant", "lines", "coupon", "x", "y"}.

        Raises `Refused`: 400 for a bad cart, 404, 409, 429; then nothing was placed.
        """
        place, key = facts.get("restaurant"), facts.get("key")
        self.live.admit(place)
        if not isinstance(key, str):
            raise Refused(400, f"key is {key!r:.40}; make up a word for this order, and keep it")
        if len(self._own) >= OWN_MAX:
            raise Refused(429, f"{OWN_MAX} orders from here are enough for a day")
        self._must_run()
        found = self.service.orders.place(key, read_cart({**facts, "customer": "you"}))
        self._own.setdefault(found["order"], self.minute)
        self.clock.call_later(0, self.service.speak)
        return {"id": found["order"], "total": found["total"]}

    def quote(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a cart would cost, line by line of the bill. Raises as `place` does."""
        self._must_run()
        found = self.service.orders.quote(read_cart({**facts, "customer": "you"}))
        return asdict(found) | {"total": found.total}

    def cancel(self, id: str) -> dict[str, Any]:
        """Cancel an order. Raises `UnknownOrder`, `IllegalMove` when it is on its way."""
        self._must_run()
        self.service.orders.cancel(id, "you changed your mind")
        self.clock.call_later(0, self.service.speak)
        return self.order(id)

    def missing(self, id: str, dish: str) -> dict[str, Any]:
        """Ask the price of a dish back that was not in the bag. Raises `Refused`."""
        self._must_run()
        paise = self.service.complaints.missing(id, dish)
        self.clock.call_later(0, self.service.speak)
        return {"back": paise}

    def order(self, id: str) -> dict[str, Any]:
        """Return how an order stands. Raises `UnknownOrder`."""
        found = self.service.orders.order(id)
        facts = {
            "id": id, "placed": self._own.get(id, found.placed_ns / MINUTE), "door": 0, "rider": "",
            "planned": [], "state": found.state.value, "why": found.reason, "total": found.bill.total,
        }  # fmt: skip
        if found.state in ON_THE_ROAD and id in self.live.own:
            return facts | {
                name: self.live.order(id)[name] for name in ("state", "door", "rider", "planned")
            }
        return facts

    def money(self) -> dict[str, Any]:
        """Return the books, the statement, what differs, and how the orders stand."""
        statement = self.gateway.statement
        balances = {name: paise for name, paise in self.ledger.balances().items() if paise}
        books: Counter[str] = Counter()
        for name, paise in balances.items():
            books[name.split("/")[0]] += paise
        return {
            "books": {name: rupees(paise) for name, paise in sorted(books.items())},
            "sum": rupees(sum(balances.values())),
            "taken": rupees(sum(each.paise for each in statement if each.paise > 0)),
            "back": rupees(-sum(each.paise for each in statement if each.paise < 0)),
            "differ": [str(each) for each in reconcile(self.ledger.postings(), statement)][:5],
            "states": self.service.orders.count_by_state(),
            "runs": self.simulation.processes.process(SERVICE).alive,
            "gateway": {"down": self.company.is_down, "rudeness": self.company.rudeness},
        }

    def break_gateway(self, is_down: bool, rudeness: float) -> dict[str, Any]:
        """Let the payment company be down, or keep silent about so much of what it does."""
        self.company.is_down, self.company.rudeness = is_down, rudeness
        return {"down": is_down, "rudeness": rudeness}

    def kill(self) -> dict[str, Any]:
        """Kill the order process; it is started again in a minute of the day."""
        if self.simulation.processes.process(SERVICE).alive:
            self.simulation.processes.kill(SERVICE)
            self.clock.call_later(AWAY_NS, lambda: self.simulation.processes.restart(SERVICE))
        return {"killed": True}

    def _must_run(self) -> None:
        if not self.simulation.processes.process(SERVICE).alive:
            raise Refused(
                503, "the order process is dead; it is started again in a minute of the day"
            )

    def _boot(self, process: Process) -> Handler:
        self.ledger = open_ledger(clock=process, disk=process.disk)
        self.service = Service(
            clock=process, database=self.database, menu=self.menus.dish, is_open=self.menus.is_open,
            books=Bookkeeper(self.ledger), send=process.send,
        )  # fmt: skip
        process.call_later(0, self.service.start)
        return self._hear

    def _hear(self, source: str, message: object) -> None:
        assert isinstance(message, dict)
        try:
            self.service.hear(source, message)
        except Indefinite:
            self.kill()

    def _wishes(self, neighbours: list[Order]) -> list[Wish]:
        """Return what the neighbours order: one dish or two, at the minute of their order."""
        rng, now_ns = self.simulation.chance.stream("appetite"), self.clock.now_ns()
        return [
            Wish(
                max(0, int(each.placed_min * MINUTE) - now_ns),
                each.id,
                {
                    "customer": each.id,
                    "restaurant": each.restaurant,
                    "x": each.x,
                    "y": each.y,
                    "lines": self.menus.lines(rng, each.restaurant),
                },
            )
            for each in neighbours
        ]


def usual_ready_min(id: str, now: int) -> int:
    """Return when a kitchen is ready with an order: each needs its time, the same one each time."""
    least, most = PREPARATION_MIN
    return now + least + int(sha256(id.encode()).hexdigest(), 16) % (most - least + 1)
