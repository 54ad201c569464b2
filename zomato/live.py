"""A day that is watched: it takes orders, loses riders, and says where everybody is.

Between two looks nothing is decided, and everybody rides on; so where a rider is follows from the
trip and the minute alone. Page: docs/zomato/serve.md
"""

from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from chapters.errors import Refused
from zomato.dispatch.day import Day
from zomato.dispatch.instance import Order
from zomato.dispatch.route import Trip, ride
from zomato.dispatch.score import score
from zomato.roads.travel import ByRoad

PREPARATION_MIN = 14  # of an order from the page
PATHS_MAX = 20_000  # of rides that are kept; then it begins anew
QUICKER_M_A_S = (9.0, 16.0)  # an avenue, a ring
LOOKS_MAX = 600  # caught up with at once, after a pause


Spot: TypeAlias = tuple[float, float]
Rides: TypeAlias = list[tuple[float, float, list[Spot], int]]


@dataclass(slots=True)
class Followed:
    """An order from the page: who was planned for it, one after the other, and since when."""

    order: Order
    planned: list[tuple[float, str]] = field(default_factory=list)


class Live:
    """One day, one caller at a time. `minute` is now."""

    def __init__(self, day: Day) -> None:
        self._day = day
        self.minute = float(day.town.now_min)
        self._own: dict[str, Followed] = {}
        self._gone: list[str] = []
        self._trips: dict[str, list[Trip]] = {}  # by rider
        self._paths: dict[tuple[Spot, Spot], list[Spot]] = {}

    @property
    def is_over(self) -> bool:
        """Return whether the last order is at its door, and no more can be placed."""
        last = max((each.dropped_min[-1] for each in self._day.trips), default=0.0)
        return self._day.is_over and self.minute > last

    @property
    def own(self) -> list[str]:
        """Return the orders from the page."""
        return list(self._own)

    def rides(self, rider: str) -> Rides:
        """Return a rider's trip at hand: rides with leaves, arrives, the places passed, carrying."""
        found: Rides = self._rider(rider)["rides"]
        return found

    def pass_to(self, minute: float) -> None:
        """Let the time pass, and look whenever a look is due."""
        for _ in range(LOOKS_MAX):
            if self._day.town.now_min > minute or self._day.is_over:
                break
            self._look()
        self.minute = max(self.minute, minute)

    def admit(self, restaurant: object) -> None:
        """Raise `Refused` if nothing can be brought from there: 404 unknown, 409 after hours."""
        if restaurant not in self._day.town.instance.restaurants:
            raise Refused(404, f"there is no restaurant {restaurant!r:.40}")
        if self._day.is_over:
            raise Refused(409, "the day is over; start another one")

    def place(self, restaurant: str, x: float, y: float) -> str:
        """Take an order, and return its id. Raises as `admit` does."""
        self.admit(restaurant)
        now = int(self.minute)
        order = Order(f"you-{len(self._own) + 1}", x, y, now, restaurant, now + PREPARATION_MIN)
        self.take(order)
        return order.id

    def take(self, order: Order) -> None:
        """Take an order that was accepted elsewhere, to be followed under its own id."""
        self._day.place(order)
        self._own[order.id] = Followed(order)

    def drop(self, id: str) -> None:
        """Bring an order no more: who is on the way already rides for nothing."""
        self._day.town.open.pop(id, None)

    def lose(self, rider: str) -> list[str]:
        """Lose a rider; return the orders that wait again. Raises `Refused` with 404."""
        if rider not in self._day.town.riding:
            raise Refused(404, f"there is no rider {rider!r} on the road")
        again = self._day.lose(rider)
        self._gone.append(rider)
        self._index()
        return again

    def order(self, id: str) -> dict[str, Any]:
        """Return how an order from the page stands. Raises `Refused` with 404."""
        if id not in self._own:
            raise Refused(404, f"there is no order {id!r} from here")
        followed = self._own[id]
        facts = {"id": id, "placed": followed.order.placed_min, "ready": followed.order.ready_min}
        trip = next((each for each in self._day.trips if id in each.bundle), None)
        if id in self._day.given_up:
            return facts | {
                "state": "given up",
                "rider": "",
                "door": 0,
                "planned": followed.planned,
            }
        if trip is None:
            rider, door = self._expected(id)
            return facts | {"state": "planned" if rider else "waiting", "rider": rider, "door": door,
                            "planned": followed.planned}  # fmt: skip
        door = trip.dropped_min[trip.bundle.index(id)]
        steps = (
            (door, "delivered"),
            (trip.picked_min, "on the way to you"),
            (trip.leaves_min, "fetched"),
        )
        state = next((word for at, word in steps if self.minute >= at), "sent")
        return facts | {"state": state, "rider": trip.rider, "door": door, "picked": trip.picked_min,
                        "planned": followed.planned}  # fmt: skip

    def places(self) -> dict[str, Any]:
        """Return what does not change: the restaurants, and the size of the town in metres."""
        instance = self._day.town.instance
        ids = (*instance.restaurants, *instance.orders, *instance.riders)
        xs, ys = [instance.place(id).x for id in ids], [instance.place(id).y for id in ids]
        return {
            "name": instance.name,
            "box": [min(xs), min(ys), max(xs), max(ys)],
            "restaurants": [asdict(each) for each in instance.restaurants.values()],
            "roads": self._roads(),
        }  # fmt: skip

    def _roads(self) -> list[list[int]]:
        """Return every road between two junctions once: [x, y, x, y, class], the quick ones 2."""
        travel = self._day.town.instance.travel
        if not isinstance(travel, ByRoad):
            return []
        graph, seen = travel.graph, dict[tuple[int, int], list[int]]()
        for arc in graph.arcs():
            metres = graph.metres(arc.tail, arc.head)
            speed = metres / max(arc.ms, 1) * 1000
            kind = sum(speed >= least for least in QUICKER_M_A_S)
            ends = (min(arc.tail, arc.head), max(arc.tail, arc.head))
            spots = [
                round(each[node]) for node in (arc.tail, arc.head) for each in (graph.xs, graph.ys)
            ]
            seen[ends] = [*spots, kind]
        return list(seen.values())

    def shown(self) -> dict[str, Any]:
        """Return what is going on now: riders with their rides, open orders, plans, figures."""
        town = self._day.town
        done = [each for each in self._day.trips if each.dropped_min[-1] <= self.minute]
        found = score(town.instance, done)
        return {
            "minute": self.minute,
            "is_over": self.is_over,
            "riders": [self._rider(id) for id in town.on_duty() + self._late()],
            "open": [self._open(id) for id in town.open],
            "plans": [
                [rider, [order for bundle in tour for order in bundle]]
                for rider, tour in self._day.tours.items()
                if tour and rider in town.riding
            ],
            "gone": self._gone,
            "delivered": found.delivered,
            "click_to_door": found.click_to_door_min,
        }

    def _look(self) -> None:
        self._day.look()
        self._index()
        now = self._day.town.now_min
        for id, followed in self._own.items():
            rider, _ = self._expected(id)
            if rider and (not followed.planned or followed.planned[-1][1] != rider):
                followed.planned.append((now, rider))

    def _index(self) -> None:
        self._trips = {}
        for each in self._day.trips:
            self._trips.setdefault(each.rider, []).append(each)

    def _late(self) -> list[str]:
        """Riders whose shift is over, and who still carry something."""
        town = self._day.town
        duty = set(town.on_duty())
        return [
            id for id, state in town.riding.items() if id not in duty and state.free_min > self.minute
            and id in self._trips
        ]  # fmt: skip

    def _expected(self, id: str) -> tuple[str, float]:
        """Whose tour has an order, and when that tour would be at the door."""
        town = self._day.town
        for rider, tour in self._day.tours.items():
            if rider not in town.riding or not any(id in bundle for bundle in tour):
                continue
            state = town.riding[rider]
            at, free = state.at, max(state.free_min, town.now_min)
            for bundle in tour:
                _, doors, free = ride(town.instance, bundle, at, free)
                if id in bundle:
                    return rider, doors[bundle.index(id)]
                at = bundle[-1]
        return "", 0.0

    def _open(self, id: str) -> dict[str, Any]:
        order = self._day.town.instance.orders[id]
        return {"id": id, "x": order.x, "y": order.y, "restaurant": order.restaurant,
                "ready": order.ready_min}  # fmt: skip

    def _rider(self, id: str) -> dict[str, Any]:
        """A rider with the rides of the trip at hand: [leaves, arrives, places passed, carrying]."""
        instance = self._day.town.instance
        trips = [each for each in self._trips.get(id, ()) if each.leaves_min <= self.minute + 1]
        if not trips:
            home = instance.riders[id]
            return {"id": id, "x": home.x, "y": home.y, "rides": []}
        trip, rides = trips[-1], list[Any]()
        at, leaves = trip.origin, trip.leaves_min
        for number, place in enumerate((trip.restaurant, *trip.bundle)):
            one, other = instance.place(at), instance.place(place)
            carried = len(trip.bundle) - number + 1 if number else 0
            path = self._path((one.x, one.y), (other.x, other.y))
            rides.append((leaves, leaves + instance.minutes(at, place), path, carried))
            stays = trip.picked_min if number == 0 else trip.dropped_min[number - 1]
            half = instance.terms.pickup_min if number == 0 else instance.terms.dropoff_min
            at, leaves = place, stays + half / 2
        x, y = rides[-1][2][-1]
        return {"id": id, "x": x, "y": y, "rides": rides}

    def _path(self, one: Spot, other: Spot) -> list[Spot]:
        """Return where a ride leads along; by road if the day has some."""
        travel = self._day.town.instance.travel
        if not isinstance(travel, ByRoad):
            return [one, other]
        if (one, other) not in self._paths:
            if len(self._paths) >= PATHS_MAX:
                self._paths.clear()
            way = travel.way(one, other)
            self._paths[one, other] = [(round(x), round(y)) for x, y in way]
        return self._paths[one, other]
