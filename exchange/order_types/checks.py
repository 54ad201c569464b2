"""What the exercises on order types check: moves on a real engine, shares, and flows that break a book.

Page: docs/exchange/order-types.md
"""

from collections.abc import Callable, Iterator
from itertools import islice
from random import Random
from typing import Any

from chapters.checking import JSON, Case, Stage
from exchange.check_moves import Move, explain, new, play
from exchange.levels.worst_flows import SIDES, against_heap, against_ladder, work
from exchange.order_types.pro_rata import shares
from exchange.orders import Peg, SelfTrade

Moves = list[Move]
STEPS = 200
FACTORS = {"ladder": 100, "heap": 3}  # how many times the other's work it must come to

# Icebergs.


def shown(rng: Random) -> Iterator[Case]:
    """An iceberg rests: small, even and larger slices; it is canceled; it arrives and trades."""
    for display in (30, 100, 500):
        yield ([new("A", "sell", 100, 1000, display=display), ["cancel", 1]],)
    first = new("B", "buy", 70, 1000)
    yield ([first, new("A", "sell", 100, 1000, display=20), ["cancel", 2]],)
    lots = rng.randrange(40, 90)
    yield ([new("A", "buy", lots, 1000, display=7), new("B", "buy", lots, 1000), ["cancel", 1]],)


def refreshed(rng: Random) -> Iterator[Case]:
    """The next slice stands behind those who came in the meantime."""
    queue = [new("A", "sell", 90, 1000, display=30), new("B", "sell", 20, 1000)]
    yield ([*queue, new("Z", "buy", 30, 1000), new("Y", "buy", 30, 1000)],)
    yield ([*queue, new("Z", "buy", 70, 1000), ["cancel", 1]],)
    yield ([*queue, new("Z", "buy", 10, 1000), new("Y", "buy", 25, 1000)],)
    both = [*queue, new("C", "sell", 45, 1000, display=15)]
    yield ([*both, new("Z", "buy", rng.randrange(60, 140), 1000), ["cancel", 3], ["cancel", 1]],)


def last_slices(rng: Random) -> Iterator[Case]:
    """What is left may be less than a slice."""
    iceberg = new("A", "sell", 50, 1000, display=20)
    yield ([iceberg, new("Z", "buy", 45, 1000), new("Y", "buy", 20, 1000)],)
    yield ([iceberg, new("Z", "buy", 40, 1000), new("Y", "buy", rng.randrange(5, 30), 1000)],)


def iceberg_market(rng: Random) -> Iterator[Case]:
    """Random orders of which half are icebergs."""
    for length in (8, 14, 20, 26):
        moves: Moves = []
        for _ in range(length):
            terms: dict[str, Any] = (
                {"display": rng.choice((5, 10, 25))} if rng.random() < 0.5 else {}
            )
            side, lots = rng.choice(("buy", "sell")), rng.randrange(10, 90)
            moves.append(new(rng.choice("ABCD"), side, lots, rng.randrange(998, 1003), **terms))
        yield (moves,)


# Self-trades.


def own(*modes: SelfTrade, display: int = 0) -> Callable[[Random], Iterator[Case]]:
    """The taker meets an order of its own, smaller and larger ones, between others."""

    def cases(rng: Random) -> Iterator[Case]:
        for mode in modes:
            for lots in (30, 70, 130):
                slice_of: dict[str, Any] = {"display": display} if display else {}
                mine = new("Z", "sell", 50, 1000, **slice_of)
                queue = [new("A", "sell", 20, 1000), mine, new("B", "sell", 40, 1001)]
                taker = new("Z", "buy", lots, 1001, own=mode.value)
                yield ([*queue, taker, new("C", "buy", rng.randrange(5, 60), 1001)],)

    return cases


# Stops.


def stop(owner: str, side: str, stop_price: int, lots: int = 10, **more: Any) -> Move:
    """A stop order of 10 lots that becomes a market order."""
    return new(owner, side, lots, 0, stop_price=stop_price, **more)


def bids(*prices: int, lots: int = 10) -> Moves:
    return [new("M", "buy", lots, price) for price in prices]


