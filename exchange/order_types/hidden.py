"""Hidden orders: they trade like all others, and nobody sees them; at one price the displayed go first.

    displayed asks   10.02: A ⇄ B    10.04: C        what a buyer meets, in turn:
    hidden asks      10.02: h ⇄ i    10.03: j        A  B  h  i  j  C

Two book sides, and one that looks like a single side to whoever arrives. So that a hidden order stands
behind a displayed one that comes later needs no line in matching.py, and a displayed queue is as
before. Cost: that of both sides. Source: the rule of Nasdaq and most others.
Page: docs/exchange/order-types.md
"""

from collections.abc import Iterator
from heapq import merge
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange.book import Level, Levels


class Both:
    """What is displayed and what is hidden of one side, as one: the better price, then the displayed."""

    __slots__ = ("_hidden", "_shown")

    def __init__(self, shown: "Levels", hidden: "Levels") -> None:
        self._shown = shown
        self._hidden = hidden

    def best(self) -> "Level | None":
        """Return the level with the better price; of two equal ones the displayed."""
        shown, hidden = self._shown.best(), self._hidden.best()
        if hidden is None:
            return shown
        return hidden if shown is None or hidden.key < shown.key else shown

    def walk(self) -> "Iterator[Level]":
        """Yield the levels of both from the best price on; of two equal ones the displayed first."""
        return merge(self._shown.walk(), self._hidden.walk(), key=attrgetter("key"))


class Nobody:
    """A side on which nobody waits: what arriving orders meet while others gather for an auction."""

    __slots__ = ()

    def best(self) -> "Level | None":
        """Return None."""
        return None

    def walk(self) -> "Iterator[Level]":
        """Yield nothing."""
        return iter(())


NOBODY = Nobody()


def demo() -> None:
    """A hidden seller came first and waits behind a displayed one who came later."""
    from exchange.engine import Engine
    from exchange.orders import BUY, SELL, New, Terms
    from exchange.saying import say

    engine = Engine(["ACME"])
    for command in (
        New(1, "hidden", "ACME", SELL, 50, 1002, terms=Terms(display=0)),
        New(2, "shown", "ACME", SELL, 30, 1002),
        New(3, "buyer", "ACME", BUY, 40, 1002),
    ):
        say(engine.apply(command))
