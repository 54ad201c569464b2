"""The running gateway: an event loop on a thread of its own, beside the exchange that it is a door to.

    sockets ─► sessions ─► store synced ─► exchange.enter_soon ─► its writer's thread, journal synced
    sockets ◄─ sessions ◄─ store synced ◄──────── all that happened ◄─────────────┘

Two syncs lie between an order and its report: the journal's, so that it is not lost, and the store's, so
that its report's number is not used twice. Whatever waits shares them. Page: docs/exchange/fix-orders.md
"""

import asyncio
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from chapters.errors import Definite, UsageError
from chapters.portal.errors import refusal
from chapters.portal.serving import must_be_free
from chapters.sim.clock import Clock
from chapters.sim.disk import Disk
from chapters.sim.real import RealDisk, WallClock
from exchange.app import Exchange
from exchange.fix.acceptor import OURS, Acceptor, sessions_of
from exchange.fix.copies import COPY, Watched, read_copies, watch
from exchange.fix.desk import Desk
from exchange.fix.echo import Echo
from exchange.fix.store import Forgetful, Store
from exchange.fix.wire import Server
from exchange.orders import Command
from exchange.sequencer import Sequenced

CANCELS = "/cancel"  # behind an account: its orders go when its line does
START_S_MAX = 600  # learning the orders of a long journal takes a while


class Gateway:
    """The FIX door of a running exchange."""

    def __init__(
        self, exchange: Exchange, *, clock: Clock, disk: Disk, accounts: Mapping[str, int],
        ours: str = OURS, cancels_on_disconnect: Iterable[str] = (),
        copies: Mapping[str, Watched] | None = None,
    ) -> None:  # fmt: skip
        self._exchange = exchange
        self._clock = clock
        self._ended: asyncio.Event
        self._thread: threading.Thread | None = None
        self._server: Server
        store = Store(disk=disk)
        self.desk = Desk(
            accounts,
            exchange.symbols,
            enter=self._enter,
            cancels_on_disconnect=cancels_on_disconnect,
        )
        for session in sessions_of(ours, accounts, store, self.desk):
            self.desk.add(session)
        watch(self.desk, copies or {}, ours=ours, store=store)
        self.acceptor = Acceptor(store, self.desk.sessions.values())

    def start(self, host: str, port: int) -> None:
        """Listen on a thread of its own. Raises `PortInUse` and its like."""
        must_be_free(host, port)
        ready: Future[None] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run(host, port, ready)), name="fix", daemon=True
        )
        self._thread.start()
        ready.result(START_S_MAX)

    async def _run(self, host: str, port: int, ready: "Future[None]") -> None:
        self._ended = asyncio.Event()
        now_ns = self._clock.now_ns
        self._server = Server(self.acceptor, now_ns, after_flush=self.desk.release)
        try:
            # What happens from here on waits in the loop until the past is learnt.
            self.desk.recover(self._exchange.follow(self._happened), now_ns())
            self._server.flush_soon()
            await self._server.listen(host, port)
        except OSError as error:
            ready.set_exception(refusal(host, port, error))
            return
        except Exception as error:
            ready.set_exception(error)
            return
        ready.set_result(None)
        await self._ended.wait()
        self._server.close()

    def close(self) -> None:
        """Hang up on everybody and stop listening."""
        if self._thread is not None:
            self._server.call(self._ended.set)
            self._thread.join()

    def _happened(self, results: list[Sequenced]) -> None:
        self._server.call(lambda: self.desk.apply(results, self._clock.now_ns()))

    def _enter(self, command: Command, words: str) -> None:
        try:
            done = self._exchange.enter_soon(command)
        except Definite as error:
            refused = error  # said in a turn of its own, so that it is synced before it is sent
            self._server.call(lambda: self.desk.failed(command, refused))
            return
        done.add_done_callback(lambda done: self._entered(command, done))

    def _entered(self, command: Command, done: "Future[Sequenced]") -> None:
        error = done.exception()
        if isinstance(error, Definite):
            refused = error
            self._server.call(lambda: self.desk.failed(command, refused))
        elif error is not None:
            # Nobody knows what is journalled: say nothing, and let the next life find out.
            self._server.call(self._server.close)


