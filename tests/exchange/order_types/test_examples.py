"""Order types one by one: the rules as examples, and bugs that other exchanges had."""

import pytest

from exchange.control import Matching, Rules, Tick
from exchange.engine import Engine
from exchange.order_types.figures import FLOOR, START, fall
from exchange.order_types.lives import SWEEP_MIN, end_of_day
from exchange.order_types.pegs import NOWHERE, PEGS_MAX
from exchange.order_types.pro_rata import shares
from exchange.order_types.special import SLICES_MAX
from exchange.order_types.stops import TRAILING_MAX
from exchange.orders import (
    BUY,
    PRICE_MAX,
    SELL,
    Cancel,
    CancelAll,
    Canceled,
    CancelRejected,
    Filled,
    Life,
    New,
    Peg,
    Reason,
    Refreshed,
    Rejected,
    Replace,
    Replaced,
    Repriced,
    SelfTrade,
    Terms,
    Transferred,
    Triggered,
)


class Floor:
    """An engine with one symbol, and orders in few words: accounts count from 1, ids too."""

    def __init__(self, rules=None):
        self.engine = Engine({"ACME": rules or Rules()})
        self.market = self.engine.markets["ACME"]
        self.book = self.market.book
        self.now_ns = 0

    def send(self, side, lots, price, account=None, life=Life.DAY, more=None, **terms):
        number = self.engine.last_order_id + 1
        wish = New(account or number, f"o{number}", "ACME", side, lots, price, life)
        wish = wish._replace(terms=Terms(**terms) if terms else Terms(), **(more or {}))
        return self.engine.apply(wish, self.now_ns)[1:]

    def buy(self, lots, price, **more):
        return self.send(BUY, lots, price, **more)

    def sell(self, lots, price, **more):
        return self.send(SELL, lots, price, **more)

    def apply(self, command):
        return self.engine.apply(command, self.now_ns)


@pytest.fixture
def floor():
    return Floor()


# Icebergs and hidden orders.


def test_an_iceberg_that_is_refreshed_never_crosses_the_book(floor):
    floor.sell(100, 50, display=10)
    assert floor.buy(30, 50)[-1] == Refreshed(1, 10)
    floor.buy(5, 49)
    floor.book.check()
    assert (floor.book.asks.best().price, floor.book.asks.best().quantity) == (50, 10)


def test_an_arriving_iceberg_trades_all_of_itself_and_shows_a_slice_of_the_rest(floor):
    floor.sell(25, 50)
    assert floor.buy(60, 50, display=10) == [Filled(50, 25, 1, 2)]
    order = floor.book.orders[2]
    assert (order.quantity, order.reserve) == (10, 25)


def test_a_partly_filled_slice_is_the_same_after_a_snapshot(floor):
    floor.sell(100, 50, display=10)
    floor.buy(4, 50)
    loaded = Engine.load(floor.engine.dump()).books["ACME"].orders[1]
    assert (loaded.quantity, loaded.reserve) == (6, 90)


def test_one_order_cannot_cost_a_million_fills(floor):
    wish = New(1, "a", "ACME", SELL, SLICES_MAX * 5 + 1, 50, terms=Terms(display=5))
    assert floor.apply(wish) == [Rejected(wish, Reason.BAD_TERMS)]
    floor.sell(SLICES_MAX * 5, 50, display=5)
    assert floor.apply(Replace(1, "ACME", 1, SLICES_MAX * 5 + 1, 50)) == [
        CancelRejected(1, 1, Reason.BAD_TERMS)
    ]


def test_replacing_an_iceberg_means_all_that_is_open_and_shrinks_what_nobody_sees_first(floor):
    floor.sell(100, 50, display=10)
    floor.sell(5, 50)
    assert floor.apply(Replace(1, "ACME", 1, 15, 50)) == [Replaced(1, 15, 50, True)]
    assert floor.buy(12, 50)[0] == Filled(50, 10, 1, 3), "it kept its place"
    assert floor.apply(Replace(1, "ACME", 1, 80, 50)) == [Replaced(1, 80, 50, False)]
    assert (floor.book.orders[1].quantity, floor.book.orders[1].reserve) == (10, 70)


