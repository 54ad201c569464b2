"""A day told: what happened in each phase, what was owed, who failed; and whether every promise was kept.

Page: docs/exchange/day.md
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from chapters.ledger import spell
from chapters.sim import Verdict
from exchange.clearing.accounts import FEES, FINES, cash_of, shares_of
from exchange.clearing.drop_copy import Tape
from exchange.clearing.netting import HOUSE, cleared, deliveries
from exchange.clearing.settlement import Line
from exchange.day import TRADED, Day
from exchange.order_json import price_text
from exchange.sessions.trading_day import SYMBOLS

DATE = "%a %d %b"
ROOM = " " * 18


def verdicts(day: Day) -> tuple[Verdict, ...]:
    """Put what a day of the market promises to the test."""
    lots = sum(each.lots for each in day.stretches)
    lots += sum(auction.quantity for each in day.stretches for auction in each.auctions)
    ids = {each.id for each in day.executions}
    again = cleared(Tape(disk=day.disk).read())
    same = [(each.account, each.symbol) for each in day.obligations] == list(again)
    same = same and [(o.shares, o.cash) for o in day.obligations] == list(again.values())
    ledger = day.house.ledger
    has = [ledger.balance(shares_of(HOUSE, symbol)) for symbol in SYMBOLS]
    left = sum(map(day.house.left, day.obligations))
    return (
        Verdict(
            "each trade is in the drop copy once",
            len(ids) == len(day.executions) and lots == sum(e.quantity for e in day.executions),
            f"{len(ids):,} trades, {lots:,} lots",
        ),
        Verdict("read again from the journal, the same is owed", same, f"{len(again)} obligations"),
        Verdict(
            "no share and no money is made or lost",
            not day.broken,
            day.broken[0] if day.broken else f"counted after each of {day.steps} steps",
        ),
        Verdict(
            "everything is settled, and the house has nothing left",
            not any((left, *has, ledger.balance(cash_of(HOUSE)))),
            f"{left} lots open",
        ),
    )


def told(day: Day) -> Iterator[str]:
    """Yield the day in lines."""
    when = f"{TRADED:{DATE}}"
    for each in day.stretches:
        if any(auction.quantity for auction in each.auctions):
            fixed = (
                f"{auction.quantity:,} {auction.symbol} at {price_text(auction.price)}"
                for auction in each.auctions
            )
            yield f"{when:10} {each.begins:%H:%M}  the auction ends: {', '.join(fixed)}"
        yield (
            f"{when:10} {each.begins:%H:%M}  {each.phase.value:16} {each.commands:7,} commands "
            f"{each.trades:6,} trades {each.lots:8,} lots"
        )
        when = ""
    yield from _evening(day)
    before = TRADED
    for on, lines in day.settled:
        between = map(date.fromordinal, range(before.toordinal() + 1, on.toordinal()))
        yield from (f"{each:{DATE}}        holiday" for each in between if each.weekday() < 5)
        whole = sum(not line.left for line in lines)
        yield f"{on:{DATE}}        {len(lines)} to settle, {len(lines) - whole} not or in part"
        yield from _fails(day, on, lines)
        before = on


def _evening(day: Day) -> Iterator[str]:
    gross, pairs, netted = deliveries(day.executions)
    margin = sum(call.held for call in day.calls)
    unmet = [str(call.account) for call in day.calls if not call.is_met]
    yield (
        f"{ROOM}deliveries: {gross:,} trade by trade, {pairs:,} netted by pairs, "
        f"{netted:,} netted by the house"
    )
    yield f"{ROOM}margins: {spell(margin)}; not met by account {', '.join(unmet) or 'none'}"


def _fails(day: Day, on: date, lines: list[Line]) -> Iterator[str]:
    why = {owed.id: f" ({what})" for what, owed in day.planted.items()}
    bought = day.bought_in(on)
    for line in lines:
        owed, closed = line.owed, bought.get(line.owed.id, 0)
        if line.left or closed:
            verb = "delivers" if owed.gives else "pays for" if line.fine or closed else "gets"
            own = line.settled - closed
            at_market = f", {closed:,} closed at the market" if closed else ""
            fine = f", fined {spell(line.fine)}" if line.fine else ""
            yield (
                f"{ROOM}account {owed.account} {verb} {own:,} of {line.settled + line.left:,} "
                f"{owed.symbol}{at_market}{fine}{why.get(owed.id, '')}"
            )


def facts(day: Day) -> dict[str, Any]:
    """Return the day for programs: money is exact text."""
    gross, pairs, netted = deliveries(day.executions)
    ledger = day.house.ledger
    return {
        "phases": [
            {
                "begins": f"{each.begins:%H:%M}",
                "phase": each.phase.value,
                "commands": each.commands,
                "trades": each.trades,
                "lots": each.lots,
                "auctions": {
                    auction.symbol: {"price": price_text(auction.price), "lots": auction.quantity}
                    for auction in each.auctions
                },
            }
            for each in day.stretches
        ],
        "deliveries": {"gross": gross, "by_pairs": pairs, "netted": netted},
        "margin": spell(sum(call.held for call in day.calls)),
        "margin_unmet": [call.account for call in day.calls if not call.is_met],
        "settlement": [_day_facts(day, on, lines) for on, lines in day.settled],
        "fees": spell(ledger.balance(FEES)),
        "fines_to_the_house": spell(ledger.balance(FINES)),
        "promises": [
            {"promise": each.promise, "held": each.held, "detail": each.detail}
            for each in verdicts(day)
        ],
    }


def _day_facts(day: Day, on: date, lines: list[Line]) -> dict[str, Any]:
    fails = [
        {
            "account": line.owed.account,
            "symbol": line.owed.symbol,
            "settled": line.settled,
            "left": line.left,
            "fine": spell(line.fine),
        }
        for line in lines
        if line.left
    ]
    return {
        "day": on.isoformat(),
        "obligations": len(lines),
        "fails": fails,
        "bought_in": day.bought_in(on),
    }
