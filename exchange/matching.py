"""Price-time priority: the best price trades first, and at one price whoever came first.

An arriving order (the *taker*) walks the opposite side from its best level on, trading with the oldest
resting order (the *maker*) at the maker's price, until it is filled, or the prices no longer cross.
Whatever happens is appended to `events`. Cost: O(fills + levels emptied × log levels).
Invariant: afterwards the taker is filled, or the best opposite price does not cross its limit.
Source: the article's matching engine; the rule is that of nearly every equity market (NYSE's parity aside).
Page: docs/exchange/matching.md
"""

from collections.abc import Iterator

from exchange.book import Book, Level, Order
from exchange.order_types.icebergs import refresh, slices
from exchange.order_types.special import Special
from exchange.orders import (
    BUY,
    DAY,
    FILL_OR_KILL,
    SELL,
    Canceled,
    Event,
    Filled,
    Life,
    Reason,
    Replace,
    Replaced,
    SelfTrade,
    Side,
    Transferred,
)


def match(book: Book, taker: Order, events: list[Event]) -> None:
    """Trade `taker` against `book` while prices cross: best price first, then oldest first.

    A level crosses when its key is at most side × price of the taker. What is left stays in
    `taker.quantity`; it is not put into the book. Where time does not count (`book.share_out`), a level
    is shared out instead. Source: price-time priority.
    """
    opposite = book.all_asks if taker.side == BUY else book.all_bids
    limit_key = taker.side * taker.price
    while taker.quantity:
        level = opposite.best()
        if level is None or level.key > limit_key:
            return
        trade_level = book.share_out or trade_at
        trade_level(book, level, taker, events)


def trade_at(book: Book, level: Level, taker: Order, events: list[Event]) -> None:
    """Trade `taker` with the queue of one `level`, oldest first, until either is used up.

    Two orders of one account do not trade (unless they allow it): one of them gives way.
    """
    while taker.quantity and (maker := level.first) is not None:
        if maker.account == taker.account and taker.self_trade is not SelfTrade.ALLOW:
            give_way(book, maker, taker, events)
        else:
            trade(book, level, maker, taker, events)


def trade(book: Book, level: Level, maker: Order, taker: Order, events: list[Event]) -> None:
    """Let maker and taker trade; an iceberg whose slice is used up shows the next one."""
    events.append(fill(book, level, maker, taker))
    book.last_price = level.price
    if not maker.is_plain and maker.reserve and maker.id not in book.orders:
        refresh(book, maker, events)


def fill(book: Book, level: Level, maker: Order, taker: Order) -> Filled:
    """Trade as much as both want, at the level's price, and return it.

    A maker that is used up leaves the book; one that is not keeps its place in the queue.
    """
    if taker.quantity < maker.quantity:
        quantity = taker.quantity
        level.reduce(maker, quantity)
    else:
        quantity = maker.quantity
        book.remove(maker)
    taker.quantity -= quantity
    return Filled(level.price, quantity, maker.id, taker.id)


def give_way(book: Book, maker: Order, taker: Order, events: list[Event]) -> None:
    """Keep an account from trading with itself, in the way that the taker asked for.

    Canceled is all that is open of an order, the reserve of an iceberg included. Decrement and transfer
    take what a fill would have taken, and trade nothing.
    """
    mode = taker.self_trade
    if mode is SelfTrade.DECREMENT or mode is SelfTrade.TRANSFER:
        offset(book, maker, taker, events)
        return
    if mode is not SelfTrade.CANCEL_TAKER:
        book.remove(maker)
        events.append(Canceled(maker.id, maker.quantity + maker.reserve, Reason.SELF_TRADE))
    if mode is not SelfTrade.CANCEL_MAKER:
        events.append(Canceled(taker.id, taker.quantity, Reason.SELF_TRADE))
        taker.quantity = 0


def offset(book: Book, maker: Order, taker: Order, events: list[Event]) -> None:
    """Take off both orders what they would have traded, and say where it went."""
    met = fill(book, maker.level, maker, taker)
    if taker.self_trade is SelfTrade.TRANSFER:
        events.append(Transferred(met.price, met.quantity, maker.id, taker.id))
    else:
        events.append(Canceled(maker.id, met.quantity, Reason.SELF_TRADE))
        events.append(Canceled(taker.id, met.quantity, Reason.SELF_TRADE))
    if maker.reserve and maker.id not in book.orders:
        refresh(book, maker, events)


