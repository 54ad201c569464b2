"""The prices of a town: each minute a look at every hexagon, and a price for any place in between.

Page: docs/zomato/surge.md
"""

from collections.abc import Callable, Mapping

from chapters.errors import UsageError
from zomato.surge.blend import blended
from zomato.surge.damping import Price, Terms, at_once, damped
from zomato.surge.hexes import Hex
from zomato.surge.pulse import ONE_BPS, Reading

Policy = Callable[[Price, Reading, Terms], Price]

QUIET = Reading(0, 0, 0, 0, False)


def fixed(price: Price, seen: Reading, terms: Terms) -> Price:
    """Return 1, whatever happens: what there was before."""
    return Price(ONE_BPS, seen.ratio_bps)


POLICIES: dict[str, Policy] = {"fixed": fixed, "at-once": at_once, "damped": damped}


def policy(name: str) -> Policy:
    """Return the policy of that name. Raises `UsageError`."""
    if name not in POLICIES:
        raise UsageError(f"there is no policy {name!r}; there are {', '.join(POLICIES)}")
    return POLICIES[name]


class Prices:
    """One price for each hexagon that has ever had an order or a rider."""

    def __init__(self, policy: Policy = damped, terms: Terms | None = None) -> None:
        self._policy, self._terms = policy, terms or Terms()
        self._prices: dict[Hex, Price] = {}
        self.shown: dict[Hex, int] = {}

    def look(self, readings: Mapping[Hex, Reading]) -> None:
        """Move all prices by one look; a hexagon without a reading is quiet."""
        for cell in sorted(self._prices.keys() | readings.keys()):
            price = self._prices.get(cell, Price())
            self._prices[cell] = self._policy(price, readings.get(cell, QUIET), self._terms)
        self.shown = {cell: price.shown_bps for cell, price in self._prices.items()}

    def at(self, x: float, y: float) -> int:
        """Return the price at a place, in basis points."""
        return blended(self.shown, x, y)
