"""Requests to a few machines that can all answer, each of which is slow now and then, for no reason.

Page: docs/netflix/hedging.md
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from chapters.sim.chance import Chance
from chapters.sim.clock import MS, S, VirtualClock
from chapters.sim.latency import LogNormal
from netflix.resilience.hedge import Hedger

MACHINES = ("edge-1", "edge-2", "edge-3", "edge-4")
USUAL = LogNormal(20 * MS, 60 * MS)
GAP_NS = 2 * MS


@dataclass(frozen=True, slots=True)
class Tail:
    """How long answers took, in nanoseconds, in order of size; and what was sent twice, as a share."""

    took_ns: tuple[int, ...]
    asked_more: float

    def quantile_ms(self, share: float) -> float:
        """Return the time that so large a share took at most."""
        return self.took_ns[min(len(self.took_ns) - 1, int(share * len(self.took_ns)))] / MS


def tail(*, seed: int, requests: int, slow: float, often: float, share: float) -> Tail:
    """Send requests to machines in turn; a share `often` of the answers takes `slow` times as long."""
    chance, clock = Chance(seed), VirtualClock()
    work, luck = chance.stream("work"), chance.stream("luck")
    took: list[int] = []

    def send(name: str, on_answer: Callable[[object], None]) -> None:
        times = slow if luck.random() < often else 1.0
        clock.call_later(round(USUAL(work) * times), lambda: on_answer(name))

    hedger = Hedger(send, clock=clock, share=share)

    def ask(number: int) -> None:
        began_ns, turn = clock.now_ns(), number % len(MACHINES)
        others = [*MACHINES[turn:], *MACHINES[:turn]]
        hedger.ask(others, lambda _: took.append(clock.now_ns() - began_ns))

    for number in range(requests):
        clock.call_later(number * GAP_NS, partial(ask, number))
    clock.run(requests * GAP_NS + 60 * S)
    return Tail(tuple(sorted(took)), hedger.hedged / max(1, requests))
