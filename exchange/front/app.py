"""The running exchange whose machines are processes of their own: sockets to them, and their lives.

    HTTP threads ──► queue ──► writer thread: Courier ──Enter──► the primary ──► two disks
                                  │      ▲                          │
                                  ▼      └───────────Shown──────────┘
                     what is committed: applied here, and journalled once more, for stream and feed

Nothing is applied, shown or answered here that is not committed. This process may die as well: it begins
again with its copy of the journal, and asks the machines for the rest. Page: docs/exchange/standby.md
"""

import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from chapters.errors import KitError, UsageError
from chapters.sim.clock import MS, S
from chapters.sim.errors import DiskInUse
from chapters.sim.real import RealDisk, WallClock
from exchange.app import Exchange, Waiting, build
from exchange.codec import epoch_in
from exchange.errors import Halted, Unacknowledged
from exchange.floor.house import trade_while_open
from exchange.front.courier import Courier
from exchange.front.lines import Lines
from exchange.front.machines import PAGE, Machines
from exchange.orders import Command
from exchange.sequencer import JOURNAL, Sequenced, Sequencer
from exchange.sessions.clerks import Clerk, Clerks
from exchange.settings import Settings
from exchange.standby.primary import GIVER
from exchange.standby.processes import MACHINES

LOOK_NS = 30 * MS  # between two looks at the machines
PATIENCE_S = 0.02  # of the writer, for an order, or for an answer
AWAY_NS = 2 * S  # without a primary; then no more orders are taken
ANSWER_S_MAX = 10  # that a client waits for its answer
CLOSE_NS = 2 * S  # for what is under way, when the exchange closes
WINDOW = 1_024  # commands under way; what comes beyond it waits in the queue
NURSE_S = 0.1  # between two looks at the processes
WARN_NS = 5 * S
START_NS = 20 * S
END_NS = 5 * S


class Front(Exchange):
    """An exchange whose commands become records elsewhere; `copy` is what is committed of them."""

    def __init__(self, copy: Sequencer, ports: Mapping[str, int], clerks: Sequence[Clerk] = ()):
        self._clock = WallClock()
        name = f"page-{self._clock.now_ns():x}"
        self._lines = Lines({machine: ports[machine] for machine in MACHINES}, name)
        epoch = max((epoch_in(record.payload) for record in copy.records(1)), default=0)
        self.courier = Courier(
            MACHINES, clock=self._clock, send=self._lines.send, last=copy.replica.sequence, epoch=epoch
        )  # fmt: skip
        self._clerks = Clerks(clerks)
        for done in copy.history() if self._clerks else ():
            self._clerks.follow(done)
        self._unsaid: list[Command] = []  # by the clerks, and not carried yet
        self._looked_ns = 0
        self._answers: dict[int, Future[Sequenced]] = {}  # by the courier's number
        super().__init__(copy)

    def enter(self, command: Command) -> Sequenced:
        """Return what `command` did once it is committed. Raises `Halted`, `Unacknowledged`."""
        try:
            return self.enter_soon(command).result(ANSWER_S_MAX)
        except TimeoutError:
            raise Unacknowledged(
                f"no machine has acknowledged it in {ANSWER_S_MAX} s; it will be entered, or was"
            ) from None

    def enter_soon(self, command: Command) -> "Future[Sequenced]":
        """Queue `command`; the future has its result once that is committed."""
        if self.courier.silent_ns() > AWAY_NS:
            why = self.courier.why()
            raise Halted(
                f"no machine is primary{why and f' ({why})'}; this was not entered, try again later"
            )
        return super().enter_soon(command)

    @property
    def is_there(self) -> bool:
        """Whether a primary is known, and all that it has committed is here."""
        said = self.courier.said.get(self.courier.primary, (0, None))[1]
        return said is not None and said.committed <= self._sequencer.replica.sequence

    def _write(self) -> None:
        while (batch := self._next_batch()) is not None:
            self._turn(batch)
        until_ns = self._clock.now_ns() + CLOSE_NS
        while self.courier.pending and self._clock.now_ns() < until_ns and not self._halted:
            self._turn([])
        self._give_up(Unacknowledged("the exchange has closed"))
        self._lines.close()

    def _next_batch(self) -> "list[Waiting] | None":
        is_full = len(self.courier.pending) >= WINDOW and self._halted is None
        return [] if is_full else super()._next_batch()

    def _patience_s(self) -> float | None:
        return 0.0 if self.courier.pending and self._halted is None else PATIENCE_S

    def _turn(self, batch: "list[Waiting]") -> None:
        """Send what has come in, and take in what has come back."""
        if self._halted is not None:
            return self._give_up(self._no_orders(), batch)
        try:
            self._carry(batch)
            fresh = self._hear()
            if fresh:
                self._happen(fresh)
        except Exception as error:
            self._halted = error if isinstance(error, KitError) else KitError(repr(error))
            self._give_up(error, batch)
        return None

    def _carry(self, batch: "list[Waiting]") -> None:
        said = [*self._unsaid, *self._clerks.due(self.now_ns())]
        self._unsaid.clear()
        numbers = self.courier.enter([*said, *(command for command, _ in batch)])
        self._answers.update(zip(numbers[len(said) :], (done for _, done in batch), strict=True))

    def _hear(self) -> list[tuple[bytes, int]]:
        """Return what is newly committed, each record with the courier's number."""
        now_ns = self._clock.now_ns()
        if now_ns - self._looked_ns >= LOOK_NS:
            self._looked_ns = now_ns
            self.courier.look()
        lost = self._lines.flush()
        messages, more = self._lines.receive(PATIENCE_S if self.courier.pending else 0)
        fresh = [each for said in messages for each in self.courier.handle(*said)]
        for machine in (*lost, *more):
            self.courier.gone(machine)
        return fresh

    def _happen(self, fresh: list[tuple[bytes, int]]) -> None:
        with self._state:
            first = self._sequencer.replica.sequence + 1
            numbers = {first + place: number for place, (_, number) in enumerate(fresh)}
            results = self._sequencer.take([payload for payload, _ in fresh])
            self._show(results)
            for done in results:
                # Nobody else speaks for them: what is due by now must be said, not dropped.
                self._unsaid += self._clerks.due(done.now_ns)
                self._clerks.follow(done)
                if (answer := self._answers.pop(numbers[done.sequence], None)) is not None:
                    answer.set_result(done)
            self._tell(results)

    def _give_up(self, error: Exception, batch: "Sequence[Waiting]" = ()) -> None:
        for done in {*self._answers.values(), *(done for _, done in batch)}:
            if not done.done():
                done.set_exception(error)
        self._answers.clear()


