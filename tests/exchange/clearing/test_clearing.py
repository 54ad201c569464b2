"""After the trade: copies, netting, settlement in parts, fines, margins; and power failures in between."""

from contextlib import suppress
from datetime import date, time
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chapters.errors import UsageError
from chapters.ledger import MICRO, Ledger, Overdrawn, open_ledger
from chapters.sim import Chance, Crashed, SimDisk, VirtualClock
from exchange.breaking.clearing import clearing_crash, settlement_fail
from exchange.clearing import accounts, margin, story
from exchange.clearing.accounts import AGENT, bill_of, cash_of, shares_of
from exchange.clearing.calendar import HOLIDAYS, Calendar
from exchange.clearing.delivery import Obligation, affordable, legs, part
from exchange.clearing.drop_copy import DropCopy, Execution, Tape, copies
from exchange.clearing.fails import Terms, close_out, fees, fine
from exchange.clearing.netting import (
    HOUSE,
    MICRO_PER_TICK,
    Contract,
    cleared,
    contracts,
    deliveries,
    net,
    novate,
)
from exchange.clearing.settlement import ClearingHouse, settled_before
from exchange.control import Phase, Rules, SetPhase
from exchange.engine import Engine
from exchange.errors import BadCalendar, BooksDiffer
from exchange.flow import order_flow
from exchange.orders import BUY, SELL, Cancel, Filled, New, Replace
from exchange.sequencer import Sequencer
from exchange.surveillance.acts import Acts, Moment
from tests.exchange.order_types.test_order_types import FLOWS, numbered

WEDNESDAY, FRIDAY = date(2026, 11, 25), date(2026, 11, 27)


def traded(buyer, seller, lots=10, price=1000, symbol="ACME", number=1):
    return Execution(number, 0, 0, symbol, price, lots, buyer, seller, 0, 0, BUY)


# The calendar -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "settles"),
    [
        ("2026-11-24", "2026-11-25"),
        ("2026-11-25", "2026-11-27"),  # Thanksgiving between
        ("2026-11-27", "2026-11-30"),  # a weekend
        ("2026-12-24", "2026-12-28"),  # Christmas and a weekend
        ("2026-10-09", "2026-10-13"),  # banks are closed on Columbus Day
        ("2026-07-02", "2026-07-06"),  # Independence Day is a Saturday, observed on Friday
    ],
)
def test_a_trade_settles_on_the_next_business_day(day, settles):
    assert Calendar().settles(date.fromisoformat(day)) == date.fromisoformat(settles)


def test_no_listed_holiday_is_on_a_weekend():
    assert all(day.weekday() < 5 for day in HOLIDAYS)


@given(st.dates(date(2026, 1, 1), date(2027, 11, 1)), st.integers(0, 5))
def test_later_trades_never_settle_earlier_and_ages_count_the_days_between(day, lag):
    calendar = Calendar()
    settles = calendar.settles(day, lag)
    assert settles <= calendar.settles(date.fromordinal(day.toordinal() + 1), lag)
    assert calendar.age(day, settles) == lag


def test_holidays_that_leave_no_day_are_refused():
    always = [date.fromordinal(WEDNESDAY.toordinal() + n) for n in range(60)]
    with pytest.raises(BadCalendar, match=r"2026-11-25.*holidays"):
        Calendar(always).after(WEDNESDAY)


def test_a_day_is_one_of_new_york_in_summer_and_winter():
    calendar = Calendar()
    for day in (date(2026, 7, 1), date(2026, 12, 1)):
        opens = calendar.instant_ns(day, time(9, 30))
        assert calendar.day_of(opens) == day
        assert calendar.clock_of(opens) == "09:30:00.000"
    late = calendar.instant_ns(date(2026, 7, 1), time(21, 0))  # already the next day in London
    assert calendar.day_of(late) == date(2026, 7, 1)


# The drop copy ----------------------------------------------------------------------------------


def flow(seed, count, accounts=20):
    """Yield commands of a seeded market, with cancels and replaces."""
    numbers, entered = {}, 0
    for message in order_flow.generate(Random(seed), count):
        account = 1 + message.order_id % accounts
        if message.kind == order_flow.CANCEL:
            yield Cancel(account, "ACME", numbers.get(message.order_id, 0))
        elif message.kind == order_flow.MODIFY and message.order_id in numbers:
            price = message.price
            yield Replace(account, "ACME", numbers[message.order_id], message.quantity, price)
        else:
            entered += 1
            numbers[message.order_id] = entered
            name = str(message.sequence)
            yield New(account, name, "ACME", message.side, message.quantity, message.price)