def test_hidden_orders_stand_behind_displayed_ones_and_before_worse_prices(floor):
    floor.sell(10, 50, display=0)
    floor.sell(10, 50)
    floor.sell(10, 51)
    floor.sell(10, 49, display=0)
    assert [fill.maker_id for fill in floor.buy(40, 51)] == [4, 2, 1, 3]


def test_a_hidden_order_keeps_a_post_only_one_from_crossing(floor):
    floor.sell(10, 50, display=0)
    wish = New(2, "b", "ACME", BUY, 5, 50, post_only=True)
    assert floor.apply(wish) == [Rejected(wish, Reason.WOULD_CROSS)]


def test_a_post_only_order_cannot_take_by_being_replaced(floor):
    floor.sell(10, 50)
    floor.buy(5, 48, more={"post_only": True})
    assert floor.apply(Replace(2, "ACME", 2, 5, 50)) == [CancelRejected(2, 2, Reason.WOULD_CROSS)]
    assert floor.apply(Replace(2, "ACME", 2, 5, 49)) == [Replaced(2, 5, 49, False)]


# Stops.


def test_a_stop_is_reached_from_its_own_side_only(floor):
    """Elsewhere the comparison was turned round: a seller's stop went off in a rising market."""
    floor.buy(10, 100)
    floor.sell(10, 110)
    floor.sell(5, None, stop_price=95)
    floor.buy(5, None, stop_price=115)
    assert floor.buy(1, 110) == [Filled(110, 1, 2, 5)]
    assert floor.sell(1, 100) == [Filled(100, 1, 1, 6)]
    assert floor.apply(CancelAll(3, "ACME"))[0].order_id == 3


def test_a_stop_that_has_not_triggered_can_be_canceled(floor):
    floor.sell(5, None, stop_price=95)
    assert floor.apply(Cancel(1, "ACME", 1)) == [Canceled(1, 5, Reason.BY_CLIENT)]
    assert floor.apply(Cancel(1, "ACME", 1)) == [CancelRejected(1, 1, Reason.TOO_LATE)]
    floor.buy(10, 95)
    assert floor.sell(10, 95) == [Filled(95, 10, 2, 3)]


def test_somebody_elses_stop_is_unknown(floor):
    floor.sell(5, None, stop_price=95)
    assert floor.apply(Cancel(2, "ACME", 1)) == [CancelRejected(2, 1, Reason.UNKNOWN_ORDER)]


def test_a_stop_whose_price_was_reached_already_goes_at_once(floor):
    for price in (100, 99):
        floor.buy(10, price)
    floor.sell(10, 100)
    assert floor.sell(5, None, stop_price=100) == [Triggered(4), Filled(99, 5, 2, 4)]


def test_a_triggered_stop_limit_waits_at_its_limit(floor):
    floor.buy(10, 100)
    floor.sell(5, 98, stop_price=100)
    assert floor.sell(10, 100) == [Filled(100, 10, 1, 3), Triggered(2)]
    assert floor.book.orders[2].price == 98


def test_stops_that_a_stop_sets_off_go_behind_those_reached_before(floor):
    for price in (100, 90, 80, 70):
        floor.buy(10, price)
    for stop_price in (100, 99, 90):  # ids 5, 6, 7
        floor.sell(10, None, stop_price=stop_price)
    events = floor.sell(10, 100)
    assert [each.order_id for each in events if isinstance(each, Triggered)] == [5, 6, 7]
    assert [each.price for each in events if isinstance(each, Filled)] == [100, 90, 80, 70]


def test_a_trailing_stop_follows_the_best_trade_and_never_back(floor):
    for price in (100, 104, 101, 99):
        floor.buy(10, price)
    floor.sell(10, None)  # at 104
    floor.sell(5, None, trail=4, stop_price=95)
    floor.sell(1, None)  # at 101: 97 is as near as it comes
    assert floor.market.stops.orders[6].stop_price == 97
    floor.sell(9, None)
    floor.sell(1, None)  # at 100
    assert floor.market.stops.orders[6].stop_price == 97


