"""The published format: five text files of an instance, three of a solution.

    orders.txt       order x y placement_time restaurant ready_time        tabs between
    couriers.txt     courier x y on_time off_time
    restaurants.txt  restaurant x y
    instance_parameters.txt

    solution_info_assignments.txt   assignment_time pickup_time courier order …       spaces between
    solution_info_orders.txt        order placement_time restaurant ready_time … dropoff_time courier
    solution_info_couriers.txt      courier departure_time origin destination

Riders are "couriers" there. Source: the files and the checker of
github.com/grubhub/mdrplib. Page: docs/zomato/dispatch.md
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

from chapters.new_file import written_whole
from zomato.dispatch.instance import Instance, Order, Restaurant, Rider, Terms
from zomato.dispatch.solution import Assignment, Delivery, Leg, Solution
from zomato.errors import BadFile

ROWS_MAX = 100_000
TERMS = (
    "meters_per_minute", "pickup service minutes", "dropoff service minutes", "target click-to-door",
    "maximum click-to-door", "pay per order", "guaranteed pay per hour",
)  # fmt: skip
Thing = TypeVar("Thing", Order, Rider, Restaurant)


class Row:
    """A line of a table, by its columns; what is wrong with it is said with file, line and field."""

    def __init__(self, where: str, columns: Sequence[str], cells: Sequence[str]) -> None:
        self._where, self._cells = where, dict(zip(columns, cells, strict=True))

    def text(self, name: str) -> str:
        """Return a field that is not empty."""
        return self._cells[name].strip() or self.fail(name, "is empty")

    def number(self, name: str, least: float = -1e9) -> float:
        """Return a number that is at least `least`."""
        try:
            found = float(self.text(name))
        except ValueError:
            found = float("nan")
        if not least <= found <= 1e9:
            self.fail(name, f"must be a number from {least:g}")
        return found

    def minute(self, name: str) -> int:
        """Return a whole minute."""
        found = self.number(name, 0)
        return int(found) if found == int(found) else self.fail(name, "must be a whole minute")

    def fail(self, name: str, why: str) -> NoReturn:
        """Raise `BadFile` about a field."""
        raise BadFile(f"{self._where}, {name}: {self._cells[name]!r:.40} {why}")


def read(folder: Path) -> Instance:
    """Return the instance of a folder. Raises `BadFile`."""
    (terms,) = _rows(folder / "instance_parameters.txt", TERMS, exactly=1)
    restaurants = _things(folder / "restaurants.txt", ("restaurant", "x", "y"), _restaurant)
    riders = _things(folder / "couriers.txt", ("courier", "x", "y", "on_time", "off_time"), _rider)
    columns = ("order", "x", "y", "placement_time", "restaurant", "ready_time")
    orders = _things(folder / "orders.txt", columns, lambda row: _order(row, restaurants))
    known = [*restaurants, *riders, *orders]
    if (
        twice := {id for id in known if known.count(id) > 1}
        if len(set(known)) < len(known)
        else set()
    ):
        raise BadFile(f"{folder}: {min(twice)!r} is the id of two things; each must have its own")
    return Instance(folder.name, _terms(terms), orders, riders, restaurants)


def _terms(row: Row) -> Terms:
    speed, pickup, dropoff, target, limit, order, hour = TERMS
    return Terms(
        metres_a_minute=row.number(speed, 1e-6),
        pickup_min=row.number(pickup, 0),
        dropoff_min=row.number(dropoff, 0),
        target_min=row.number(target, 0),
        limit_min=row.number(limit, 0),
        pay_an_order=row.number(order, 0),
        pay_an_hour=row.number(hour, 0),
    )


def _restaurant(row: Row) -> Restaurant:
    return Restaurant(row.text("restaurant"), row.number("x"), row.number("y"))


def _rider(row: Row) -> Rider:
    on, off = row.minute("on_time"), row.minute("off_time")
    if off <= on:
        row.fail("off_time", f"must be after on_time, {on}")
    return Rider(row.text("courier"), row.number("x"), row.number("y"), on, off)


def _order(row: Row, restaurants: dict[str, Restaurant]) -> Order:
    placed, ready, restaurant = (
        row.minute("placement_time"),
        row.minute("ready_time"),
        row.text("restaurant"),
    )
    if ready < placed:
        row.fail("ready_time", f"must not be before placement_time, {placed}")
    if restaurant not in restaurants:
        row.fail("restaurant", "is in no line of restaurants.txt")
    return Order(row.text("order"), row.number("x"), row.number("y"), placed, restaurant, ready)


def _things(path: Path, columns: Sequence[str], made: Callable[[Row], Thing]) -> dict[str, Thing]:
    return {thing.id: thing for thing in map(made, _rows(path, columns))}


def _rows(path: Path, columns: Sequence[str], exactly: int | None = None) -> Iterator[Row]:
    """The lines below the heading, which must have these columns."""
    heading, *lines = _text(path).splitlines() or [""]
    there = [each.strip() for each in heading.split("\t")]
    if missing := [each for each in columns if each not in there]:
        raise BadFile(f"{path}: there is no column {missing[0]!r}; there are {', '.join(there)}")
    filled = [(number, line) for number, line in enumerate(lines, 2) if line.strip()]
    if len(filled) > ROWS_MAX or (exactly is not None and len(filled) != exactly):
        wanted = exactly if exactly is not None else f"at most {ROWS_MAX}"
        raise BadFile(f"{path}: {len(filled)} lines; there must be {wanted}")
    for number, line in filled:
        cells = line.split("\t")
        if len(cells) != len(there):
            raise BadFile(
                f"{path}, line {number}: {len(cells)} fields; the heading has {len(there)}"
            )
        yield Row(f"{path}, line {number}", there, cells)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BadFile(f"{path}: byte {error.start} is no UTF-8") from None


# Solutions --------------------------------------------------------------------------------------

ASSIGNMENTS, ORDERS, LEGS = (
    "solution_info_assignments.txt",
    "solution_info_orders.txt",
    "solution_info_couriers.txt",
)
ORDER_COLUMNS = "order placement_time restaurant ready_time pickup_time dropoff_time courier"


def write(found: Solution, instance: Instance, folder: Path) -> None:
    """Write a solution's three files; the folder is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    given = [
        f"{each.decided_min:g} {each.picked_min:g} {each.rider} {' '.join(each.bundle)}"
        for each in found.assignments
    ]
    delivered = []
    for each in found.deliveries:
        order = instance.orders[each.order]
        known = f"{order.id} {order.placed_min} {order.restaurant} {order.ready_min}"
        delivered.append(f"{known} {each.picked_min:g} {each.dropped_min:g} {each.rider}")
    ridden = [f"{leg.rider} {leg.leaves_min:g} {leg.origin} {leg.goal}" for leg in found.legs]
    for name, heading, lines in (
        (ASSIGNMENTS, "assignment_time pickup_time courier bundle", given),
        (ORDERS, ORDER_COLUMNS, delivered),
        (LEGS, "courier departure_time origin destination", ridden),
    ):
        with written_whole(folder / name) as draft:
            draft.write_text("\n".join([heading, *lines, ""]), "utf-8")