def journal(seed, count):
    disk = SimDisk(rng=Chance(seed).stream("disk"))
    sequencer = Sequencer(clock=VirtualClock(5), disk=disk, symbols=["ACME"])
    done = [each for command in flow(seed, count) for each in sequencer.submit([command])]
    return disk, sequencer, done


def test_every_fill_is_copied_once_with_the_accounts_of_its_orders():
    disk, sequencer, done = journal(3, 1_500)
    fills = [event for each in done for event in each.events if isinstance(event, Filled)]
    found = list(Tape(disk=disk).read())
    assert len(found) == len(fills) > 100
    assert len({each.id for each in found}) == len(found)
    assert [(e.price, e.quantity) for e in found] == [(f.price, f.quantity) for f in fills]
    owner = {number: account for account, ids in sequencer.replica.engine.client_ids.items()
             for number in ids.values()}  # fmt: skip
    for each in found:
        assert (owner[each.buy_order], owner[each.sell_order]) == (each.buyer, each.seller)
    assert all(each.time_ns == 5 for each in found)


@settings(max_examples=80)
@given(flow=FLOWS, phases=st.lists(st.sampled_from(list(Phase)), max_size=3), rng=st.randoms())
def test_orders_of_every_kind_in_every_phase_are_copied_and_then_forgotten(flow, phases, rng):
    commands = list(numbered(flow))
    for phase in phases:
        commands.insert(rng.randint(0, len(commands)), SetPhase("ACME", phase))
    engine, tape, acts = Engine({"ACME": Rules()}), DropCopy(), Acts()
    for now_ns, command in enumerate(commands, start=1):
        events = engine.apply(command, now_ns)
        fills = [event for event in events if isinstance(event, Filled)]
        owner = {n: account for account, ids in engine.client_ids.items() for n in ids.values()}
        found = tape.hear(now_ns, events, now_ns)
        assert [(e.price, e.quantity) for e in found] == [(f.price, f.quantity) for f in fills]
        assert all((owner[e.buy_order], owner[e.sell_order]) == (e.buyer, e.seller) for e in found)
        heard = list(acts.hear(Moment(now_ns, now_ns, events)))
        assert sum(isinstance(act, Execution) for act in heard) == len(fills)
    waiting = {order.id for order in engine.markets["ACME"].everyone()}
    assert set(tape._open) == set(acts._open) == waiting


