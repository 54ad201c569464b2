"""Tours for everybody, thought through to the end, begun as late as possible, and never finished.

    new orders ──► where does each cost least?          the one with most to lose is placed first (regret)
    all tours  ──► take a few out that are near each other, put them in again; keep what is better

Only the next trips are ever begun (see `day`), so the rest of a tour is a guess about the future, there to
make the present better: an order that would get the second nearest rider now may get the nearest in
six minutes. Orders of one restaurant may share a trip. Sources: Ropke & Pisinger 2006 for taking out
and putting in with regret; Reyes et al. 2018 for a horizon that rolls. Page: docs/zomato/dispatch.md
"""

from collections.abc import Iterable
from math import hypot, inf
from random import Random

from zomato.dispatch.day import Riding, Tours, Town
from zomato.dispatch.instance import Instance
from zomato.dispatch.route import Bundle, ride

ROUNDS = 20  # of taking out and putting in, at each look
OUT_LEAST, OUT_MOST = 2, 8  # orders taken out at once
NEAR = 16  # riders that are thought of for an order
AHEAD_MIN = 60  # riders whose shift begins within so long count already
BUNDLE_MAX = 4
PAY_MIN = 0.02  # a unit of pay weighs as much as so many minutes of one customer
MISSED_MIN = 1_000.0  # and an order that nobody delivers as much as this
Tour = tuple[Bundle, ...]


class Rolling:
    """Tours that are mended at each look."""

    is_late = True

    def __init__(self, *, rng: Random, rounds: int = ROUNDS, pay_min: float = PAY_MIN) -> None:
        self._rng, self._rounds, self._pay_min = rng, rounds, pay_min
        self._tours: dict[str, Tour] = {}

    def plan(self, town: Town) -> Tours:
        """Return the tours, with all open orders that anybody can deliver in time."""
        desk = Desk(town, self._pay_min, self._tours)
        left = desk.insert(town.open.keys() - desk.planned())
        for _ in range(self._rounds if len(town.open) > 1 else 0):
            left = self._shaken(desk, left)
        self._tours = desk.tours
        return desk.tours

    def _shaken(self, desk: "Desk", left: list[str]) -> list[str]:
        """Take a few out and put them in again; return who is left over, of the better plan."""
        planned = sorted(desk.planned())
        if not planned:
            return left
        tours, costs = dict(desk.tours), dict(desk.costs)
        before = sum(costs.values()) + MISSED_MIN * len(left)
        out = desk.alike(planned, self._rng)
        tried = self._rng.sample(left, min(len(left), OUT_MOST))  # of those that fit nowhere, some
        desk.remove(out)
        now_left = desk.insert([*out, *tried]) + [order for order in left if order not in tried]
        if sum(desk.costs.values()) + MISSED_MIN * len(now_left) < before:
            return now_left
        desk.tours, desk.costs = tours, costs
        return left


