"""The running exchange: the one place where the real clock, disk, threads and ports are chosen.

    HTTP threads ──► queue ──► writer thread: Sequencer.submit(all that waits) ──► answers
                                   │ journal on disk
                                   ▼
                     feed process: Follower ──► depth and trades as an event stream

One writer applies everything, so nothing in the core needs a lock; whatever waits when it looks is one
batch and shares one sync. The feed is a process of its own that only reads the journal: a thousand
spectators do not slow down one order. Page: docs/exchange/gateway.md
"""

import itertools
import queue
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import TypeVar

from flask import Flask

from chapters.errors import KitError, UsageError
from chapters.portal import serving as http
from chapters.portal.lifetime import end_with_parent
from chapters.portal.serving import must_be_free
from chapters.sim.real import RealDisk, WallClock
from exchange import wire
from exchange.board import app as board
from exchange.candles import Candle
from exchange.control import Rules
from exchange.errors import Halted, within
from exchange.feed.view import View
from exchange.feed.wire import read_lines
from exchange.floor.floor import Floor
from exchange.floor.house import Mood
from exchange.floor.regimes import regime_named
from exchange.json_fields import read_symbol
from exchange.market_data import Depth, Trade
from exchange.order_json import Json, known_json, markets_json
from exchange.orders import BUY, SELL, Command
from exchange.sequencer import Sequenced, Sequencer
from exchange.sessions.clerks import Clerk
from exchange.sessions.schedule import DAY_MINUTES_MAX
from exchange.sessions.today import phases, rest_of, so_far
from exchange.settings import Settings

SYMBOLS = ("ACME",)
WAITING_MAX = 10_000  # commands in the queue; a full one is answered with 503
BATCH_MAX = 256  # commands that share one sync
SNAPSHOT_EVERY = 250_000  # commands
BAND_PERCENT_MAX = 100  # below it would be a price below nothing
PER_SECOND_MAX = 5_000  # simulated orders; more, and they are all that the page can show


T = TypeVar("T")
Waiting = tuple[Command, "Future[Sequenced]"]