def test_replacing_a_waiting_stop_changes_its_stop_price_and_may_trigger_it(floor):
    for price in (100, 99):
        floor.buy(10, price)
    floor.sell(10, 100)
    floor.sell(5, None, stop_price=90)
    assert floor.apply(Replace(4, "ACME", 4, 3, 90)) == [Replaced(4, 3, 90, True)]
    assert floor.apply(Replace(4, "ACME", 4, 3, 100)) == [
        *(Replaced(4, 3, 100, False), Triggered(4), Filled(99, 3, 2, 4)),
    ]


def test_a_post_only_stop_that_would_cross_is_canceled_when_it_triggers(floor):
    for price in (100, 99):
        floor.buy(10, price)
    floor.sell(5, 99, more={"post_only": True}, stop_price=100)
    assert floor.sell(10, 100)[1:] == [Triggered(3), Canceled(3, 5, Reason.WOULD_CROSS)]


def test_trailing_stops_have_a_bound(floor):
    floor.buy(1, 100)
    floor.sell(1, 100)
    for _ in range(TRAILING_MAX):
        floor.sell(1, None, trail=5)
    wish = New(1, "more", "ACME", SELL, 1, None, terms=Terms(trail=5))
    assert floor.apply(wish) == [Rejected(wish, Reason.TOO_MANY_ORDERS)]


# Pegs.


def test_two_pegs_do_not_hold_each_other_up(floor):
    floor.buy(10, 100)
    floor.sell(10, 110)
    floor.buy(5, None, peg=Peg.PRIMARY)
    floor.buy(5, None, peg=Peg.PRIMARY)
    assert floor.apply(Cancel(1, "ACME", 1))[1:] == [Repriced(3, 0), Repriced(4, 0)]
    assert sorted(floor.book.orders) == [2]
    assert floor.buy(1, 99) == [Repriced(3, 99), Repriced(4, 99)]


def test_a_pegged_iceberg_moves_with_its_reserve(floor):
    floor.buy(10, 100)
    floor.buy(50, None, peg=Peg.PRIMARY, display=5)
    assert floor.buy(10, 102) == [Repriced(2, 102)]
    order = floor.book.orders[2]
    assert (order.price, order.quantity, order.reserve) == (102, 5, 45)
    assert floor.sell(16, 102) == [
        *(Filled(102, 10, 3, 4), Filled(102, 5, 2, 4), Refreshed(2, 5), Filled(102, 1, 2, 4)),
        Repriced(2, 100),
    ]


def test_a_peg_beyond_its_limit_stays_at_it(floor):
    floor.buy(10, 100)
    floor.buy(5, 101, peg=Peg.PRIMARY)
    assert floor.buy(1, 105) == [Repriced(2, 101)]
    assert floor.buy(1, 106) == [], "it keeps its place as long as it need not move"


def test_a_middle_between_two_ticks_is_rounded_to_each_ones_own_side():
    floor = Floor(Rules(tick=5))
    floor.buy(10, 100)
    floor.sell(10, 115)
    assert floor.buy(5, None, peg=Peg.MIDPOINT, display=0) == [Repriced(3, 105)]
    assert floor.sell(5, None, peg=Peg.MIDPOINT, display=0) == [Repriced(4, 110)]


def test_middles_that_meet_trade(floor):
    floor.buy(10, 100)
    floor.sell(10, 106)
    floor.buy(5, None, peg=Peg.MIDPOINT, display=0)
    assert floor.sell(8, None, peg=Peg.MIDPOINT, display=0) == [
        *(Repriced(4, 103), Filled(103, 5, 3, 4)),
    ]


def test_an_immediate_peg_without_a_reference_is_canceled(floor):
    life = Life.IMMEDIATE_OR_CANCEL
    assert floor.buy(5, None, life=life, peg=Peg.MIDPOINT) == [
        Canceled(1, 5, Reason.REST_OF_IMMEDIATE)
    ]
    assert floor.engine.markets["ACME"].everyone() == []


