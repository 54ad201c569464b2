"""A day of simulated trading in all its phases, journalled: the morning's orders, the auctions, the close.

    09:00 pre-open   09:28 opening auction   09:30 continuous   15:50 closing auction   16:00 closed

Orders are those of order_flow.py, a flow for each symbol, spread evenly over each phase; the operator's
commands stand among them in the one sequence. Nothing is kept but the journal: whoever wants to know what
happened reads that. Page: docs/exchange/day.md
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from chapters.sim import Chance, SimDisk, VirtualClock
from exchange.clearing.calendar import Calendar
from exchange.control import Phase, SetPhase, Uncrossed
from exchange.flow import order_flow
from exchange.orders import Accepted, Cancel, Command, Filled, New
from exchange.sequencer import Sequencer

SYMBOLS = ("ACME", "BLUE")
TRADERS = 60

# When a phase begins, and which part of the day's orders comes in it.
SCHEDULE = (
    (time(9, 0), Phase.PRE_OPEN, 0.08),
    (time(9, 28), Phase.OPENING_AUCTION, 0.04),
    (time(9, 30), Phase.CONTINUOUS, 0.80),
    (time(15, 50), Phase.CLOSING_AUCTION, 0.08),
    (time(16, 0), Phase.CLOSED, 0.0),
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What happened in one phase; the auction before it, if there was one, ends when it begins."""

    begins: time
    phase: Phase
    commands: int
    trades: int  # those of the auction not counted
    lots: int
    auctions: tuple[Uncrossed, ...]


class TradingDay:
    """The exchange and its traders; `disk` has the journal."""

    def __init__(self, *, clock: VirtualClock, chance: Chance, disk: SimDisk) -> None:
        self._clock = clock
        self._sequencer = Sequencer(clock=clock, disk=disk, symbols=SYMBOLS)
        self._flows = {each: chance.stream(f"flow/{each}") for each in SYMBOLS}
        self._numbers: dict[tuple[str, int], int] = {}  # symbol and the flow's number → ours

        self._auctions: list[Uncrossed] = []

    def trade(self, day: date, orders: int, calendar: Calendar) -> Iterator[Stretch]:
        """Let the day pass, with so many messages; yield each phase once it is over."""
        flows = {each: order_flow.generate(rng, orders) for each, rng in self._flows.items()}
        begins_ns = [calendar.instant_ns(day, begins) for begins, _, _ in SCHEDULE]
        for (begins, phase, share), now_ns, then_ns in zip(
            SCHEDULE, begins_ns, [*begins_ns[1:], begins_ns[-1]], strict=True
        ):
            self._wait_until(now_ns)
            change = self._submit([SetPhase(each, phase) for each in SYMBOLS])
            auctions, counts = tuple(self._auctions), Counter(commands=change["commands"])
            self._auctions.clear()
            count = round(orders * share / len(SYMBOLS))
            for number in range(count):
                self._wait_until(now_ns + (then_ns - now_ns) * number // count)
                for symbol, flow in flows.items():
                    counts += self._enter(symbol, next(flow))
            facts = (counts["commands"], counts["trades"], counts["lots"])
            yield Stretch(begins, phase, *facts, auctions)

    def _enter(self, symbol: str, message: order_flow.Message) -> "Counter[str]":
        key = (symbol, message.order_id)
        account = 1 + message.order_id % TRADERS
        commands: list[Command] = []
        if message.kind != order_flow.NEW:
            commands.append(Cancel(account, symbol, self._numbers.pop(key, 0)))
        if message.kind != order_flow.CANCEL:
            name, lots = f"{symbol}/{message.sequence}", message.quantity
            wish = (account, name, symbol, message.side, lots, message.price, message.life)
            commands.append(New(*wish))
        return self._submit(commands, key)

    def _submit(self, commands: list[Command], key: tuple[str, int] = ("", 0)) -> "Counter[str]":
        """Count the commands, and the trades and lots that came of them; note an order's number."""
        counts: Counter[str] = Counter()
        for done in self._sequencer.submit(commands):
            counts["commands"] += 1
            for event in done.events:
                if isinstance(event, Accepted):
                    self._numbers[key] = event.order_id
                elif isinstance(event, Uncrossed):
                    self._auctions.append(event)
                elif isinstance(event, Filled):
                    counts += Counter(trades=1, lots=event.quantity)
        return counts

    def _wait_until(self, instant_ns: int) -> None:
        self._clock.advance(max(0, instant_ns - self._clock.now_ns()))
