"""Pro rata: at one price everybody trades at once, each a share that is as large as their order.

    90 lots arrive at      A 100   B 50   C 30       in all 180
    a share of 90/180      A  50   B 25   C 15

Shares are rounded down, and the lots that this leaves over go to who came first. The best price still goes
first; only *within* a level is size what counts instead of time. Source: the allocation of interest-rate
futures (CME's algorithms A and K are relatives). Cost: O(orders of the level). Invariant: the shares add
up to what is taken, and nobody gets more than they offered. Page: docs/exchange/order-types.md
"""

from exchange.book import Book, Level, Order
from exchange.matching import give_way, trade
from exchange.orders import Event, SelfTrade


def shares(offered: list[int], wanted: int) -> list[int]:
    """Return how many of `wanted` lots each of those gets who offered so many, oldest first."""
    total = sum(offered)
    if wanted >= total:
        return list(offered)
    given = [wanted * lots // total for lots in offered]
    left_over = wanted - sum(given)
    for index, lots in enumerate(offered):
        more = min(left_over, lots - given[index])
        given[index] += more
        left_over -= more
    return given


def share_out(book: Book, level: Level, taker: Order, events: list[Event]) -> None:
    """Trade `taker` with all of a `level` at once, until either is used up.

    Orders of its own account are met before all others: one meets everybody at the same time.
    """
    while taker.quantity and level.first is not None:
        if (own := _own(level, taker)) is not None:
            give_way(book, own, taker, events)
            continue
        waiting, left = list(level), taker.quantity
        for maker, lots in zip(
            waiting, shares([each.quantity for each in waiting], left), strict=True
        ):
            if lots:
                taker.quantity = lots
                trade(book, level, maker, taker, events)
                left -= lots
        taker.quantity = left


def _own(level: Level, taker: Order) -> Order | None:
    """Return the oldest order of the level that the taker must not trade with."""
    if taker.self_trade is SelfTrade.ALLOW:
        return None
    return next((order for order in level if order.account == taker.account), None)


def demo() -> None:
    """Three sellers at one price; a buyer takes half of what they offer."""
    from exchange.control import Matching, Rules
    from exchange.engine import Engine
    from exchange.orders import BUY, SELL, New
    from exchange.saying import say

    engine = Engine({"RATES": Rules(matching=Matching.PRO_RATA)})
    for account, lots in ((1, 100), (2, 50), (3, 31)):
        say(engine.apply(New(account, "offer", "RATES", SELL, lots, 9_800)))
    say(engine.apply(New(4, "bid", "RATES", BUY, 90, 9_800)))
