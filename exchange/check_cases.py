"""Books and orders for the exchange's checks: small cases that each show one rule, drawn from a seed.

Page: docs/exchange/matching.md
"""

from collections.abc import Callable, Iterator
from random import Random

from chapters.checking import Case
from exchange.check_moves import Move, new
from exchange.orders import SelfTrade


def _lots(rng: Random) -> int:
    return rng.randrange(10, 100, 10)


def one_meets_one(rng: Random) -> Iterator[Case]:
    """A resting order and one that arrives: crossing, equal, not crossing; both ways round."""
    for side, other, sign in (("buy", "sell", 1), ("sell", "buy", -1)):
        for gap in (2, 0, -1):
            ticks = rng.randrange(900, 1100)
            resting = new("A", other, _lots(rng), ticks)
            yield ([resting, new("B", side, _lots(rng), ticks + sign * gap)],)


def best_price_first(rng: Random) -> Iterator[Case]:
    """Several prices on one side; the taker needs more than one of them."""
    for side, other, sign in (("buy", "sell", 1), ("sell", "buy", -1)):
        for _ in range(3):
            gaps = rng.sample(range(1, 20), 4)
            resting = [
                new("ABCD"[n], other, _lots(rng), 1000 + sign * gap) for n, gap in enumerate(gaps)
            ]
            yield ([*resting, new("Z", side, 150, 1000 + sign * rng.randrange(5, 25))],)


def first_come(rng: Random) -> Iterator[Case]:
    """One price, several orders."""
    for side, other in (("buy", "sell"), ("sell", "buy")):
        for count in (2, 3, 5):
            resting = [new("ABCDE"[n], other, _lots(rng), 1000) for n in range(count)]
            yield ([*resting, new("Z", side, rng.randrange(30, 160), 1000)],)


def own_orders(rng: Random) -> Iterator[Case]:
    """The taker meets an order of its own account, under each rule."""
    for mode in SelfTrade:
        resting = [
            new("A", "sell", 30, 1000),
            new("Z", "sell", 30, 1000),
            new("B", "sell", 30, 1001),
        ]
        yield ([*resting, new("Z", "buy", _lots(rng) + 20, 1002, own=mode.value)],)


def partly(rng: Random) -> Iterator[Case]:
    """A large maker nibbled at again and again, with others waiting behind it."""
    for side, other in (("buy", "sell"), ("sell", "buy")):
        for _ in range(3):
            resting = [new("A", other, 200, 1000), new("B", other, 50, 1000)]
            takers = [new("YZ"[n % 2], side, rng.randrange(10, 90), 1000) for n in range(4)]
            yield ([*resting, *takers],)


def even(rng: Random) -> Iterator[Case]:
    """Quantities that come out even, and prices better than the taker's limit."""
    for side, other, sign in (("buy", "sell", 1), ("sell", "buy", -1)):
        lots = _lots(rng)
        yield ([new("A", other, lots, 1000), new("Z", side, lots, 1000)],)
        yield ([new("A", other, lots, 1000), new("Z", side, lots + 5, 1000 + sign * 7)],)


def cancel_anywhere(rng: Random) -> Iterator[Case]:
    """A queue of five with one order canceled, then the rest traded, then one more queued."""
    for gone in (1, 3, 5):
        queue = [new("ABCDE"[n], "sell", _lots(rng), 1000) for n in range(5)]
        cancel: Move = ["cancel", gone]
        yield ([*queue, cancel, new("F", "sell", 40, 1000), new("Z", "buy", 400, 1000)],)
    only: list[Move] = [new("A", "buy", 10, 1000), ["cancel", 1], new("B", "buy", 10, 1000)]
    yield (only,)


def cancel_many(rng: Random) -> Iterator[Case]:
    """A queue emptied in random order."""
    for _ in range(3):
        count = rng.randrange(5, 12)
        numbers = rng.sample(range(1, count + 1), count)
        queue = [new("ABCDE"[n % 5], "buy", _lots(rng), 1000) for n in range(count)]
        cancels: list[Move] = [["cancel", number] for number in numbers[:-2]]
        yield ([*queue, *cancels, new("Z", "sell", 30, 1000)],)


def now_or_never(life: str) -> Callable[[Random], Iterator[Case]]:
    """Orders of one `life` against books with less, exactly and more than they want."""

    def cases(rng: Random) -> Iterator[Case]:
        for side, other, sign in (("buy", "sell", 1), ("sell", "buy", -1)):
            lots = _lots(rng)
            resting = [new("A", other, lots, 1000), new("B", other, lots, 1000 + sign)]
            for wanted in (lots - 5, 2 * lots, 2 * lots + 5):
                yield ([*resting, new("Z", side, wanted, 1000 + sign * 3, life)],)
            yield ([*resting, new("Z", side, 2 * lots, 1000, life)],)

    return cases


def own_in_the_way(rng: Random) -> Iterator[Case]:
    """Fill-or-kill with an order of its own in the queue, under each rule."""
    for mode in SelfTrade:
        resting = [
            new("A", "sell", 30, 1000),
            new("Z", "sell", 40, 1000),
            new("B", "sell", 30, 1000),
        ]
        yield ([*resting, new("Z", "buy", rng.choice((30, 60)), 1000, "fok", mode.value)],)


def replaced(*changes: tuple[int, int]) -> Callable[[Random], Iterator[Case]]:
    """Change the first of three equal orders by (lots, ticks), then trade with the queue."""

    def cases(rng: Random) -> Iterator[Case]:
        for lots, ticks in changes:
            for side, other, sign in (("buy", "sell", 1), ("sell", "buy", -1)):
                size = rng.randrange(40, 90)
                queue = [new("ABC"[n], other, size, 1000) for n in range(3)]
                far = new("D", side, 70, 1000 - sign * 5)
                change: Move = ["replace", 1, size + lots, 1000 + sign * ticks]
                yield ([*queue, far, change, new("Z", side, 3 * size // 2, 1000)],)

    return cases


def random_market(rng: Random) -> Iterator[Case]:
    """Random commands on few prices; short runs first, so that a failing one is short too."""
    for length in (8, 12, 16, 20, 24, 28):
        moves: list[Move] = []
        orders = 0
        for _ in range(length):
            if orders and rng.random() < 0.3:
                moves.append(["cancel", rng.randint(1, orders)])
                continue
            side, life = (
                rng.choice(("buy", "sell")),
                rng.choice(("day", "day", "day", "ioc", "fok")),
            )
            moves.append(new(rng.choice("ABCD"), side, _lots(rng), rng.randrange(995, 1006), life))
            orders += 1
        yield (moves,)
