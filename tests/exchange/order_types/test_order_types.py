"""All order types at once against a model that sorts one list again and again; mirrored; public view."""

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.control import Matching, Rules, Tick
from exchange.engine import Engine
from exchange.feed.view import View
from exchange.market_data import depth_of
from exchange.orders import (
    BUY,
    SELL,
    Accepted,
    Cancel,
    CancelAll,
    CancelRejected,
    Filled,
    Life,
    New,
    Peg,
    Reason,
    Rejected,
    Replace,
    SelfTrade,
    Side,
    Terms,
)
from exchange.sequencer import Sequenced
from tests.exchange.order_types.model import Naive, displayed

LIVES = [Life.DAY] * 4 + [
    *(Life.IMMEDIATE_OR_CANCEL, Life.FILL_OR_KILL, Life.GOOD_TILL_CANCEL, Life.GOOD_TILL_DATE),
]


@st.composite
def orders(draw):
    """Orders of which most make sense."""
    life = draw(st.sampled_from(LIVES))
    kind = draw(st.sampled_from(["plain", "plain", "plain", "stop", "peg", "least"]))
    side = draw(st.sampled_from([BUY, SELL]))
    quantity = draw(st.integers(1, 40))
    terms = Terms(
        stop_price=draw(st.integers(92, 108)) if kind == "stop" else None,
        trail=draw(st.none() | st.integers(1, 5)) if kind == "stop" else None,
        display=draw(st.sampled_from([None, None, None, 0, 1, 5, 12])),
        peg=draw(st.sampled_from(list(Peg))) if kind == "peg" else None,
        quantity_min=draw(st.integers(1, quantity)) if kind == "least" else 0,
        expires_ns=draw(st.integers(1, 40)) if life is Life.GOOD_TILL_DATE else 0,
    )
    has_price = draw(st.integers(0, 4)) > (2 if kind in ("stop", "peg") else 0)
    return New(
        account=draw(st.integers(1, 3)),
        client_id="",
        symbol="ACME",
        side=side,
        quantity=quantity,
        price=draw(st.integers(92, 108)) if has_price else None,
        life=life,
        post_only=draw(st.integers(0, 5)) == 0,
        self_trade=draw(st.sampled_from(list(SelfTrade))),
        terms=terms,
    )


COMMANDS = st.one_of(
    orders(),
    orders(),
    orders(),
    orders(),
    orders(),
    orders(),
    st.builds(Cancel, st.integers(1, 3), st.just("ACME"), st.integers(1, 30)),
    st.builds(
        Replace,
        *(st.integers(1, 3), st.just("ACME"), st.integers(1, 30)),
        *(st.integers(1, 40), st.integers(92, 108)),
    ),
    st.builds(CancelAll, st.integers(1, 3), st.just("ACME")),
    st.just(Tick("ACME")),
)
FLOWS = st.lists(COMMANDS, max_size=30) | st.lists(COMMANDS, min_size=20, max_size=40)


def numbered(flow):
    """Name each order; let most cancels and replaces be of an order that was sent, by its owner."""
    owners = []
    for place, command in enumerate(flow, start=1):
        if isinstance(command, New):
            owners.append(command.account)
            command = command._replace(client_id=str(place))
        elif isinstance(command, Cancel | Replace) and owners and command.order_id % 5:
            number = len(owners) - command.order_id % min(len(owners), 8)
            command = command._replace(order_id=number, account=owners[number - 1])
        yield command


@settings(max_examples=250, deadline=None)
@given(flow=FLOWS, shared=st.booleans())
def test_the_engine_does_what_sorting_one_list_would_do(flow, shared):
    rules = Rules(matching=Matching.PRO_RATA if shared else Matching.FIFO)
    engine, model = Engine({"ACME": rules}), Naive(shared)
    view = View(engine)
    for now_ns, command in enumerate(numbered(flow), start=1):
        before = engine.dump()
        events = engine.apply(command, now_ns)
        if isinstance(events[0] if events else None, Rejected | CancelRejected):
            assert engine.dump() == before
            _assert_refused_for_a_reason(model, command, events[0].reason)
        else:
            assert events == _expected(model, command, now_ns, engine.last_order_id)
        view.apply(Sequenced(now_ns, command, events))
        _assert_same(engine, model, view.books["ACME"])
    assert Engine.load(engine.dump()).dump() == engine.dump()


def _expected(model, command, now_ns, number):
    match command:
        case New():
            return model.new(number, command)
        case Cancel(_, _, order_id):
            return model.cancel(order_id)
        case Replace(_, _, order_id, lots, price):
            return model.replace(order_id, lots, price)
        case CancelAll(account):
            theirs = [each for each in model.open if each.account == account]
            return model.cancel_where(
                sorted(theirs, key=lambda each: each.id), Reason.ALL_OF_ACCOUNT
            )
    over = sorted((o for o in model.open if 0 < o.expires <= now_ns), key=lambda o: o.expires)
    return model.cancel_where(over, Reason.EXPIRED)


