"""All order types said as plainly as possible: one list, sorted again for every question.

It has nothing in common with the engine but the words. It is slow, and it is the yardstick.
"""

from copy import deepcopy

from exchange.orders import (
    BUY,
    NO_LIMIT,
    SELL,
    Accepted,
    Canceled,
    Filled,
    Life,
    Peg,
    Reason,
    Refreshed,
    Replaced,
    Repriced,
    SelfTrade,
    Transferred,
    Triggered,
)

AT_ONCE = (Life.IMMEDIATE_OR_CANCEL, Life.FILL_OR_KILL)


class Open:
    """An open order; `place` is "book", "stop" or "out"."""

    def __init__(self, number, wish):
        terms = wish.terms
        self.id, self.account, self.side, self.mode = (
            *(number, wish.account, wish.side, wish.self_trade),
        )
        self.limit = wish.side * NO_LIMIT if wish.price is None else wish.price
        self.price, self.lots, self.shown = self.limit, wish.quantity, 0
        self.size = terms.display if terms.display else 10**12
        self.hidden = terms.display == 0
        self.life, self.post_only, self.peg = wish.life, wish.post_only, terms.peg
        self.stop, self.trail, self.least = terms.stop_price, terms.trail, terms.quantity_min
        self.expires, self.place, self.since = terms.expires_ns, "out", 0


