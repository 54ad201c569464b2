"""Simulated traders on a running exchange: they see what people do, and nobody's time is wasted."""

from itertools import islice

from chapters.sim import Chance, SimDisk, VirtualClock
from exchange.app import Exchange
from exchange.floor.house import House, Mood, trade
from exchange.orders import BUY, IMMEDIATE_OR_CANCEL, SELL, CancelRejected, New
from exchange.sequencer import Sequencer

RUN = {"seed": 7, "per_second": 50.0, "run": "0"}


def opened():
    disk = SimDisk(rng=Chance(1).stream("disk"))
    return Exchange(Sequencer(clock=VirtualClock(), disk=disk, symbols=["ACME"]))


def middle(exchange):
    _, bids, asks = exchange.depth("ACME", 1)
    return (bids[0].price + asks[0].price) / 2


def test_traders_come_at_their_times_and_make_a_market():
    exchange, clock = opened(), VirtualClock()
    entered = list(islice(trade(exchange, "ACME", Mood("calm"), clock=clock, **RUN), 2_000))
    assert len(entered) == exchange.status()["sequence"] == 2_000
    assert 20 <= clock.now_ns() / 1e9 <= 40, "600 at once, then 1,400 at 50 a second"
    assert exchange.trades("ACME", 10)
    exchange.close()


def test_traders_price_by_the_real_book_when_somebody_moves_it():
    """Somebody bids for more than there is, 50 ticks higher: the traders trade there from then on."""
    exchange = opened()
    market = trade(exchange, "ACME", Mood("calm"), clock=VirtualClock(), **RUN)
    list(islice(market, 800))
    before = middle(exchange)
    exchange.enter(New(1, "large", "ACME", BUY, 10**8, int(before) + 50))
    list(islice(market, 400))
    assert middle(exchange) > before + 49
    exchange.close()


def test_traders_take_back_what_is_still_there():
    exchange = opened()
    refused = 0
    market = trade(exchange, "ACME", Mood("open"), clock=VirtualClock(), **RUN)
    enter = exchange.enter

    def counted(command):
        nonlocal refused
        done = enter(command)
        refused += isinstance(done.events[0], CancelRejected)
        return done

    exchange.enter = counted
    list(islice(market, 3_000))
    assert refused < 30, "one cancel in a hundred may be too late"
    exchange.close()


def test_the_mood_can_change_while_they_trade():
    exchange, mood = opened(), Mood("calm")
    market = trade(exchange, "ACME", mood, clock=VirtualClock(), **RUN)
    list(islice(market, 700))
    mood.change("thin")
    list(islice(market, 700))
    assert exchange.status()["sequence"] == 1_400
    assert mood.name == "thin"
    exchange.close()


def test_orders_of_others_are_never_picked():
    exchange = opened()
    house = House(exchange, "ACME")
    exchange.enter(New(1, "a", "ACME", SELL, 5, 1000))
    assert house.resting() == 0 and house.best(SELL) == 1000 and house.best(BUY) is None
    assert not house.drop(1)
    exchange.close()


def test_after_somebody_took_the_whole_book_there_is_a_market_again():
    exchange = opened()
    market = trade(exchange, "ACME", Mood("calm"), clock=VirtualClock(), **RUN)
    list(islice(market, 600))
    for side, price in ((BUY, 10**6), (SELL, 1)):
        exchange.enter(New(1, f"all{side}", "ACME", side, 10**6, price, IMMEDIATE_OR_CANCEL))
    assert exchange.depth("ACME", 1)[1:] == ([], [])
    list(islice(market, 600))
    assert all(exchange.depth("ACME", 1)[1:])
    exchange.close()
