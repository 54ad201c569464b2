"""An order of operations that explains one key's history, or the proof that there is none.

Try whatever may come next, go on from there, and step back when stuck: depth first, with the way back
on a stack. What makes it quick is a memory: (which operations are done, which state that led to). Two
orders of the same operations that end in the same state have the same future, so the second is not
tried again.

Invariant: `chosen` is a legal order of exactly the operations in `done`, and leads to `state`.
Cost: linear when few operations overlap; exponential in the overlap at worst (the problem is
NP-complete: Gibbons and Korach 1997), hence the bound on steps.
Source: Wing and Gong (1993) with the memory of Lowe (2017), as in Athalye's Porcupine.
Page: docs/chapters/linearizability.md
"""

from dataclasses import dataclass
from typing import TypeVar

from chapters.linearizability.history import Operation
from chapters.linearizability.models import Model
from chapters.linearizability.timeline import Entry, Return, Timeline

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found: an order; or None, and whether that is proof or the bound."""

    order: tuple[Operation, ...] | None
    steps: int
    is_exhausted: bool = False


def search(timeline: Timeline, model: Model[S], steps_max: int) -> Search:
    """Return a legal order of the operations that agrees with their times, if there is one.

    Every operation that returned is in it, and any number of the open ones. None with `is_exhausted`
    is proof: every order was tried, and `timeline.farthest` is the return that none got past.
    None without it means that `steps_max` steps were not enough.
    """
    chosen: list[tuple[Entry, int, S]] = []  # each call lifted, with `done` and `state` before it
    done, state = 0, model.initial
    seen = {(done, state)}
    entry = timeline.first
    for steps in range(steps_max + 1):
        if not timeline.unfinished:
            return Search(tuple(call.operation for call, _, _ in chosen), steps)
        if isinstance(entry, Return):
            timeline.stuck_at(entry)
            if not chosen:
                return Search(None, steps, is_exhausted=True)
            entry, done, state = chosen.pop()
            timeline.unlift(entry)
        else:
            legal, after = model.step(state, entry.operation.input, entry.operation.output)
            if legal and (done | entry.bit, after) not in seen:
                chosen.append((entry, done, state))
                timeline.lift(entry)
                done, state = done | entry.bit, after
                seen.add((done, state))
                entry = timeline.first
                continue
        entry = entry.next
    return Search(None, steps_max)