def enter(book: Book, order: Order, life: Life, events: list[Event]) -> None:
    """Match an arriving `order`, then let its rest wait, or cancel it, as its `life` says.

    Day: the rest waits. Immediate-or-cancel: the rest is canceled. Fill-or-kill: without a full fill
    nothing trades at all; the same holds for a least quantity, of which it is the extreme.
    """
    if life is FILL_OR_KILL or not order.is_plain:
        needed = order.quantity if life is FILL_OR_KILL else order.quantity_min
        if not fillable(book, order, needed):
            events.append(Canceled(order.id, order.quantity, Reason.NOT_FILLABLE))
            return
    match(book, order, events)
    if not order.quantity:
        return
    if life is DAY:
        book.rest(order)
    else:
        events.append(Canceled(order.id, order.quantity, Reason.REST_OF_IMMEDIATE))


def fillable(book: Book, taker: Order, needed: int) -> bool:
    """Return whether `taker` would trade `needed` lots right now, without touching the book.

    Its own resting orders do not count: it will not trade with them. When it is the taker that gives way,
    nothing behind them counts either; decrement and transfer use it up. O(orders looked at).
    """
    if not needed:
        return True
    left, missing, mode = taker.quantity, needed, taker.self_trade
    for level in book.opposite(taker.side).walk():
        if level.key > taker.side * taker.price:
            return False
        for maker, lots in meetings(book, level, taker):
            if mode is SelfTrade.ALLOW or maker.account != taker.account:
                missing -= lots
                left -= lots
            elif mode is SelfTrade.DECREMENT or mode is SelfTrade.TRANSFER:
                left -= lots
            elif mode is not SelfTrade.CANCEL_MAKER:
                return False
            if missing <= 0:
                return True
            if left < missing:
                return False
    return False


def would_cross(book: Book, side: Side, price: int) -> bool:
    """Return whether an order of `side` at `price` would trade at once."""
    best = book.opposite(side).best()
    return best is not None and best.key <= side * price


def meetings(book: Book, level: Level, taker: Order) -> Iterator[tuple[Order, int]]:
    """Yield (maker, lots) as `taker` would meet them; where a level is shared out, its own orders first."""
    met = slices(level)
    if book.share_out is None:
        return met
    return iter(sorted(met, key=lambda each: each[0].account != taker.account))


def replace(book: Book, order: Order, wish: Replace, events: list[Event]) -> None:
    """Change a resting `order`: fewer lots at the same price keep its place, all else goes to the back.

    A new price may cross, so an order that lost its place is matched like one that just arrived. The
    quantity is all that is open: of an iceberg, `shrink` takes the reserve first.
    Source: the replace rule of Nasdaq and most others.
    """
    open_lots = order.quantity + order.reserve
    kept = wish.price == order.price and wish.quantity <= open_lots
    events.append(Replaced(order.id, wish.quantity, wish.price, kept))
    if kept:
        shrink(order, open_lots - wish.quantity)
        return
    book.remove(order)
    order.gather()
    order.quantity, order.price = wish.quantity, wish.price
    enter(book, order, DAY, events)


def shrink(order: Order, lots: int) -> None:
    """Take `lots`, fewer than are open, off a resting order; what nobody sees goes first."""
    from_reserve = min(lots, order.reserve)
    if isinstance(order, Special):
        order.reserve -= from_reserve
    order.level.reduce(order, lots - from_reserve)


def demo() -> None:
    """A sell for 100 meets three buyers: the better price first, then the one who came first."""
    book = Book()
    for number, quantity, price in [(1, 60, 1000), (2, 60, 1000), (3, 30, 1001)]:
        book.rest(Order(number, account=number, side=BUY, quantity=quantity, price=price))
    events: list[Event] = []
    seller = Order(4, account=4, side=SELL, quantity=100, price=1000)
    match(book, seller, events)
    for event in events:
        print(event)
