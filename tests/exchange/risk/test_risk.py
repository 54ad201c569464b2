"""Limits of an account: what is refused, what is reserved, and who may not send at all."""

import pytest

from exchange.control import ALL, Block, Limits, Noted, Phase, Rules, SetLimits, SetPhase
from exchange.engine import Engine
from exchange.orders import (
    BUY,
    SELL,
    Cancel,
    Canceled,
    CancelRejected,
    New,
    Reason,
    Rejected,
    Replace,
)
from exchange.risk.limits import sweep

S = 1_000_000_000


def order(client_id="a", account=7, side=BUY, quantity=10, price=1000, symbol="ACME"):
    return New(account, client_id, symbol, side, quantity, price)


def limited(limits, where="ACME", symbols=("ACME", "GLOBEX")):
    engine = Engine(dict.fromkeys(symbols, Rules(reference_price=1000)))
    assert engine.apply(SetLimits(7, where, limits)) == [Noted(7)]
    return engine


def reason(engine, wish, now_ns=0):
    first, *_ = engine.apply(wish, now_ns)
    return getattr(first, "reason", None)


@pytest.mark.parametrize("where", ["ACME", ALL])
@pytest.mark.parametrize(
    ("limits", "good", "bad"),
    [
        (Limits(order_lots_max=50), order(quantity=50), order(quantity=51)),
        (Limits(order_notional_max=10_000), order(quantity=10), order(quantity=11)),
        (Limits(collar_bp=500), order(price=1050), order(price=1051)),
        (Limits(collar_bp=500), order(side=SELL, price=950), order(side=SELL, price=949)),
        (Limits(credit=10_000), order(quantity=10), order(quantity=11)),
        (Limits(short_lots=10), order(side=SELL, quantity=10), order(side=SELL, quantity=11)),
    ],
)
def test_an_order_beyond_a_limit_is_refused_and_changes_nothing(where, limits, good, bad):
    engine = limited(limits, where)
    before = engine.dump()
    assert engine.apply(bad) == [Rejected(bad, Reason.OVER_LIMIT)]
    assert engine.dump() == before
    assert reason(engine, good) is None


def test_a_limit_is_its_accounts_and_its_symbols_alone():
    engine = limited(Limits(order_lots_max=5))
    assert reason(engine, order(account=8)) is None
    assert reason(engine, order(symbol="GLOBEX")) is None
    assert "GLOBEX" not in engine.watched


def test_a_price_away_from_the_market_hurts_nobody():
    engine = limited(Limits(collar_bp=500))
    assert reason(engine, order(price=1)) is None
    assert reason(engine, order("b", side=SELL, price=9999)) is None


def test_a_market_order_is_held_against_what_it_would_cost_now():
    engine = limited(Limits(order_notional_max=20_000, collar_bp=500, credit=25_000))
    for number, (lots, price) in enumerate([(10, 1000), (10, 1010), (10, 1100)]):
        engine.apply(order(f"s{number}", 1, SELL, lots, price))
    assert sweep(engine.books["ACME"], BUY, 15) == (15_050, 1010)
    assert reason(engine, order("a", quantity=25, price=None)) is Reason.OVER_LIMIT  # the collar
    assert reason(engine, order("b", quantity=20, price=None)) is Reason.OVER_LIMIT  # 20,100
    assert reason(engine, order("c", quantity=15, price=None)) is None
    assert engine.risk.accounts[7].cash == -15_050


def test_nobody_with_a_credit_limit_buys_at_the_market_in_an_auction():
    engine = limited(Limits(credit=25_000))
    engine.apply(SetPhase("ACME", Phase.OPENING_AUCTION))
    assert reason(engine, order("a", price=None)) is Reason.OVER_LIMIT
    assert reason(engine, order("b", side=SELL, price=None)) is None


def test_an_open_buy_reserves_its_limit_and_a_fill_spends_what_it_cost():
    engine = limited(Limits(credit=100_000))
    engine.apply(order("a", quantity=100, price=1000))
    account = engine.risk.accounts[7]
    assert account.reserved[""] == 100_000
    assert reason(engine, order("b", quantity=1, price=1)) is Reason.OVER_LIMIT
    engine.apply(Cancel(7, "ACME", 1))
    assert account.reserved[""] == 0
    engine.apply(order("s", 1, SELL, 60, 900))
    engine.apply(order("c", quantity=100, price=1000))
    assert (account.cash, account.reserved[""], account.lots) == (-54_000, 40_000, {"ACME": 60})
    assert engine.risk.street.cash == 54_000


def test_a_replacement_needs_only_what_it_adds():
    engine = limited(Limits(credit=100_000, short_lots=50))
    engine.apply(order("a", quantity=100, price=1000))
    assert reason(engine, Replace(7, "ACME", 1, 100, 1001)) is Reason.OVER_LIMIT
    assert reason(engine, Replace(7, "ACME", 1, 50, 2000)) is None
    engine.apply(order("b", side=SELL, quantity=50, price=3000))
    assert reason(engine, Replace(7, "ACME", 2, 51, 3000)) is Reason.OVER_LIMIT
    assert reason(engine, Replace(7, "ACME", 2, 20, 3000)) is None
    assert engine.risk.accounts[7].reserved["sells ACME"] == 20


def test_credit_for_all_symbols_is_shared_by_them():
    engine = limited(Limits(credit=10_000), ALL)
    assert reason(engine, order("a", quantity=6)) is None
    assert reason(engine, order("b", quantity=5, symbol="GLOBEX")) is Reason.OVER_LIMIT
    assert reason(engine, order("c", quantity=4, symbol="GLOBEX")) is None
    engine.risk.check()


