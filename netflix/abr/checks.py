"""What the exercises on `abr` check: one choice at a time, then a rule along a short session.

Page: docs/netflix/abr.md
"""

from collections.abc import Iterator, Sequence
from random import Random

from chapters.checking import JSON, Case, Stage
from netflix.abr.bba import BufferBased, stepped
from netflix.abr.bola import Bola, best_per_bit, utilities
from netflix.abr.mpc import Outlook, RobustMpc, best_way
from netflix.abr.rule import Download, Ladder, Moment, Rule
from netflix.abr.throughput import Throughput, sustainable

DIGITS = 6
SEGMENT_S = 2.0
SEGMENTS = 40


def ladder(rates_kbps: Sequence[float]) -> Ladder:
    """Return a title whose segments are as large as its bit rates say."""
    sizes = [round(kbps * 1000 * SEGMENT_S) for kbps in rates_kbps]
    return Ladder(SEGMENT_S, rates_kbps, [sizes] * SEGMENTS)


def session(rule: Rule, title: Ladder, steps: Sequence[Sequence[float]]) -> list[JSON]:
    """Ask a rule at each [buffer s, line kbit/s, latency s], and download what it chose."""
    answers: list[JSON] = []
    now_s = 0.0
    for segment, (buffer_s, kbps, latency_s) in enumerate(steps):
        rung = rule.choose(Moment(segment, buffer_s, now_s))
        answers.append([rung, round(rule.wait_s(), DIGITS)])
        size_bits = title.sizes_bits[segment][rung]
        took_s = latency_s + size_bits / kbps / 1000
        rule.downloaded(Download(segment, rung, size_bits, latency_s, took_s))
        now_s += rule.wait_s() + took_s
    return answers


def rates(rng: Random, count: int) -> list[JSON]:
    """Return so many rungs' bit rates, each 1.4 to 2.2 times the one below."""
    found = [float(rng.randint(200, 400))]
    while len(found) < count:
        found.append(float(round(found[-1] * rng.uniform(1.4, 2.2))))
    return list(found)


def line(rng: Random, count: int, buffer_max_s: float = 22.0) -> list[JSON]:
    """Return steps of a session on a line that changes slowly."""
    kbps, steps = rng.uniform(800, 4000), []
    for _ in range(count):
        kbps = min(max(kbps * rng.uniform(0.6, 1.6), 200), 12_000)
        steps.append([round(rng.uniform(1, buffer_max_s), 2), round(kbps, 1), 0.1])
    return list(steps)


def carries(rates_kbps: list[float], asked: list[list[float]]) -> JSON:
    """Ask `sustainable` for each [throughput kbit/s, latency s, share]."""
    return [sustainable(ladder(rates_kbps), *each) for each in asked]


def by_throughput(rates_kbps: list[float], steps: list[list[float]]) -> JSON:
    title = ladder(rates_kbps)
    return session(Throughput(title), title, steps)


def no_latency(rng: Random) -> Iterator[Case]:
    for count in (1, 3, 5):
        yield rates(rng, count), [[rng.randint(150, 9000), 0, 1.0] for _ in range(8)]


def exactly(rng: Random) -> Iterator[Case]:
    """Yield a line that carries a rung to the bit."""
    yield [250.0, 500.0, 1000.0], [[500.0, 0, 1.0], [499.0, 0, 1.0], [1000.0, 0, 1.0]]


def with_latency(rng: Random) -> Iterator[Case]:
    yield [250.0, 500.0, 1000.0], [[1000.0, 0.5, 1.0], [1334.0, 0.5, 1.0], [500.0, 1.9, 1.0]]
    yield rates(rng, 5), [[rng.randint(300, 5000), 0.4, 1.0] for _ in range(8)]


def with_margin(rng: Random) -> Iterator[Case]:
    yield [250.0, 500.0, 1000.0], [[1000.0, 0, 0.9], [1000.0, 0, 0.5], [1120.0, 0, 0.9]]
    yield rates(rng, 5), [[rng.randint(300, 5000), 0.1, 0.8] for _ in range(8)]


def full_buffers(rng: Random) -> Iterator[Case]:
    """Yield sessions in which the low-buffer rule never has a say."""
    for _ in range(3):
        steps = [[90.0, kbps, latency_s] for _, kbps, latency_s in _steps(rng, 8)]
        yield rates(rng, 5), steps