def test_pegs_have_a_bound_and_those_that_are_gone_do_not_count(floor):
    floor.buy(1, 100)
    for _ in range(PEGS_MAX):
        floor.buy(1, None, account=7, peg=Peg.PRIMARY)
    wish = New(1, "more", "ACME", BUY, 1, None, terms=Terms(peg=Peg.PRIMARY))
    assert floor.apply(wish) == [Rejected(wish, Reason.TOO_MANY_ORDERS)]
    floor.apply(Cancel(7, "ACME", 2))
    assert floor.buy(1, None, peg=Peg.PRIMARY) == [Repriced(PEGS_MAX + 2, 100)]


# Least quantities, and orders of one's own.


@pytest.mark.parametrize(
    ("mode", "trades"),
    [
        (SelfTrade.ALLOW, True),
        (SelfTrade.CANCEL_MAKER, True),  # 30 and 30 without the own 40 between them
        (SelfTrade.CANCEL_TAKER, False),
        (SelfTrade.CANCEL_BOTH, False),
        (SelfTrade.DECREMENT, False),  # 40 of the 60 are gone before the last 30 come up
        (SelfTrade.TRANSFER, False),
    ],
)
def test_fill_or_kill_counts_what_its_mode_lets_it_have(floor, mode, trades):
    for account, lots in ((1, 30), (9, 40), (1, 30)):
        floor.sell(lots, 50, account=account)
    more = {"self_trade": mode}
    events = floor.buy(60, 50, account=9, life=Life.FILL_OR_KILL, more=more)
    lots = sum(event.quantity for event in events if isinstance(event, Filled))
    assert lots == (60 if trades else 0)
    if not trades:
        assert events == [Canceled(4, 60, Reason.NOT_FILLABLE)]


def test_reserves_behind_an_order_of_ones_own_are_out_of_reach(floor):
    floor.sell(100, 50, account=1, display=10)
    floor.sell(10, 50, account=9)
    life = Life.FILL_OR_KILL
    assert floor.buy(20, 50, account=9, life=life) == [Canceled(3, 20, Reason.NOT_FILLABLE)]
    assert floor.buy(10, 50, account=9, life=life)[0] == Filled(50, 10, 1, 4)


def test_a_least_quantity_holds_once_and_the_rest_waits_like_any_other(floor):
    floor.sell(10, 50)
    assert floor.buy(30, 50, quantity_min=11) == [Canceled(2, 30, Reason.NOT_FILLABLE)]
    assert floor.buy(30, 50, quantity_min=10) == [Filled(50, 10, 1, 3)]
    assert floor.sell(1, 50) == [Filled(50, 1, 3, 4)]


def test_transfer_and_decrement_take_slices_of_ones_own_iceberg(floor):
    floor.sell(30, 50, account=9, display=10)
    more = {"self_trade": SelfTrade.TRANSFER}
    assert floor.buy(15, 50, account=9, more=more) == [
        *(Transferred(50, 10, 1, 2), Refreshed(1, 10), Transferred(50, 5, 1, 2)),
    ]
    more = {"self_trade": SelfTrade.DECREMENT}
    assert floor.buy(5, 50, account=9, more=more) == [
        *(Canceled(n, 5, Reason.SELF_TRADE) for n in (1, 3)),
        Refreshed(1, 10),
    ]
    assert floor.market.last_price == 0, "nothing of it was a trade"


# Pro rata.


def test_shares_are_rounded_down_and_the_oldest_gets_what_is_left_over():
    assert shares([100, 50, 30], 90) == [50, 25, 15]
    assert shares([3, 3, 3], 5) == [3, 1, 1]
    assert shares([5, 5], 20) == [5, 5]


def test_pro_rata_serves_the_better_price_first_and_ones_own_before_all():
    floor = Floor(Rules(matching=Matching.PRO_RATA))
    for account, lots, price in ((1, 40, 50), (2, 20, 50), (3, 10, 49), (9, 10, 50)):
        floor.sell(lots, price, account=account)
    more = {"self_trade": SelfTrade.CANCEL_MAKER}
    assert floor.buy(40, 50, account=9, more=more) == [
        *(Filled(49, 10, 3, 5), Canceled(4, 10, Reason.SELF_TRADE)),
        *(Filled(50, 20, 1, 5), Filled(50, 10, 2, 5)),
    ]