def one_stop(rng: Random) -> Iterator[Case]:
    """A trade at the stop price, short of it, beyond it; both sides; and a stop that comes too late."""
    for price in (995, 1000, 990):
        ladder = bids(price, 980)
        yield ([*ladder, stop("S", "sell", 995), new("T", "sell", 10, price)],)
    asks = [new("M", "sell", 10, price) for price in (1005, 1010, 1020)]
    yield ([*asks, stop("S", "buy", 1005), new("T", "buy", 10, 1005)],)
    yield ([*asks, stop("S", "buy", 1006), new("T", "buy", 10, 1005)],)
    yield ([*bids(1000, 990), new("T", "sell", 10, 1000), stop("S", "sell", 1000)],)
    lots = rng.randrange(11, 40)
    yield ([*bids(1000, 990, 985), stop("S", "sell", 998, lots), new("T", "sell", 15, 990)],)


def nearest_first(rng: Random) -> Iterator[Case]:
    """One trade reaches several: the nearest first, at one price the oldest."""
    falling = bids(1000, 990, 980, 970, 960)
    stops = [stop("A", "sell", 997), stop("B", "sell", 999), stop("C", "sell", 999)]
    yield ([*falling, *stops, new("T", "sell", 20, 990)],)
    order = rng.sample(range(991, 1000), 4)
    many = [stop("ABCD"[n], "sell", price) for n, price in enumerate(order)]
    yield ([*falling, *many, new("T", "sell", 20, 990)],)


def cascades(rng: Random) -> Iterator[Case]:
    """A stop's own trade reaches others, while some that were reached before still wait."""
    falling = bids(1000, 990, 980, 970, 960)
    stops = [stop("A", "sell", 1000), stop("B", "sell", 1000), stop("C", "sell", 990)]
    yield ([*falling, *stops, new("T", "sell", 10, 1000)],)
    deep = [stop("A", "sell", 1000), stop("B", "sell", 990), stop("C", "sell", 999)]
    yield ([*falling, *deep, new("T", "sell", 20, 990)],)
    trail = [*falling, new("T", "sell", 5, 1000), new("A", "sell", 10, 0, trail=8)]
    yield ([*trail, stop("B", "sell", 991), new("T", "sell", 10, rng.choice((990, 989)))],)


def stop_market(rng: Random) -> Iterator[Case]:
    """Random orders of which a third are stops."""
    for length in (10, 16, 22, 28):
        moves: Moves = []
        for _ in range(length):
            side, lots = rng.choice(("buy", "sell")), rng.randrange(5, 40)
            owner, price = rng.choice("ABCD"), rng.randrange(990, 1011)
            is_stop = rng.random() < 0.35
            moves.append(
                stop(owner, side, price, lots) if is_stop else new(owner, side, lots, price)
            )
        yield (moves,)


# Pro rata.


def even_shares(rng: Random) -> Iterator[Case]:
    yield [100, 50, 30], 90
    yield [10], 4
    yield [20, 20], 10


def odd_shares(rng: Random) -> Iterator[Case]:
    yield [3, 3, 3], 5
    yield [1, 100, 100], 100
    yield [5, 2, 9, 4], 7
    yield [rng.randrange(1, 50) for _ in range(6)], rng.randrange(1, 40)


def all_of_it(rng: Random) -> Iterator[Case]:
    yield [10, 20], 30
    yield [10, 20], 45
    yield [], 5


def pro_rata_market(rng: Random) -> Iterator[Case]:
    for length in (8, 14, 20):
        moves: Moves = []
        for _ in range(length):
            side, lots = rng.choice(("buy", "sell")), rng.randrange(10, 90)
            moves.append(new(rng.choice("ABCDEF"), side, lots, rng.randrange(999, 1002)))
        yield moves, "pro-rata"


# Pegs.


def peg(owner: str, side: str, follows: Peg, ticks: int = 0, **more: Any) -> Move:
    return new(owner, side, 20, ticks, peg=follows.value, **more)


def follows(*kinds: Peg) -> Callable[[Random], Iterator[Case]]:
    """A peg of each side while bid and ask move, and when there is nothing to follow."""

    def cases(rng: Random) -> Iterator[Case]:
        up = rng.randrange(2, 5)
        for kind in kinds:
            for side in ("buy", "sell"):
                quotes = [new("A", "buy", 10, 1000), new("B", "sell", 10, 1009)]
                moved = [new("A", "buy", 10, 1000 + up), ["cancel", 1], ["cancel", 4]]
                yield ([*quotes, peg("P", side, kind, display=0), *moved],)

    return cases


