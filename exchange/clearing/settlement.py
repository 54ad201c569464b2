"""The house settles a day in stages, and whoever kills it in between changes nothing but the hour.

    day ─► 1 buy in what is late ─► 2 set aside ─► 3 deliver ─► 4 fine ─► closed
                                     reserve         settle, void

What can be delivered is decided when it is set aside: an account's lots or money are reserved in the
ledger, under the obligation's name and the day. So the reservations are the plan. Who dies and comes back
reads there what was planned, and how far it got; a stage that is over is a closed period of the books.
Those who give go before those who get, each in the order of days and accounts: the house can hand on only
what it has been given. It has money to lend, and no shares to lend.

Invariants: each entry has shares and money of one obligation, or of none; the house never has less than
no shares; it has what is still owed, lot for lot and millionth for millionth. O(all obligations) a day.
Page: docs/exchange/settlement.md
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from chapters.ledger import Entry, Ledger, Leg, Reservation, State, UnknownEntry
from chapters.sim.clock import S
from exchange.clearing import accounts, fails
from exchange.clearing.accounts import AGENT, cash_of, shares_of
from exchange.clearing.calendar import Calendar
from exchange.clearing.delivery import Obligation, affordable, legs, part
from exchange.clearing.drop_copy import Execution
from exchange.clearing.fails import Terms
from exchange.clearing.netting import HOUSE, cleared
from exchange.errors import BooksDiffer

TTL_NS = 7 * 24 * 3600 * S  # a day's reservations end on that day; this is for one that stood still
DELIVERED, BOUGHT_IN = "dvp/", "buy-in/"  # how the names of entries begin


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one obligation on one day."""

    day: date
    owed: Obligation
    settled: int  # lots, on that day
    left: int  # lots, after it
    fine: int  # millionths of money