# How long.


def test_a_date_that_is_over_ends_the_order_at_the_next_tick(floor):
    dated = {"life": Life.GOOD_TILL_DATE}
    floor.buy(1, 100, expires_ns=50, **dated)
    floor.buy(1, 100, expires_ns=20, **dated)
    floor.sell(1, None, stop_price=90, expires_ns=20, **dated)
    assert floor.engine.overdue(19) == []
    assert floor.engine.overdue(20) == ["ACME"]
    floor.now_ns = 20
    gone = [Canceled(number, 1, Reason.EXPIRED) for number in (2, 3)]
    assert floor.apply(Tick("ACME")) == gone
    assert floor.market.due_ns == 50


def test_dates_of_canceled_orders_do_not_pile_up(floor):
    for _ in range(20 * SWEEP_MIN):
        floor.buy(1, 100, account=1, life=Life.GOOD_TILL_DATE, expires_ns=10**9)
        floor.apply(Cancel(1, "ACME", floor.engine.last_order_id))
    assert len(floor.market.dated) <= 2 * SWEEP_MIN


def test_the_days_end_ends_day_orders_wherever_they_wait(floor):
    for life in (Life.DAY, Life.GOOD_TILL_CANCEL):
        floor.buy(1, 100, life=life)
        floor.buy(1, 120, life=life, stop_price=110)
        floor.buy(1, None, life=life, peg=Peg.MARKET)
    events = []
    end_of_day(floor.market, events)
    assert events == [Canceled(number, 1, Reason.EXPIRED) for number in (1, 2, 3)]
    assert [order.id for order in floor.market.everyone()] == [4, 5, 6]


def test_cancel_all_finds_an_accounts_orders_wherever_they_wait(floor):
    floor.buy(1, 100, account=7)
    floor.buy(1, 120, account=7, stop_price=110)
    floor.buy(1, None, account=7, peg=Peg.MARKET)
    floor.buy(1, 100, account=7, display=0)
    floor.buy(1, 100, account=8)
    gone = [Canceled(number, 1, Reason.ALL_OF_ACCOUNT) for number in (1, 2, 3, 4)]
    assert floor.apply(CancelAll(7, "ACME")) == gone
    assert list(floor.book.orders) == [5]


# What other books got wrong.


def test_the_best_price_is_fresh_after_a_cancel(floor):
    floor.buy(1, 101)
    floor.buy(1, 100)
    floor.apply(Cancel(1, "ACME", 1))
    assert floor.sell(1, None) == [Filled(100, 1, 2, 3)]


def test_the_best_price_is_hit_and_not_the_oldest_order(floor):
    for price in (100, 102, 101):
        floor.buy(1, price)
    assert [fill.maker_id for fill in floor.sell(3, None)] == [2, 3, 1]


def test_a_filled_order_can_no_longer_be_canceled(floor):
    floor.buy(1, 100)
    floor.sell(1, 100)
    assert floor.apply(Cancel(1, "ACME", 1)) == [CancelRejected(1, 1, Reason.TOO_LATE)]


def test_a_fall_dies_out_with_few_stops_and_reaches_the_last_bid_with_many():
    assert [fall(20, stops) for stops in (0, 10, 15)] == [3, 7, 14]
    assert fall(20, 20) == fall(20, 40) == START - FLOOR


def test_a_peg_that_would_have_to_stand_above_every_price_waits_outside():
    engine = Engine(["ACME"])
    engine.apply(New(1, "top", "ACME", BUY, 10, PRICE_MAX))
    peg = New(2, "peg", "ACME", SELL, 5, 100, post_only=True, terms=Terms(peg=Peg.MARKET))
    engine.apply(peg)
    assert engine.markets["ACME"].pegs[2].price == NOWHERE
    assert list(engine.books["ACME"].orders) == [1]