class Exchange:
    """A sequencer, the one thread that submits to it, and the public's view of each book."""

    def __init__(self, sequencer: Sequencer) -> None:
        self._sequencer = sequencer
        replica = sequencer.replica
        self._view = View(replica.engine, replica.sequence, charts=True)
        self._followers: list[Callable[[list[Sequenced]], object]] = []
        self._floor = Floor(replica.engine, self._view.books)
        self._waiting: queue.Queue[Waiting | None] = queue.Queue(WAITING_MAX)
        self._state = threading.Lock()  # readers must not see half of a batch
        self._halted: KitError | None = None
        self._closed = False
        self._writer = threading.Thread(target=self._write, name="sequencer", daemon=True)
        self._writer.start()

    @property
    def symbols(self) -> tuple[str, ...]:
        """What is traded; it never changes."""
        return tuple(self._view.books)

    def enter(self, command: Command) -> Sequenced:
        """Return what `command` did once it is safely journalled. Raises `Halted`, `Unacknowledged`."""
        return self.enter_soon(command).result()

    def enter_soon(self, command: Command) -> "Future[Sequenced]":
        """Queue `command`; the future has its result once that is safely journalled."""
        done: Future[Sequenced] = Future()
        if self._halted is not None or self._closed:
            raise self._no_orders()
        try:
            self._waiting.put_nowait((command, done))
        except queue.Full:
            raise Halted(f"{WAITING_MAX} orders are waiting already; try again later") from None
        return done

    def find(self, account: int, client_id: str) -> Json | None:
        """Return what is known of an order, or None when it was never accepted."""
        with self._state:
            return known_json(self._sequencer.replica.engine, account, client_id)

    def depth(self, symbol: str, levels: int) -> Depth:
        """Return (sequence, best bids, best asks) of a symbol's book, all of one moment."""
        with self._state:
            feed = self._view.books[symbol]
            return feed.sequence, feed.depth(BUY, levels), feed.depth(SELL, levels)

    def rests(self, symbol: str, order_id: int) -> bool:
        """Return whether that order waits in the symbol's book."""
        with self._state:
            return order_id in self._sequencer.replica.engine.books[symbol].orders

    def seen(self, ask: Callable[[Floor], T]) -> T:
        """Return what `ask` says of the floor: accounts' orders, the heat map, the phase."""
        with self._state:
            return ask(self._floor)

    def now_ns(self) -> int:
        """Return the time by the sequencer's clock."""
        return self._sequencer.now_ns()

    def trades(self, symbol: str, limit: int) -> list[Trade]:
        """Return the last trades, the newest first."""
        with self._state:
            return list(self._view.books[symbol].trades)[: -limit - 1 : -1]

    def candles(self, symbol: str, interval: str, limit: int) -> list[Candle]:
        """Return the last `limit` candles of a symbol, the oldest first."""
        with self._state:
            chart = self._view.books[symbol].chart
            assert chart is not None, "this view was made with charts"
            return chart.candles[interval].last(limit, self._sequencer.replica.engine.now_ns)

    def status(self) -> Json:
        """Return what a monitor would ask for."""
        with self._state:
            replica = self._sequencer.replica
            return {
                "symbols": list(self.symbols),
                "sequence": replica.sequence,
                "state_hash": replica.state_hash.hex(),
                "recovered": self._sequencer.recovered,
                "cut_bytes": self._sequencer.cut_bytes,
                "halted": str(self._halted) if self._halted else None,
                "markets": markets_json(replica.engine),
            }

    def follow(self, follower: Callable[[list[Sequenced]], object]) -> Iterator[Sequenced]:
        """Return what every command so far did; what comes later goes to `follower`, batch by batch.

        It is called by the writing thread, which waits for it.
        """
        with self._state:
            self._followers.append(follower)
            last = self._sequencer.replica.sequence
        return itertools.takewhile(lambda done: done.sequence <= last, self._sequencer.history())

    def close(self) -> None:
        """Refuse what comes from now on, finish what waits, then stop."""
        self._closed = True
        self._waiting.put(None)
        self._writer.join()

    def _no_orders(self) -> Halted:
        return Halted(f"the exchange takes no orders: {self._halted or 'it is closing'}")

    def _write(self) -> None:
        while (batch := self._next_batch()) is not None:
            with self._state:
                self._submit(batch)

    def _next_batch(self) -> "list[Waiting] | None":
        """Wait for a command and return all that wait by then; None once the exchange closes.

        Returns none when nobody has sent anything, and something is due by itself.
        """
        batch: list[Waiting] = []
        with suppress(queue.Empty):
            while not batch or (len(batch) < BATCH_MAX and not self._waiting.empty()):
                item = self._waiting.get(timeout=None if batch else self._patience_s())
                if item is None:
                    return batch or None
                batch.append(item)
        return batch

    def _patience_s(self) -> float | None:
        due_in_ns = None if self._halted else self._sequencer.due_in_ns()
        return None if due_in_ns is None else due_in_ns / 1e9

    def _submit(self, batch: "list[Waiting]") -> None:
        if self._halted is not None:
            return _fail(batch, self._no_orders())
        try:
            results = self._sequencer.submit([command for command, _ in batch])
        except Halted as error:
            return _fail(batch, error)
        except Exception as error:  # nobody knows what is journalled: stop, and say so to everybody
            self._halted = error if isinstance(error, KitError) else KitError(repr(error))
            return _fail(batch, error)
        self._show(results)
        for (_, done), result in zip(batch, results[len(results) - len(batch) :], strict=True):
            done.set_result(result)
        self._tell(results)
        return None

    def _show(self, results: list[Sequenced]) -> None:
        """Let the public's view follow what commands did."""
        self._floor.settle()
        for result in results:
            self._view.apply(result)
        self._floor.follow(results)

    def _tell(self, results: list[Sequenced]) -> None:
        """Tell all others, behind those whose commands they were."""
        for follower in self._followers:
            follower(results)
        if any(result.sequence % SNAPSHOT_EVERY == 0 for result in results):
            self._sequencer.snapshot()


def _fail(batch: "list[Waiting]", error: Exception) -> None:
    for _, done in batch:
        done.set_exception(error)


def build(
    folder: Path,
    symbols: Iterable[str] | Mapping[str, Rules] = SYMBOLS,
    *,
    clerks: Sequence[Clerk] = (),
) -> Exchange:
    """Return the exchange whose journal lives in `folder`, recovered if there is one already.

    Raises `DiskInUse` when another process has the folder, and what opening a journal raises.
    """
    disk = _claimed(folder)
    return Exchange(Sequencer(clock=WallClock(), disk=disk, symbols=symbols, clerks=clerks))