class ClearingHouse:
    """Between all buyers and all sellers, from the trade to the last lot.

    Its memory is the ledger's: made anew over the same ledger, and told the same days, it goes on.
    """

    def __init__(self, ledger: Ledger, *, calendar: Calendar, terms: Terms = Terms()) -> None:
        self.ledger, self.calendar, self.terms = ledger, calendar, terms
        self.owed: dict[str, Obligation] = {}
        self.marks: dict[str, int] = {}
        self._settled = settled_before(ledger)
        accounts.open_house(ledger)

    def clear(self, traded: date, executions: Iterable[Execution]) -> list[Obligation]:
        """Take a day's trades over; return what is owed for them, all in the order of accounts.

        Told again, it must be the same. Raises `BooksDiffer`.
        """
        due, done = self.calendar.settles(traded), list(executions)
        found = [
            Obligation(due, account, symbol, shares, cash)
            for (account, symbol), (shares, cash) in cleared(done).items()
        ]
        for owed in found:
            if self.owed.setdefault(owed.id, owed) != owed:
                raise BooksDiffer(f"{owed.id}: cleared as {self.owed[owed.id]}, and now as {owed}")
            accounts.open_money(self.ledger, owed.account)
            for account in (owed.account, HOUSE, AGENT):
                accounts.open_shares(self.ledger, account, owed.symbol)
        self.marks |= {each.symbol: each.price for each in done}
        self._bill(traded, done)
        return found

    def _bill(self, traded: date, executions: list[Execution]) -> None:
        for account, fee in sorted(fails.fees(executions, self.terms).items()):
            if fee:
                accounts.open_money(self.ledger, account)
                owing = (Leg(accounts.bill_of(account), -fee), Leg(accounts.FEES, fee))
                period = accounts.evening_of(traded)
                self.ledger.post(Entry(f"fee/{account}@{traded}", owing, period))

    def settle(self, day: date) -> list[Line]:
        """Settle what is due by `day`, as far as it is there; return a line for each obligation."""
        stages = (self._buy_in, self._set_aside, self._deliver, self._fine)
        for number, stage in enumerate(stages, start=1):
            period = f"{day}/{number}"
            if not self.ledger.is_closed(period):
                stage(day, period)
                self.ledger.close(period)
        return list(self.statement(day))

    def open(self, day: date) -> Iterator[Obligation]:
        """Yield what is due by `day` and not settled: those who give first, the oldest first."""
        due = [owed for owed in self.owed.values() if owed.due <= day and self.left(owed)]
        yield from sorted(due, key=_turn)

    def left(self, owed: Obligation) -> int:
        """Return how many lots of it are still to be settled."""
        return owed.lots - self._settled.get(owed.id, 0)

    def _affordable(self, owed: Obligation) -> int:
        own_shares = self.ledger.available(shares_of(owed.account, owed.symbol))
        own_cash = self.ledger.available(cash_of(owed.account))
        return affordable(owed, self._settled.get(owed.id, 0), own_shares, own_cash)

    def _buy_in(self, day: date, period: str) -> None:
        """Close, at the market, what somebody has owed for too long and still does not have.

        One changes what there is for the next, so who comes back goes on behind the last that is booked.
        """
        booked = [_turn(owed) for owed in self.owed.values() if self.bought_in(owed, day)]
        for owed in list(self.open(day)):
            is_decided = bool(booked) and _turn(owed) <= max(booked)
            if not is_decided and self.calendar.age(owed.due, day) >= self.terms.buy_in_days:
                source = AGENT if owed.gives else HOUSE
                there = self.ledger.available(shares_of(source, owed.symbol))
                lots = min(self.left(owed) - self._affordable(owed), there)
                if lots > 0 and owed.shares:
                    self._post_buy_in(owed, lots, f"{BOUGHT_IN}{owed.id}@{day}", period)

    def _post_buy_in(self, owed: Obligation, lots: int, id: str, period: str) -> None:
        moved = part(owed, self._settled.get(owed.id, 0), lots)
        bought = fails.close_out(owed, moved, self.marks[owed.symbol], self.terms)
        self.ledger.post(Entry(id, bought, period))
        self._count(owed, lots)

    def _set_aside(self, day: date, period: str) -> None:
        """Reserve, for each, as much of its own side as it has."""
        for owed in list(self.open(day)):
            id = f"{DELIVERED}{owed.id}@{day}"
            if self._reservation(id) is None and (lots := self._affordable(owed)):
                whole = legs(owed, self._settled.get(owed.id, 0), lots)
                self.ledger.reserve(id, whole, ttl_ns=TTL_NS)

    def _deliver(self, day: date, period: str) -> None:
        """Settle what was set aside: of those who give all, of those who get what the house has."""
        for owed in list(self.open(day)):
            held = self._reservation(id := f"{DELIVERED}{owed.id}@{day}")
            if held is None or held.state is not State.PENDING:
                continue
            lots = lots_in(held.legs)
            if owed.shares > 0:
                lots = min(lots, self.ledger.balance(shares_of(HOUSE, owed.symbol)))
            if lots:
                done = self._settled.get(owed.id, 0)
                self.ledger.settle(id, legs(owed, done, lots), period=period)
                self._count(owed, lots)
            else:
                self.ledger.void(id)

    def _fine(self, day: date, period: str) -> None:
        """Bill those who did not come up with their side, to the good of those who waited."""
        late = {owed: lots for owed in self.open(day) if (lots := self._late(owed, day))}
        for owed, lots in late.items():
            waiting = self._waiting(owed, late, day)
            if fined := fails.fine(owed, lots, self.marks[owed.symbol], waiting, self.terms):
                self.ledger.post(Entry(f"fine/{owed.id}@{day}", fined, period))

    def _waiting(self, owed: Obligation, late: Container[Obligation], day: date) -> dict[str, int]:
        """Return who waits for lots that `owed` did not bring, and for how many, by their bills."""
        found: dict[str, int] = {}
        for each in self.open(day):
            is_hurt = owed.shares < 0 < each.shares and each.symbol == owed.symbol
            if is_hurt and each not in late and each.account != owed.account:
                name = accounts.bill_of(each.account)
                found[name] = found.get(name, 0) + self.left(each)
        return found

    def _late(self, owed: Obligation, day: date) -> int:
        """Return the lots that its account did not come up with on that day."""
        id = f"{DELIVERED}{owed.id}@{day}"
        held = self._reservation(id)
        set_aside = lots_in(held.legs) if held else 0
        return self.left(owed) + self._lots_of(id) - set_aside

    def _reservation(self, id: str) -> Reservation | None:
        try:
            return self.ledger.reservation(id)
        except UnknownEntry:
            return None

    def _lots_of(self, id: str) -> int:
        """Return how many lots the entry of that name settled; 0 if there is none."""
        try:
            return lots_in(self.ledger.posting(id).entry.legs)
        except UnknownEntry:
            return 0

    def _count(self, owed: Obligation, lots: int) -> None:
        self._settled[owed.id] = self._settled.get(owed.id, 0) + lots

    def statement(self, day: date) -> Iterator[Line]:
        """Yield what became of each obligation on a day that is over: the same whenever it is asked."""
        for owed in sorted(self.owed.values(), key=_turn):
            if owed.due > day:
                continue
            before = self._settled_until(owed, day)
            today = sum(self._lots_of(f"{kind}{owed.id}@{day}") for kind in (DELIVERED, BOUGHT_IN))
            if before + today < owed.lots or today:
                left = owed.lots - before - today
                yield Line(day, owed, today, left, self._fined(owed, day))

    def _settled_until(self, owed: Obligation, day: date) -> int:
        """Return the lots that were settled before `day`."""
        found, each = 0, owed.due
        while each < day:
            for kind in (DELIVERED, BOUGHT_IN):
                found += self._lots_of(f"{kind}{owed.id}@{each}")
            each = self.calendar.after(each)
        return found

    def bought_in(self, owed: Obligation, day: date) -> int:
        """Return how many lots of it the house closed at the market on that day."""
        return self._lots_of(f"{BOUGHT_IN}{owed.id}@{day}")

    def _fined(self, owed: Obligation, day: date) -> int:
        try:
            first, *_ = self.ledger.posting(f"fine/{owed.id}@{day}").entry.legs
        except UnknownEntry:
            return 0
        return -first.amount

    def check(self) -> None:
        """Assert the invariants of this file, and those of the ledger. O(everything)."""
        self.ledger.check()
        owing = dict.fromkeys((owed.symbol for owed in self.owed.values()), 0)
        cash = 0
        for owed in self.owed.values():
            shares, money = part(owed, self._settled.get(owed.id, 0), self.left(owed))
            owing[owed.symbol] += shares
            cash += money
        for symbol, lots in owing.items():
            has = self.ledger.balance(shares_of(HOUSE, symbol))
            assert has >= 0, f"the house is short of {-has} {symbol}"
            assert has == lots, f"the house has {has} {symbol}, and owes {lots}"
        assert self.ledger.balance(cash_of(HOUSE)) == cash, "the house's money is not what it owes"


def _turn(owed: Obligation) -> tuple[bool, date, int, str]:
    return (not owed.gives, owed.due, owed.account, owed.symbol)


def lots_in(moved: Iterable[Leg]) -> int:
    """Return how many lots these legs settle: those between the house and somebody; money is one."""
    own = shares_of(HOUSE, "")
    return next((abs(leg.amount) for leg in moved if leg.account.startswith(own)), 1)


def settled_before(ledger: Ledger) -> dict[str, int]:
    """Return how many lots of each obligation stand in the books as settled. O(entries)."""
    found: dict[str, int] = {}
    for posting in ledger.postings():
        for kind in (DELIVERED, BOUGHT_IN):
            if posting.entry.id.startswith(kind):
                owed = posting.entry.id.removeprefix(kind).rpartition("@")[0]
                found[owed] = found.get(owed, 0) + lots_in(posting.entry.legs)
    return found
