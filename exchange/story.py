"""The exchange in a few minutes: one order followed from a phone to a fill, and what a day of it costs.

    python -m exchange        the story          kit trace exchange     the order, span by span
    kit break exchange        what can go wrong  kit scale exchange     how many machines

Page: docs/exchange/index.md
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chapters.measure.capacity import Input, Model, Step
from chapters.sim import MS, US, Chance, SimDisk, Trace, VirtualClock, begin, note, span, tracing
from chapters.sim.disk import SYNC_LATENCY
from chapters.sim.latency import LogNormal
from chapters.sim.network import Link, Network
from chapters.sim.real import RealDisk, WallClock
from chapters.sim.trace import Report
from exchange.breaking import FAULTS
from exchange.gateway import Direct, place
from exchange.order_json import Json
from exchange.orders import SELL, New
from exchange.sequencer import Sequencer

__all__ = ["FAULTS", "OPENING", "TITLE", "capacity", "demo", "tour", "trace"]

TITLE = "How a stock exchange works"
OPENING = "News breaks; a million orders arrive at once. Follow one of them to its fill."

SYMBOL = "ACME"
PATIENCE_NS = 8 * MS  # what a trader's software waits before it asks again
HOP = Link(LogNormal(median_ns=180 * US, p99_ns=600 * US))  # across a metropolitan network
LOST = Link(HOP.latency, loss=1.0)

_SELLERS = [(21, 60, 1004), (22, 50, 1005), (23, 80, 1007)]  # account, lots, ticks
_ORDER: Json = {
    "account": 7,
    "client_id": "asha-1",
    "symbol": SYMBOL,
    "side": "buy",
    "type": "limit",
    "quantity": 100,
    "price": "10.05",
}


def trace(*, seed: int = 7, real: bool = False) -> Trace:
    """Return the trace of one order whose first answer is lost on the way back.

    Simulated: a network and a disk that take seeded, virtual time; computing is free. `real`: the wall
    clock and a real disk, in one process, so the time of every step is the machine's own.
    """
    return _traced_for_real() if real else _Scene(seed).play()


class _Letter(dict[str, Any]):
    """An order or an answer on the network, named briefly in the trace when it is lost."""

    def __str__(self) -> str:
        return f"answer: {self['status']}" if "status" in self else "order"


class _Scene:
    """A trader, the exchange and a spectator, joined by a simulated network."""

    def __init__(self, seed: int) -> None:
        chance = Chance(seed)
        self.clock = VirtualClock()
        self.network = Network(clock=self.clock, rng=chance.stream("network"), link=HOP)
        disk = SimDisk(rng=chance.stream("disk"), clock=self.clock, sync_latency=SYNC_LATENCY)
        self.desk = _open(self.clock, disk)
        self.answered = False

    def play(self) -> Trace:
        """Send the order, lose its first answer, and run until the trader has one."""
        for name in ("exchange", "trader", "spectator"):
            self.network.attach(name, getattr(self, f"_at_{name}"))
        self.network.set_link("exchange", "trader", LOST)
        with tracing(self.clock, "one order, from the trader to the fill") as found:
            self.whole = begin("order sent, until its answer is here", client_id="asha-1")
            self._send(dict(_ORDER))
            self.clock.run()
        return found

    def _send(self, body: Json) -> None:
        note("sent over the network", resend=bool(body.get("resend")))
        self.network.send("trader", "exchange", _Letter(body))
        self.clock.call_later(PATIENCE_NS, self._impatient)

    def _impatient(self) -> None:
        if not self.answered:
            note("no answer: was it entered or not? ask again", waited_ms=PATIENCE_NS // MS)
            self.network.set_link("exchange", "trader", HOP)
            self._send(_ORDER | {"resend": True})

    def _at_exchange(self, source: str, body: object) -> None:
        assert isinstance(body, dict)
        before = self.desk.sequencer.replica.sequence
        with span("at the exchange") as here:
            answer = place(self.desk, body)
            here.set(status=str(answer["status"]), order_id=answer["order_id"])
        self.network.send("exchange", source, _Letter(answer))
        if self.desk.sequencer.replica.sequence > before:
            self.network.send("exchange", "spectator", answer)

    def _at_trader(self, source: str, answer: object) -> None:
        assert isinstance(answer, dict)
        self.answered = True
        note("answer received", status=answer["status"], order_id=answer["order_id"])
        self.whole.finish()

    def _at_spectator(self, source: str, answer: object) -> None:
        note("trades on the public feed", **_feed_facts(answer))


def _feed_facts(answer: object) -> dict[str, int]:
    assert isinstance(answer, dict)
    fills = [each for each in answer["reports"] if each["event"] == "filled"]
    return {"trades": len(fills), "lots": sum(each["quantity"] for each in fills)}


def _open(clock: VirtualClock | WallClock, disk: SimDisk | RealDisk) -> Direct:
    """Return an exchange with a few sellers in its book."""
    sequencer = Sequencer(clock=clock, disk=disk, symbols=[SYMBOL])
    sequencer.submit(
        [New(account, "s", SYMBOL, SELL, lots, ticks) for account, lots, ticks in _SELLERS]
    )
    return Direct(sequencer)


def _traced_for_real() -> Trace:
    clock = WallClock()
    with TemporaryDirectory() as folder, RealDisk(Path(folder)) as disk:
        desk = _open(clock, disk)
        with tracing(clock, "one order, for real") as found:
            with span("order sent", client_id="asha-1"):
                place(desk, dict(_ORDER))
            note("its answer is lost: ask again")
            with span("order sent again", client_id="asha-1"):
                answer = place(desk, _ORDER | {"resend": True})
            note("answer received", status=answer["status"], order_id=answer["order_id"])
    return found


TOUR_MESSAGES = 2_000_000


def tour(report: Report) -> None:
    """The article's opening: one order followed, then two million matched, in under a minute."""
    from exchange.flow.order_flow import generate, read, recorded
    from exchange.flow.replay import replay

    report.trace(trace(seed=7))
    report()
    count, messages = TOUR_MESSAGES, generate(Chance(7).stream("tour"), TOUR_MESSAGES)
    if (path := recorded()) is not None:
        count, messages = read(path)
    market = "recorded for a public benchmark" if path else "of a generated market"
    report(f"The same engine, now on {count:,} messages {market}:")
    result = replay(messages, on_progress=_ticker(report))
    report(f"  {result.reports:>9,} reports; {result.resting:,} orders are left in the book")
    report(f"  digest of all reports {result.digest}")
    report("Whoever replays it gets that digest: nothing in the engine depends on time or luck.")


