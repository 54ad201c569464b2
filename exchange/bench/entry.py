"""Replaying a journal beside handing in its orders at the gateway, each acknowledged.

Page: docs/exchange/trade-offs.md
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from chapters.measure.ratio import Ratio, compare
from chapters.sim.real import RealDisk, WallClock
from exchange.app import Exchange
from exchange.bench.books import FULL, QUICK, SYMBOL, commands
from exchange.flow.order_flow import generate
from exchange.gateway import place
from exchange.order_json import Json, price_text
from exchange.orders import BUY, Command, New
from exchange.sequencer import Sequencer

ENTRY_SHARE = 20  # the slower side enters a twentieth of what the other replays
CLIENTS = 32  # as many as `kit serve` answers at once


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Ratio]:
    """Yield the ratio of this file."""
    messages, rounds = QUICK if quick else FULL
    on_progress("replay against entry")
    yield replay_against_entry(messages // 2, rounds=min(rounds, 3))


def replay_against_entry(messages: int, *, rounds: int) -> Ratio:
    """Compare replaying a journal with handing in its orders at the gateway, each acknowledged.

    32 clients at once hand in JSON and wait for the answer, as they do at `kit serve`, HTTP left out.
    """
    flow = [each for each in commands(generate(Random(7), messages)) if isinstance(each, New)]
    with TemporaryDirectory() as name:
        folder = Path(name)
        _enter_all(folder / "journal", flow)
        found = compare(
            lambda: _recover(folder / "journal"),
            lambda: _hand_in(folder, flow[: len(flow) // ENTRY_SHARE]),
            rounds=rounds,
            timer_ns=WallClock().now_ns,
        )
    return replace(
        found,
        name="replaying a journal",
        baseline="handing in its orders",
        clock="wall clock",
        baseline_ns=found.baseline_ns * ENTRY_SHARE,
        ratio=found.ratio * ENTRY_SHARE,
        low=found.low * ENTRY_SHARE,
        high=found.high * ENTRY_SHARE,
    )


def _enter_all(folder: Path, flow: Sequence[Command]) -> None:
    with RealDisk(folder) as disk:
        sequencer = Sequencer(clock=WallClock(), disk=disk, symbols=[SYMBOL])
        for start in range(0, len(flow), 1_000):
            sequencer.submit(flow[start : start + 1_000])


def _recover(folder: Path) -> int:
    with RealDisk(folder) as disk:
        return Sequencer(clock=WallClock(), disk=disk, symbols=[SYMBOL]).recovered


def _hand_in(folder: Path, flow: list[New]) -> None:
    with TemporaryDirectory(dir=folder) as name, RealDisk(Path(name)) as disk:
        running = Exchange(Sequencer(clock=WallClock(), disk=disk, symbols=[SYMBOL]))
        with ThreadPoolExecutor(CLIENTS) as clients:
            for _ in clients.map(lambda order: place(running, _body(order)), flow):
                pass
        running.close()


def _body(order: New) -> Json:
    return {
        "account": order.account,
        "client_id": order.client_id,
        "symbol": order.symbol,
        "side": "buy" if order.side == BUY else "sell",
        "quantity": order.quantity,
        "price": price_text(order.price or 0),
    }
