"""One day of the market, from the first order to the last share that is delivered for it.

    Wed 25 Nov   traded in all phases, netted; margins
    Thu 26       holiday
    Fri 27       T+1: shares against money; some do not come up with theirs
    Mon 30 …     fines; then the house buys in, and everything is settled

Everything here is what other files do; this one calls them in the order of a day. Who fails is planted,
once it is known who owes what: one has sold more than it has, one gets its shares a day late, one cannot
pay. Invariant, counted after every step: no share and no money is made or lost.
Page: docs/exchange/day.md
"""

from dataclasses import dataclass, field
from datetime import date, time

from chapters.ledger import Ledger
from chapters.sim import Chance, SimDisk, VirtualClock
from exchange.clearing import accounts, margin
from exchange.clearing.accounts import AGENT
from exchange.clearing.calendar import Calendar
from exchange.clearing.delivery import Obligation
from exchange.clearing.drop_copy import Execution, Tape
from exchange.clearing.fails import ONE_BPS
from exchange.clearing.netting import MICRO_PER_TICK
from exchange.clearing.settlement import ClearingHouse, Line
from exchange.errors import within
from exchange.sessions.trading_day import SCHEDULE, SYMBOLS, Stretch, TradingDay

TRADED = date(2026, 11, 25)  # a Wednesday; the day after is a holiday
ORDERS_MIN, ORDERS_MAX = 400, 1_000_000  # with fewer, too few trade for three of them to fail
SETTLING_DAYS_MAX = 8
MORNING = time(8, 0)
SHORT, LATE, POOR = "sold more than it has", "gets its shares a day late", "cannot pay"
CUSHION_BPS = 1_500  # of what somebody owes: for margins
AGENT_LOTS = 10_000_000


@dataclass(slots=True)
class Day:
    """All that came of it."""

    stretches: list[Stretch]
    executions: list[Execution]
    obligations: list[Obligation]
    house: ClearingHouse
    disk: SimDisk  # with the journal
    calls: list[margin.Call] = field(default_factory=list)
    planted: dict[str, Obligation] = field(default_factory=dict)  # what is wrong → with whom
    settled: list[tuple[date, list[Line]]] = field(default_factory=list)
    steps: int = 0  # after which everything was counted
    broken: list[str] = field(default_factory=list)  # what was wrong then

    def count(self) -> None:
        """Note it if a share or some money was made or lost, or the house does not owe what it has."""
        inside, outside = (of(self.house.ledger) for of in (accounts.inside, accounts.outside))
        if inside != outside:
            self.broken.append(f"{inside} in all accounts, {outside} came in")
        try:
            self.house.check()
        except AssertionError as error:
            self.broken.append(str(error))
        self.steps += 1

    def bought_in(self, on: date) -> dict[str, int]:
        """Return how many lots of which obligation the house bought or sold at the market that day."""
        lots = {owed.id: self.house.bought_in(owed, on) for owed in self.obligations}
        return {id: count for id, count in lots.items() if count}


def live(*, seed: int = 7, orders: int = 6_000) -> Day:
    """Return a day of the market with so many messages, settled to the end."""
    within(ORDERS_MIN, ORDERS_MAX, orders=orders)
    calendar, chance = Calendar(), Chance(seed)
    clock = VirtualClock(calendar.instant_ns(TRADED, SCHEDULE[0][0]))
    disk = SimDisk(rng=chance.stream("disk"))
    trading = TradingDay(clock=clock, chance=chance, disk=disk)
    stretches = list(trading.trade(TRADED, orders, calendar))
    house = ClearingHouse(Ledger(clock=clock), calendar=calendar)
    executions = list(Tape(disk=disk).read())
    day = Day(stretches, executions, house.clear(TRADED, executions), house, disk)
    day.count()
    _hold(day)
    day.calls = margin.call(house, TRADED)
    day.count()
    _settle(day, clock)
    return day


def _hold(day: Day) -> None:
    """Give everybody what they need to settle, and something for margins; and three of them less."""
    acme = [owed for owed in day.obligations if owed.symbol == SYMBOLS[0]]
    sellers = sorted(acme, key=lambda owed: owed.shares)
    day.planted = {SHORT: sellers[0], LATE: sellers[1], POOR: sellers[-len(sellers) // 4]}
    less = {owed.id: what for what, owed in day.planted.items()}
    for symbol in SYMBOLS:
        _bring(day, f"agent/{symbol}", AGENT, AGENT_LOTS, symbol)
    for owed in day.obligations:
        what = less.get(owed.id, "")
        lots = max(-owed.shares, 0) * {SHORT: 60, LATE: 0}.get(what, 100) // 100
        worth = abs(owed.shares) * day.house.marks[owed.symbol] * MICRO_PER_TICK
        money = (
            0
            if owed.account == day.planted[POOR].account
            else max(-owed.cash, 0) + worth * CUSHION_BPS // ONE_BPS
        )
        _bring(day, f"{owed.id}/lots", owed.account, lots, owed.symbol)
        _bring(day, f"{owed.id}/money", owed.account, money)


def _bring(
    day: Day, id: str, account: int, amount: int, symbol: str = "", on: date = TRADED
) -> None:
    if amount:
        accounts.deposit(day.house.ledger, id, account, amount, symbol, day=on)
        day.count()


def _settle(day: Day, clock: VirtualClock) -> None:
    """Let business days pass until nothing is owed any more."""
    house, calendar = day.house, day.house.calendar
    today = TRADED
    while any(map(house.left, house.owed.values())) and len(day.settled) < SETTLING_DAYS_MAX:
        today = calendar.after(today)
        clock.advance(calendar.instant_ns(today, MORNING) - clock.now_ns())
        day.settled.append((today, house.settle(today)))
        day.count()
        if len(day.settled) == 1:
            late = day.planted[LATE]
            _bring(day, "late", late.account, -late.shares, late.symbol, on=today)
        margin.call(house, today)
        day.count()
