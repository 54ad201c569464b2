"""An auction's price by trying every price that was named: slow, and too simple to be wrong."""

from exchange.orders import BUY, NO_LIMIT, SELL
from exchange.sessions.auction import Indication


def wishes_of(book):
    """Return (side, lots, limit or None) of every order in `book`, what nobody sees included."""
    return [
        (
            order.side,
            order.quantity + order.reserve,
            None if abs(order.price) == NO_LIMIT else order.price,
        )
        for order in book.orders.values()
    ]


def willing(wishes, side, price):
    return sum(
        lots
        for way, lots, limit in wishes
        if way == side and (limit is None or side * (limit - price) >= 0)
    )


def naive(wishes, reference):
    """Score every price between the lowest and the highest that anybody named."""
    named = [limit for _, _, limit in wishes if limit is not None] + [reference] * bool(reference)
    scored = []
    for price in range(min(named, default=0), max(named, default=-1) + 1):
        demand, supply = willing(wishes, BUY, price), willing(wishes, SELL, price)
        scored.append((min(demand, supply), -abs(demand - supply), demand - supply, price))
    if not scored or not (most := max(scored)[0]):
        return None
    least = max(score[1] for score in scored if score[0] == most)
    left = [score for score in scored if score[:2] == (most, least)]
    if all(score[2] > 0 for score in left):
        chosen = left[-1]
    elif all(score[2] < 0 for score in left):
        chosen = left[0]
    else:
        wanted = reference or (left[0][3] + left[-1][3]) // 2
        chosen = min(left, key=lambda score: abs(score[3] - wanted))
    return Indication(chosen[3], most, chosen[2])
