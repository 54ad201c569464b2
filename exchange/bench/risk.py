"""What a limit costs: the whole engine with limits of one kind, beside the engine without any.

Page: docs/exchange/risk.md
"""

from collections.abc import Callable, Iterable, Iterator
from random import Random

from chapters.measure.ratio import Ratio, compare
from exchange.bench.books import FULL, QUICK, SYMBOL, OfFlow, commands, whole
from exchange.control import Limits, Rules, SetLimits
from exchange.engine import Engine
from exchange.flow.order_flow import START_PRICE, generate

ACCOUNTS = range(1, 101)  # of the flow
NOBODY = range(901, 902)  # who sends nothing
WIDE = 10**15  # never reached
SHARE = 4  # of the usual flow, as there are many kinds
LIMITS: dict[str, tuple[Limits, Iterable[int]]] = {
    "limits of somebody else in the symbol": (Limits(order_lots_max=WIDE), NOBODY),
    "a size, a notional and a collar each": (
        Limits(order_lots_max=WIDE, order_notional_max=WIDE, collar_bp=10**6),
        ACCOUNTS,
    ),
    "a message rate each": (Limits(messages_per_second=10**9), ACCOUNTS),
    "credit and shares each": (Limits(credit=WIDE, short_lots=WIDE), ACCOUNTS),
}


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Ratio]:
    """Yield the ratios of this file as they are measured."""
    messages, rounds = QUICK if quick else FULL
    flow = commands(generate(Random(7), messages // SHARE))
    for name, (limits, accounts) in LIMITS.items():
        on_progress(name)
        yield compare(
            lambda limits=limits, accounts=accounts: limited(flow, limits, accounts),  # type: ignore[misc]
            lambda: whole(flow),
            rounds=rounds,
            names=(f"the engine with {name}", "without any limit"),
        )
    on_progress("bands")
    names = ("the engine with price bands", "without any limit")
    yield compare(lambda: banded(flow), lambda: whole(flow), rounds=rounds, names=names)


def limited(flow: Iterable[OfFlow], limits: Limits, accounts: Iterable[int]) -> Engine:
    """Apply a flow in which those accounts have those limits."""
    engine = Engine([SYMBOL])
    for account in accounts:
        engine.apply(SetLimits(account, SYMBOL, limits))
    for command in flow:
        engine.apply(command)
    return engine


def banded(flow: Iterable[OfFlow]) -> Engine:
    """Apply a flow in a market whose bands are too wide to matter."""
    engine = Engine({SYMBOL: Rules(reference_price=START_PRICE, band_bp=9_000)})
    for number, command in enumerate(flow):
        engine.apply(command, number * 1_000_000)
    return engine