class Naive:
    """The market; every method returns nothing and appends to `events`."""

    def __init__(self, shared=False):
        self.open: list[Open] = []
        self.last = 0
        self.clock = 0
        self.shared = shared
        self.events: list = []

    def find(self, number):
        return next((order for order in self.open if order.id == number), None)

    def queue(self, side):
        """Who waits: best price, then displayed before hidden, then who came first."""
        waiting = [each for each in self.open if each.place == "book" and each.side == side]
        return sorted(waiting, key=lambda each: (-side * each.price, each.hidden, each.since))

    def tick(self):
        self.clock += 1
        return self.clock

    # Commands.

    def new(self, number, wish):
        self.events = [Accepted(number, wish)]
        order = Open(number, wish)
        self.open.append(order)
        if order.stop is not None or order.trail is not None:
            if order.stop is None:
                order.stop = self.last + order.side * order.trail
            order.place, order.since = "stop", self.tick()
        elif order.peg is not None:
            order.price = 0
            self.reprice(order, self.wanted(order))
        else:
            self.begin(order)
        return self.settle()

    def cancel(self, number, reason=Reason.BY_CLIENT):
        order = self.find(number)
        self.open.remove(order)
        self.events = [Canceled(number, order.lots, reason)]
        return self.settle()

    def cancel_where(self, gone, reason):
        self.open = [each for each in self.open if each not in gone]
        self.events = [Canceled(each.id, each.lots, reason) for each in gone]
        return self.settle()

    def replace(self, number, lots, price):
        order = self.find(number)
        stands_at = {"stop": order.stop}.get(order.place, order.limit if order.peg else order.price)
        kept = price == stands_at and lots <= order.lots
        self.events = [Replaced(number, lots, price, kept)]
        if kept:
            order.shown = min(order.shown, lots)
            order.lots = lots
        elif order.place == "stop":
            order.lots, order.stop, order.since = lots, price, self.tick()
        elif order.peg:
            order.lots, order.limit, order.price, order.place = lots, price, 0, "out"
        else:
            order.lots, order.price, order.place = lots, price, "out"
            self.enter(order, Life.DAY)
        order.least = min(order.least, lots)
        return self.settle()

    # What follows.

    def settle(self):
        seen, triggered = 0, []
        while True:
            moved = True
            while moved:
                moved = False
                for order in sorted((o for o in self.open if o.peg), key=lambda each: each.id):
                    if order in self.open and self.wanted(order) != order.price:
                        self.reprice(order, self.wanted(order))
                        moved = True
            prices = [each.price for each in self.events[seen:] if isinstance(each, Filled)]
            seen = len(self.events)
            if self.last:
                triggered += self.reached(self.last)
            for price in prices:
                self.trail(price)
                triggered += self.reached(price)
            if not triggered:
                return self.events
            order = triggered.pop(0)
            self.events.append(Triggered(order.id))
            self.open.append(order)
            self.begin(order)

    def trail(self, price):
        self.last = price
        for order in self.open:
            if order.place == "stop" and order.trail is not None:
                new = price + order.side * order.trail
                order.stop = min(order.stop, new) if order.side == BUY else max(order.stop, new)

    def reached(self, price):
        stops = [each for each in self.open if each.place == "stop"]
        found = [each for each in stops if each.side * price >= each.side * each.stop]
        found.sort(key=lambda each: (each.side * (each.stop - price), each.since))
        for order in found:
            order.place = "out"
            self.open.remove(order)
        return found

    def reference(self, side):
        prices = [each.price for each in self.queue(side) if not each.hidden and not each.peg]
        return prices[0] if prices else None

    def wanted(self, order):
        side = order.side
        own, other = self.reference(side), self.reference(-side)
        if order.peg is Peg.PRIMARY:
            price = own
        elif order.peg is Peg.MARKET:
            price = other
        elif own is None or other is None:
            price = None
        else:
            odd = (own + other) % 2
            price = (own + other - side * odd) // 2
        if price is None:
            return 0
        price = min(price, order.limit) if side == BUY else max(price, order.limit)
        against = self.queue(-side)
        if order.post_only and against and side * price >= side * against[0].price:
            price = against[0].price - side
        return price

    def reprice(self, order, price):
        order.price, order.place = price, "out"
        if price == 0 and order.life in AT_ONCE:
            self.open.remove(order)
            self.events.append(Canceled(order.id, order.lots, Reason.REST_OF_IMMEDIATE))
            return
        self.events.append(Repriced(order.id, price))
        if price:
            self.enter(order, order.life)

    def begin(self, order):
        against = self.queue(-order.side)
        if order.post_only and against and self.crosses(order, against[0]):
            self.open.remove(order)
            self.events.append(Canceled(order.id, order.lots, Reason.WOULD_CROSS))
            return
        life = order.life
        if abs(order.price) == NO_LIMIT and life is not Life.FILL_OR_KILL:
            life = Life.IMMEDIATE_OR_CANCEL
        self.enter(order, life)
        order.least = 0

    def enter(self, order, life):
        needed = order.lots if life is Life.FILL_OR_KILL else order.least
        if needed and self.would_trade(order) < needed:
            self.open.remove(order)
            self.events.append(Canceled(order.id, order.lots, Reason.NOT_FILLABLE))
            return
        self.match(order)
        if not order.lots:
            self.open.remove(order)
        elif life in AT_ONCE:
            self.open.remove(order)
            self.events.append(Canceled(order.id, order.lots, Reason.REST_OF_IMMEDIATE))
        else:
            order.place, order.shown, order.since = "book", min(order.size, order.lots), self.tick()

    def would_trade(self, order):
        """Do it on a copy of everything, and count."""
        world = deepcopy(self)
        world.events = []
        world.match(world.find(order.id))
        return sum(each.quantity for each in world.events if isinstance(each, Filled))

    # Trading.

    def crosses(self, taker, maker):
        return taker.side * taker.price >= taker.side * maker.price

    def match(self, taker):
        while taker.lots:
            waiting = self.queue(-taker.side)
            if not waiting or not self.crosses(taker, waiting[0]):
                return
            best = waiting[0]
            level = [
                each for each in waiting if (each.price, each.hidden) == (best.price, best.hidden)
            ]
            if self.shared:
                self.share(taker, level)
            else:
                self.meet(taker, best, taker.lots)

    def share(self, taker, level):
        if taker.mode is not SelfTrade.ALLOW:
            own = [each for each in level if each.account == taker.account]
            if own:
                self.meet(taker, own[0], taker.lots)
                return
        total, wanted = sum(each.shown for each in level), taker.lots
        parts = [each.shown * wanted // total if wanted < total else each.shown for each in level]
        rest = min(wanted, total) - sum(parts)
        for index, maker in enumerate(level):
            while rest and parts[index] < maker.shown:
                parts[index] += 1
                rest -= 1
        for maker, lots in zip(level, parts, strict=True):
            if lots:
                self.meet(taker, maker, lots)

    def meet(self, taker, maker, most):
        mode = taker.mode
        is_own = taker.account == maker.account and mode is not SelfTrade.ALLOW
        if is_own and mode not in (SelfTrade.DECREMENT, SelfTrade.TRANSFER):
            if mode is not SelfTrade.CANCEL_TAKER:
                self.events.append(Canceled(maker.id, maker.lots, Reason.SELF_TRADE))
                self.open.remove(maker)
            if mode is not SelfTrade.CANCEL_MAKER:
                self.events.append(Canceled(taker.id, taker.lots, Reason.SELF_TRADE))
                taker.lots = 0
            return
        lots = min(most, maker.shown)
        if not is_own:
            self.events.append(Filled(maker.price, lots, maker.id, taker.id))
        elif mode is SelfTrade.TRANSFER:
            self.events.append(Transferred(maker.price, lots, maker.id, taker.id))
        else:
            self.events += [Canceled(n, lots, Reason.SELF_TRADE) for n in (maker.id, taker.id)]
        for order in (maker, taker):
            order.lots -= lots
        maker.shown -= lots
        if not maker.lots:
            self.open.remove(maker)
        elif not maker.shown:
            maker.shown, maker.since = min(maker.size, maker.lots), self.tick()
            self.events.append(Refreshed(maker.id, maker.shown))


def displayed(model, side):
    """Return the depth that the public should see."""
    depth: dict[int, list[int]] = {}
    for order in model.queue(side):
        if not order.hidden:
            entry = depth.setdefault(order.price, [0, 0])
            entry[0] += order.shown
            entry[1] += 1
    return [(price, *entry) for price, entry in depth.items()]


SIDES = (BUY, SELL)
