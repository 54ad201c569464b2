"""A ledger that is there again after a crash: every command is on disk before it is answered.

    post ──► checked ──► appended and committed ──► balances changed ──► answered
    open ──► every command of the log, once more, at the time at which it was decided

Invariant: an entry that was answered is in the ledger after any crash, once, and the balances sum to
zero. One that was not answered is in it, whole, or not at all: ask again with the same id to see.

A record carries the time of the decision, and on opening the ledger is told that time: whether a
reservation had lapsed is decided as it was then. The clock must go on over a restart, as that of the
wall does. When a commit fails and nobody knows what is on disk, the log takes nothing more, and so
the ledger changes no more, until it is opened again. Page: docs/chapters/ledger.md
"""

from chapters.errors import Definite, KitError
from chapters.ledger.commands import Close, Command, Reserve, Settle, Void, decode, encode
from chapters.ledger.entry import Account, Entry
from chapters.ledger.errors import Unreplayable
from chapters.ledger.ledger import Ledger, Limits
from chapters.log import Log
from chapters.sim.clock import Clock
from chapters.sim.disk import Disk


class Journal:
    """Where a ledger's commands are written, and the clock by which they are decided."""

    def __init__(self, *, clock: Clock, disk: Disk, name: str) -> None:
        self._clock = clock
        self._log = Log(disk=disk, name=name)
        self._told_ns: int | None = 0  # while the log is read: the time of the record at hand

    def now_ns(self) -> int:
        """Return the time; while the log is read, that of the record at hand."""
        return self._clock.now_ns() if self._told_ns is None else self._told_ns

    def record(self, at_ns: int, command: Command) -> None:
        """Write the command and make it durable, unless it comes from the log. Raises as a log does."""
        if self._told_ns is not None:
            return
        try:
            self._log.append(encode(at_ns, command))
            self._log.commit()
        except KitError:
            self._log.discard()
            raise

    def replay(self, ledger: Ledger) -> None:
        """Give the ledger every command of the log. Raises `Unreplayable`, `CorruptLog`."""
        for sequence, payload in self._log.read():
            self._told_ns, command = decode(payload)
            try:
                redo(ledger, command)
            except Definite as refusal:
                raise Unreplayable(
                    f"record {sequence} was accepted once and is refused now ({refusal}): open the "
                    f"ledger with the limits that it had"
                ) from refusal
        self._told_ns = None


def redo(ledger: Ledger, command: Command) -> None:
    """Do what the command says."""
    match command:
        case Account():
            ledger.open(command)
        case Entry():
            ledger.post(command)
        case Reserve(id, legs, ttl_ns):
            ledger.reserve(id, legs, ttl_ns=ttl_ns)
        case Settle(id, legs, period):
            ledger.settle(id, legs, period=period)
        case Void(id):
            ledger.void(id)
        case Close(period):
            ledger.close(period)


def open_ledger(
    *, clock: Clock, disk: Disk, name: str = "ledger", limits: Limits = Limits()
) -> Ledger:
    """Return the ledger whose journal has that name, or a new one. O(its history).

    Raises `Unreplayable`, and what a log raises when it is opened.
    """
    journal = Journal(clock=clock, disk=disk, name=name)
    ledger = Ledger(clock=journal, record=journal.record, limits=limits)
    journal.replay(ledger)
    return ledger