def _ticker(report: Callable[[str], None]) -> Callable[[int], None]:
    def tick(done: int) -> None:
        if done % (TOUR_MESSAGES // 4) == 0:
            report(f"  {done:>9,} matched")

    return tick


def capacity() -> Model:
    """Return the arithmetic of an exchange as large as the big ones."""
    return Model(
        "A day of a large exchange",
        inputs=(
            Input("messages_per_day", 40e9, "messages/day", "order of US options feeds, 2024"),
            Input("open_hours", 6.5, "h/day", "New York, 9:30 to 16:00"),
            Input("peak_factor", 30, "", "the busiest second against the mean"),
            Input("record", 64, "B/message", "exchange/codec.py, names included"),
            Input(
                "engine_rate",
                400e3,
                "messages/s/machine",
                "half of the engine's in kit bench exchange",
            ),
            Input("sync", 200e-6, "s/batch", "fsync of a data-centre SSD"),
            Input("batch", 256, "messages/batch", "app.py, BATCH_MAX"),
            Input("copies", 3, "", "primary, standby, archive"),
            Input("years_kept", 7, "year", "a usual retention rule"),
            Input("trading_days", 252, "day/year", "a usual year"),
        ),
        steps=(
            Step("mean_rate", "messages_per_day / open_hours", "messages/s"),
            Step("peak_rate", "mean_rate * peak_factor", "messages/s"),
            Step(
                "partitions",
                "ceil(peak_rate / engine_rate)",
                "machines",
                "symbols are split over machines: one symbol never is",
            ),
            Step("one_writer", "batch / sync", "messages/s", "what group commit allows"),
            Step("alone", "1 / sync", "batch/s", "without it: one order a sync"),
            Step("journal_per_day", "messages_per_day * record * copies", "TB/day"),
            Step("peak_wire", "peak_rate * record", "Gbit/s"),
            Step("archive", "journal_per_day * trading_days * years_kept", "PB"),
        ),
    )


def demo(*, seed: int = 7) -> None:
    """One order's way, in the order of time."""
    from chapters.sim.waterfall import to_text

    print(OPENING, end="\n\n")
    for line in to_text(trace(seed=seed)):
        print(line)
