"""The acceptors that the FIX benchmark compares, each in a process of its own.

Page: docs/exchange/fix.md
"""

import threading
from pathlib import Path
from typing import Any

from chapters.sim.real import RealDisk, WallClock

HOST = "127.0.0.1"
SYMBOL = "ACME"
OURS = "KIT"


def settings(folder: Path, kind: str, port: int, theirs: str) -> Any:
    import quickfix

    sender, target = (theirs, OURS) if kind == "initiator" else (OURS, theirs)
    where = (
        f"SocketConnectHost={HOST}\nSocketConnectPort={port}"
        if kind == "initiator"
        else f"SocketAcceptPort={port}"
    )
    file = folder / f"{kind}.cfg"
    file.write_text(
        f"[DEFAULT]\nConnectionType={kind}\nStartTime=00:00:00\nEndTime=00:00:00\nHeartBtInt=30\n"
        "UseDataDictionary=N\nReconnectInterval=1\nSocketNodelay=Y\nResetOnLogon=Y\n"
        f"[SESSION]\nBeginString=FIX.4.4\nSenderCompID={sender}\nTargetCompID={target}\n{where}\n"
    )
    return quickfix.SessionSettings(str(file))


def serve(kind: str, port: int, folder: Path) -> None:
    """Be the acceptor of that kind, for ever."""
    if kind == "quickfix":
        _serve_quickfix(port, folder)
    elif kind == "echo":
        from exchange.fix.app import serve_echo

        serve_echo(HOST, port, ours=OURS, theirs=[kind])
    else:
        from exchange.app import build
        from exchange.fix.app import Gateway

        running = build(folder / "journal", [SYMBOL])
        disk = RealDisk(folder / "fix")
        gateway = Gateway(running, clock=WallClock(), disk=disk, accounts={kind: 7}, ours=OURS)
        gateway.start(HOST, port)
        threading.Event().wait()


def _serve_quickfix(port: int, folder: Path) -> None:
    import quickfix

    class Echoing(quickfix.Application):  # type: ignore[misc]
        def onCreate(self, session: Any) -> None: ...  # noqa: N802
        def onLogon(self, session: Any) -> None: ...  # noqa: N802
        def onLogout(self, session: Any) -> None: ...  # noqa: N802
        def toAdmin(self, message: Any, session: Any) -> None: ...  # noqa: N802
        def fromAdmin(self, message: Any, session: Any) -> None: ...  # noqa: N802
        def toApp(self, message: Any, session: Any) -> None: ...  # noqa: N802

        def fromApp(self, message: Any, session: Any) -> None:  # noqa: N802
            quickfix.Session.sendToTarget(quickfix.Message(message), session)

    application, store = Echoing(), quickfix.MemoryStoreFactory()
    acceptor = quickfix.SocketAcceptor(
        application, store, settings(folder, "acceptor", port, "quickfix")
    )
    acceptor.start()
    threading.Event().wait()
