"""Histories that are right by construction, and small lies told about them: to check the checker.

A register that takes every operation at one instant, somewhere between its call and its return, gives
a linearizable history whatever the overlaps. Some answers are lost on the way, and leave operations
open. Then one read's answer is exchanged for another value, which may or may not show.
Page: docs/chapters/linearizability.md
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from chapters.checking import JSON
from chapters.linearizability.history import Operation
from chapters.linearizability.models import CasRegister

VALUES = ("x", "y", "z")
KEY = "k"
_TICKS_MAX = 12  # the longest an operation waits before it takes effect, and after


@dataclass(frozen=True, slots=True)
class Weather:
    """How often operations are writes or compare-and-sets, and how often an answer is lost."""

    writes: float = 0.4
    swaps: float = 0.0
    lost: float = 0.1


@dataclass(frozen=True, slots=True, order=True)
class _Plan:
    effect_ns: int
    call_ns: int
    return_ns: int
    client: int
    input: tuple[str, ...]


def atomic_history(
    rng: Random, operations: int, *, clients: int = 3, weather: Weather | None = None
) -> list[Operation]:
    """Return what clients of one atomic register saw, in order of call.

    Half of the operations whose answer is lost have taken effect.
    """
    weather = weather or Weather()
    model, state = CasRegister(), CasRegister().initial
    history = []
    for plan in sorted(_plans(rng, operations, clients, weather)):
        lost = rng.random() < weather.lost
        output: JSON = "ok" if plan.input[0] == "write" else state
        if plan.input[0] == "cas":
            output = state == plan.input[1]
        if not lost or rng.random() < 0.5:
            _, state = model.step(state, plan.input, output)
        ending = (None, None) if lost else (plan.return_ns, output)
        history.append(_seen(plan, *ending))
    return sorted(history, key=lambda each: each.call_ns)


def _plans(rng: Random, operations: int, clients: int, weather: Weather) -> list[_Plan]:
    free_ns = [0] * clients
    plans = []
    for _ in range(operations):
        client = rng.randrange(clients)
        call_ns = free_ns[client] + rng.randrange(_TICKS_MAX)
        effect_ns = call_ns + rng.randrange(_TICKS_MAX)
        return_ns = effect_ns + rng.randrange(_TICKS_MAX)
        free_ns[client] = return_ns + 1
        plans.append(_Plan(effect_ns, call_ns, return_ns, client, _input(rng, weather)))
    return plans


def _input(rng: Random, weather: Weather) -> tuple[str, ...]:
    drawn = rng.random()
    if drawn < weather.writes:
        return "write", rng.choice(VALUES)
    if drawn < weather.writes + weather.swaps:
        return "cas", rng.choice(VALUES), rng.choice(VALUES)
    return ("read",)


def _seen(plan: _Plan, return_ns: int | None, output: JSON) -> Operation:
    return Operation(f"c{plan.client}", plan.call_ns, return_ns, KEY, plan.input, output)


def with_a_lie(rng: Random, history: Sequence[Operation]) -> list[Operation]:
    """Return the history with the answer of one read exchanged for another value, if it has one."""
    told = list(history)
    reads = [n for n, each in enumerate(told) if each.input == ("read",) and not each.is_open]
    if reads:
        chosen = rng.choice(reads)
        others = [value for value in (None, *VALUES) if value != told[chosen].output]
        told[chosen] = replace(told[chosen], output=rng.choice(others))
    return told
