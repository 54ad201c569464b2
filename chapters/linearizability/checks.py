"""What the exercise checks: the search, on histories with one right verdict but many right orders.

An order is judged outside the box, by replaying it; a verdict of none is compared with ours.
Page: docs/chapters/linearizability.md
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from chapters.checking import JSON, Case, Stage
from chapters.linearizability.atomic import Weather, atomic_history, with_a_lie
from chapters.linearizability.diagram import draw_history
from chapters.linearizability.history import Operation
from chapters.linearizability.models import CasRegister
from chapters.linearizability.search import search
from chapters.linearizability.timeline import Timeline

STEPS_MAX = 20_000
FEW_STEPS = 3_000  # with a memory, six overlapping writes take a tenth of it; without, four times
OVERLAPPING = 6


def orders(rows: Sequence[Any], steps_max: int = STEPS_MAX) -> JSON:
    """Search one key's history; return the order found, as places in `rows`, or what stopped it."""
    operations = _operations(rows)
    timeline = Timeline(operations)
    found = search(timeline, CasRegister(), steps_max)
    places = {id(operation): place for place, operation in enumerate(operations)}
    if found.order is not None:
        return {"order": [places[id(each)] for each in found.order]}
    if not found.is_exhausted:
        return "no answer within the bound"
    assert timeline.farthest is not None
    return {"no order gets past": places[id(timeline.farthest.operation)]}


def is_right(args: Case, got: JSON, expected: JSON) -> bool:
    """Return whether the verdict is ours, and the order, if there is one, a legal one."""
    if not isinstance(expected, dict) or "order" not in expected:
        return got == expected
    return isinstance(got, dict) and _why_not(_operations(args[0]), got.get("order")) is None


def _why_not(operations: list[Operation], order: Any) -> str | None:
    """Return what is wrong with an order, or None."""
    numbers = range(len(operations))
    if not isinstance(order, list) or any(type(n) is not int or n not in numbers for n in order):
        return "this is no order of these operations"
    if len(set(order)) < len(order):
        return "an operation is in it twice"
    ended = [n for n in numbers if not operations[n].is_open]
    if missing := set(ended) - set(order):
        return f"{operations[min(missing)]} returned, and is not in the order"
    return _breaks(operations, order)


def _breaks(operations: list[Operation], order: list[int]) -> str | None:
    model, state = CasRegister(), CasRegister().initial
    latest_call: Operation | None = None
    for each in (operations[number] for number in order):
        if latest_call and each.return_ns is not None and each.return_ns < latest_call.call_ns:
            return f"{each} had returned before {latest_call} was called, and comes after it"
        if latest_call is None or each.call_ns > latest_call.call_ns:
            latest_call = each
        legal, after = model.step(state, each.input, each.output)
        if not legal:
            return f"{each} finds {state} in the register"
        state = after
    return None


def explain(args: Case, got: JSON, expected: JSON) -> str:
    """Draw the history, and tell both answers."""
    operations = _operations(args[0])
    lines = [*draw_history(operations), f"came back  {_in_words(operations, got)}"]
    if isinstance(got, dict) and "order" in got and (why := _why_not(operations, got["order"])):
        lines.append(f"           but {why}")
    return "\n".join([*lines, f"expected   {_in_words(operations, expected)}"])


def _in_words(operations: list[Operation], answer: Any) -> str:
    match answer:
        case {"order": [*places]} if (
            _why_not(operations, places) != "this is no order of these operations"
        ):
            return "the order  " + ",  ".join(str(operations[place]) for place in places)
        case {"no order gets past": int(place)}:
            return f"no order gets past the return of  {operations[place]}"
    return str(answer)


def _operations(rows: Any) -> list[Operation]:
    return [
        Operation(client, call, end, "k", tuple(input), output)
        for client, call, end, input, output in rows
    ]


def _rows(history: Sequence[Operation]) -> list[JSON]:
    return [
        [each.client, each.call_ns, each.return_ns, each.input, each.output] for each in history
    ]


def _spread(*operations: tuple[str, int, int | None, tuple[str, ...], JSON], by: int) -> list[JSON]:
    """Return rows with every time moved by `by`: the same history, at another hour."""
    return [
        [client, call + by, None if end is None else end + by, input, output]
        for client, call, end, input, output in operations
    ]


