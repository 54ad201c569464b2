"""Trades that move nothing: with oneself, or round a circle of friends.

    A ──100──► B ──100──► C ──100──► A        three trades, 300 lots of volume, nobody has anything else

Volume attracts, so some make it. With oneself it is seen at once. In a circle each trade is in order;
only together do they come back to where they began. So a trade is an arrow from seller to buyer, and each
new one is tried as the last of a circle: is there a way from its buyer to its seller, over trades of
about the same size, each after the one before? Scored is how often the same accounts closed one. Memory
and work: the last 256 trades of a symbol, for ten seconds; ways of up to four arrows over at most 8
trades of each account. Source: MAR, Article 12 and Annex I (Regulation (EU) 596/2014).
Page: docs/exchange/surveillance.md
"""

from collections import deque
from collections.abc import Iterator

from chapters.sim.clock import S
from exchange.clearing.drop_copy import Execution
from exchange.surveillance.acts import Act
from exchange.surveillance.alerts import WASH, Alert

WINDOW_NS = 10 * S
TRADES_KEPT = 256  # of a symbol
BRANCHES_MAX = 8  # trades of one account that are followed
ARROWS_MAX = 4
TOLERANCE = 0.1  # by which sizes on the way may differ
CIRCLES_KEPT = 256


class WashTrades:
    """The last trades of each symbol, and the circles that were closed lately."""

    def __init__(self, window_ns: int = WINDOW_NS) -> None:
        self._window_ns = window_ns
        self._trades: dict[str, deque[Execution]] = {}
        self._circles: deque[tuple[str, tuple[int, ...], Execution]] = deque(maxlen=CIRCLES_KEPT)

    def hear(self, act: Act) -> Iterator[Alert]:
        """Yield an alert when a trade closes a circle; its score counts the times."""
        if not isinstance(act, Execution):
            return
        recent = self._trades.setdefault(act.symbol, deque(maxlen=TRADES_KEPT))
        while recent and act.time_ns - recent[0].time_ns > self._window_ns:
            recent.popleft()
        way = [act] if act.buyer == act.seller else way_back(act, list(recent))
        recent.append(act)
        if way:
            accounts = tuple(sorted({each.seller for each in way}))
            first = self._count(act, accounts, way[0])
            times = sum(mark[:2] == (act.symbol, accounts) for mark in self._circles)
            yield Alert(WASH, accounts, act.symbol, first, act.sequence, float(times))

    def close(self) -> Iterator[Alert]:
        """Nothing is left to tell when the market closes."""
        yield from ()

    def _count(self, act: Execution, accounts: tuple[int, ...], begun: Execution) -> int:
        """Note the circle; return where the first one of these accounts began."""
        while self._circles and act.time_ns - self._circles[0][2].time_ns > self._window_ns:
            self._circles.popleft()
        self._circles.append((act.symbol, accounts, begun))
        return next(
            mark.sequence
            for symbol, who, mark in self._circles
            if (symbol, who) == (act.symbol, accounts)
        )


def way_back(closing: Execution, recent: list[Execution]) -> list[Execution]:
    """Return trades that lead from the buyer of `closing` to its seller, and it; [] if none do."""
    by_seller: dict[int, list[Execution]] = {}
    for each in recent:
        if abs(each.quantity - closing.quantity) <= TOLERANCE * closing.quantity:
            by_seller.setdefault(each.seller, []).append(each)
    found = _follow(closing.buyer, closing.seller, by_seller, 0, ARROWS_MAX - 1)
    return [*found, closing] if found else []


def _follow(
    source: int, target: int, by_seller: dict[int, list[Execution]], after: int, arrows: int
) -> list[Execution]:
    """Return the way from `source` to `target` over trades later than `after`; [] if there is none."""
    if not arrows:
        return []
    for each in by_seller.get(source, ())[-BRANCHES_MAX:]:
        if each.sequence <= after:
            continue
        if each.buyer == target:
            return [each]
        if rest := _follow(each.buyer, target, by_seller, each.sequence, arrows - 1):
            return [each, *rest]
    return []
