"""What the exercise on surveillance checks: what looks like spoofing, and what only nearly does.

Page: docs/exchange/surveillance.md
"""

from collections.abc import Iterator, Sequence
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.sim.clock import MS
from exchange.clearing.drop_copy import Execution
from exchange.orders import BUY, SELL
from exchange.surveillance.acts import Act, Entered, Pulled
from exchange.surveillance.alerts import LAYERING, SPOOFING
from exchange.surveillance.planted import market
from exchange.surveillance.spoofing import Spoofing
from exchange.surveillance.watch import THRESHOLDS, merged, quality, watch

MESSAGES = 5_000
OTHER = 99

Script = list[list[JSON]]


def judged(script: Script) -> JSON:
    """Play acts of account 7; return the alerts: kind, first and last command, score.

    ["enter", name, ms, side, price, lots], ["trade", ms, side, lots], ["pull", name, ms, lots]
    """
    detector, shown, found = Spoofing(), dict[str, Entered](), list[JSON]()
    for sequence, step in enumerate(script, start=1):
        for alert in detector.hear(_act(step, sequence, shown)):
            found.append([alert.kind, alert.first, alert.last, round(alert.score, 3)])
    return found


def _act(step: list[JSON], sequence: int, shown: dict[str, Entered]) -> Act:
    kind, *words = step
    if kind == "enter":
        name, ms, side, price, lots = words
        way = BUY if side == "buy" else SELL
        at_ns = int(str(ms)) * MS
        order = Entered(sequence, at_ns, 7, "ACME", way, int(str(price)), int(str(lots)))
        return shown.setdefault(str(name), order)
    if kind == "pull":
        name, ms, lots = words
        return Pulled(sequence, int(str(ms)) * MS, shown[str(name)], int(str(lots)))
    ms, side, lots = words
    buyer, seller = (7, OTHER) if side == "buy" else (OTHER, 7)
    at_ns, count = int(str(ms)) * MS, int(str(lots))
    return Execution(sequence, 0, at_ns, "ACME", 1000, count, buyer, seller, 0, 0, BUY)


def feint(lots: int, *, side: str = "sell", ms: int = 400, wanted: int = 20) -> Script:
    """A large buy order, a trade, and the order is taken back."""
    return [
        ["enter", "large", 100, "buy", 998, lots],
        ["trade", 300, side, wanted],
        ["pull", "large", ms, lots],
    ]


def clear_cases(rng: Random) -> Iterator[Case]:
    yield (feint(600),)
    yield (feint(rng.randrange(300, 900, 10)),)
    layers: Script = [["enter", f"{n}", 100 + n, "buy", 998 - n, 100] for n in range(4)]
    pulls: Script = [["pull", f"{n}", 400 + n, 100] for n in range(4)]
    yield ([*layers, ["trade", 300, "sell", 20], *pulls],)


def nearly(rng: Random) -> Iterator[Case]:
    """On its own side; too late; after the trade; old; hardly more than usual; partly filled."""
    yield (feint(600, side="buy"),)
    yield (feint(600, ms=2_301),)
    yield (feint(600, ms=2_300),)
    late: Script = [["trade", 300, "sell", 20], ["enter", "large", 310, "buy", 998, 600]]
    yield ([*late, ["pull", "large", 400, 600]],)
    old: Script = [["enter", "large", 100, "buy", 998, 600], ["trade", 2_101, "sell", 20]]
    yield ([*old, ["pull", "large", 2_200, 600]],)
    yield (feint(90, wanted=1),)
    yield (feint(600, wanted=400),)
    part: Script = [["enter", "large", 100, "buy", 998, 600], ["trade", 300, "sell", 20]]
    yield ([*part, ["pull", "large", 400, rng.choice((30, 60))]],)


def several(rng: Random) -> Iterator[Case]:
    """Several orders for one trade, and one order for several trades."""
    enter: Script = [["enter", name, 100 + n, "buy", 998, 90] for n, name in enumerate("ab")]
    pull: Script = [["pull", name, 400 + n, 90] for n, name in enumerate("ab")]
    yield ([*enter, ["trade", 300, "sell", 20], *pull],)
    trades: Script = [["trade", 300, "sell", 20], ["trade", 350, "sell", 200]]
    yield ([["enter", "a", 100, "buy", 998, 500], *trades, ["pull", "a", 400, 500]],)


def guarded(seed: int) -> JSON:
    """Watch a market; return for spoofing and layering how many cases there are, found, and false."""
    made = market(seed, MESSAGES, each=2)
    alerts = merged(watch(made.moments, made.closes_ns))
    judged = [quality(kind, alerts, made.cases, THRESHOLDS[kind]) for kind in (SPOOFING, LAYERING)]
    return [[each.kind, each.cases, each.found, each.alerts, each.false] for each in judged]


def some_market(rng: Random) -> Iterator[Case]:
    yield (rng.randrange(1_000_000),)


def told(args: Case, got: JSON) -> str:
    """Say how well a market was watched on the learner's code."""
    assert isinstance(got, Sequence)
    words = []
    for each in got:
        assert isinstance(each, Sequence)
        kind, cases, found, _, false = each
        words.append(f"{kind}: {found} of {cases} found, {false} false alarms")
    return f"a market of {MESSAGES:,} messages watched on your code: {'; '.join(words)}"


STAGES = {
    "spoofing": [
        Stage("orders that were not meant", clear_cases, judged),
        Stage("what only looks a little like it", nearly, judged),
        Stage("several orders, several trades", several, judged),
        Stage("a market with cases in it", some_market, guarded, needs=(2, 3), summary=told),
    ],
}
