"""What netting saves, how fast a day is settled, and how much of the market surveillance can watch.

Page: docs/exchange/speed.md
"""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from chapters.ledger import MICRO, Entry, Ledger, Leg
from chapters.measure.findings import Figure
from chapters.measure.ratio import Ratio, compare
from chapters.sim import VirtualClock
from exchange.bench.books import commands, whole
from exchange.clearing.accounts import cash_of, deposit, open_money, open_shares, shares_of
from exchange.clearing.calendar import Calendar
from exchange.clearing.drop_copy import DropCopy, Execution
from exchange.clearing.netting import MICRO_PER_TICK, deliveries
from exchange.clearing.settlement import ClearingHouse
from exchange.day import TRADED
from exchange.engine import Engine
from exchange.flow import order_flow
from exchange.orders import New
from exchange.sessions.trading_day import SYMBOLS, TRADERS
from exchange.surveillance.planted import market
from exchange.surveillance.watch import watch

QUICK, FULL = (20_000, 3), (100_000, 5)  # messages, rounds
PLENTY = 10**9
SAVED_LEAST = 5.0  # the goal: trades for one delivery after netting


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Ratio | Figure]:
    """Yield how many deliveries netting saves, what it costs, and surveillance beside the engine."""
    messages, rounds = QUICK if quick else FULL
    on_progress("clearing: a day's trades")
    executions = traded(messages)
    gross, pairs, netted = deliveries(executions)
    yield Figure(
        "clearing: trades for one delivery after netting", gross / netted, least=SAVED_LEAST
    )
    yield Figure("clearing: trades for one delivery, netted by pairs", gross / max(pairs, 1))
    on_progress("clearing: netted against trade by trade")
    names = ("clearing a day, netted", "an entry of the ledger for each trade")
    yield compare(
        lambda: cleared_netted(executions),
        lambda: cleared_singly(executions),
        rounds=rounds,
        names=names,
    )
    on_progress("surveillance: against the engine")
    watched = market(7, messages // 2)
    flow = commands(order_flow.generate(Random(7), len(watched.moments)))[: len(watched.moments)]
    names = ("surveillance of a market", "the engine on as many orders and cancels")
    yield compare(
        lambda: sum(1 for _ in watch(watched.moments, watched.closes_ns)),
        lambda: whole(flow),
        rounds=rounds,
        names=names,
    )


def traded(messages: int) -> list[Execution]:
    """Return the executions of a seeded market, all with one symbol."""
    engine, copy = Engine(SYMBOLS), DropCopy()
    found: list[Execution] = []
    for each in order_flow.generate(Random(7), messages):
        if each.kind == order_flow.NEW:
            account, name = 1 + each.order_id % TRADERS, str(each.sequence)
            wish = New(account, name, SYMBOLS[0], each.side, each.quantity, each.price, each.life)
            found += copy.hear(each.sequence, engine.apply(wish))
    return found


def _rich() -> Ledger:
    """Return a ledger in which everybody can pay for, and deliver, anything."""
    ledger = Ledger(clock=VirtualClock())
    for account in range(1, TRADERS + 1):
        deposit(ledger, f"{account}/lots", account, PLENTY, SYMBOLS[0], day=TRADED)
        deposit(ledger, f"{account}/money", account, PLENTY * MICRO, day=TRADED)
    return ledger


def cleared_netted(executions: Sequence[Execution]) -> int:
    """Net a day's trades and settle them; return how many entries that took."""
    house = ClearingHouse(_rich(), calendar=Calendar())
    house.clear(TRADED, executions)
    house.settle(house.calendar.settles(TRADED))
    return sum(1 for _ in house.ledger.postings())


def cleared_singly(executions: Sequence[Execution]) -> int:
    """Settle each trade for itself, shares against money; return how many entries that took."""
    ledger = _rich()
    for each in executions:
        symbol, cash = each.symbol, each.price * each.quantity * MICRO_PER_TICK
        for account in (each.buyer, each.seller):
            open_money(ledger, account)
            open_shares(ledger, account, symbol)
        legs = (
            Leg(shares_of(each.seller, symbol), -each.quantity),
            Leg(shares_of(each.buyer, symbol), each.quantity),
            Leg(cash_of(each.buyer), -cash),
            Leg(cash_of(each.seller), cash),
        )
        ledger.post(Entry(f"dvp/{each.id}", legs))
    return sum(1 for _ in ledger.postings())