def test_a_firm_that_was_cut_off_gets_the_rest_and_only_that():
    disk, sequencer, _ = journal(3, 600)
    sequencer.snapshot()
    whole = list(Tape(disk=disk).read())
    first = whole[len(whole) // 2].sequence
    assert list(Tape(disk=disk, first=first).read()) == [e for e in whole if e.sequence >= first]


def test_a_tape_follows_a_journal_that_grows_whatever_it_reads_at_once():
    disk, sequencer, _ = journal(3, 300)
    tape = Tape(disk=disk)
    found = [*tape.poll(limit=7), *tape.read()]
    for command in flow(4, 300):
        sequencer.submit([command])
        found += tape.poll()
    assert found == list(Tape(disk=disk).read())
    assert tape.poll() == [] and tape.sequence == sequencer.replica.sequence


def test_both_sides_are_told_the_same_trade():
    engine, tape = Engine(["ACME"]), DropCopy()
    engine_events = [engine.apply(New(7, "a", "ACME", BUY, 60, 1005)),
                     engine.apply(New(22, "b", "ACME", SELL, 90, 1004))]  # fmt: skip
    (one,) = [e for n, events in enumerate(engine_events, 1) for e in tape.hear(n, events)]
    buyer, seller = copies(one)
    assert (buyer.account, buyer.side, buyer.is_maker) == (7, BUY, True)
    assert (seller.account, seller.side, seller.is_maker) == (22, SELL, False)
    assert buyer.execution_id == seller.execution_id == "2.0"


# Novation and netting ---------------------------------------------------------------------------

CONTRACTS = st.lists(
    st.builds(
        Contract,
        st.integers(1, 5), st.integers(1, 5), st.sampled_from(["ACME", "BLUE"]),
        st.integers(1, 100), st.integers(1, 10_000),
    ),
    max_size=30,
)  # fmt: skip


@given(CONTRACTS)
def test_with_the_house_in_the_middle_everybody_owes_what_they_owed_before(made):
    assert net(each for one in made for each in novate(one)) == net(made)


@given(CONTRACTS)
def test_what_all_owe_each_other_sums_to_nothing(made):
    found = net(made)
    for symbol in ("ACME", "BLUE"):
        own = [each for (_, name), each in found.items() if name == symbol]
        assert sum(each.shares for each in own) == sum(each.cash for each in own) == 0
    assert list(found) == sorted(found)


@given(CONTRACTS)
def test_netting_agrees_with_adding_up_by_hand(made):
    for (account, symbol), own in net(made).items():
        theirs = [each for each in made if each.symbol == symbol]
        bought = [each for each in theirs if each.buyer == account]
        sold = [each for each in theirs if each.seller == account]
        assert own.shares == sum(e.quantity for e in bought) - sum(e.quantity for e in sold)
        assert own.cash == sum(e.cash for e in sold) - sum(e.cash for e in bought)


def test_a_circle_of_three_takes_two_deliveries():
    circle = [traded(2, 1, 60), traded(3, 2, 60), traded(1, 3, 40)]
    assert deliveries(circle) == (3, 3, 2)
    assert {key[0]: own.shares for key, own in cleared(circle).items()} == {1: -20, 3: 20}


def test_money_is_in_millionths_and_a_price_in_hundredths():
    (made,) = contracts([traded(2, 1, lots=3, price=1005)])
    assert made.cash == 30_150_000 == 3 * 1005 * MICRO_PER_TICK


# Delivery versus payment ------------------------------------------------------------------------

OWED = st.builds(
    Obligation,
    st.just(FRIDAY), st.just(7), st.just("ACME"), st.integers(-60, 60), st.integers(-9_999, 9_999),
)  # fmt: skip


@given(OWED, st.data())
def test_parts_come_to_the_whole_however_it_is_cut(owed, data):
    done, shares, cash = 0, 0, 0
    while done < owed.lots:
        lots = data.draw(st.integers(1, owed.lots - done))
        own = part(owed, done, lots)
        done, shares, cash = done + lots, shares + own[0], cash + own[1]
    assert (shares, cash) == (owed.shares, owed.cash)


@given(OWED, st.data())
def test_both_sides_of_an_entry_sum_to_nothing(owed, data):
    done = data.draw(st.integers(0, owed.lots - 1))
    moved = legs(owed, done, data.draw(st.integers(1, owed.lots - done)))
    for is_shares in (True, False):
        assert not sum(leg.amount for leg in moved if ("/shares/" in leg.account) == is_shares)


@given(OWED, st.integers(0, 80), st.integers(0, 12_000), st.data())
def test_what_can_be_afforded_is_what_trying_all_numbers_finds(owed, own_shares, own_cash, data):
    done = data.draw(st.integers(0, owed.lots))

    def is_there(lots):
        shares, cash = part(owed, done, lots)
        return -shares <= own_shares and -cash <= own_cash

    most = max(lots for lots in range(owed.lots - done + 1) if is_there(lots))
    assert affordable(owed, done, own_shares, own_cash) == most


# Fees, fines, buying in -------------------------------------------------------------------------


def test_the_taker_pays_and_the_maker_gets_some_of_it():
    terms = Terms(taker_fee_bps=3, maker_fee_bps=-1)
    found = fees([traded(7, 22, lots=100, price=1000)], terms)  # 1,000.00 of money
    assert found == {7: 300_000, 22: -100_000}


@pytest.mark.parametrize(
    "words", [{"taker_fee_bps": 1, "maker_fee_bps": -2}, {"fine_bps": -1}, {"buy_in_days": -1}]
)
def test_terms_that_make_no_sense_are_refused(words):
    with pytest.raises(UsageError, match="0 or more"):
        Terms(**words)


def test_a_fine_goes_to_those_who_waited_and_nothing_is_left_over():
    owed = Obligation(FRIDAY, 7, "ACME", -100, 10)
    legs = fine(owed, 100, 1001, {"8/bill": 60, "9/bill": 30, "10/bill": 10}, Terms())
    assert [leg.amount for leg in legs] == [-100_100, 60_060, 30_030, 10_010]
    (own, house) = fine(owed, 100, 1001, {}, Terms())
    assert (own.account, house.account) == ("7/bill", "house/fines")


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("mark", [900, 1000, 1100])
def test_who_is_bought_in_pays_the_difference_to_the_market(sign, mark):
    owed = Obligation(FRIDAY, 7, "ACME", sign * 100, -sign * 100 * 1000 * MICRO_PER_TICK)
    moved = {
        leg.account: leg.amount for leg in close_out(owed, (owed.shares, owed.cash), mark, Terms())
    }
    worse = 10_200 if sign < 0 else 9_800
    assert moved["7/bill"] == sign * 100 * (mark * worse - 1000 * 10_000)
    assert moved["agent/shares/ACME"] == sign * 100
    assert not sum(leg for name, leg in moved.items() if "shares" not in name)


# The house --------------------------------------------------------------------------------------


def house(*has, terms=Terms()):
    """Return a house whose accounts have (account, lots, units of money)."""
    made = ClearingHouse(Ledger(clock=VirtualClock()), calendar=Calendar(), terms=terms)
    for account, lots, money in has:
        for symbol, amount in (("ACME", lots), ("", money * MICRO)):
            if amount:
                accounts.deposit(made.ledger, f"{account}/{symbol}", account, amount, symbol,
                                 day=WEDNESDAY)  # fmt: skip
    return made


def test_shares_and_money_change_hands_on_the_day_after():
    desk = house((1, 10, 0), (2, 0, 100))
    desk.clear(WEDNESDAY, [traded(2, 1)])
    assert not list(desk.statement(WEDNESDAY))
    assert [line.left for line in desk.settle(FRIDAY)] == [0, 0]
    assert desk.ledger.balance(shares_of(2, "ACME")) == 10
    assert desk.ledger.balance(cash_of(1)) == 100 * MICRO
    desk.check()


def test_a_seller_without_shares_gets_no_money_and_the_buyer_keeps_theirs():
    desk = house((2, 0, 100))
    desk.clear(WEDNESDAY, [traded(2, 1)])
    late = {line.owed.account: line for line in desk.settle(FRIDAY)}
    assert late[1].left == late[2].left == 10
    assert desk.ledger.balance(cash_of(2)) == 100 * MICRO and not desk.ledger.balance(cash_of(1))
    assert late[1].fine == 10_000 and late[2].fine == 0
    assert desk.ledger.balance(bill_of(2)) == 10_000 - 30_000  # the fine, and a taker's fee


def test_a_buyer_without_money_gets_no_shares_and_the_seller_is_paid():
    desk = house((1, 10, 0))
    desk.clear(WEDNESDAY, [traded(2, 1)])
    late = {line.owed.account: line for line in desk.settle(FRIDAY)}
    assert (late[1].left, late[2].left) == (0, 10)
    assert desk.ledger.balance(cash_of(1)) == 100 * MICRO
    assert desk.ledger.balance(shares_of(HOUSE, "ACME")) == 10
    assert desk.ledger.balance(cash_of(HOUSE)) == -100 * MICRO  # it has lent what is missing
    assert late[2].fine == 10_000
    desk.check()


def test_who_waited_longer_is_served_first_and_in_part():
    desk = house((1, 6, 0), (2, 0, 100), (3, 0, 100))
    desk.clear(date(2026, 11, 24), [traded(3, 1, 4)])
    desk.settle(WEDNESDAY)
    accounts.deposit(desk.ledger, "more", 1, 3, "ACME", day=WEDNESDAY)
    desk.clear(WEDNESDAY, [traded(2, 1, 9)])
    left = {line.owed.account: line.left for line in desk.settle(FRIDAY)}
    assert desk.ledger.balance(shares_of(3, "ACME")) == 4
    assert left == {1: 4, 2: 4}
    desk.check()


def test_what_is_set_aside_for_settlement_cannot_be_spent():
    desk = house((1, 10, 0), (2, 0, 100))
    desk.clear(WEDNESDAY, [traded(2, 1)])
    desk._set_aside(FRIDAY, "")
    assert desk.ledger.available(shares_of(1, "ACME")) == 0
    with pytest.raises(Overdrawn):
        accounts.deposit(desk.ledger, "out", 1, -1, "ACME", day=FRIDAY)


def test_after_three_business_days_the_house_buys_in():
    desk = house((2, 0, 200), (AGENT, 50, 0))
    desk.clear(WEDNESDAY, [traded(2, 1)])
    day, seen = WEDNESDAY, []
    for _ in range(4):
        day = desk.calendar.after(day)
        seen += [(line.settled, line.left) for line in desk.settle(day) if line.owed.account == 2]
    assert seen == [(0, 10)] * 3 + [(10, 0)]
    assert desk.ledger.balance(shares_of(AGENT, "ACME")) == 40
    # fined three times, two percent above the price, and the maker's rebate
    assert desk.ledger.balance(bill_of(1)) == -3 * 10_000 - 2 * MICRO + 10_000
    desk.check()


def test_a_day_is_settled_once_and_told_again():
    desk = house((1, 4, 0), (2, 0, 100))
    desk.clear(WEDNESDAY, [traded(2, 1)])
    first = desk.settle(FRIDAY)
    count = len(list(desk.ledger.postings()))
    accounts.deposit(desk.ledger, "late", 1, 6, "ACME", day=FRIDAY)
    assert desk.settle(FRIDAY) == first
    assert len(list(desk.ledger.postings())) == count + 1


def test_other_trades_for_the_same_day_are_refused():
    desk = house()
    desk.clear(WEDNESDAY, [traded(2, 1)])
    desk.clear(WEDNESDAY, [traded(2, 1)])
    with pytest.raises(BooksDiffer, match="2026-11-27/1/ACME"):
        desk.clear(WEDNESDAY, [traded(2, 1, lots=11)])


MARKET = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 30), st.integers(990, 1010),
              st.sampled_from(["ACME", "BLUE"])),
    max_size=12,
)  # fmt: skip
HOLDINGS = st.dictionaries(
    st.tuples(st.sampled_from([1, 2, 3, 4, AGENT]), st.sampled_from(["ACME", "BLUE", ""])),
    st.integers(1, 60),
)


