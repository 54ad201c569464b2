"""The audit of a standby: whatever is wrong in its state shows, at once or when its slice's turn comes."""

import pytest

from chapters.sim import Chance, SimDisk, VirtualClock
from exchange.control import Limits, Phase, Rules, SetLimits, SetPhase
from exchange.engine import Engine
from exchange.orders import BUY, SELL, Life, New, Peg, Terms
from exchange.sequencer import Replica, Sequencer
from exchange.standby import audit as audit_module
from exchange.standby.audit import audit
from exchange.storm.broken import BROKEN
from exchange.storm.trader import SYMBOL
from exchange.storm.trials import first_broken

RULES = {"ACME": Rules(band_bp=500, reference_price=1_000), "BOLT": Rules()}


def wish(number, symbol=SYMBOL, **more):
    side = BUY if number % 2 else SELL
    price = 1_000 - side * (number % 7 + 1)
    return New(number % 3, f"c{number}", symbol, side, 10 + number, price, **more)


def state():
    """Return a replica with something of everything in it."""
    replica = Replica(Engine(RULES))
    commands = [
        SetLimits(1, SYMBOL, Limits(credit=10**9)),
        *(wish(number) for number in range(40)),
        *(
            wish(100 + number, terms=Terms(stop_price=1_200 - number % 2 * 400))
            for number in (0, 1)
        ),
        wish(200, terms=Terms(peg=Peg.PRIMARY)),
        wish(300, symbol="BOLT", life=Life.GOOD_TILL_DATE, terms=Terms(expires_ns=10**9)),
        SetPhase("BOLT", Phase.PRE_OPEN),
        wish(301, symbol="BOLT", life=Life.AT_CLOSE),
    ]
    for number, command in enumerate(commands, 1):
        replica.apply(command, number)
    return replica


def first(orders):
    return orders[min(orders)]


def other_name(engine):
    names = engine.client_ids[2]
    names["c2"], names["c5"] = names["c5"], names["c2"]


def reserved(engine):
    number = min(engine.risk.open)
    engine.risk.open[number] = engine.risk.open[number]._replace(lots=1)


DAMAGES = {
    "a lot": lambda engine: setattr(first(engine.books[SYMBOL].orders), "quantity", 999),
    "an account": lambda engine: setattr(first(engine.books[SYMBOL].orders), "account", 9),
    "a stop": lambda engine: first(engine.markets[SYMBOL].stops.orders).__setattr__("trail", 3),
    "no stop": lambda engine: engine.markets[SYMBOL].stops.remove(
        first(engine.markets[SYMBOL].stops.orders)
    ),
    "a parked order": lambda engine: engine.markets["BOLT"].parked.popitem(),
    "an expiry": lambda engine: setattr(first(engine.books["BOLT"].orders), "expires_ns", 5),
    "a name": other_name,
    "no name": lambda engine: engine.client_ids[1].popitem(),
    "a reservation": reserved,
    "a limit": lambda engine: engine.risk.set_limits(1, SYMBOL, Limits(credit=5)),
    "cash": lambda engine: setattr(engine.risk.accounts[1], "cash", 1),
    "a block": lambda engine: engine.risk.blocked.add((2, SYMBOL)),
    "a phase": lambda engine: setattr(engine.markets["BOLT"], "phase", Phase.HALTED),
    "a band": lambda engine: setattr(engine.markets[SYMBOL].bands, "reference", 1_001),
    "an alarm": lambda engine: setattr(engine.markets[SYMBOL], "alarm_ns", 77),
    "the last price": lambda engine: setattr(engine.markets["BOLT"], "last_price", 998),
    "the time": lambda engine: setattr(engine, "now_ns", 10**12),
    "the next number": lambda engine: setattr(engine, "last_order_id", 10**6),
}


@pytest.mark.parametrize("small", [False, True], ids=["in one slice", "in many"])
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_is_wrong_shows_within_a_round_of_slices(damage, small, monkeypatch):
    monkeypatch.setattr(audit_module, "SLICE", 4 if small else 1_024)
    one, other = state(), state()
    turns = range(3 * 12)  # three accounts, so many slices
    assert [audit(one, turn) for turn in turns] == [audit(other, turn) for turn in turns]
    damage(other.engine)
    assert any(audit(one, turn) != audit(other, turn) for turn in turns)


@pytest.mark.parametrize("damage", ["no stop", "a parked order", "no name"])
def test_what_is_missing_shows_at_the_next_audit(damage, monkeypatch):
    monkeypatch.setattr(audit_module, "SLICE", 4)
    one, other = state(), state()
    DAMAGES[damage](other.engine)
    assert all(audit(one, turn) != audit(other, turn) for turn in range(36))


def test_a_state_that_was_loaded_is_audited_as_one_that_was_computed(monkeypatch):
    monkeypatch.setattr(audit_module, "SLICE", 4)
    one = state()
    other = Replica(Engine.load(one.engine.dump()), one.sequence, one.state_hash)
    for number in range(400, 420):
        for turn in range(12):
            assert audit(one, turn) == audit(other, turn)
        for each in (one, other):
            each.apply(wish(number), number)


def test_a_snapshot_that_is_in_doubt_is_put_aside_and_the_journal_gone_through():
    clock, disk = VirtualClock(), SimDisk(rng=Chance(1).stream("disk"))
    sequencer = Sequencer(clock=clock, disk=disk, symbols=[SYMBOL])
    sequencer.submit([wish(1), wish(2)])
    right = audit(sequencer.replica, 0)
    sequencer.replica.engine.client_ids.clear()
    sequencer.snapshot()
    assert audit(Sequencer(clock=clock, disk=disk, symbols=[SYMBOL]).replica, 0) != right
    Replica.distrust(disk)
    disk.crash()
    assert audit(Sequencer(clock=clock, disk=disk, symbols=[SYMBOL]).replica, 0) == right


@pytest.mark.parametrize("name", ["loses-stops", "forgets-names"])
def test_it_is_the_audit_that_notices_what_a_standby_has_lost(name):
    assert name in BROKEN
    _, found = first_broken(range(1, 10), name)
    assert any("is not in its primary's state behind record" in each for each in found.broken)