def limits(rng: Random) -> Iterator[Case]:
    """It follows up to its limit; post-only, it stays a tick short of the other side."""
    quotes = [new("A", "buy", 10, 1000), new("B", "sell", 10, 1010)]
    yield ([*quotes, peg("P", "buy", Peg.PRIMARY, 1001), new("C", "buy", 5, 1004)],)
    yield ([*quotes, peg("P", "sell", Peg.MIDPOINT, 1007), new("C", "sell", 5, 1006)],)
    for side in ("buy", "sell"):
        yield ([*quotes, peg("P", side, Peg.MARKET, post_only=1), new("C", side, 5, 1005)],)


def no_chase(rng: Random) -> Iterator[Case]:
    """Pegs do not follow pegs, even if they are displayed at the best price."""
    quotes = [new("A", "buy", 10, 1000), new("B", "sell", 10, 1010)]
    pegs = [peg("P", "buy", Peg.PRIMARY), peg("Q", "buy", Peg.MARKET, post_only=1)]
    middle = peg("R", "buy", Peg.MIDPOINT, display=0)
    yield ([*quotes, *pegs, ["cancel", 1]],)
    yield ([*quotes, *pegs, middle, new("C", "buy", 5, rng.randrange(1001, 1008)), ["cancel", 1]],)


# Flows that break a book.


def compared(name: str) -> JSON:
    """Return the work of heap and ladder on the flow against one of them."""
    flow = list(islice({"ladder": against_ladder, "heap": against_heap}[name](STEPS), STEPS))
    return {side: work(flow, SIDES[side]) for side in ("heap", "ladder")} | {"steps": len(flow)}


def against(name: str) -> Callable[[Random], Iterator[Case]]:
    def cases(rng: Random) -> Iterator[Case]:
        yield (name,)

    return cases


def breaks(args: Case, got: JSON, expected: JSON) -> bool:
    """Return whether the book that was to be broken works so many times as much as the other."""
    name = str(args[0])
    if not isinstance(got, dict) or not got.get("steps"):
        return False
    other = "heap" if name == "ladder" else "ladder"
    return bool(got[name] >= FACTORS[name] * got[other])


def explain_work(args: Case, got: JSON, expected: JSON) -> str:
    """Say what each of them did."""
    if not isinstance(got, dict):
        return f"the flow against the {args[0]} came to no end: {got}"
    found: Any = got
    return (
        f"on your {found['steps']} steps the heap does {found['heap']:,} units of work, the ladder "
        f"{found['ladder']:,}; the {args[0]}'s must be {FACTORS[str(args[0])]} times the other's"
    )


def _moves(title: str, cases: Callable[[Random], Iterator[Case]], **more: Any) -> Stage:
    return Stage(title, cases=cases, drive=play, explain=explain, **more)


def _breaking(name: str, **more: Any) -> Stage:
    title = f"a flow that breaks the {name}"
    return Stage(title, against(name), compared, breaks, explain_work, **more)


STAGES = {
    "iceberg-refresh": [
        _moves("only a slice is shown", shown),
        _moves("the next slice goes to the back", refreshed),
        _moves("the last slice may be smaller", last_slices),
        _moves("a market of icebergs", iceberg_market),
    ],
    "self-trade-modes": [
        _moves(
            "one of the two is canceled",
            own(SelfTrade.CANCEL_TAKER, SelfTrade.CANCEL_MAKER, SelfTrade.CANCEL_BOTH),
        ),
        _moves("both lose the smaller quantity", own(SelfTrade.DECREMENT), needs=()),
        _moves("lots move within the account", own(SelfTrade.TRANSFER), needs=()),
        _moves("an iceberg of one's own", own(*SelfTrade, display=15), needs=(1, 2, 3)),
    ],
    "stop-cascade": [
        _moves("a trade at the price, or beyond it", one_stop),
        _moves("nearest first, then oldest", nearest_first),
        _moves("first triggered, first served", cascades),
        _moves("a market of stops", stop_market),
    ],
    "pro-rata": [
        Stage("shares that come out even", even_shares, shares),
        Stage("what is left over goes to the oldest", odd_shares, shares),
        Stage("enough for everybody", all_of_it, shares),
        _moves("a market that is shared out", pro_rata_market),
    ],
    "pegged-orders": [
        _moves("the best price of a side", follows(Peg.PRIMARY, Peg.MARKET)),
        _moves("the middle, on one's own side of it", follows(Peg.MIDPOINT)),
        _moves("a limit, and post-only", limits),
        _moves("pegs do not follow pegs", no_chase),
    ],
    "ladder-or-heap": [_breaking("ladder"), _breaking("heap", needs=())],
}