def _claimed(folder: Path) -> RealDisk:
    disk = RealDisk(folder)
    disk.claim()
    return disk


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    folder: Path | None = None,
    symbol: str = SYMBOLS[0],
    seed: int = 7,
    per_second: float = 20.0,
    regime: str = "calm",
    day_minutes: int = 0,
    band_percent: int = 0,
    feed: str = "",
    fix_port: int = 0,
    fix_accounts: str = "TRADER=7",
    fix_sender: str = "KIT",
    standby: bool = False,
    fix_echo: bool = False,
    sender: str = "ISLD",
    target: str = "TW44,TW",
    on_ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve the exchange at `port` and its event stream at `port + 1` until told to stop.

    Without a `folder` the journal lives in a temporary one. `per_second` simulated orders arrive; 0
    leaves the market to you; `regime` is the mood of those who send them. With `day_minutes` a whole day,
    auctions and all, passes in so many minutes; killed and started again, it goes on. 0 trades on for ever.
    A new exchange holds prices within `band_percent` of the last five minutes'. `feed`, such as
    239.192.0.1:26400, publishes every order there too. With a `fix_port`, FIX 4.4 is spoken there as
    `fix_sender`, with the CompIDs and accounts of `fix_accounts`; RISK=7+8/copy among them only hears of
    those accounts' trades. `standby` puts two machines and the giver of their lease behind the page,
    processes that may be killed while you trade. `fix_echo` serves no exchange at `port` but FIX sessions
    that say everything back, as `sender` with each `target`, for test suites. Raises `PortInUse`.

    Example: kit serve exchange --standby --folder market, then press "kill" on the page
    """
    from exchange.fix.app import must_be_right, serve_echo
    from exchange.front.app import journal_in

    if fix_echo:
        if standby:
            raise UsageError("--fix-echo serves no exchange: leave it out, or --standby")
        serve_echo(host, port, ours=sender, theirs=target.split(","), on_ready=on_ready)
        return
    must_be_right(host, port, fix_port, fix_accounts, fix_sender)
    within(0, DAY_MINUTES_MAX, day_minutes=day_minutes)
    within(0, BAND_PERCENT_MAX, band_percent=band_percent)
    within(0, PER_SECOND_MAX, per_second=per_second)
    read_symbol({"symbol": symbol})
    lines = read_lines(feed, "--feed") if feed else []
    regime_named(regime)
    must_be_free(host, port, ports=2)
    with (
        tempfile.TemporaryDirectory(prefix="kit-exchange-") as temporary,
        journal_in(folder or Path(temporary), standby) as journal,
    ):
        # Opened here first: the feed follows a journal that is there.
        with _claimed(journal) as disk:
            rules = {symbol: Rules(band_bp=100 * band_percent)}
            opened = Sequencer(clock=WallClock(), disk=disk, symbols=rules)
        if symbol not in (traded := opened.replica.engine.books):
            known = ", ".join(traded)
            raise UsageError(f"--symbol {symbol}: the exchange in {journal} trades {known}")
        fix = (fix_port, fix_accounts, fix_sender)
        settings = Settings(
            str(journal), host, port + 1, symbol, seed, per_second, regime, day_minutes, fix, standby
        )  # fmt: skip
        settings.tell()
        kit = (sys.executable, "-m", "chapters.cli", "exchange")
        publish = (*kit, "publish", str(journal), "--feed", feed, "--beside")
        beside = [(*kit, "stream"), *([publish] if lines else [])]
        http.serve("exchange.app:web", host, port, beside=beside, on_ready=on_ready)


def web() -> Flask:
    """Return the web application of `kit serve exchange`: granian calls this in its own process."""
    from exchange.front.app import opened

    end_with_parent()
    settings = Settings.read()
    names, rng, now_ns = [settings.symbol], Random(settings.seed), WallClock().now_ns()
    with RealDisk(Path(settings.folder)) as disk:
        today = so_far(phases(disk)) if settings.day_minutes else None
    clerks = rest_of(today, settings.day_minutes, names, rng=rng, now_ns=now_ns)
    running, machines, trade = opened(settings, names, clerks)
    if settings.fix[0]:
        from exchange.fix.app import open_beside

        open_beside(running, Path(settings.folder), settings.host, *settings.fix)
    mood = Mood(settings.regime) if settings.per_second else None
    if mood is not None:
        knobs = {"seed": settings.seed, "per_second": settings.per_second}
        market = (running, settings.symbol, mood, WallClock())
        threading.Thread(target=trade, args=market, kwargs=knobs, daemon=True).start()
    return wire.create(running, events_port=settings.feed_port, mood=mood, machines=machines)


def feed() -> None:
    """Be the event stream process of `kit serve exchange`, for as long as its parent lives."""
    end_with_parent()
    settings = Settings.read()
    board.follow(Path(settings.folder), settings.host, settings.feed_port)
