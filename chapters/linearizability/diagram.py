"""A history as lines of text: time runs to the right, one operation a line.

    a  write x → ok    ├───────┤
    b  read → x            ├───────┤
    c  write y → ?         ├───────────────?      never heard of again
    a  read → null                     ├───┤  ✘   no order gets past this one

Columns count calls and returns, so the order is true and the distances are not: that is all that the
definition looks at, and a pause of an hour takes no room. Page: docs/chapters/linearizability.md
"""

from collections.abc import Mapping, Sequence

from chapters.linearizability.history import Operation

OPERATIONS_MAX = 14  # drawn; a screen's width of calls and returns
_STEP = 2  # columns from one call or return to the next
_LABEL_CHARS = 28


def draw(operations: Sequence[Operation], culprit: Operation) -> list[str]:
    """Return a drawing of a counterexample: the latest operations up to the culprit's return."""
    assert culprit.return_ns is not None
    shown = sorted(operations, key=lambda each: each.call_ns)[-OPERATIONS_MAX:]
    if not any(each is culprit for each in shown):
        shown = [culprit, *shown[1:]]
    left_out = len(operations) - len(shown)
    earlier = [f"  … {left_out} earlier, not drawn"] if left_out else []
    notes = {id(culprit): "✘ no order gets past this one"}
    return earlier + _lines(shown, notes, culprit.return_ns)


def draw_history(operations: Sequence[Operation]) -> list[str]:
    """Return a drawing of operations in order of call, without a verdict."""
    return draw_order(operations, numbered=False)


def draw_order(order: Sequence[Operation], *, numbered: bool = True) -> list[str]:
    """Return a drawing of operations in order of call, each with its place in `order`."""
    # Equal operations are different operations: each is known by its identity.
    notes = {id(each): f"{place}." for place, each in enumerate(order, start=1) if numbered}
    shown = sorted(order, key=lambda each: each.call_ns)[:OPERATIONS_MAX]
    left_out = len(order) - len(shown)
    later = [f"  … {left_out} later, not drawn"] if left_out else []
    last_ns = max((each.return_ns or each.call_ns for each in shown), default=0)
    return _lines(shown, notes, last_ns) + later


def _lines(shown: Sequence[Operation], notes: Mapping[int, str], until_ns: int) -> list[str]:
    columns = _columns(shown, until_ns)
    clients = max((len(each.client) for each in shown), default=0)
    labels = [_shortened(str(each)) for each in shown]
    width = max(map(len, labels), default=0)
    end = max(columns.values(), default=0) + 1
    return [
        f"  {each.client:<{clients}}  {label:<{width}}  "
        f"{_bar(each, columns, end):<{end + 1}}  {notes.get(id(each), '')}".rstrip()
        for each, label in zip(shown, labels, strict=True)
    ]


def _columns(shown: Sequence[Operation], until_ns: int) -> dict[tuple[int, int], int]:
    """Return the column of each instant: (time, 0) for calls at it, (time, 1) for returns."""
    instants = {(each.call_ns, 0) for each in shown}
    instants |= {
        (each.return_ns, 1)
        for each in shown
        if each.return_ns is not None and each.return_ns <= until_ns
    }
    return {instant: _STEP * place for place, instant in enumerate(sorted(instants))}


def _bar(operation: Operation, columns: Mapping[tuple[int, int], int], end: int) -> str:
    start = columns[operation.call_ns, 0]
    stop = None if operation.return_ns is None else columns.get((operation.return_ns, 1))
    tail = "┤" if stop is not None else "?" if operation.is_open else "…"
    return f"{' ' * start}├{'─' * ((stop or end) - start - 1)}{tail}"


def _shortened(label: str) -> str:
    return label if len(label) <= _LABEL_CHARS else label[: _LABEL_CHARS - 1] + "…"