def opened(
    settings: Settings, symbols: Iterable[str], clerks: Sequence[Clerk]
) -> tuple[Exchange, Machines | None, Callable[..., None]]:
    """Return the exchange that was asked for, the machines behind it, and what simulated traders do."""
    if settings.standby:
        return *open_front(Path(settings.folder).parent, clerks), trade_for_ever
    return build(Path(settings.folder), symbols, clerks=clerks), None, trade_while_open


def open_front(folder: Path, clerks: Sequence[Clerk] = ()) -> tuple[Front, Machines]:
    """Start the machines of `folder`; return the exchange in front of them, and them.

    Returns once somebody is primary and all that is committed is here; without, after `WARN_NS` when a
    machine says why, else after `START_NS`, and says so.
    """
    disk = RealDisk(folder / PAGE)
    disk.claim()
    copy = Sequencer(clock=WallClock(), disk=disk, symbols=())
    clock = WallClock()
    machines = Machines(folder, clock=clock)
    threading.Thread(target=_nurse, args=(machines,), name="machines", daemon=True).start()
    front = Front(copy, machines.ports, clerks)
    began_ns = clock.now_ns()
    while not front.is_there:
        clock.sleep_until(clock.now_ns() + LOOK_NS)
        why = front.courier.why()
        if clock.now_ns() - began_ns > (WARN_NS if why else START_NS):
            print(f"kit: {no_primary(folder, why)}", file=sys.stderr, flush=True)
            break
    return front, machines


def no_primary(folder: Path, why: str) -> str:
    """Return what an operator is told, in one line, when nobody has become primary."""
    return (
        f"no machine is primary ({why or 'none says why'}), so there are no orders. Put back what was lost"
        f" in {folder}, or go on without a standby: kit serve exchange --folder {folder / PAGE}"
    )


def trade_for_ever(*market: Any, **knobs: Any) -> None:
    """Trade as `trade_while_open` does, and go on when the exchange was away."""
    clock = WallClock()
    while True:
        trade_while_open(*market, **knobs)
        clock.sleep_until(clock.now_ns() + S)


@contextmanager
def journal_in(folder: Path, standby: bool) -> Iterator[Path]:
    """Say where the journal is that stream and feed follow; at the end, wait for the machines to end.

    Raises `UsageError` for a folder of the wrong kind.
    """
    if not standby:
        if (folder / PAGE / JOURNAL).exists():
            raise UsageError(f"{folder} holds an exchange with a standby: say --standby too")
        yield folder
        return
    if (folder / JOURNAL).exists():
        raise UsageError(
            f"{folder} holds an exchange of one machine: leave --standby out, or begin anew"
        )
    try:
        yield folder / PAGE
    finally:
        _wait_for_end(folder)


def _nurse(machines: Machines) -> None:
    pause = threading.Event()
    while not pause.wait(NURSE_S):
        with suppress(KitError, OSError):  # a folder that is just being deleted, and the like
            machines.tend()


def _wait_for_end(folder: Path) -> None:
    """Return once no machine of `folder` runs any more: they end by themselves, with their parent."""
    clock = WallClock()
    until_ns = clock.now_ns() + END_NS
    for name in (GIVER, *MACHINES):
        while clock.now_ns() < until_ns:
            with suppress(DiskInUse), RealDisk(folder / name) as disk:
                disk.claim()
                break
            clock.sleep_until(clock.now_ns() + LOOK_NS)
