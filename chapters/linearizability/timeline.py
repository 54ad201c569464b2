"""A history of one key as a linked list of calls and returns: operations lift out and drop back in.

    first ──► call a ──► call b ──► return a ──► call c ──► return b ──► ...
                └──── partner ────────┘

Whatever stands before the first return in the list may come next in an order: everything that must
come earlier has been lifted out. So "what can be next?" is a walk from the front up to a return.
Invariant: lifting and unlifting in reverse order restores the list exactly. Both are O(1).
A call and a return at the same instant overlap: no clock can tell which was first, and a checker
that accuses must be sure. Source: Lowe, *Testing for linearizability* (2017), section 3, after Wing and
Gong (1993). Page: docs/chapters/linearizability.md
"""

from collections.abc import Sequence

from chapters.linearizability.history import Operation

_CALL, _RETURN = 0, 1  # at the same instant calls come first


class Entry:
    """A call or a return, in the list."""

    __slots__ = ("bit", "next", "operation", "partner", "previous")

    def __init__(self, operation: Operation, bit: int) -> None:
        self.operation = operation
        self.bit = bit  # 1 << the number of the operation: sets of operations are integers
        self.partner: Entry | None = None  # of a call, its return; none if it is open
        self.previous: Entry = self
        self.next: Entry = self

    def out(self) -> None:
        """Leave the list; `previous` and `next` still say where it was."""
        self.previous.next, self.next.previous = self.next, self.previous

    def back(self) -> None:
        """Return to where it was."""
        self.previous.next = self.next.previous = self


class Return(Entry):
    """The return of an operation: what has not been lifted out by then is too late."""

    __slots__ = ()


class Timeline:
    """The calls and returns of one key's operations, in order of time, in a ring around a hub."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._hub = Return(Operation("", 0, 0, "", ()), 0)
        self.unfinished = 0  # operations still in the list whose return is known
        self.farthest: Return | None = None
        for _, _, _, entry in sorted(self._stamped(operations), key=lambda each: each[:3]):
            entry.previous, entry.next = self._hub.previous, self._hub
            entry.back()

    @property
    def first(self) -> Entry:
        """The earliest entry in the list."""
        return self._hub.next

    def lift(self, call: Entry) -> None:
        """Take an operation out: its call, and its return if there is one."""
        call.out()
        if call.partner is not None:
            call.partner.out()
            self.unfinished -= 1

    def unlift(self, call: Entry) -> None:
        """Undo `lift`; the last one lifted comes first."""
        if call.partner is not None:
            call.partner.back()
            self.unfinished += 1
        call.back()

    def stuck_at(self, entry: Entry) -> None:
        """Remember the latest return that a search could not get past."""
        assert isinstance(entry, Return)
        if self.farthest is None or _time(entry) > _time(self.farthest):
            self.farthest = entry

    def _stamped(self, operations: Sequence[Operation]) -> list[tuple[int, int, int, Entry]]:
        stamped: list[tuple[int, int, int, Entry]] = []
        for number, operation in enumerate(operations):
            call = Entry(operation, 1 << number)
            stamped.append((operation.call_ns, _CALL, number, call))
            if operation.return_ns is not None:
                call.partner = Return(operation, 1 << number)
                stamped.append((operation.return_ns, _RETURN, number, call.partner))
                self.unfinished += 1
        return stamped


def _time(entry: Return) -> tuple[int, int]:
    assert entry.operation.return_ns is not None
    return entry.operation.return_ns, entry.bit
