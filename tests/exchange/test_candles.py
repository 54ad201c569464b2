"""Candles: the same however trades are cut into batches, and an interval without trades is one too."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.sim import Chance, SimDisk, VirtualClock
from chapters.sim.clock import S
from exchange.app import Exchange
from exchange.candles import Candle, Candles, vwap
from exchange.order_json import vwap_text
from exchange.orders import BUY, SELL, New
from exchange.sequencer import Follower, Sequencer
from exchange.spectator import Spectator
from exchange.wire import create

TRADES = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 9_999), st.integers(1, 500)), max_size=60
).map(sorted)  # seconds, ticks, lots


def coarser(candles, interval_ns):
    """Return what candles of a shorter interval add up to; those without trades may be there or not."""
    found = []
    for each in candles:
        if not each.trades:
            continue
        start_ns = each.start_ns - each.start_ns % interval_ns
        if not found or found[-1].start_ns != start_ns:
            found.append(each._replace(start_ns=start_ns))
            continue
        one = found[-1]
        found[-1] = Candle(
            *(start_ns, one.open, max(one.high, each.high), min(one.low, each.low), each.close),
            *(one.volume + each.volume, one.notional + each.notional, one.trades + each.trades),
        )
    return found


def filled(trades, interval_ns=S):
    candles = Candles(interval_ns)
    for second, price, quantity in trades:
        candles.add(second * S, price, quantity)
    return candles


def naive(trades, interval_s, count, now_s):
    """All trades looked through for each interval."""
    end_s = max([now_s, *(second for second, *_ in trades)]) // interval_s * interval_s
    found, close = [], None
    for start_s in range(-9 * interval_s - end_s, end_s + 1, interval_s):
        ours = [each for each in trades if start_s <= each[0] < start_s + interval_s]
        if ours:
            prices = [price for _, price, _ in ours]
            close = prices[-1]
            shape = (prices[0], max(prices), min(prices), close)
            lots = sum(quantity for *_, quantity in ours)
            notional = sum(price * quantity for _, price, quantity in ours)
            found.append(Candle(start_s * S, *shape, lots, notional, len(ours)))
        elif close is not None:
            found.append(Candle(start_s * S, *[close] * 4))
    return [each for each in found if each.start_ns > (end_s - count * interval_s) * S]


@given(TRADES, st.sampled_from([1, 5]), st.integers(1, 50), st.integers(0, 60))
def test_candles_are_those_of_a_search_through_all_trades(trades, interval_s, count, now_s):
    candles = filled(trades, interval_s * S)
    assert candles.last(count, now_s * S) == naive(trades, interval_s, count, now_s)


@given(TRADES)
def test_five_short_candles_add_up_to_a_long_one(trades):
    short, long = filled(trades), filled(trades, 5 * S)
    traded = [each for each in long.last(9, 0) if each.trades]
    assert coarser(short.last(45, 0), 5 * S) == traded


@given(TRADES)
def test_the_mean_price_is_between_low_and_high_and_volume_is_all_that_traded(trades):
    notional, volume = vwap(filled(trades).last(50, 0))
    assert volume == sum(quantity for *_, quantity in trades)
    if trades:
        prices = [price for _, price, _ in trades]
        assert min(prices) * volume <= notional <= max(prices) * volume


def test_an_interval_without_trades_is_at_the_last_close_and_before_the_first_there_is_none():
    candles = filled([(2, 100, 5), (5, 110, 1)])
    assert candles.last(6, 6 * S) == [
        Candle(2 * S, 100, 100, 100, 100, 5, 500, 1),
        Candle(3 * S, 100, 100, 100, 100),
        Candle(4 * S, 100, 100, 100, 100),
        Candle(5 * S, 110, 110, 110, 110, 1, 110, 1),
        Candle(6 * S, 110, 110, 110, 110),
    ]
    assert candles.last(2, 9 * S) == [Candle(n * S, *[110] * 4) for n in (8, 9)]
    assert Candles(S).last(5, 9 * S) == []


def test_a_trade_on_the_border_belongs_to_what_begins_there():
    candles = Candles(S)
    candles.add(S - 1, 100, 1), candles.add(S, 101, 1)
    assert [each.close for each in candles.last(2, S)] == [100, 101]


def test_a_trade_that_claims_to_be_older_counts_as_the_newest():
    candles = filled([(5, 100, 1), (3, 90, 1)])
    assert candles.last(1, 0) == [Candle(5 * S, 100, 100, 90, 90, 2, 190, 2)]


def test_no_more_candles_are_kept_than_is_said():
    candles = Candles(S, kept=10)
    for second in range(100):
        candles.add(second * S, 100 + second, 1)
    found = candles.last(50, 99 * S)
    assert [each.start_ns // S for each in found] == list(range(90, 100))


@pytest.mark.parametrize(
    ("notional", "volume", "text"),
    [(1001, 1, "10.0100"), (2003, 2, "10.0150"), (1, 3, "0.0033"), (5, 1_000, "0.0001"), (0, 0, None)],
)  # fmt: skip
def test_a_mean_price_is_rounded_half_up(notional, volume, text):
    assert vwap_text(notional, volume) == text


def market(clock, disk, orders=300):
    exchange = Exchange(Sequencer(clock=clock, disk=disk, symbols=["ACME"]))
    rng = Random(3)
    for number in range(orders):
        clock.advance(rng.randrange(S))
        side, price = rng.choice((BUY, SELL)), 1_000 + rng.randint(-4, 4)
        exchange.enter(New(number % 9, f"o{number}", "ACME", side, rng.randint(1, 9), price))
    return exchange


def test_candles_over_http_are_those_of_the_trades_and_bad_words_are_refused():
    exchange = market(VirtualClock(), SimDisk(rng=Chance(1).stream("disk")))
    client = create(exchange, events_port=1).test_client()
    found = client.get("/api/candles/ACME?interval=5m&limit=2").json
    trades = exchange.trades("ACME", 200)
    assert sum(each["trades"] for each in found["candles"]) == len(trades)
    assert sum(each["volume"] for each in found["candles"]) == sum(t.quantity for t in trades)
    assert (
        found["candles"][-1]["close"] == client.get("/api/trades/ACME").json["trades"][0]["price"]
    )
    assert found["interval"] == "5m" and float(found["vwap"]) > 0
    for words, status in (("ACME?interval=2m", 400), ("ACME?limit=0", 400), ("NONE", 404)):
        answer = client.get(f"/api/candles/{words}")
        assert answer.status_code == status and "\n" not in answer.json["reason"]
    exchange.close()


def test_the_page_is_told_of_the_candles_that_are_not_over():
    clock, disk = VirtualClock(), SimDisk(rng=Chance(1).stream("disk"))
    Sequencer(clock=clock, disk=disk, symbols=["ACME"])
    spectator = Spectator(Follower(disk=disk))
    exchange = market(clock, disk)
    events = spectator.poll()
    assert [each.id for each in events] == sorted({each.id for each in events})
    candles = {e.data["interval"]: e.data for e in events if e.name == "candle"}
    assert list(candles) == ["1s", "1m", "5m"]
    last = [each.data for each in events if each.name == "trade"][-1]
    assert {each["close"] for each in candles.values()} == {last["price"]}
    exchange.close()
