"""Changing an order of any kind: which price is meant, and who keeps the place.

    in the book     the price is its limit
    a stop          the price is the stop price, as long as it waits for it
    a peg           the price is the limit up to which it follows
    at the close    the price is its limit, and its queue is that of the others who wait

Everywhere the rule of matching.py holds: fewer lots at the same price keep the place, all else goes to the
back. A quantity is all that is open, also of an iceberg. Page: docs/exchange/order-types.md
"""

from exchange.market import Market
from exchange.matching import replace, shrink, would_cross
from exchange.order_types.pegs import NOWHERE
from exchange.order_types.special import SLICES_MAX, Special
from exchange.orders import Event, Reason, Replace, Replaced


def change(market: Market, order: Special, wish: Replace, events: list[Event]) -> Reason | None:
    """Do what `wish` asks of an order with terms, or return why not."""
    if wish.quantity > order.display * SLICES_MAX:
        return Reason.BAD_TERMS
    if order.id in market.stops.orders:
        _change_stop(market, order, wish, events)
    elif order.id in market.parked:
        _change_parked(market, order, wish, events)
    elif order.peg is not None:
        _change_peg(market, order, wish, events)
    elif order.post_only and would_cross(market.book, order.side, wish.price):
        return Reason.WOULD_CROSS
    else:
        replace(market.book, order, wish, events)
    return None


def _change_stop(market: Market, order: Special, wish: Replace, events: list[Event]) -> None:
    kept = wish.price == order.stop_price and wish.quantity <= order.quantity
    events.append(Replaced(order.id, wish.quantity, wish.price, kept))
    if not kept:
        market.stops.remove(order)
        order.stop_price = wish.price
        market.stops.add(order)
    order.quantity = wish.quantity
    order.quantity_min = min(order.quantity_min, wish.quantity)


def _change_parked(market: Market, order: Special, wish: Replace, events: list[Event]) -> None:
    kept = wish.price == order.price and wish.quantity <= order.quantity
    events.append(Replaced(order.id, wish.quantity, wish.price, kept))
    order.quantity, order.price = wish.quantity, wish.price
    if not kept:
        market.parked[order.id] = market.parked.pop(order.id)


def _change_peg(market: Market, order: Special, wish: Replace, events: list[Event]) -> None:
    open_lots = order.quantity + order.reserve
    kept = wish.price == order.cap and wish.quantity <= open_lots
    events.append(Replaced(order.id, wish.quantity, wish.price, kept))
    is_in_book = order.id in market.book.orders
    if kept and is_in_book:
        shrink(order, open_lots - wish.quantity)
        return
    if is_in_book:
        market.book.remove(order)
    order.gather()
    order.quantity, order.cap, order.price = wish.quantity, wish.price, NOWHERE
