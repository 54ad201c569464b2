"""What the exercises on resilience check: limits that learn, whom to refuse, hedges, copies, regions.

Page: docs/netflix/resilience.md
"""

from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.sim.clock import MS, VirtualClock
from netflix.errors import Refused
from netflix.resilience.evcache import EvCache
from netflix.resilience.hedge import ENOUGH, Hedger
from netflix.resilience.limits import FORGET, Fixed, Limiter, Sample, Vegas
from netflix.resilience.regions import Region, shares
from netflix.resilience.shed import Gate, admits, threshold

TTL_NS = 1_000 * MS
ZONES = {"a": ["a1", "a2"], "b": ["b1", "b2"], "c": ["c1"]}


# Limits.


def learns(first: int, samples: list[list[JSON]]) -> JSON:
    """Show [took_ms, in_flight, dropped] to Vegas; return the limit after each."""
    vegas, found = Vegas(first), list[JSON]()
    for took_ms, in_flight, is_dropped in samples:
        sample = Sample(float(str(took_ms)) * MS, int(str(in_flight)), bool(is_dropped))
        vegas.update(sample)
        found.append(vegas.limit)
    return found


def learned(first: int, samples: list[list[JSON]]) -> JSON:
    """Show samples to Vegas; return the last limits."""
    found = learns(first, samples)
    assert isinstance(found, list)
    return found[-6:]


