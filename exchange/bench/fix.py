"""FIX round trips: the same QuickFIX client on QuickFIX's own acceptor, on our echo, on the whole exchange.

    this process: QuickFIX initiator ──NewOrderSingle──►  another process: an acceptor
                                     ◄──echo, or report──

QuickFIX is C++ with Python callbacks here; it keeps messages in memory, as our echo does, and checks them
against no dictionary. The exchange validates, journals, syncs twice, matches and reports. Without QuickFIX
nothing is measured.
Page: docs/exchange/fix.md
"""

import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from chapters.errors import KitError
from chapters.measure.ratio import Ratio, compare
from chapters.sim.real import WallClock
from exchange.bench.fix_peers import HOST, SYMBOL, settings

WINDOW = 64  # orders on their way at once
QUICK, FULL = (1_000, 3), (5_000, 5)  # round trips, rounds
WAIT_S = 60


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Ratio]:
    """Yield the ratios of this file; none where QuickFIX is not installed."""
    if find_spec("quickfix") is None:
        return
    trips, rounds = QUICK if quick else FULL
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        theirs = Peer("quickfix", folder)
        try:
            for kind, called in (("echo", "our FIX echo"), ("exchange", "the exchange, by FIX")):
                on_progress(f"{called} against QuickFIX's echo")
                ours = Peer(kind, folder)
                try:
                    yield _compared(called, ours, theirs, trips, rounds)
                finally:
                    ours.stop()
        finally:
            theirs.stop()


def _compared(called: str, ours: "Peer", theirs: "Peer", trips: int, rounds: int) -> Ratio:
    found = compare(
        lambda: ours.trade(trips),
        lambda: theirs.trade(trips),
        rounds=rounds,
        names=(called, f"QuickFIX's echo, {trips:,} round trips,"),
        timer_ns=WallClock().now_ns,
    )
    return replace(found, clock="wall clock")


class Peer:
    """An acceptor in a process of its own, and the QuickFIX client that is connected to it."""

    def __init__(self, kind: str, folder: Path) -> None:
        port = _free_port()
        place = folder / kind
        place.mkdir(exist_ok=True)
        call = f"fix_peers.serve({kind!r}, {port}, Path({str(place)!r}))"
        code = f"from pathlib import Path; from exchange.bench import fix_peers; {call}"
        command = (sys.executable, "-c", code)
        self._process = subprocess.Popen(command)
        _until_listening(port, self._process)
        self._client = client(port, place, theirs=kind)  # QuickFIX wants each pair of names once

    def trade(self, trips: int) -> None:
        """Send orders and wait until every one is answered."""
        self._client.trade(trips)

    def stop(self) -> None:
        """End the client, then the process."""
        self._client.stop()
        self._process.kill()
        self._process.wait()


def client(port: int, folder: Path, *, theirs: str) -> Any:
    """Return a QuickFIX initiator that is logged on. Raises `KitError` when it does not get there."""
    import quickfix

    class Client(quickfix.Application):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.sent = 0
            self.on = threading.Event()
            self.answered = threading.Semaphore(0)

        def onCreate(self, session: Any) -> None:  # noqa: N802
            self.session = session

        def onLogon(self, session: Any) -> None:  # noqa: N802
            self.on.set()

        def onLogout(self, session: Any) -> None: ...  # noqa: N802
        def toAdmin(self, message: Any, session: Any) -> None: ...  # noqa: N802
        def fromAdmin(self, message: Any, session: Any) -> None: ...  # noqa: N802
        def toApp(self, message: Any, session: Any) -> None: ...  # noqa: N802

        def fromApp(self, message: Any, session: Any) -> None:  # noqa: N802
            self.answered.release()

        def trade(self, trips: int) -> None:
            for number in range(trips + WINDOW):
                if number < trips:
                    quickfix.Session.sendToTarget(self._order(), self.session)
                if number >= WINDOW and not self.answered.acquire(timeout=WAIT_S):
                    raise KitError(f"no answer to an order within {WAIT_S} s")

        def _order(self) -> Any:
            self.sent += 1
            order = quickfix.Message()
            order.getHeader().setField(35, "D")
            stamp = time.strftime("%Y%m%d-%H:%M:%S", time.gmtime())
            for tag, value in (
                *((11, f"n{self.sent}"), (55, SYMBOL), (54, "1"), (38, "10"), (40, "2")),
                *((44, f"{9 + self.sent % 100 / 100:.2f}"), (59, "0"), (60, stamp)),
            ):
                order.setField(tag, value)
            return order

        def stop(self) -> None:
            self.initiator.stop()

    made = Client()
    made.settings = settings(folder, "initiator", port, theirs)
    made.store = quickfix.MemoryStoreFactory()
    made.initiator = quickfix.SocketInitiator(made, made.store, made.settings)
    made.initiator.start()
    if not made.on.wait(WAIT_S):
        raise KitError(f"QuickFIX did not log on at port {port} within {WAIT_S} s")
    return made


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _until_listening(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(WAIT_S * 50):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise KitError(f"nothing listens at port {port} (exit code {process.poll()})")
