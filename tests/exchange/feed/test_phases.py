"""A day of auctions, halts and bands on the feed: the book stays equal, and the auction price is told."""

from random import Random

import pytest

from chapters.sim.clock import MS
from exchange.control import Phase, Rules, SetPhase, Tick, Why
from exchange.engine import Engine
from exchange.feed.messages import Action, Cross, ExecutedAt, Indicative
from exchange.feed.translator import PHASE_CODES
from exchange.feed.view import INDICATE_EVERY_NS, Books, View
from exchange.orders import (
    BUY,
    DAY,
    NO_LIMIT,
    SELL,
    Cancel,
    CancelAll,
    Life,
    New,
    Peg,
    Replace,
    SelfTrade,
    Terms,
)
from exchange.sequencer import Replica

LIVES = (*[DAY] * 4, *Life)


def command(rng, number):
    """Anything that may happen in a market."""
    account, earlier, draw = (
        rng.randint(1, 4),
        rng.randint(max(1, number - 20), number),
        rng.random(),
    )
    lots, price = rng.randint(1, 60), rng.choice((None, *[rng.randint(92, 108)] * 6))
    if draw < 0.12:
        return Cancel(account, "ACME", earlier)
    if draw < 0.25:
        return Replace(account, "ACME", earlier, lots, price or 100)
    if draw < 0.27:
        return CancelAll(account, "ACME")
    if draw < 0.33:
        phase = rng.choice([*Phase, Phase.CONTINUOUS, Phase.CONTINUOUS])
        return SetPhase("ACME", phase, rng.choice(list(Why)))
    if draw < 0.38:
        return Tick("ACME")
    terms = Terms(
        stop_price=rng.choice((None, None, None, rng.randint(92, 108))),
        display=rng.choice((None, None, 0, rng.randint(1, 20))),
        peg=rng.choice((None, None, None, *Peg)),
    )
    words = (rng.choice((BUY, SELL)), lots, price, rng.choice(LIVES), rng.random() < 0.1)
    return New(account, f"o{number}", "ACME", *words, rng.choice(list(SelfTrade)), terms)


def displayed(market, side):
    half = market.book.bids if side == BUY else market.book.asks
    queued = [each for level in half.walk() for each in level if abs(each.price) != NO_LIMIT]
    return [(each.id, each.price, each.quantity) for each in queued]


@pytest.mark.parametrize("seed", range(30))
def test_through_all_phases_the_book_of_the_feed_has_what_is_displayed(seed):
    rng = Random(seed)
    rules = Rules(reference_price=100, band_bp=rng.choice((0, 300)), limit_state_ns=5, pause_ns=10)
    replica = Replica(Engine({"ACME": rules}))
    view, books = View(replica.engine), Books()
    for message in view.begin(0):
        books.apply(0, message)
    market = replica.engine.markets["ACME"]
    for number in range(1, 150):
        done = replica.apply(command(rng, number), number)
        for message in view.apply(done):
            books.apply(number, message)
        late = View(replica.engine).books["ACME"]
        for side in (BUY, SELL):
            ours = displayed(market, side)
            assert list(books.by_symbol["ACME"].orders(side)) == ours == list(late.orders(side))


def test_a_peg_that_an_auction_has_filled_is_not_canceled_when_the_day_ends():
    peg = New(3, "p", "ACME", BUY, 5, None, terms=Terms(peg=Peg.PRIMARY))
    seller = SELLER._replace(quantity=55, price=99)
    closing = (SetPhase("ACME", Phase.CLOSING_AUCTION), seller, SetPhase("ACME", Phase.CLOSED))
    told, book, market = played([BUYER, peg, *closing])
    assert of(Cross, told)[0].quantity == 55
    assert not market.everyone() and not list(book.orders(BUY))


def played(commands, every_ns=INDICATE_EVERY_NS):
    """What the public is told of commands, so far apart; and the market."""
    replica = Replica(Engine({"ACME": Rules(reference_price=100)}))
    view, told = View(replica.engine), []
    for number, each in enumerate(commands, start=1):
        told.append(view.apply(replica.apply(each, number * every_ns)))
    return told, view.books["ACME"], replica.engine.markets["ACME"]


BUYER, SELLER = (New(n, "o", "ACME", side, 50, 100) for n, side in ((1, BUY), (2, SELL)))
OPENING = SetPhase("ACME", Phase.OPENING_AUCTION)


def of(kind, told):
    return [each for messages in told for each in messages if type(each) is kind]


def test_where_an_auction_would_end_is_told_and_then_its_one_price():
    told, book, market = played([OPENING, BUYER, SELLER])
    assert [each[2:] for each in of(Indicative, told)] == [
        (0, 0, BUY, 0),
        (50, 0, BUY, market.indication().price),
    ]
    assert book.indicative.paired == 50 and book.action.phase == PHASE_CODES[Phase.OPENING_AUCTION]
    told, book, market = played([OPENING, BUYER, SELLER, SetPhase("ACME", Phase.CONTINUOUS)])
    (cross,) = of(Cross, told)
    assert cross.quantity == 50 and len(of(ExecutedAt, told)) == 2
    assert [trade.taker_side for trade in book.trades] == [None]
    assert book.indicative is None and not displayed(market, BUY)
    assert of(Action, told)[-1].phase == PHASE_CODES[Phase.CONTINUOUS]


def test_it_is_told_no_more_often_than_that():
    orders = [BUYER._replace(client_id=str(n), quantity=n) for n in range(1, 200)]
    told, _, _ = played([OPENING, SELLER, *orders], every_ns=MS)
    assert len(of(Indicative, told)) <= 3


def test_an_order_for_the_close_is_unseen_until_the_closing_auction():
    close = BUYER._replace(life=Life.AT_CLOSE)
    told, book, _ = played([close])
    assert told == [[]] and not list(book.orders(BUY))
    _, book, market = played([close, SetPhase("ACME", Phase.CLOSING_AUCTION)])
    assert list(book.orders(BUY)) == displayed(market, BUY) == [(1, 100, 50)]