def idle_ones(rng: Random) -> Iterator[Case]:
    first = rng.randint(20, 90)
    yield first, [[10, first, False]] * 4
    yield first, [[10, first // 2 - 1, False]] * 3
    yield 1000, [[10, 1000, False]] * 2


def crowded_ones(rng: Random) -> Iterator[Case]:
    first = rng.randint(40, 90)
    yield first, [[10, first, False], [20, first + 6, False], [30, first, False]]
    yield first, [[10, 1, False], [10 * first / (first - 2), first, False]]
    yield first, [[10, 1, False], [10 * first / (first - 5), first, False]]
    yield first, [[10, 1, False], [11, first, False], [13, first, False], [9, first, False]]
    yield 200, [[10, 1, False], [10.2, 200, False], [10.35, 200, False], [12, 200, False]]


def long_ones(rng: Random) -> Iterator[Case]:
    """Yield a busy hour, in which what idle means is looked for anew."""
    first = rng.randint(40, 80)
    yield first, [[10, 1, False], *[[20, first, False]] * (FORGET + 3), [10, first, False]]


def dropped_ones(rng: Random) -> Iterator[Case]:
    first = rng.randint(20, 90)
    yield first, [[10, first, False], [0.1, first, True], [0.1, first, True], [10, first, False]]
    yield 1, [[10, 1, True], [10, 1, True]]
    yield first, [[10, 1, False], [0.01, 1, True], [10, first, False]]


# Shedding.


def let_in(x: float) -> JSON:
    """Return the highest priority that is let in."""
    return round(threshold(x), 6)


def fullness(rng: Random) -> Iterator[Case]:
    for x in (0.0, 0.5, 1.0, rng.random(), rng.random(), 1.7, -0.2):
        yield (x,)


def admitted(priority: int, in_flight: int, limit: int) -> JSON:
    """Say whether a request is let in."""
    return admits(priority, in_flight, limit)


def requests(rng: Random) -> Iterator[Case]:
    yield 90, 0, 2
    yield 0, 9, 10
    yield 0, 10, 10
    yield 90, 0, 1
    yield 50, 79, 100
    yield 50, 80, 100
    for _ in range(5):
        limit = rng.randint(5, 60)
        yield rng.choice([0, 40, 70, 90]), rng.randint(0, limit + 3), limit


def evening(limit: int, steps: list[JSON]) -> JSON:
    """Let priorities in (numbers) and out ("out") of a gate; who was refused?"""
    gate, told, inside = (
        Gate(Limiter(Fixed(limit), clock=VirtualClock())),
        list[JSON](),
        list[int](),
    )
    for step in steps:
        if step == "out":
            gate.limiter.leave(inside.pop())
            continue
        try:
            inside.append(gate.enter(int(str(step))))
            told.append("in")
        except Refused as refused:
            told.append(refused.status)
    counted = [{str(each): count for each, count in of.items()} for of in (gate.let_in, gate.shed)]
    return {"told": told, "let in": counted[0], "shed": counted[1]}


def crowds(rng: Random) -> Iterator[Case]:
    yield 4, [90, 90, 90, 90, 0, 0, 0, "out", 0, 90]
    steps: list[JSON] = [rng.choice([0, 40, 90]) for _ in range(12)]
    yield 6, [*steps, "out", "out", *steps]


# Hedging.


def asked(answers_ms: list[list[int]], share: float) -> JSON:
    """Ask for each row: how long the first takes, and how long the second would. Who answered, and when?"""
    clock, told, turn = VirtualClock(), list[JSON](), [0, 0]

    def send(name: str, on_answer: Callable[[object], None]) -> None:
        turn[1] += 1
        took_ms = answers_ms[turn[0]][0 if name == "first" else 1]
        clock.call_later(took_ms * MS, lambda: on_answer(name))

    hedger = Hedger(send, clock=clock, share=share)
    for row in range(len(answers_ms)):
        turn[0], began_ns = row, clock.now_ns()
        hedger.ask(["first", "second"], partial(_tell, told, clock, began_ns))
        clock.run()
    return {"last": told[-12:], "answers": len(told), "sent": turn[1], "won": hedger.won}


def _tell(told: list[JSON], clock: VirtualClock, began_ns: int, who: object) -> None:
    told.append([str(who), (clock.now_ns() - began_ns) // MS])


def calm(rng: Random) -> Iterator[Case]:
    yield [[rng.randint(5, 15), 1] for _ in range(ENOUGH - 2)], 0.05
    yield [[10, 5]] * 3, 0.5


def stragglers(rng: Random) -> Iterator[Case]:
    usual = [[rng.randint(5, 15), 5] for _ in range(ENOUGH + 20)]
    yield [*usual, [500, 7], [9, 1], [500, 700]], 0.1
    yield [*usual, [17, 30], [400, 6]], 0.1


def bad_days(rng: Random) -> Iterator[Case]:
    usual = [[rng.randint(5, 15), 5] for _ in range(ENOUGH + 10)]
    yield [*usual, *[[300, 7]] * 40], 0.05
    yield [*usual, [300, 7], [300, 7]], 0.0


# The replicated cache.


def days(steps: list[list[JSON]]) -> JSON:
    """Play ["set", key, value, version], ["get", key, zone], ["down" | "up" | "restart", node], waits."""
    clock = VirtualClock()
    cache, told = EvCache(ZONES, clock=clock), list[JSON]()
    nodes = {name: node for zone in cache.nodes.values() for name, node in zone.items()}
    for what, *words in steps:
        match what:
            case "set":
                key, value, version = words
                told.append(cache.set(str(key), str(value).encode(), int(str(version)), TTL_NS))
            case "get":
                found = cache.get(str(words[0]), str(words[1]))
                told.append(None if found is None else found.decode())
            case "wait":
                clock.advance(int(str(words[0])) * MS)
            case "restart":
                nodes[str(words[0])].entries.clear()
            case _:
                nodes[str(words[0])].is_up = what == "up"
    return {"told": told, "here, afar, missed": [cache.hits, cache.from_afar, cache.misses]}


def good_days(rng: Random) -> Iterator[Case]:
    key = f"k{rng.randrange(99)}"
    yield ([["set", key, "v", 1], ["get", key, "a"], ["get", key, "c"], ["get", "other", "b"]],)
    yield ([["set", key, "new", 2], ["set", key, "old", 1], ["get", key, "b"]],)
    yield (
        [["set", key, "v", 1], ["wait", 999], ["get", key, "a"], ["wait", 2], ["get", key, "a"]],
    )


def lost_zones(rng: Random) -> Iterator[Case]:
    key = f"k{rng.randrange(99)}"
    down: list[list[JSON]] = [["down", "a1"], ["down", "a2"]]
    up: list[list[JSON]] = [["up", "a1"], ["up", "a2"]]
    yield ([["set", key, "v", 1], *down, ["get", key, "a"], ["get", key, "b"]],)
    yield ([*down, ["set", key, "v", 1], ["get", key, "a"], *up, ["get", key, "a"]],)
    yield ([["set", key, "old", 1], *down, ["set", key, "new", 2], *up, ["get", key, "a"]],)
    empty: list[list[JSON]] = [["restart", "a1"], ["restart", "a2"]]
    yield ([["set", key, "v", 1], *empty, ["get", key, "a"], ["get", key, "a"]],)
    all_down: list[list[JSON]] = [*down, ["down", "b1"], ["down", "b2"], ["down", "c1"]]
    yield ([["set", key, "v", 1], *all_down, ["get", key, "a"], ["set", key, "w", 2]],)


# Regions.


def gone(lost: str, regions: dict[str, list[float]], grown: float) -> JSON:
    """Say where the traffic of a lost region goes; regions are given as [demand, capacity]."""
    found = shares(lost, {name: Region(*each) for name, each in regions.items()}, grown)
    return {name: round(share, 9) for name, share in sorted(found.items())}


def losses(rng: Random) -> Iterator[Case]:
    yield "a", {"a": [10, 10], "b": [5, 10], "c": [5, 20]}, 1.0
    regions = {name: [rng.randint(1, 50), rng.randint(60, 90)] for name in "abcd"}
    yield rng.choice("abcd"), regions, 1.0
    yield rng.choice("abcd"), regions, 1.5


def full_ones(rng: Random) -> Iterator[Case]:
    yield "a", {"a": [10, 10], "b": [30, 20], "c": [5, 20]}, 1.0
    yield "a", {"a": [10, 10], "b": [30, 20], "c": [25, 20]}, 1.0
    yield "a", {"a": [10, 10], "b": [30, 30], "c": [20, 20]}, rng.choice([1.0, 1.2])


STAGES: dict[str, list[Stage]] = {
    "vegas-limit": [
        Stage("nobody waits: more, if what there is was used", idle_ones, learns),
        Stage("a queue grows: fewer", crowded_ones, learns, needs=(1,)),
        Stage("what was dropped was not fast", dropped_ones, learns, needs=(1,)),
        Stage("what idle means is looked for anew", long_ones, learned, needs=(2,)),
    ],
    "shedding": [
        Stage("a cubic curve", fullness, let_in),
        Stage("who is let in", requests, admitted, needs=(1,)),
        Stage("a gate, and what it counts", crowds, evening, needs=(2,)),
    ],
    "hedging": [
        Stage("who knows nothing yet asks once", calm, asked),
        Stage(
            "a straggler is asked for again, and the first answer counts",
            stragglers,
            asked,
            needs=(1,),
        ),
        Stage("not on a bad day, beyond the budget", bad_days, asked, needs=(2,)),
    ],
    "replicated-cache": [
        Stage("next door, else far away", good_days, days),
        Stage("a zone is lost, and comes back with old values", lost_zones, days, needs=(1,)),
    ],
    "evacuation": [
        Stage("by the room that each has", losses, gone),
        Stage("where nobody has room", full_ones, gone, needs=(1,)),
    ],
}
