"""An exchange and its FIX gateway on one thread: for simulations, with a disk that may forget.

    connection ─► sessions ─► flush ─► sequencer ─► tracker ─► sessions ─► flush ─► take

It is put together from the same parts as app.py; only the thread, the sockets and the clock are missing.
Page: docs/exchange/fix-orders.md
"""

from collections.abc import Iterable, Mapping

from chapters.sim.clock import Clock
from chapters.sim.disk import Disk
from exchange.fix.acceptor import Acceptor
from exchange.fix.desk import Desk
from exchange.fix.outbox import Identity
from exchange.fix.session import Session
from exchange.fix.store import Store
from exchange.orders import Command
from exchange.sequencer import Sequencer

OURS = "KIT"


class Local:
    """The whole way of an order, without waiting."""

    def __init__(
        self, *, clock: Clock, disk: Disk, symbols: Iterable[str], accounts: Mapping[str, int],
        cancels_on_disconnect: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self.sequencer = Sequencer(clock=clock, disk=disk, symbols=list(symbols))
        self._clock = clock
        self._waiting: list[Command] = []
        store = Store(disk=disk)
        self.desk = Desk(
            accounts,
            list(symbols),
            enter=lambda command, words: self._waiting.append(command),
            cancels_on_disconnect=cancels_on_disconnect,
        )
        for name in accounts:
            identity = Identity(OURS, name)
            self.desk.add(Session(identity, store.session(str(identity)), self.desk))
        self.acceptor = Acceptor(store, self.desk.sessions.values())
        self.desk.recover(self.sequencer.history(), clock.now_ns())
        self.settle()

    def enter(self, command: Command) -> None:
        """Enter a command by another door than FIX."""
        self._waiting.append(command)
        self.settle()

    def settle(self) -> None:
        """Do all that follows from what has come: afterwards `take` of a connection has the answers."""
        self.acceptor.flush()
        self.desk.release()
        while self._waiting:
            commands, self._waiting[:] = list(self._waiting), []
            self.desk.apply(self.sequencer.submit(commands), self._clock.now_ns())
            self.acceptor.flush()
            self.desk.release()
