"""A day of a city in virtual time: everybody orders, pays, cooks and rides, as it runs in earnest.

    customers ─► order process ─► payment company, kitchens, fleet      rain, a festival, a price that moves
         └── asked at the price of the moment; some think again ◄── pulse: orders, pings ◄──┘

Invariant: the same seed gives the same day, byte for byte, and at its end every order has ended, the books
sum to zero and agree with the company's statement. Page: docs/zomato/city.md
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from chapters.ledger import Ledger
from chapters.sim.clock import MS, S
from chapters.sim.latency import LogNormal
from chapters.sim.network import Handler, Link
from chapters.sim.process import Process
from chapters.sim.simulation import Simulation
from chapters.transaction import open_database
from chapters.transaction.opening import MEMORY
from zomato.city.fleet import Fleet
from zomato.city.people import DISHES, cooks, shifts, wishes
from zomato.city.streets import Streets
from zomato.city.weather import cell_of, forecast
from zomato.gateway.gateway import Gateway
from zomato.ordering import coupons
from zomato.ordering.bill import Dish
from zomato.ordering.books import Bookkeeper
from zomato.ordering.coupons import Coupon
from zomato.ordering.reconcile import reconcile
from zomato.ordering.service import Service
from zomato.ordering.tables import tables
from zomato.people import MINUTE, SERVICE, Company, Customers, Kitchens, Wish
from zomato.roads.town import town
from zomato.surge.hexes import Hex
from zomato.surge.prices import Prices
from zomato.surge.pulse import ONE_BPS, Pulse

JUNCTIONS = 4_000
LINE = Link(latency=LogNormal(30 * MS, 500 * MS), loss=0.002, duplication=0.002)
SPEAK_EVERY_NS = 5 * S  # a busy order process speaks about many orders at once
RUDENESS, REFUSES = 0.005, 0.02
MINDS = 0.9  # at twice the price this share thinks again, by 1 − 2 to the power of it
END_NS = 27 * 3600 * S  # the night after, until the last one has eaten
MENU = {dish: Dish(dish, dish.title(), paise) for dish, paise in DISHES}


@dataclass(frozen=True, slots=True)
class Report:
    """How a day went."""

    orders: int
    delivered: int
    cancelled: int
    thought_again: int
    door_min: float  # from tap to door, on average
    door_p95_min: float
    surge_most: float
    taken_paise: int
    books_sum: int
    differences: int
    unfinished: int
    digest: str
    by_hour: tuple[int, ...]


class Choosy(Customers):
    """Customers who look at the price of the moment first."""

    taps = (1,) * 19 + (2,)

    def __init__(
        self, process: Process, rng: Random, made: list[Wish], price: Callable[[Wish], int]
    ) -> None:
        super().__init__(process, rng, made)
        self._price, self._luck, self.thought_again = price, rng, 0

    def _begin(self, wish: Wish) -> None:
        if self._luck.random() < (ONE_BPS / self._price(wish)) ** MINDS:
            super()._begin(wish)
        else:
            self.thought_again += 1


class City:
    """A day that has not begun; `run` lets it pass."""

    def __init__(
        self, seed: int, *, orders: int, riders: int, restaurants: int, address: str = MEMORY
    ) -> None:
        self.simulation = Simulation(seed, link=LINE)
        luck = self.simulation.chance.stream
        graph = town(luck("roads"), JUNCTIONS)
        self._cells = [cell_of(spot) for spot in zip(graph.xs, graph.ys, strict=True)]
        self.weather = forecast(luck("weather"), sorted(set(self._cells)))
        places = cooks(luck("restaurants"), graph, restaurants)
        wanted = list(wishes(luck("hunger"), graph, places, self.weather, orders))
        self._homes = {(each.cart["x"], each.cart["y"]): home for each, home in wanted}
        self.database = open_database(address, tables)
        self.database.run(lambda connection: coupons.offer(connection, _coupon(orders)))
        self.gateway, self.pulse, self.prices = Gateway(), Pulse(), Prices()
        self.surge_most, self._told = ONE_BPS, hashlib.sha256()
        self.placed_ns: dict[str, int] = {}
        self.doors_min: list[float] = []
        self.ended: Counter[str] = Counter()
        self.by_hour: Counter[int] = Counter()
        self.simulation.start(SERVICE, self._boot)
        join, made = self.simulation.join, [wish for wish, _ in wanted]
        join("gateway", lambda p: Company(p, luck("company"), self.gateway, RUDENESS))
        join("kitchen", lambda p: Kitchens(p, luck("kitchen"), REFUSES))
        self.customers = join("customers", lambda p: Choosy(p, luck("thumbs"), made, self._price))
        streets, crew = Streets(graph, places), shifts(luck("shifts"), graph, riders)
        self.fleet = join(
            "riders",
            lambda p: Fleet(
                p, luck("riders"), graph=graph, streets=streets, weather=self.weather,
                places=places, homes=self._homes, crew=crew,
            ),
        )  # fmt: skip
        self.simulation.clock.call_later(MINUTE, self._each_minute)

    def run(self, on_minute: Callable[[int, int], object] = lambda minute, ended: None) -> Report:
        """Let the day pass; `on_minute` is told the minute, and how many orders have ended."""
        for minute in range(10, END_NS // MINUTE + 1, 10):
            self.simulation.clock.run(minute * MINUTE)
            on_minute(minute, sum(self.ended.values()))
        return self._report()

    def _boot(self, process: Process) -> Handler:
        self.ledger = Ledger(clock=process)
        self.service = Service(
            clock=process, database=self.database, menu=lambda place, dish: MENU.get(dish),
            is_open=lambda place, at: True, books=Bookkeeper(self.ledger), send=process.send,
            listen=self._news, speak_every_ns=SPEAK_EVERY_NS,
        )  # fmt: skip
        process.call_later(0, self.service.start)
        return self._hear

    def _hear(self, source: str, message: object) -> None:
        assert isinstance(message, dict)
        self.service.hear(source, message)

    def _cell(self, wish: Wish) -> Hex:
        return self._cells[self._homes[wish.cart["x"], wish.cart["y"]]]

    def _price(self, wish: Wish) -> int:
        """Return the price that a customer sees, and note that somebody is hungry there."""
        cell = self._cell(wish)
        self.pulse.ordered(cell, self.simulation.clock.now_ns() // S)
        return self.prices.shown.get(cell, ONE_BPS)

    def _each_minute(self) -> None:
        """Riders say where they are, prices move, and whose shift is over goes home."""
        now_s = self.simulation.clock.now_ns() // S
        self.fleet.end_shifts()
        for rider, node in self.fleet.at.items():
            self.pulse.pinged(rider, self._cells[node], now_s)
        self.prices.look(self.pulse.readings(now_s))
        self.surge_most = max(self.surge_most, max(self.prices.shown.values(), default=0))
        if self.simulation.clock.now_ns() < END_NS:
            self.simulation.clock.call_later(MINUTE, self._each_minute)

    def _news(self, news: Mapping[str, Any]) -> None:
        """Count what has ended; every word goes into the day's fingerprint."""
        id, state, at_ns = news["id"], news["state"], news.get("at_ns", 0)
        self._told.update(f"{id} {state} {at_ns} {news.get('rider', '')}\n".encode())
        if state == "placed":
            self.placed_ns[id] = at_ns
        elif state in ("delivered", "cancelled") and "at_ns" in news:
            self.ended[state] += 1
            if state == "delivered":
                self.by_hour[at_ns // (60 * MINUTE)] += 1
                self.doors_min.append((at_ns - self.placed_ns[id]) / MINUTE)

    def _report(self) -> Report:
        doors = sorted(self.doors_min) or [0.0]
        states = self.service.orders.count_by_state()
        statement = self.gateway.statement
        return Report(
            orders=sum(states.values()),
            delivered=self.ended["delivered"],
            cancelled=self.ended["cancelled"],
            thought_again=self.customers.thought_again,
            door_min=sum(doors) / len(doors),
            door_p95_min=doors[int(len(doors) * 0.95)],
            surge_most=self.surge_most / ONE_BPS,
            taken_paise=sum(each.paise for each in statement),
            books_sum=sum(self.ledger.balances().values()),
            differences=len(reconcile(self.ledger.postings(), statement)),
            unfinished=sum(n for state, n in states.items() if state not in self.ended),
            digest=self._told.hexdigest()[:16],
            by_hour=tuple(self.by_hour[hour] for hour in range(END_NS // (60 * MINUTE))),
        )


def _coupon(orders: int) -> Coupon:
    """Return the coupon of the day: a tenth off, for one order in twenty."""
    return Coupon("CITY", 1_000, 50_00, 100_00, max(1, orders // 20), 48 * 3600 * S)