def low_buffers(rng: Random) -> Iterator[Case]:
    yield [300.0, 750.0, 1500.0, 3000.0, 6000.0], [[level, 8000, 0.1] for level in (0.0, 0.6, 1.2)]
    for _ in range(3):
        yield rates(rng, 6), [[min(level, 3.0), kbps, wait] for level, kbps, wait in _steps(rng, 8)]


def _steps(rng: Random, count: int) -> list[list[float]]:
    return line(rng, count)  # type: ignore[return-value]


def maps(rates_kbps: list[float], buffer_max_s: float, levels_s: list[float]) -> JSON:
    """Ask the map for each level."""
    rule = BufferBased(ladder(rates_kbps), buffer_max_s)
    return [round(rule.mapped_kbps(each), DIGITS) for each in levels_s]


def steps_to(rates_kbps: list[float], asked: list[list[float]]) -> JSON:
    """Ask `stepped` for each [mapped rate, last rung]."""
    return [stepped(rate, rates_kbps, int(last)) for rate, last in asked]


def by_buffer(rates_kbps: list[float], buffer_max_s: float, levels_s: list[float]) -> JSON:
    title = ladder(rates_kbps)
    rule = BufferBased(title, buffer_max_s)
    return [rule.choose(Moment(number, each, 0.0)) for number, each in enumerate(levels_s)]


def cushion(rng: Random) -> Iterator[Case]:
    for _ in range(2):
        yield rates(rng, 4), 22.0, [round(rng.uniform(4.1, 17.9), 2) for _ in range(6)]


def ends(rng: Random) -> Iterator[Case]:
    yield rates(rng, 4), 22.0, [0.0, 2.0, 4.0, 18.0, 19.0, 20.0]
    yield rates(rng, 1), 10.0, [0.0, 5.0, 8.0]


def between(rng: Random) -> Iterator[Case]:
    yield [200.0, 400.0, 800.0, 1600.0], [[500, 1], [500, 2], [401, 1], [799, 2], [1200, 3]]


def past(rng: Random) -> Iterator[Case]:
    yield [200.0, 400.0, 800.0, 1600.0], [[900, 0], [1600, 0], [450, 0], [800, 1]]
    yield [200.0, 400.0, 800.0, 1600.0], [[300, 3], [200, 3], [500, 3], [200, 1]]


