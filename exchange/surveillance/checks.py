"""What the exercises on surveillance check: what looks like a trick, and what only nearly does.

Page: docs/exchange/surveillance.md
"""

from collections.abc import Iterator, Sequence
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.sim.clock import MS
from exchange.clearing.drop_copy import Execution
from exchange.orders import BUY, SELL
from exchange.surveillance.acts import Act, Entered, Pulled
from exchange.surveillance.alerts import LAYERING, MOMENTUM, SPOOFING
from exchange.surveillance.momentum import FOLLOWERS_MAX, MomentumIgnition
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
    return _watched(seed, (SPOOFING, LAYERING))


def _watched(seed: int, kinds: Sequence[str]) -> JSON:
    made = market(seed, MESSAGES, each=2)
    alerts = merged(watch(made.moments, made.closes_ns))
    judged = [quality(kind, alerts, made.cases, THRESHOLDS[kind]) for kind in kinds]
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


# Momentum ignition: [ms, who came, whom they met, "buy" or "sell" of who came, price, lots].


def followed(script: Script) -> JSON:
    """Play trades; return the alerts: account, first and last command, score."""
    detector, found = MomentumIgnition(), list[JSON]()
    for sequence, step in enumerate(script, start=1):
        ms, came, met, price, lots = (int(str(step[place])) for place in (0, 1, 2, 4, 5))
        way, who = (BUY, (came, met)) if step[3] == "buy" else (SELL, (met, came))
        trade = Execution(sequence, 0, ms * MS, "ACME", price, lots, *who, 0, 0, way)
        for alert in detector.hear(trade):
            found.append([*alert.accounts, alert.first, alert.last, round(alert.score, 3)])
    return found


def run(side: str = "buy", *, step: int = 2) -> Script:
    """Account 7 takes three prices, and moves the market."""
    way = step if side == "buy" else -step
    return [[100 + n, 7, 50, side, 1000 + n * way, 100] for n in range(3)]


def ignited(rng: Random) -> Iterator[Case]:
    """Upwards, downwards; a part of it; as far as may be."""
    yield ([*run(), [500, 60, 7, "buy", 1005, 300]],)
    yield ([*run("sell"), [500, 60, 7, "sell", 995, 300]],)
    yield ([*run(), [500, 60, 7, "buy", 1005, 10 * rng.randint(12, 20)]],)
    yield ([*run("sell", step=rng.randint(3, 9)), [500, 60, 7, "sell", 960, 200]],)


def hardly(rng: Random) -> Iterator[Case]:
    """At what was paid or worse; kept; to one there before; others; a little; late; beyond the room."""
    for side, price in (("buy", 1002), ("sell", 998), ("buy", 1001), ("sell", 999)):
        yield ([*run(side), [500, 60, 7, side, price, 300]],)
    yield (run(),)
    yield ([*run(), [500, 7, 60, "sell", 1005, 300]],)
    yield ([*run(), [500, 60, 8, "buy", 1005, 300]],)
    yield ([*run(), [500, 60, 7, "buy", 1005, rng.randint(1, 15)]],)
    yield ([*run(), [10_101, 60, 7, "buy", 1005, 300]],)
    yield ([*run(step=1)[:2], [500, 60, 7, "buy", 1005, 200]],)
    came: Script = [[200 + n, 100 + n, 51, "buy", 1005, 1] for n in range(FOLLOWERS_MAX + 1)]
    late, last = ([500, 7, came[n][1], "sell", 1005, 150] for n in (-1, -2))
    yield ([*run(), *came, late, last],)


def bit_by_bit(rng: Random) -> Iterator[Case]:
    """To several; where a follower bids; more than it has taken."""
    gives: Script = [[500 + n, 60 + n, 7, "buy", 1005, 100] for n in range(3)]
    yield ([*run(), *gives],)
    yield ([*run(), [400, 60, 51, "buy", 1005, 5], [500, 7, 60, "sell", 1004, 250]],)
    yield ([*run(), [500, 60, 7, "buy", 1006, 300], [501, 61, 7, "buy", 1006, 300]],)


def caught(seed: int) -> JSON:
    """Watch a market; return for momentum ignition how many cases there are, found, and false."""
    return _watched(seed, (MOMENTUM,))


STAGES = {
    "spoofing": [
        Stage("orders that were not meant", clear_cases, judged),
        Stage("what only looks a little like it", nearly, judged),
        Stage("several orders, several trades", several, judged),
        Stage("a market with cases in it", some_market, guarded, needs=(2, 3), summary=told),
    ],
    "momentum-ignition": [
        Stage("a run, and those who followed it", ignited, followed),
        Stage("what only looks a little like it", hardly, followed),
        Stage("bit by bit", bit_by_bit, followed),
        Stage("a market with cases in it", some_market, caught, needs=(2, 3), summary=told),
    ],
}
