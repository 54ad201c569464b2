"""One evening of a small town in virtual time, with the order process as it runs in earnest.

    customers ◄─┐                        ┌─► company     lines lose, repeat, overtake and delay;
                ├─► orders (killed, ◄────┼─► kitchen     the database and the journal's disk survive
      checks ◄──┘    again and again)    └─► riders      what kills the process

Invariant: seed, schedule and kills give the same transcript, byte for byte. All invariants are looked at
after every message and timer of the order process. Page: docs/zomato/money.md
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from chapters.errors import Indefinite, UsageError
from chapters.ledger import Ledger, open_ledger
from chapters.sim.clock import MS, S, Timer
from chapters.sim.faults import Schedule
from chapters.sim.latency import LogNormal
from chapters.sim.network import Handler, Link
from chapters.sim.process import Process
from chapters.sim.simulation import Simulation
from chapters.transaction import open_database
from chapters.transaction.opening import MEMORY
from zomato.gateway.gateway import Gateway
from zomato.ordering import coupons
from zomato.ordering.bill import Dish
from zomato.ordering.books import Bookkeeper
from zomato.ordering.service import Service
from zomato.ordering.tables import ORDERS, tables
from zomato.people import SERVICE, Company, Customers, Kitchens, Riders
from zomato.storm.invariants import Watch
from zomato.storm.wishes import COUPON, DECLINES, WEATHER_NS, wishes

LINE = Link(latency=LogNormal(40 * MS, 9 * S), loss=0.08, duplication=0.08)
AWAY_NS = (2 * S, 30 * S, 180 * S)  # until a process that died is started again
HOURS = 8  # of virtual time; the weather is over after two
RIDERS, VANISH = 5, 0.15
REFUSES, RUDENESS = 0.12, 0.15


class Killed(Exception):
    """The process died at this point; nobody but the world catches it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: a seed, the weather, and the points at which the order process dies."""

    seed: int
    schedule: Schedule = field(default_factory=Schedule)
    kills: tuple[int, ...] = ()
    orders: int = 5
    rudeness: float = RUDENESS
    address: str = MEMORY


class World:
    """The town; `run` lets it live and returns what was seen to be wrong."""

    def __init__(self, trial: Trial) -> None:
        self.trial, self.points = trial, list[str]()
        self.simulation = Simulation(trial.seed, link=LINE)
        self.clock, self._chance = self.simulation.clock, self.simulation.chance
        self.database = open_database(trial.address, tables, at=self._at)
        self.gateway = Gateway(frozenset(DECLINES))
        made, self.prices, changes = wishes(self._chance.stream("wishes"), trial.orders)
        for at_ns, dish, paise in changes:
            self.clock.call_later(at_ns, lambda each={dish: paise}: self.prices.update(each))  # type: ignore[misc]
        self._lay_the_tables()
        self.ledger: Ledger
        self.service: Service
        self.simulation.start(SERVICE, self._boot)
        luck = self._chance.stream
        self.customers = self.simulation.join(
            "customers", lambda p: Customers(p, luck("thumbs"), made)
        )
        self.company = self.simulation.join(
            "gateway", lambda p: Company(p, luck("company"), self.gateway, trial.rudeness)
        )
        self.kitchens = self.simulation.join(
            "kitchen", lambda p: Kitchens(p, luck("kitchen"), REFUSES)
        )
        self.riders = self.simulation.join(
            "riders", lambda p: Riders(p, luck("riders"), RIDERS, VANISH)
        )
        self.watch = Watch(self.database.engine, self.gateway, self.customers, self.riders)
        self._teach_the_weather()

    @property
    def money(self) -> dict[str, int]:
        """Return what stands in the books, in paise, without what is nothing."""
        return {name: paise for name, paise in sorted(self.ledger.balances().items()) if paise}

    def run(self) -> list[str]:
        """Return what was broken: after a step, or when all was quiet again."""
        self.simulation.apply(self.trial.schedule)
        self.clock.run(WEATHER_NS)
        self._clear_up()
        self.clock.run(HOURS * 3600 * S)
        if not self.watch.broken:
            self.watch.at_the_end(self.ledger)
        self.database.close()
        return self.watch.broken

    def _clear_up(self) -> None:
        """Let the sun shine: everybody runs, hears and speaks."""
        self.simulation.network.heal()
        self.simulation.processes.resume(SERVICE)
        self.company.is_down = False
        self.kitchens.silent.clear()
        self._restart()

    def _lay_the_tables(self) -> None:
        """Begin with one coupon and no orders. Raises `UsageError` if somebody's orders are there."""
        with self.database.engine.begin() as connection:
            if connection.execute(select(ORDERS.c.id)).first() is not None:
                raise UsageError("there are orders in this database: give the evening an empty one")
            coupons.offer(connection, COUPON)

    def _boot(self, process: Process) -> Handler:
        """Start the order process, on what its earlier life left behind."""
        clock = Guarded(process, self)
        try:
            self.ledger = open_ledger(clock=process, disk=process.disk)
        except Indefinite as failure:  # its disk fails again: it dies before it has begun
            self._lose_power(failure)
            return lambda source, message: None
        self.service = Service(
            clock=clock, database=self.database, menu=self._menu, is_open=lambda place, at: True,
            books=Bookkeeper(self.ledger), send=process.send, listen=self._news,
        )  # fmt: skip
        process.call_later(0, lambda: self.step(self.service.start))
        return lambda source, message: self.step(lambda: self._hear(source, message))

    def _hear(self, source: str, message: object) -> None:
        assert isinstance(message, dict)
        self.service.hear(source, message)

    def step(self, act: Callable[[], object]) -> None:
        """Let the order process do one thing; look at everything; bury it if it died."""
        try:
            act()
        except Killed as death:
            self._bury(death)
        except Indefinite as failure:
            self._lose_power(failure)
        except Exception as bug:  # nothing may be raised here: it is as wrong as lost money
            self.watch.broken.append(f"raised: {bug!r}")
        if not self.watch.broken:
            self.watch.after_a_step(self.ledger)

    def _lose_power(self, failure: Indefinite) -> None:
        """After a failed sync nobody knows what is on disk, the kernel included: start from the disk."""
        self.simulation.processes.crash(SERVICE)
        self._bury(failure)

    def _bury(self, death: Exception) -> None:
        self.simulation.record(f"orders dies: {death}")
        self.simulation.processes.kill(SERVICE)
        away_ns = self._chance.stream("restarts").choice(AWAY_NS)
        self.clock.call_later(away_ns, self._restart)

    def _restart(self) -> None:
        if not self.simulation.processes.process(SERVICE).alive:
            self.simulation.processes.restart(SERVICE)

    def _at(self, point: str) -> None:
        self.points.append(point)
        if len(self.points) in self.trial.kills:
            raise Killed(f"{point}, point {len(self.points)}")

    def _menu(self, restaurant: str, dish: str) -> Dish | None:
        paise = self.prices.get(f"{restaurant}/{dish}")
        return None if paise is None else Dish(dish, dish, paise)

    def _news(self, news: Mapping[str, Any]) -> None:
        self.simulation.record(f"{news['id']} {news['state']}")

    def _teach_the_weather(self) -> None:
        on, silent = self.simulation.on, self.kitchens.silent
        on("down", lambda gateway: setattr(self.company, "is_down", True))
        on("up", lambda gateway: setattr(self.company, "is_down", False))
        on("silent", lambda kitchen, place: silent.add(place))
        on("speaks", lambda kitchen, place: silent.discard(place))
        on("fsync", lambda orders: self.simulation.disk(SERVICE).fail_syncs())


class Guarded:
    """The order process's view of time: whatever rings is a step of the world."""

    def __init__(self, process: Process, world: World) -> None:
        self._process, self._world = process, world

    def now_ns(self) -> int:
        """Return the process's own time."""
        return self._process.now_ns()

    def call_later(self, delay_ns: int, callback: Callable[[], object]) -> Timer:
        """Run `callback` later, as a step."""
        return self._process.call_later(delay_ns, lambda: self._world.step(callback))