def levels(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        yield rates(rng, 6), 24.0, [round(rng.uniform(0, 22), 2) for _ in range(12)]


def argmax(rates_kbps: list[float], gamma_p: float, v_s: float, levels_s: list[float]) -> JSON:
    """Ask `best_per_bit` for each level."""
    worths = [each + gamma_p for each in utilities(rates_kbps)]
    return [best_per_bit(worths, rates_kbps, v_s, each) for each in levels_s]


def tied(worths: list[float], rates_kbps: list[float], v_s: float, levels_s: list[float]) -> JSON:
    """Ask `best_per_bit` where worths are given."""
    return [best_per_bit(worths, rates_kbps, v_s, each) for each in levels_s]


def by_bola(rates_kbps: list[float], steps: list[list[float]]) -> JSON:
    title = ladder(rates_kbps)
    return session(Bola(title, 24.0, basic=True), title, steps)


def rising(rng: Random) -> Iterator[Case]:
    for count in (2, 5, 8):
        yield rates(rng, count), 5.0, 2.5, [float(each) for each in range(0, 22, 2)]


def overfull(rng: Random) -> Iterator[Case]:
    """Yield levels above every rung's target: nothing is worth anything, and the top costs least."""
    yield rates(rng, 4), 5.0, 1.0, [20.0, 40.0]


def ties(rng: Random) -> Iterator[Case]:
    yield [1.0, 2.0, 4.0], [100.0, 200.0, 400.0], 10.0, [0.0]
    yield [2.0, 3.0], [100.0, 200.0], 10.0, [10.0, 9.0, 11.0]


def steps_up(rng: Random) -> Iterator[Case]:
    """Yield full buffers on slow lines: BOLA wants up, and the line cannot carry it."""
    for kbps in (700, 1300, 3000):
        slow = [[2.0, kbps, 0.1], *([level, kbps, 0.1] for level in (21.0, 21.5, 14.0, 22.0))]
        yield [300.0, 750.0, 1500.0, 3000.0, 6000.0], slow
    held = [
        [9.0, 9000, 0.1],
        [20.0, 9000, 0.1],
        [16.0, 500, 0.1],
        [21.9, 500, 0.1],
        [21.0, 500, 0.1],
    ]
    yield [300.0, 750.0, 1500.0, 3000.0, 6000.0], held


def wandering(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        yield rates(rng, 5), line(rng, 10)


def values(
    rates_kbps: list[float],
    takes_s: list[list[float]],
    buffer_max_s: float,
    asked: list[list[float]],
) -> JSON:
    """Ask `best_way` for each [last rung, buffer s]."""
    outlook = Outlook(rates_kbps, takes_s, SEGMENT_S, buffer_max_s)
    found = (best_way(outlook, int(last), buffer_s) for last, buffer_s in asked)
    return [[round(value, DIGITS), rung] for value, rung in found]


def by_mpc(rates_kbps: list[float], steps: list[list[float]]) -> JSON:
    title = ladder(rates_kbps)
    return session(RobustMpc(title, 24.0), title, steps)


def guesses(lines_kbps: list[float]) -> JSON:
    """Ask for the guess after each download at these rates."""
    rule, found = RobustMpc(ladder([300.0]), 24.0), []
    for number, kbps in enumerate(lines_kbps):
        rule.downloaded(Download(number, 0, 600_000, 0.0, 600 / kbps))
        found.append(round(rule.guess_kbps(), DIGITS))
    return found


def takes(rng: Random, count: int, horizon: int) -> list[JSON]:
    rows = []
    for _ in range(horizon):
        first = rng.uniform(0.1, 1.2)
        rows.append([round(first * 1.7**rung, 3) for rung in range(count)])
    return list(rows)


def one_step(rng: Random) -> Iterator[Case]:
    for last in (0, 2):
        yield rates(rng, 3), takes(rng, 3, 1), 24.0, [[last, 0.0], [last, 1.0], [last, 9.0]]


def some_steps(rng: Random) -> Iterator[Case]:
    for horizon in (2, 3):
        yield rates(rng, 3), takes(rng, 3, horizon), 24.0, [[0, 1.0], [1, 2.0], [2, 6.0]]


def full(rng: Random) -> Iterator[Case]:
    """Yield a buffer that cannot take what comes: what does not fit does not help later."""
    yield rates(rng, 3), [[0.1, 0.2, 0.3], [2.5, 3.5, 5.5]], 4.0, [[2, 4.0], [1, 4.0], [2, 3.0]]


def five_steps(rng: Random) -> Iterator[Case]:
    yield rates(rng, 4), takes(rng, 4, 5), 24.0, [[0, 2.0], [2, 5.0], [3, 12.0]]


def lines_kbps(rng: Random) -> Iterator[Case]:
    yield ([1000.0, 1000.0, 1000.0],)
    yield ([1000.0, 2000.0, 2000.0, 2000.0, 2000.0, 2000.0, 2000.0, 2000.0],)
    yield ([float(rng.randint(300, 5000)) for _ in range(9)],)


STAGES: dict[str, list[Stage]] = {
    "throughput-rule": [
        Stage("the highest rung that arrives while it plays", no_latency, carries),
        Stage("just in time is in time", exactly, carries),
        Stage("the wait for the first byte counts too", with_latency, carries, needs=(1,)),
        Stage("only a share of the estimate is counted on", with_margin, carries, needs=(1,)),
        Stage(
            "a session with a full buffer, from the first segment",
            full_buffers,
            by_throughput,
            needs=(1, 3, 4),
        ),
        Stage("a low buffer has the last word", low_buffers, by_throughput),
    ],
    "buffer-map": [
        Stage("in the cushion the rate grows with the level", cushion, maps),
        Stage("below it the lowest, above it the top", ends, maps),
        Stage("between two rungs the old one stays", between, steps_to, needs=()),
        Stage("past a neighbour, up or down", past, steps_to, needs=()),
        Stage("a session", levels, by_buffer, needs=(1, 2, 3, 4)),
    ],
    "bola": [
        Stage("the most worth for a bit", rising, argmax),
        Stage("above all targets", overfull, argmax),
        Stage("of equals, the cheapest", ties, tied),
        Stage("a step up that the line cannot carry", steps_up, by_bola, needs=(1,)),
        Stage("a session", wandering, by_bola),
    ],
    "robust-mpc": [
        Stage("one step: bit rate, change, stall", one_step, values),
        Stage("what a step leaves is what the next begins with", some_steps, values),
        Stage("a buffer that is full", full, values),
        Stage("five steps, exactly", five_steps, values, needs=(2,)),
        Stage(
            "a guess is discounted by the worst of the last errors", lines_kbps, guesses, needs=()
        ),
        Stage("a session", wandering, by_mpc, needs=(4, 5)),
    ],
}