def read_accounts(words: str, ours: str = OURS) -> tuple[dict[str, int], list[str]]:
    """Return the accounts by CompID, from `TRADER=7,OTHER=8/cancel`. Raises `UsageError`.

    And those whose orders go when their line does: they say /cancel. Who says /copy has no account.
    Every CompID in `words` must be one, given once, and not `ours`.
    """
    found, cancels = {}, []
    for word in (each for each in words.split(",") if each and not each.strip().endswith(COPY)):
        name, equals, number = word.strip().removesuffix(CANCELS).partition("=")
        cancels += [name] if word.strip().endswith(CANCELS) else []
        if not equals or not name or not re.fullmatch(r"0*[1-9]\d{0,17}", number, re.ASCII):
            raise UsageError(f"--fix-accounts {word}: write CompID=account, such as TRADER=7")
        found[name] = int(number)
    if len(set(found.values())) < len(found):
        raise UsageError(f"--fix-accounts {words}: two clients cannot share an account")
    if both := found.keys() & read_copies(words).keys():
        raise UsageError(
            f"--fix-accounts: {min(both)} cannot both trade and watch under one CompID"
        )
    _must_be_names(_names(words), ours)
    return found, cancels


def _names(words: str) -> list[str]:
    return [word.strip().partition("=")[0] for word in words.split(",") if word]


def _must_be_names(names: Sequence[str], ours: str) -> None:
    for name in names:
        _must_be_comp_id("--fix-accounts", name)
        if names.count(name) > 1:
            raise UsageError(f"--fix-accounts: {name} is given twice; each CompID has one session")
        if name == ours:
            raise UsageError(f"--fix-accounts: {name} is the exchange's own CompID; choose another")


def _must_be_comp_id(option: str, name: str) -> None:
    """Raise `UsageError` naming the `option` unless `name` is printable ASCII without a space."""
    if not re.fullmatch("[!-~]+", name):
        raise UsageError(f"{option}: {name!r} is no CompID; printable ASCII without a space is one")


def must_be_right(
    host: str, port: int, fix_port: int, fix_accounts: str, fix_sender: str = OURS
) -> None:
    """Check what the server's process would stumble over. Raises `UsageError`, `PortInUse` and its like."""
    _must_be_comp_id("--fix-sender", fix_sender)
    read_accounts(fix_accounts, fix_sender)
    if fix_port and not _names(fix_accounts):
        raise UsageError(f"--fix-accounts is empty: nobody could log on at --fix-port {fix_port}")
    if fix_port and fix_port in (port, port + 1):
        raise UsageError(f"--fix-port {fix_port} is taken by the page; choose another")
    if fix_port:
        must_be_free(host, fix_port, option="--fix-port")


def open_beside(
    running: Exchange, folder: Path, host: str, port: int, accounts: str, ours: str
) -> Gateway:
    """Open the FIX door of a `running` exchange, its sessions kept in the exchange's folder."""
    disk = RealDisk(folder / "sessions")
    disk.claim()
    numbers, cancels = read_accounts(accounts, ours)
    gateway = Gateway(
        running, clock=WallClock(), disk=disk, accounts=numbers, ours=ours,
        cancels_on_disconnect=cancels, copies=read_copies(accounts),
    )  # fmt: skip
    gateway.start(host, port)
    return gateway


def serve_echo(
    host: str,
    port: int,
    *,
    ours: str,
    theirs: Iterable[str],
    on_ready: Callable[[str], object] = lambda where: None,
) -> None:
    """Serve sessions that say everything back, until Ctrl-C. Raises `PortInUse` and its like."""
    must_be_free(host, port)
    with suppress(KeyboardInterrupt):
        asyncio.run(_echo(host, port, ours, theirs, on_ready))


async def _echo(
    host: str, port: int, ours: str, theirs: Iterable[str], on_ready: Callable[[str], object]
) -> None:
    store = Forgetful()
    # Each begins anew at its logon, as test suites expect.
    sessions = sessions_of(ours, theirs, store, Echo(), resets_on_logon=True)
    server = Server(Acceptor(store, sessions), WallClock().now_ns)
    await server.listen(host, port)
    on_ready(f"fix://{host}:{port}/")
    await asyncio.Event().wait()