def _assert_refused_for_a_reason(model, command, reason):
    if isinstance(command, New):
        assert reason in (Reason.BAD_TERMS, Reason.WOULD_CROSS)
        return
    order = model.find(command.order_id)
    is_theirs = order is not None and order.account == command.account
    assert is_theirs == (reason in (Reason.BAD_TERMS, Reason.WOULD_CROSS))


def _assert_same(engine, model, feed):
    market = engine.markets["ACME"]
    market.book.check()
    halves = (market.book.bids, market.book.hidden_bids, market.book.asks, market.book.hidden_asks)
    for side, hidden, half in zip((BUY, BUY, SELL, SELL), (False, True) * 2, halves, strict=True):
        ours = [(o.id, o.quantity, o.quantity + o.reserve) for lv in half.walk() for o in lv]
        assert ours == [
            (each.id, each.shown, each.lots) for each in model.queue(side) if each.hidden == hidden
        ]
    assert {order.id: order.quantity + order.reserve for order in market.everyone()} == {
        order.id: order.lots for order in model.open
    }
    late = View(engine).books["ACME"]
    for side in (BUY, SELL):
        seen = [(level.price, level.quantity, level.orders) for level in feed.depth(side, 99)]
        assert seen == displayed(model, side)
        assert feed.depth(side, 99) == depth_of(market.book, side, 99)
        assert list(feed.orders(side)) == list(late.orders(side))


@settings(max_examples=100, deadline=None)
@given(flow=FLOWS)
def test_a_mirrored_flow_of_all_kinds_gives_mirrored_trades(flow):
    """Swap buyers and sellers, turn all prices round 100: the same trades at turned prices."""
    usual, mirrored = _fills(flow, _same), _fills(flow, _mirror)
    assert [(200 - f.price, f.quantity, f.maker_id, f.taker_id) for f in usual] == [
        (f.price, f.quantity, f.maker_id, f.taker_id) for f in mirrored
    ]


def _fills(flow, turn):
    engine = Engine(["ACME"])
    events = []
    for now_ns, command in enumerate(numbered(flow), start=1):
        events += engine.apply(turn(command), now_ns)
    return [event for event in events if isinstance(event, Filled)]


def _same(command):
    return command


def _mirror(command):
    if isinstance(command, Replace):
        return command._replace(price=200 - command.price)
    if not isinstance(command, New):
        return command
    terms = command.terms
    if terms.stop_price is not None:
        terms = terms._replace(stop_price=200 - terms.stop_price)
    price = None if command.price is None else 200 - command.price
    return command._replace(side=Side(-command.side), price=price, terms=terms)


@settings(max_examples=60, deadline=None)
@given(flow=FLOWS, cut=st.integers(0, 30))
def test_a_loaded_engine_goes_on_as_the_one_that_was_saved(flow, cut):
    engine = Engine(["ACME"])
    for now_ns, command in enumerate(numbered(flow), start=1):
        if now_ns == cut:
            loaded = Engine.load(engine.dump())
        events = engine.apply(command, now_ns)
        if now_ns >= cut > 0:
            assert loaded.apply(command, now_ns) == events
            assert loaded.dump() == engine.dump()


def test_trailing_stops_that_meet_at_a_price_keep_their_turns_in_a_loaded_engine():
    engine = Engine(["ACME"])
    engine.apply(New(1, "offer", "ACME", SELL, 10, 97))
    for number, stop_price in enumerate((107, 103), start=1):
        terms = Terms(stop_price=stop_price, trail=1)
        engine.apply(New(2, f"stop{number}", "ACME", BUY, 1, None, terms=terms))
    loaded = Engine.load(engine.dump())
    trade = New(1, "trade", "ACME", BUY, 1, None)  # both stops move to 98
    rise = New(1, "rise", "ACME", SELL, 1, 98), New(3, "taker", "ACME", BUY, 20, 98)
    for command in (trade, *rise):
        assert loaded.apply(command) == engine.apply(command)
        assert loaded.dump() == engine.dump()


def test_the_strategy_makes_orders_of_every_kind_that_are_accepted():
    """The yardstick is itself tested: a flow that is refused throughout proves nothing."""
    seen = set()

    @settings(max_examples=300, deadline=None, database=None)
    @given(wish=orders())
    def look(wish):
        engine = Engine(["ACME"])
        engine.apply(New(9, "a", "ACME", BUY, 1, 100), 0)
        engine.apply(New(8, "b", "ACME", SELL, 1, 100), 0)
        if isinstance(engine.apply(wish, 1)[0], Accepted):
            terms = wish.terms
            seen.update(name for name in terms._fields if getattr(terms, name))

    look()
    assert seen == set(Terms._fields)
