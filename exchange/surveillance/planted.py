"""A market in which some do what they should not, and we know who and when.

    order_flow.generate ──► orders of 200 accounts, and of one that makes the market ──┐
    scripts: spoofing, layering, wash trades, marking the close ───────────────────────┴─► engine ─► moments

Everything runs through a real engine, so scripts see the book and are disturbed by others: an order
inside the spread may be taken by somebody else first, as in life. How blunt a script is, is drawn too:
from orders that nobody would miss to such that are hardly larger than usual. The market maker, who takes
quotes back all day and means every one, is there to be accused. Invariant: the same seed makes the same
market and the same cases. Page: docs/exchange/surveillance.md
"""

import heapq
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from random import Random

from chapters.sim.clock import MS, S
from exchange.engine import Engine
from exchange.flow import order_flow
from exchange.orders import (
    BUY,
    DAY,
    IMMEDIATE_OR_CANCEL,
    SELL,
    Accepted,
    Cancel,
    Command,
    Event,
    New,
    Side,
)
from exchange.surveillance.acts import Moment
from exchange.surveillance.alerts import CLOSE, LAYERING, SPOOFING, WASH

SYMBOL = "ACME"
ACCOUNTS = 200
MAKER = 900  # makes the market
GAP_NS = 25 * MS  # between two messages, on average
QUOTE_EVERY = 40  # messages, after which the market maker quotes anew
QUOTE_LOTS = 150
CLOSE_LAST_NS = 60 * S

Step = Generator[int | Command, list[Event], None]  # messages to wait, or what to send now


@dataclass(slots=True)
class Case:
    """What was planted: of which kind, by whom, and from which command to which."""

    kind: str
    accounts: tuple[int, ...]
    first: int = 0
    last: int = 0


@dataclass(slots=True)
class Planted:
    """A market's moments, the cases in it, and when it closed."""

    moments: list[Moment] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    closes_ns: int = 0


def market(seed: int, messages: int = 12_000, each: int = 4) -> Planted:
    """Return a market of so many ordinary messages with `each` cases of every kind but one.

    The close is marked once: there is one close.
    """
    return _Stage(seed, messages).play(each)


