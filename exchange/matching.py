"""Price-time priority: the best price trades first, and at one price whoever came first.

An arriving order (the *taker*) walks the opposite side from its best level on, trading with the oldest
resting order (the *maker*) at the maker's price, until it is filled, or the prices no longer cross.
Whatever happens is appended to `events`. Cost: O(fills + levels emptied × log levels).
Invariant: afterwards the taker is filled, or the best opposite price does not cross its limit.
Source: the article's matching engine; the rule is that of nearly every equity market (NYSE's parity aside).
Page: docs/exchange/matching.md
"""

from exchange.book import Book, Level, Order
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
)


def match(book: Book, taker: Order, events: list[Event]) -> None:
    """Trade `taker` against `book` while prices cross: best price first, then oldest first.

    A level crosses when its key is at most side × price of the taker. What is left stays in
    `taker.quantity`; it is not put into the book. Source: price-time priority.
    """
    opposite = book.asks if taker.side == BUY else book.bids
    limit_key = taker.side * taker.price
    while taker.quantity:
        level = opposite.best()
        if level is None or level.key > limit_key:
            return
        trade_at(book, level, taker, events)


def trade_at(book: Book, level: Level, taker: Order, events: list[Event]) -> None:
    """Trade `taker` with the queue of one `level`, oldest first, until either is used up.

    Two orders of one account do not trade (unless they allow it): one of them gives way.
    """
    while taker.quantity and (maker := level.first) is not None:
        if maker.account == taker.account and taker.self_trade is not SelfTrade.ALLOW:
            give_way(book, maker, taker, events)
        else:
            events.append(fill(book, level, maker, taker))


def fill(book: Book, level: Level, maker: Order, taker: Order) -> Filled:
    """Trade as much as both want, at the level's price, and return it.

    A maker that is used up leaves the book; one that is not keeps its place in the queue.
    """
    quantity = min(maker.quantity, taker.quantity)
    taker.quantity -= quantity
    if quantity == maker.quantity:
        book.remove(maker)
    else:
        level.reduce(maker, quantity)
    return Filled(level.price, quantity, maker.id, taker.id)


def give_way(book: Book, maker: Order, taker: Order, events: list[Event]) -> None:
    """Cancel the maker, the taker or both, so that an account does not trade with itself."""
    if taker.self_trade is not SelfTrade.CANCEL_TAKER:
        book.remove(maker)
        events.append(Canceled(maker.id, maker.quantity, Reason.SELF_TRADE))
    if taker.self_trade is not SelfTrade.CANCEL_MAKER:
        events.append(Canceled(taker.id, taker.quantity, Reason.SELF_TRADE))
        taker.quantity = 0


def enter(book: Book, order: Order, life: Life, events: list[Event]) -> None:
    """Match an arriving `order`, then let its rest wait, or cancel it, as its `life` says.

    Day: the rest waits. Immediate-or-cancel: the rest is canceled. Fill-or-kill: without a full fill
    nothing trades at all.
    """
    if life is FILL_OR_KILL and not fillable(book, order):
        events.append(Canceled(order.id, order.quantity, Reason.NOT_FILLABLE))
        return
    match(book, order, events)
    if not order.quantity:
        return
    if life is DAY:
        book.rest(order)
    else:
        events.append(Canceled(order.id, order.quantity, Reason.REST_OF_IMMEDIATE))


def fillable(book: Book, taker: Order) -> bool:
    """Return whether `taker` would be filled in full right now, without touching the book.

    The taker's own resting orders do not count: it will not trade with them, and when the taker is the
    one to give way, nothing behind them counts either. O(orders looked at).
    """
    wanted = taker.quantity
    for level in book.opposite(taker.side).walk():
        if level.key > taker.side * taker.price:
            return False
        for maker in level:
            if taker.self_trade is SelfTrade.ALLOW or maker.account != taker.account:
                wanted -= maker.quantity
            elif taker.self_trade is not SelfTrade.CANCEL_MAKER:
                return False
            if wanted <= 0:
                return True
    return False


def replace(book: Book, order: Order, wish: Replace, events: list[Event]) -> None:
    """Change a resting `order`: fewer lots at the same price keep its place, all else goes to the back.

    A new price may cross, so an order that lost its place is matched like one that just arrived.
    Source: the replace rule of Nasdaq and most others.
    """
    kept = wish.price == order.price and wish.quantity <= order.quantity
    events.append(Replaced(order.id, wish.quantity, wish.price, kept))
    if kept:
        order.level.reduce(order, order.quantity - wish.quantity)
        return
    book.remove(order)
    order.quantity, order.price = wish.quantity, wish.price
    enter(book, order, DAY, events)


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