@settings(max_examples=60)
@given(st.lists(MARKET, min_size=1, max_size=4), HOLDINGS, st.integers(0, 4))
def test_nothing_is_made_or_lost_whoever_has_what(days, has, patience):
    desk = house(terms=Terms(buy_in_days=patience))
    for (account, symbol), amount in has.items():
        amount *= 1 if symbol else 10 * MICRO
        accounts.deposit(desk.ledger, f"{account}/{symbol}", account, amount, symbol, day=WEDNESDAY)
    came_in, day = accounts.outside(desk.ledger), WEDNESDAY
    for trades in [*days, [], [], [], [], []]:
        desk.settle(day)
        desk.check()
        desk.clear(day, [traded(b, s, q, p, y, n) for n, (b, s, q, p, y) in enumerate(trades, 1)])
        margin.call(desk, day)
        desk.check()
        assert accounts.inside(desk.ledger) == accounts.outside(desk.ledger) == came_in
        day = desk.calendar.after(day)


def lived(ledger, days, has):
    """Clear and settle some days in a ledger; to come back after a crash is to call it again."""
    desk = ClearingHouse(ledger, calendar=Calendar(), terms=Terms(buy_in_days=1))
    for (account, symbol), amount in sorted(has.items()):
        amount *= 1 if symbol else 10 * MICRO
        accounts.deposit(ledger, f"{account}/{symbol}", account, amount, symbol, day=WEDNESDAY)
    day = WEDNESDAY
    for trades in [*days, [], []]:
        desk.settle(day)
        desk.clear(day, [traded(b, s, q, p, y, n) for n, (b, s, q, p, y) in enumerate(trades, 1)])
        margin.call(desk, day)
        day = desk.calendar.after(day)
    desk.check()
    return [each.entry for each in ledger.postings()], ledger.balances()