class Desk:
    """One look: tours of the riders that count, and what each costs."""

    def __init__(self, town: Town, pay_min: float, tours: Tours) -> None:
        self.town, self._pay_min = town, pay_min
        self._riders = town.on_duty(AHEAD_MIN)
        self.tours: dict[str, Tour] = {}
        self.costs: dict[str, float] = {}
        for rider in self._riders:
            still = [tuple(o for o in each if o in town.open) for each in tours.get(rider, ())]
            tour = tuple(each for each in still if each)
            cost = self.cost(rider, tour)
            self.tours[rider] = tour if cost < inf else ()  # time has passed: it may be late now
            self.costs[rider] = cost if cost < inf else 0.0

    def planned(self) -> set[str]:
        """Return the orders that are in a tour."""
        return {order for tour in self.tours.values() for each in tour for order in each}

    def cost(self, rider: str, tour: Tour) -> float:
        """Return how long a tour's customers wait, and its pay as minutes; inf if one is too late."""
        instance, state, total = self.town.instance, self.town.riding[rider], 0.0
        at, free, off = (
            state.at,
            max(state.free_min, self.town.now_min),
            instance.riders[rider].off_min,
        )
        for bundle in tour:
            picked, dropped, free = ride(instance, bundle, at, free)
            if picked > off:
                return inf
            for order, door in zip(bundle, dropped, strict=True):
                waited = door - instance.orders[order].placed_min
                if waited > instance.terms.limit_min:
                    return inf
                total += waited
            at = bundle[-1]
        return total + self._pay_min * more_pay(instance, rider, state, sum(map(len, tour)))

    def remove(self, orders: Iterable[str]) -> None:
        """Take orders out of their tours."""
        out = set(orders)
        for rider, tour in self.tours.items():
            if any(order in out for each in tour for order in each):
                rest = (tuple(order for order in each if order not in out) for each in tour)
                self._set(rider, tuple(each for each in rest if each))

    def insert(self, orders: Iterable[str]) -> list[str]:
        """Put orders where they cost least, the one with most to lose first; return who fits nowhere."""
        places = {order: self._places(order) for order in sorted(orders)}
        while possible := {order: found for order, found in places.items() if found}:
            order = max(possible, key=lambda each: (_regret(possible[each]), each))
            rider = min(possible[order], key=lambda each: (possible[order][each][0], each))
            self._set(rider, possible[order][rider][1])
            del places[order]
            for other, found in places.items():
                found.pop(rider, None)
                if place := self._place(other, rider):
                    found[rider] = place
        return list(places)

    def alike(self, planned: list[str], rng: Random) -> list[str]:
        """Return a few orders that could change places: near one another, ready at about the same time."""
        orders, seed = self.town.instance.orders, rng.choice(planned)
        restaurants, speed = (
            self.town.instance.restaurants,
            self.town.instance.terms.metres_a_minute,
        )
        centre, ready = restaurants[orders[seed].restaurant], orders[seed].ready_min

        def apart_min(order: str) -> float:
            place = restaurants[orders[order].restaurant]
            ride_min = hypot(place.x - centre.x, place.y - centre.y) / speed
            return (ride_min + abs(orders[order].ready_min - ready) / 2) * rng.uniform(0.7, 1.3)

        return sorted(planned, key=apart_min)[: rng.randint(OUT_LEAST, OUT_MOST)]

    def _places(self, order: str) -> dict[str, tuple[float, Tour]]:
        """The best place for an order in each tour that is thought of: added cost, and the tour with it."""
        riding, now = self.town.riding, self.town.now_min
        restaurant = self.town.instance.orders[order].restaurant

        def there_min(rider: str) -> float:
            free = max(riding[rider].free_min, now)
            return free + self.town.instance.minutes(riding[rider].at, restaurant)

        there = sorted((there_min(rider), rider) for rider in self._riders)
        near = dict.fromkeys(rider for _, rider in there[:NEAR])
        near |= dict.fromkeys(
            rider
            for rider, tour in self.tours.items()
            if any(self._restaurant(each) == restaurant for each in tour)
        )
        return {rider: place for rider in near if (place := self._place(order, rider))}

    def _place(self, order: str, rider: str) -> tuple[float, Tour] | None:
        """The best place in one tour; None if the order would be too late in all of them."""
        tour = self.tours[rider]
        restaurant = self.town.instance.orders[order].restaurant
        tried = [(*tour[:at], (order,), *tour[at:]) for at in range(len(tour) + 1)]
        for at, bundle in enumerate(tour):
            if self._restaurant(bundle) == restaurant and len(bundle) < BUNDLE_MAX:
                for door in range(len(bundle) + 1):
                    shared = (*bundle[:door], order, *bundle[door:])
                    tried.append((*tour[:at], shared, *tour[at + 1 :]))
        best = min(((self.cost(rider, each), each) for each in tried), key=lambda each: each[0])
        return (best[0] - self.costs[rider], best[1]) if best[0] < inf else None

    def _restaurant(self, bundle: Bundle) -> str:
        return self.town.instance.orders[bundle[0]].restaurant

    def _set(self, rider: str, tour: Tour) -> None:
        self.tours[rider] = tour
        self.costs[rider] = self.cost(rider, tour)


def more_pay(instance: Instance, rider: str, state: Riding, orders: int) -> float:
    """Return what a rider gets more for so many orders: nothing, below what is guaranteed."""
    hours, terms = instance.riders[rider].hours, instance.terms
    return terms.pay(state.orders + orders, hours) - terms.pay(state.orders, hours)


def _regret(found: dict[str, tuple[float, Tour]]) -> float:
    """What is lost if the best place is taken by another one: the second best costs so much more."""
    costs = sorted(cost for cost, _ in found.values())
    return costs[1] - costs[0] if len(costs) > 1 else inf
