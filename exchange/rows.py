"""A market's state as rows of a canonical dump: who waits where, in which order.

    [number, account, side, quantity, price, self-trade]           a plain order
    [… the same six …, reserve, cap, display, hidden, …]           one with terms

Best price first and oldest first: queued again in this order, every order has its place back. What is
derived is not written: heaps, empty levels, dates, the dictionary of pegs. Invariant: what was loaded is
dumped as the same rows. Page: docs/exchange/engine.md
"""

from operator import itemgetter
from typing import Any

from exchange.book import Book, Order
from exchange.control import Matching, Phase, Rules
from exchange.market import Market
from exchange.order_types.lives import remember
from exchange.order_types.special import Special
from exchange.orders import Life, New, Peg, SelfTrade, Side, Terms

Row = list[Any]
PLAIN_FIELDS = 6


def dump_book(book: Book) -> list[Row]:
    """Return the orders of a book, displayed and hidden."""
    return [dump_order(order) for half in book.halves() for level in half.walk() for order in level]


def dump_beside(market: Market) -> dict[str, Any]:
    """Return who waits beside the book, and what else the market remembers, as JSON can hold it."""
    pegs = [order for number, order in market.pegs.items() if number not in market.book.orders]
    matching, *numbers = market.rules
    return {
        "stops": [dump_order(order) for order in market.stops.walk()],
        "pegs": [dump_order(order) for order in pegs],
        "last_price": market.last_price,
        "rules": [matching.value, *numbers],
        "parked": [dump_order(order) for order in market.parked.values()],
        "phase": market.phase.value,
        "alarm": market.alarm_ns,
        "bands": market.bands.dump() if market.bands else None,
    }


def load_market(market: Market, rows: list[Row], beside: dict[str, Any]) -> None:
    """Let the orders that were dumped wait in `market` again."""
    for row in rows:
        market.book.rest(_order(market, row))
    for row in beside["stops"]:
        market.stops.add(_special(market, row))
    for row in beside["pegs"]:
        _special(market, row)
    market.pegs = dict(sorted(market.pegs.items()))
    for row in beside["parked"]:
        parked = _special(market, row)
        market.parked[parked.id] = parked
    market.last_price = beside["last_price"]
    market.set_phase(Phase(beside["phase"]))
    market.set_alarm(beside["alarm"])
    if market.bands is not None and beside["bands"] is not None:
        market.bands.restore(beside["bands"])


def load_names(clients: dict[str, dict[str, int]]) -> dict[int, dict[str, int]]:
    """Return the client ids by account, in the order of their numbers: an audit takes slices of them."""
    return {
        int(account): dict(sorted(ids.items(), key=itemgetter(1)))
        for account, ids in clients.items()
    }


def rules_of(beside: dict[str, Any]) -> Rules:
    """Return the rules under which a dumped market traded."""
    matching, *numbers = beside["rules"]
    return Rules(Matching(matching), *numbers)


def dump_order(order: Order) -> Row:
    """Return an open order as a row."""
    mode = order.self_trade.value
    row: Row = [order.id, order.account, order.side, order.quantity, order.price, mode]
    if not isinstance(order, Special):
        return row
    peg = None if order.peg is None else order.peg.value
    return [
        *(*row, order.reserve, order.cap, order.display, order.is_hidden, peg, order.quantity_min),
        *(order.post_only, order.life.value, order.expires_ns, order.stop_price, order.trail),
    ]


def _order(market: Market, row: Row) -> Order:
    if len(row) > PLAIN_FIELDS:
        return _special(market, row)
    number, account, side, quantity, price, mode = row
    return Order(number, account, Side(side), quantity, price, SelfTrade(mode))


def _special(market: Market, row: Row) -> Special:
    """Return the order of a row, known again to the market's pegs and dates."""
    number, account, side, quantity, price, mode, reserve, cap, display, hidden, *more = row
    peg, least, post_only, life, expires_ns, stop_price, trail = more
    terms = Terms(stop_price, trail, display, Peg(peg) if peg else None, least, expires_ns)
    wish = New(account, "", "", Side(side), quantity, price, Life(life), post_only, SelfTrade(mode))
    order = Special(number, wish._replace(terms=terms))
    order.reserve, order.cap, order.is_hidden = reserve, cap, hidden
    if order.peg is not None:
        market.pegs[order.id] = order
    if expires_ns:
        remember(market, order.id, expires_ns)
    return order