def _bought_in_both_ways(last_price):
    """Somebody owes lots that the agent has only in part; others are late with their money."""
    one = (1, 1, 1, 990, "ACME")
    first = [
        *[one] * 7,
        *((1, 2, 11, 990, "BLUE"), (1, 2, 20, last_price, "ACME"), (1, 3, 1, 990, "BLUE")),
        *((1, 3, 2, 990, "ACME"), (1, 4, 4, 990, "ACME")),
    ]
    return [first, [one, (2, 1, 1, 990, "ACME")], [*[one] * 9, (1, 1, 1, 991, "ACME")]]


POOR = {
    (1, "ACME"): 1, (1, ""): 6, (2, "ACME"): 1, (2, "BLUE"): 1, (2, ""): 1, (3, "ACME"): 1, (4, "ACME"): 1,
}  # fmt: skip


@settings(max_examples=60)
@example(_bought_in_both_ways(992), POOR, [207])
@example(_bought_in_both_ways(991), POOR, [209])
@given(
    st.lists(MARKET, min_size=1, max_size=3), HOLDINGS, st.lists(st.integers(0, 400), max_size=3)
)
def test_any_days_with_power_failures_anywhere_end_with_the_same_books(days, has, cuts):
    disk = SimDisk(rng=Random(len(cuts)))
    for cut in cuts:
        disk.crash_after(cut)
        with suppress(Crashed):
            lived(open_ledger(clock=VirtualClock(), disk=disk), days, has)
        disk.crash()
    again = lived(open_ledger(clock=VirtualClock(), disk=disk), days, has)
    assert again == lived(Ledger(clock=VirtualClock()), days, has)


