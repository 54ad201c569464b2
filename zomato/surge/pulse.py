"""Demand and supply of each hexagon, as far as one can see: the orders of ten minutes, and who is heard.

    orders    ─●──●●─●───●●●─┤ now        those of the last WINDOW_S count
    rider a   · · · · · · · ·│            heard a minute ago: there
    rider b   · · · ·        │            silent, and has not signed off: nobody knows
    rider c   · · ✕          │            signed off: gone

A rider who is not heard is not a rider who is not there: the line may be broken, and for many at once.
Invariant: a hexagon where too many are silent says so, instead of giving a number that looks like any.
Page: docs/zomato/surge.md
"""

from collections import Counter, deque
from dataclasses import dataclass

from zomato.surge.hexes import Hex

WINDOW_S = 600  # of orders
HEARD_S = 60  # a ping comes every four seconds; after a minute without, a rider is silent
FORGOTTEN_S = 30 * 60  # after which a silent one is gone
BLIND_BPS = 2_000  # of the riders of a hexagon silent: its supply is not known
SERVICE_S = 25 * 60  # an order takes a rider that long
ONE_BPS = 10_000
RATIO_MAX_BPS = 100_000
ORDERS_MAX = 200_000  # remembered; the oldest are forgotten first


@dataclass(frozen=True, slots=True)
class Reading:
    """How a hexagon stands: `ratio_bps` is demand by what its riders can do, 10,000 when just enough."""

    orders: int
    riders: int
    silent: int
    ratio_bps: int
    is_blind: bool


class Pulse:
    """What comes in, and what it says about now."""

    def __init__(self) -> None:
        self._orders: deque[tuple[int, Hex]] = deque(maxlen=ORDERS_MAX)
        self._heard: dict[str, tuple[int, Hex]] = {}

    def ordered(self, cell: Hex, now_s: int) -> None:
        """Hear of an order."""
        self._orders.append((now_s, cell))

    def pinged(self, rider: str, cell: Hex, now_s: int) -> None:
        """Hear where a rider is, busy or not."""
        self._heard[rider] = now_s, cell

    def signed_off(self, rider: str) -> None:
        """Hear that a rider has stopped working, or is on the way to somewhere else."""
        self._heard.pop(rider, None)

    def readings(self, now_s: int) -> dict[Hex, Reading]:
        """Return how each hexagon stands, of those with orders or riders. O(orders + riders)."""
        while self._orders and self._orders[0][0] <= now_s - WINDOW_S:
            self._orders.popleft()
        orders = Counter(cell for _, cell in self._orders)
        riders, silent = Counter[Hex](), Counter[Hex]()
        for rider, (at_s, cell) in list(self._heard.items()):
            if at_s <= now_s - FORGOTTEN_S:
                del self._heard[rider]
            else:
                (riders if at_s > now_s - HEARD_S else silent)[cell] += 1
        return {
            cell: reading(orders[cell], riders[cell], silent[cell])
            for cell in sorted(orders.keys() | riders.keys() | silent.keys())
        }


def reading(orders: int, riders: int, silent: int) -> Reading:
    """Return what so many orders in the window, riders heard and riders silent mean."""
    can_do = max(1, riders) * WINDOW_S
    ratio = min(RATIO_MAX_BPS, orders * SERVICE_S * ONE_BPS // can_do)
    return Reading(orders, riders, silent, ratio, silent * ONE_BPS > BLIND_BPS * (riders + silent))