def read_solution(folder: Path) -> Solution:
    """Return a solution that somebody wrote. Raises `BadFile`."""
    given = [
        Assignment(cells.number(0), cells.number(1), cells.text(2), tuple(cells.rest(3)))
        for cells in _lines(folder / ASSIGNMENTS, 4)
    ]
    delivered = [
        Delivery(cells.text(0), cells.number(4), cells.number(5), cells.text(6))
        for cells in _lines(folder / ORDERS, 7)
        if cells.text(6) != "courier"  # so the published ones say that nobody came
    ]
    ridden = []
    for cells in _lines(folder / LEGS, 4):
        rider, origin = cells.text(0), cells.text(2)
        goal = cells.text(3)
        ridden.append(Leg(rider, cells.number(1), rider if origin == "0" else origin, goal))
    return Solution(tuple(given), tuple(delivered), tuple(ridden))


class Cells:
    """A line by its places."""

    def __init__(self, where: str, cells: Sequence[str]) -> None:
        self._where, self._cells = where, cells

    def text(self, place: int) -> str:
        """Return one of them."""
        return self._cells[place]

    def rest(self, place: int) -> Sequence[str]:
        """Return those from a place on."""
        return self._cells[place:]

    def number(self, place: int) -> float:
        """Return one that is a number."""
        try:
            return float(self._cells[place])
        except ValueError:
            told = f"{self._where}, field {place + 1}: {self._cells[place]!r:.40} must be a number"
            raise BadFile(told) from None


def _lines(path: Path, least: int) -> Iterator[Cells]:
    """The lines below the heading, which have at least so many fields."""
    for number, line in enumerate(_text(path).splitlines(), 1):
        cells = line.split()
        if number == 1 or not cells:
            continue
        if len(cells) < least:
            raise BadFile(f"{path}, line {number}: {len(cells)} fields; there must be {least}")
        yield Cells(f"{path}, line {number}", cells)