# Margins ----------------------------------------------------------------------------------------


def test_a_loss_at_the_mark_is_asked_for_and_a_gain_is_not_paid_out():
    owed = Obligation(FRIDAY, 7, "ACME", 100, -100 * 1005 * MICRO_PER_TICK)
    lost = margin.margins([(owed, 0)], {"ACME": 980}, 800)[7]
    assert (lost.initial, lost.variation) == (78_400_000, 25_000_000)
    won = margin.margins([(owed, 0)], {"ACME": 1020}, 800)[7]
    assert won.variation == -15_000_000 and won.required == won.initial


def test_margin_is_held_until_the_trade_is_settled():
    desk = house((1, 10, 50), (2, 0, 150), (3, 0, 1))
    desk.clear(WEDNESDAY, [traded(2, 1), traded(3, 1, number=2, lots=5)])
    calls = {call.account: call for call in margin.call(desk, WEDNESDAY)}
    assert calls[2].is_met and calls[2].held == 8 * MICRO
    assert not calls[3].is_met and calls[3].held == MICRO
    assert margin.call(desk, WEDNESDAY) == []  # the day is over
    desk.settle(FRIDAY)
    margin.call(desk, FRIDAY)
    assert desk.ledger.balance(accounts.margin_of(2)) == 0


# Killed -----------------------------------------------------------------------------------------


def test_a_house_killed_at_any_write_ends_with_the_same_books():
    found = clearing_crash()
    assert found.held, found.verdicts


def test_one_that_forgets_what_it_settled_is_noticed(monkeypatch):
    """Without its memory of what stands in the books, a house delivers twice."""
    monkeypatch.setattr("exchange.clearing.settlement.settled_before", lambda ledger: {})
    with pytest.raises(AssertionError):
        clearing_crash()


def test_what_was_settled_is_read_from_the_books():
    ledger = Ledger(clock=VirtualClock())
    *_, (desk, _) = story.settle(ledger)
    assert settled_before(ledger) == {id: owed.lots for id, owed in desk.owed.items()}


def test_shares_and_money_move_together_when_some_do_not_come():
    assert settlement_fail().held
    never = settlement_fail(buy_in=9)
    assert [each.promise for each in never.verdicts if not each.held] == [
        "who waits is served in the end"
    ]


def test_killed_twice_in_one_day_it_goes_on_all_the_same():
    disk = SimDisk(rng=Chance(1).stream("disk"))
    for writes in (40, 90, 30):
        disk.crash_after(writes)
        with pytest.raises(Crashed):
            list(story.settle(open_ledger(clock=VirtualClock(), disk=disk)))
        disk.crash()
    ledger, calm = open_ledger(clock=VirtualClock(), disk=disk), Ledger(clock=VirtualClock())
    for each in (ledger, calm):
        list(story.settle(each))
    assert ledger.balances() == calm.balances()


def test_the_story_says_who_failed_and_that_nothing_is_lost(capsys):
    story.demo()
    said = capsys.readouterr().out
    assert "1 delivers      130        60     70" in said
    assert "at the market" in said and "as much as came in is still there" in said