class _Stage:
    """An engine, the ordinary traders, and the scripts that are due."""

    def __init__(self, seed: int, messages: int) -> None:
        self.rng = Random(f"surveillance/{seed}")
        self.engine = Engine([SYMBOL])
        self.found = Planted()
        self._messages = messages
        self._now_ns = 0
        self._due: list[tuple[int, int, Case, Step]] = []
        self._numbers: dict[int, int] = {}  # the flow's order number → ours
        self._names = 0

    def play(self, each: int) -> Planted:
        flow = order_flow.generate(self.rng, self._messages)
        self.found.closes_ns = self._messages * GAP_NS
        self._plant(each)
        for number, message in enumerate(flow):
            self._now_ns = (number + 1) * GAP_NS - self.rng.randrange(GAP_NS)
            while self._due and self._due[0][0] <= number:
                self._act(number)
            for command in self._ordinary(message):
                self._numbers[message.order_id] = _number(self.send(command))
            if number % QUOTE_EVERY == 0:
                self._quote()
        return self.found

    def _plant(self, each: int) -> None:
        late = max(self._messages - CLOSE_LAST_NS // GAP_NS // 2, 0)
        for kind, script, count in (
            (SPOOFING, self._spoof, each), (LAYERING, self._layer, each),
            (WASH, self._wash, each), (CLOSE, self._mark, 1),
        ):  # fmt: skip
            for _ in range(count):
                number = 3 if kind == WASH else 1
                accounts = tuple(sorted(self.rng.sample(range(1, ACCOUNTS + 1), number)))
                case = Case(kind, accounts)
                start = late if kind == CLOSE else self.rng.randrange(600, max(late, 601))
                self._later(start, case, script(*accounts))
                self.found.cases.append(case)

    def _later(self, number: int, case: Case, step: Step) -> None:
        heapq.heappush(self._due, (number, self._names, case, step))
        self._names += 1

    def _act(self, number: int) -> None:
        """Let the script that is due go on, until it waits or ends."""
        _, _, case, step = heapq.heappop(self._due)
        wanted = next(step, None)
        while wanted is not None and not isinstance(wanted, int):
            answer = self.send(wanted)
            case.last = self.found.moments[-1].sequence
            case.first = case.first or case.last
            try:
                wanted = step.send(answer)
            except StopIteration:
                return
        if wanted is not None:
            self._later(number + wanted, case, step)

    def send(self, command: Command) -> list[Event]:
        """Have the engine do it now, and write down what it did."""
        events = self.engine.apply(command, self._now_ns)
        self.found.moments.append(Moment(len(self.found.moments) + 1, self._now_ns, events))
        return events

    def new(self, account: int, side: Side, lots: int, price: int, *, now: bool = False) -> New:
        """Return an order of an account; `now`: it does not wait."""
        self._names += 1
        life = IMMEDIATE_OR_CANCEL if now else DAY
        return New(account, f"{self._names}", SYMBOL, side, lots, max(price, 1), life)

    def _ordinary(self, message: order_flow.Message) -> Iterator[Command]:
        account = 1 + message.order_id % ACCOUNTS
        if message.kind != order_flow.NEW:
            yield Cancel(account, SYMBOL, self._numbers.pop(message.order_id, 0))
        if message.kind != order_flow.CANCEL:
            lots, price = message.quantity, message.price
            yield self.new(account, message.side, lots, price, now=bool(message.ioc))

    def _quote(self) -> None:
        """Take all quotes back and make new ones, a tick behind the best on either side."""
        for order in [*self.engine.books[SYMBOL].orders.values()]:
            if order.account == MAKER:
                self.send(Cancel(MAKER, SYMBOL, order.id))
        for side in (BUY, SELL):
            price = self.best(side) - side
            self.send(self.new(MAKER, side, QUOTE_LOTS, price))

    def best(self, side: Side) -> int:
        """Return the best price that waits on `side`."""
        level = self.engine.books[SYMBOL].opposite(Side(-side)).best()
        return order_flow.START_PRICE if level is None else level.price

    def _spoof(self, account: int) -> Step:
        """Wants to sell (or buy) a little, shows the opposite in large, takes it back."""
        yield from self._feint(account, layers=1)

    def _layer(self, account: int) -> Step:
        """The same with several orders, at prices one below the other."""
        yield from self._feint(account, layers=self.rng.randint(3, 6))

    def _feint(self, account: int, layers: int) -> Step:
        rng = self.rng
        side = rng.choice((BUY, SELL))  # of what it shows and does not mean
        other = Side(-side)
        wanted, shown = rng.randint(10, 40), int(50 * rng.uniform(3, 16))
        yield self.new(account, other, wanted, self.best(other))
        numbers = []
        for layer in range(layers):
            yield rng.randint(1, 3)
            price = self.best(side) - side * (1 + layer)
            numbers.append(_number((yield self.new(account, side, shown // layers, price))))
        for _ in range(
            3
        ):  # some are taken in: what was wanted trades, and all that waits before it
            yield rng.randint(2, 10)
            level = self.engine.books[SYMBOL].opposite(side).best()
            lots, price = (level.quantity, level.price) if level else (wanted, self.best(other))
            yield self.new(1 + rng.randrange(ACCOUNTS), side, lots, price, now=True)
        for number in numbers:
            yield rng.randint(1, 4)
            yield Cancel(account, SYMBOL, number)

    def _wash(self, *accounts: int) -> Step:
        """Round a circle of three, some times."""
        rng, lots = self.rng, self.rng.randint(80, 300)
        for _ in range(rng.randint(1, 4)):
            for seller, buyer in zip(accounts, (*accounts[1:], accounts[0]), strict=True):
                for _ in range(40):  # until there is room between the two sides
                    if self.best(BUY) + 1 < self.best(SELL):
                        break
                    yield 3
                price = self.best(BUY) + 1
                yield self.new(seller, SELL, lots, price)
                yield self.new(buyer, BUY, lots, price, now=True)
            yield rng.randint(10, 120)

    def _mark(self, account: int) -> Step:
        """In the last minute, buys whatever it costs, again and again."""
        lots = self.rng.randint(200, 2_000)
        for _ in range(self.rng.randint(3, 8)):
            price = self.best(SELL) + self.rng.randint(5, 40)
            yield self.new(account, BUY, lots, price, now=True)
            yield self.rng.randint(20, 120)


def _number(events: list[Event]) -> int:
    return next((each.order_id for each in events if isinstance(each, Accepted)), 0)