def test_orders_that_are_open_when_a_limit_is_set_count():
    engine = Engine(["ACME"])
    engine.apply(order("a", quantity=100))
    engine.apply(SetLimits(7, "ACME", Limits(credit=100_000)))
    assert reason(engine, order("b", quantity=1)) is Reason.OVER_LIMIT


def test_both_sides_of_a_trade_between_limited_accounts_are_booked():
    engine = limited(Limits(credit=100_000), ALL)
    engine.apply(SetLimits(8, "ACME", Limits(short_lots=10)))
    engine.apply(order("a", quantity=10))
    engine.apply(order("b", 8, SELL, 10, 1000))
    accounts = engine.risk.accounts
    assert (accounts[7].cash, accounts[8].cash, engine.risk.street.cash) == (-10_000, 10_000, 0)
    assert (accounts[7].lots, accounts[8].lots) == ({"ACME": 10}, {"ACME": -10})


def test_messages_are_counted_by_the_commands_own_time():
    engine = limited(Limits(messages_per_second=3))
    far = [order(str(number), price=1) for number in range(9)]
    assert [reason(engine, wish, 0) for wish in far[:4]] == [None] * 3 + [Reason.TOO_FAST]
    assert reason(engine, far[4], S // 3 - 1) is Reason.TOO_FAST
    assert reason(engine, far[5], S // 3 + 1) is None
    assert engine.apply(Replace(7, "ACME", 1, 5, 1), S // 3 + 2) == [
        CancelRejected(7, 1, Reason.TOO_FAST)
    ]
    # Whoever takes risk away is never too fast.
    assert engine.apply(Cancel(7, "ACME", 1), S // 3 + 3) == [Canceled(1, 10, Reason.BY_CLIENT)]


def test_the_kill_switch_cancels_everything_and_lets_nothing_in_until_it_is_undone():
    engine = Engine(["ACME", "GLOBEX"])
    for name in ("a", "b"):
        engine.apply(order(name))
    engine.apply(order("g", symbol="GLOBEX"))
    engine.apply(order("other", account=8))
    assert engine.apply(Block(7, "ACME", True)) == [
        *(Canceled(number, 10, Reason.KILLED) for number in (1, 2)),
        Noted(7),
    ]
    assert reason(engine, order("c")) is Reason.BLOCKED
    assert reason(engine, order("d", account=8)) is None
    assert reason(engine, order("e", symbol="GLOBEX")) is None
    assert engine.apply(Block(7, "ACME", False)) == [Noted(7)]
    assert reason(engine, order("c")) is None
    assert not engine.watched


def test_a_repeated_name_is_a_duplicate_whatever_else_is_wrong():
    """Who asks again after a lost answer must hear the same as before."""
    engine = limited(Limits(order_lots_max=10, messages_per_second=1))
    wish = order(quantity=10)
    engine.apply(wish)
    assert reason(engine, wish) is Reason.DUPLICATE_CLIENT_ID
    engine.apply(SetPhase("ACME", Phase.HALTED))
    assert reason(engine, wish) is Reason.DUPLICATE_CLIENT_ID
    engine.apply(Block(7, "ACME", True))
    assert reason(engine, wish) is Reason.DUPLICATE_CLIENT_ID


def test_limits_of_an_unknown_symbol_change_nothing():
    engine = Engine(["ACME"])
    assert engine.apply(SetLimits(7, "NONE", Limits(order_lots_max=1))) == []
    assert engine.apply(Block(7, "NONE", True)) == []
    assert not engine.watched


def test_nobody_gives_back_what_another_has_promised():
    engine = limited(Limits(credit=10_000), ALL)
    engine.apply(order())
    assert reason(engine, Cancel(8, "GLOBEX", 1)) is Reason.TOO_LATE
    engine.risk.check()
    assert reason(engine, order("b", quantity=1)) is Reason.OVER_LIMIT


@pytest.mark.parametrize("phase", [Phase.PRE_OPEN, Phase.CONTINUOUS])
def test_an_order_gone_where_nobody_had_limits_is_not_promised(phase):
    engine = Engine(["ACME", "GLOBEX"])
    engine.apply(SetPhase("GLOBEX", phase))
    engine.apply(order("g", symbol="GLOBEX"))
    engine.apply(SetLimits(7, "ACME", Limits(credit=10_000)))
    engine.apply(order("h", symbol="GLOBEX"))
    engine.apply(SetPhase("GLOBEX", Phase.CONTINUOUS))
    engine.apply(Cancel(7, "GLOBEX", 1))
    engine.apply(SetLimits(7, ALL, Limits(credit=20_000)))
    assert reason(engine, order()) is None
    engine.risk.check()
    assert list(engine.risk.open) == [2, 3]


def test_whoever_is_limited_elsewhere_counts_here_once_anybody_is():
    engine = limited(Limits(credit=10_000))
    engine.apply(order("g", symbol="GLOBEX"))
    engine.apply(SetLimits(8, "GLOBEX", Limits(credit=10_000)))
    assert list(engine.risk.open) == [1]
    again = Engine.load(engine.dump())
    assert again.apply(Cancel(7, "GLOBEX", 1)) == engine.apply(Cancel(7, "GLOBEX", 1))
    assert again.dump() == engine.dump()
    assert not again.risk.open