def one_by_one(rng: Random) -> Iterator[Case]:
    """Nothing overlaps: only the order of the times is left, right and wrong."""
    x, y = rng.sample("pqrstuvw", 2)
    steps = [("write", x), ("read",), ("write", y), ("read",)]
    for answers in (["ok", x, "ok", y], ["ok", x, "ok", x], ["ok", y, "ok", y]):
        yield ([["a", 2 * n, 2 * n + 1, steps[n], answers[n]] for n in range(4)],)
    yield ([],)


def overlaps(rng: Random) -> Iterator[Case]:
    """A read beside a write may see it or not; one after it must."""
    x, y = rng.sample("pqrstuvw", 2)
    by = rng.randrange(100)
    writing = ("a", 10, 30, ("write", x), "ok")
    for answer in (None, x, y):
        yield (_spread(writing, ("b", 5, 20, ("read",), answer), by=by),)
        yield (_spread(writing, ("b", 31, 40, ("read",), answer), by=by),)
    flicker = [("b", 12, 14, ("read",), x), ("c", 16, 18, ("read",), None)]
    yield (_spread(writing, *flicker, by=by),)


def wrong_turns(rng: Random) -> Iterator[Case]:
    """The choice that looks good first leads nowhere, one step on or several."""
    x, y, z = rng.sample("pqrstuvw", 3)
    by = rng.randrange(100)
    both = [("a", 1, 10, ("write", x), "ok"), ("b", 2, 11, ("write", y), "ok")]
    yield (_spread(*both, ("c", 20, 21, ("read",), x), by=by),)
    yield (_spread(*both, ("c", 20, 21, ("read",), y), by=by),)
    yield (_spread(*both, ("c", 3, 5, ("read",), y), ("c", 20, 21, ("read",), x), by=by),)
    swap = ("d", 3, 30, ("cas", x, z), True)
    yield (_spread(*both, swap, ("c", 40, 41, ("read",), y), by=by),)
    yield (_spread(*both, swap, ("c", 40, 41, ("read",), x), by=by),)


def open_ends(rng: Random) -> Iterator[Case]:
    """Nobody knows whether the write happened, until a read tells, or does not."""
    x, y = rng.sample("pqrstuvw", 2)
    by = rng.randrange(100)
    first = ("a", 1, 2, ("write", x), "ok")
    lost = ("b", 3, None, ("write", y), None)
    for answers in ([x], [y], [x, y], [y, x], [x, x, y]):
        reads = [("c", 10 + 2 * n, 11 + 2 * n, ("read",), each) for n, each in enumerate(answers)]
        yield (_spread(first, lost, *reads, by=by),)
    yield (_spread(lost, first, ("c", 0, 1, ("read",), y), by=by),)
    unanswered = ("d", 3, None, ("read",), None)
    yield (_spread(first, unanswered, ("c", 10, 11, ("read",), x), by=by),)


def crowds(rng: Random) -> Iterator[Case]:
    """Many writes at once, and a value that nobody wrote: every order fails."""
    values = rng.sample("pqrstuvw", OVERLAPPING)
    writes = [(value, n, 50 + n, ("write", value), "ok") for n, value in enumerate(values)]
    yield _spread(*writes, ("reader", 100, 101, ("read",), "o"), by=0), FEW_STEPS


def markets(rng: Random) -> Iterator[Case]:
    """Seeded histories of a true register, as they are and with one answer exchanged."""
    for _ in range(4):
        history = atomic_history(rng, 14, clients=4, weather=Weather(swaps=0.2, lost=0.15))
        yield (_rows(history),)
        yield (_rows(with_a_lie(rng, history)),)


def _stage(title: str, cases: Any, needs: tuple[int, ...] | None = None) -> Stage:
    return Stage(title, cases, orders, is_right, explain, needs=needs)


STAGES = {
    "one-register": [
        _stage("one after the other", one_by_one),
        _stage("side by side, either may be first", overlaps),
        _stage("a wrong turn is taken back", wrong_turns),
        _stage("an open operation may have happened, or not", open_ends),
        _stage("a place once seen is not searched again", crowds, needs=(3,)),
        _stage("histories of a true register, and with a lie", markets, needs=(3, 4)),
    ],
}
