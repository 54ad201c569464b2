"""What the exercises on breakers check: when one opens, whom it lets through, what a retry costs.

Page: docs/chapters/circuit_breaker.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.circuit_breaker.breaker import OPEN_NS, PROBES, SLOW_NS, Breaker
from chapters.circuit_breaker.retry import Budget
from chapters.sim.clock import MS, VirtualClock

WINDOW, CALLS_MIN = 8, 4
LONG_MS = 2 * OPEN_NS // MS  # longer than the first wait can be
VERY_LONG_MS = 100_000


def plays(steps: list[list[JSON]]) -> JSON:
    """Play steps on a breaker, and say its state after each.

    ["ask" | "ok" | "slow" | "fail", 0], ["wait", ms], and ["late ok" | "late fail", ms since it was begun].
    """
    clock = VirtualClock()
    breaker = Breaker(clock=clock, rng=Random(5), window=WINDOW, calls_min=CALLS_MIN)
    found: list[JSON] = []
    for what, number in steps:
        match what:
            case "wait":
                clock.advance(int(str(number)) * MS)
            case "ask":
                found.append(breaker.allow())
            case "ok":
                breaker.succeeded()
            case "slow":
                clock.advance(SLOW_NS + 1)
                breaker.succeeded(SLOW_NS + 1)
            case "fail":
                breaker.failed()
            case "late ok":
                breaker.succeeded(int(str(number)) * MS)
            case "late fail":
                breaker.failed(int(str(number)) * MS)
        found.append(breaker.state)
    return found


def call(*words: str) -> list[JSON]:
    return [[word, 0] for word in words]


def failures(rng: Random) -> Iterator[Case]:
    yield (call(*["fail"] * (CALLS_MIN + 1)),)
    for _ in range(3):
        yield (call(*rng.choices(["ok", "fail"], k=12)),)
    yield (call("ok", "ok", "ok", "ok", "fail", "fail", "fail", "fail"),)


def slow_ones(rng: Random) -> Iterator[Case]:
    yield (call("slow", "slow", "ok", "ok"),)
    yield (call("slow", "ok", "ok", "slow", "slow", "slow"),)


def waits(rng: Random) -> Iterator[Case]:
    tripped: list[JSON] = call(*["fail"] * CALLS_MIN)
    yield (
        [
            *tripped,
            ["ask", 0],
            ["wait", OPEN_NS // MS - 1],
            ["ask", 0],
            ["wait", LONG_MS],
            ["ask", 0],
        ],
    )


def probes(rng: Random) -> Iterator[Case]:
    tripped: list[JSON] = [*call(*["fail"] * CALLS_MIN), ["wait", LONG_MS]]
    asks = call(*["ask"] * (PROBES + 2))
    yield ([*tripped, *asks, *call(*["ok"] * PROBES), ["ask", 0]],)
    yield (
        [*tripped, *call("ask", "ok", "ask", "ok", "ask", "ask", "ok", "fail", "ok", "ok", "fail")],
    )


def failed_probes(rng: Random) -> Iterator[Case]:
    tripped: list[JSON] = [*call(*["fail"] * CALLS_MIN), ["wait", LONG_MS]]
    again: list[JSON] = [["wait", 1600], ["ask", 0], ["wait", LONG_MS], ["ask", 0]]
    yield ([*tripped, *call("ask", "fail", "ask"), *again],)
    yield (
        [*tripped, *call("ask", "ask", "fail", "ok"), ["wait", VERY_LONG_MS], *call("ask", "ok")],
    )
    yield ([*tripped, *call("ask", "slow")],)


def late_words(rng: Random) -> Iterator[Case]:
    """Yield words of calls that were begun before it opened, heard while probes are under way."""
    tripped: list[JSON] = [*call(*["fail"] * CALLS_MIN), ["wait", LONG_MS]]
    asks: list[JSON] = call(*["ask"] * PROBES)
    ok: list[JSON] = [["late ok", LONG_MS - 1]] * PROBES
    fail: list[JSON] = [["late fail", rng.randint(LONG_MS - 100, LONG_MS)]]
    yield ([*tripped, *asks, *fail, *call(*["ok"] * PROBES)],)
    yield ([*tripped, *asks, *ok, *call("fail")],)
    closed: list[JSON] = [*tripped, *asks, *call(*["ok"] * PROBES), ["wait", 500]]
    for since_ms in (1000, 400):
        words: list[JSON] = [["late fail", since_ms]] * CALLS_MIN
        yield ([*closed, *words],)


def spends(share: float, reserve: float, steps: list[str]) -> JSON:
    """Count requests and ask for retries; say which were granted."""
    budget, granted = Budget(share, reserve), []
    for step in steps:
        if step == "request":
            budget.request()
        else:
            granted.append(budget.try_retry())
    return {"granted": granted, "left": round(budget.tokens, 6)}


def first_retries(rng: Random) -> Iterator[Case]:
    yield 0.1, 3, ["retry"] * 5
    yield 0.1, 0, ["retry"]


def shares(rng: Random) -> Iterator[Case]:
    yield 0.1, 1, ["retry", *["request"] * 10, "retry", "retry"]
    yield 0.25, 2, ["retry", "retry", *["request"] * 3, "retry", "request", "retry", "retry"]
    for _ in range(2):
        yield 0.2, 4, rng.choices(["request", "retry"], [4, 1], k=40)


def caps(rng: Random) -> Iterator[Case]:
    yield 0.5, 2, [*["request"] * rng.randint(10, 30), "retry", "retry", "retry"]


STAGES = {
    "state-machine": [
        Stage("half of enough calls failed: it opens", failures, plays),
        Stage("a slow answer is a failure", slow_ones, plays),
        Stage("open, nobody passes; after a while, one may", waits, plays, needs=(1,)),
        Stage("a few probes; when all pass, it closes", probes, plays),
        Stage("when one fails, it opens for twice as long", failed_probes, plays),
        Stage("what was begun before changes nothing", late_words, plays, needs=(4,)),
    ],
    "retry-budget": [
        Stage("as many as there are tokens", first_retries, spends),
        Stage("each request pays for a share of a retry", shares, spends),
        Stage("never more than the reserve", caps, spends, needs=(1,)),
    ],
}
