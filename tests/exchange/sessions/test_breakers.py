"""The whole market's breaker: three levels of an index, each once a day."""

import pytest

from chapters.sim import Chance, SimDisk, VirtualClock
from chapters.sim.errors import DiskFull
from exchange.control import Phase, Rules, SetPhase, Why
from exchange.errors import Halted
from exchange.orders import BUY, SELL, Filled, New
from exchange.sequencer import Sequenced, Sequencer
from exchange.sessions.breakers import GATHER_NS, HALT_NS, Breakers, Member, level

SYMBOLS = ("ACME", "GLOBEX")
MEMBERS = {"ACME": Member(1000, 3), "GLOBEX": Member(500, 2)}


@pytest.mark.parametrize(
    ("fallen_bp", "reached"),
    [(-500, 0), (0, 0), (699, 0), (700, 1), (1299, 1), (1300, 2), (1999, 2), (2000, 3), (9000, 3)],
)
def test_the_levels_are_those_of_the_rule(fallen_bp, reached):
    assert level(fallen_bp) == reached


def trades(breakers, now_ns, *moves):
    """Let each (symbol, price) be a trade."""
    for number, (symbol, price) in enumerate(moves):
        wish = New(1, str(number), symbol, BUY, 1, price)
        breakers.follow(Sequenced(number, wish, [Filled(price, 1, number, 99)], now_ns))


def test_an_index_weighs_prices_by_shares():
    breakers = Breakers(MEMBERS)
    trades(breakers, 0, ("ACME", 960), ("GLOBEX", 440))
    assert breakers.index == 3 * 960 + 2 * 440
    assert breakers.fallen_bp == 600
    assert breakers.due_ns is None


def test_a_level_halts_every_symbol_then_gathers_orders_then_goes_on():
    breakers = Breakers(MEMBERS)
    trades(breakers, 5, ("ACME", 900))
    assert breakers.reached == 1
    said = {}
    while (due_ns := breakers.due_ns) is not None:
        said[due_ns] = breakers.due(due_ns)
    assert said == {
        at_ns: [SetPhase(symbol, phase, Why.CIRCUIT_BREAKER) for symbol in SYMBOLS]
        for at_ns, phase in (
            (5, Phase.HALTED),
            (5 + HALT_NS, Phase.VOLATILITY_AUCTION),
            (5 + HALT_NS + GATHER_NS, Phase.CONTINUOUS),
        )
    }


def test_no_level_halts_twice():
    breakers = Breakers(MEMBERS)
    trades(breakers, 5, ("ACME", 900))
    breakers.due(HALT_NS * 2)
    trades(breakers, HALT_NS * 2, ("ACME", 1000), ("ACME", 900))
    assert breakers.due_ns is None
    trades(breakers, HALT_NS * 2, ("ACME", 800))
    assert breakers.reached == 2
    assert breakers.due_ns is not None


def test_the_third_level_ends_the_day_and_passes_the_others_over():
    breakers = Breakers(MEMBERS, last_ns=0)
    trades(breakers, 5, ("ACME", 880))
    assert breakers.due(5) == []
    trades(breakers, 6, ("ACME", 600))
    phases = {command.phase for command in breakers.due(6)}
    assert (phases, breakers.reached) == ({Phase.CLOSED}, 3)


def test_a_sequencer_halts_both_symbols_and_so_does_a_replay_without_the_breaker():
    disk, clock = SimDisk(rng=Chance(1).stream("disk")), VirtualClock()
    rules = {symbol: Rules(reference_price=MEMBERS[symbol].close) for symbol in SYMBOLS}
    first = Sequencer(clock=clock, disk=disk, symbols=rules, clerks=[Breakers(MEMBERS)])
    first.submit([New(1, "a", "ACME", BUY, 5, 850), New(2, "b", "ACME", SELL, 5, 850)])
    assert first.due_in_ns() == 0
    first.submit([])
    assert _phases(first) == {Phase.HALTED}
    clock.advance(HALT_NS + GATHER_NS)
    first.submit([])
    assert _phases(first) == {Phase.CONTINUOUS}
    second = Sequencer(clock=clock, disk=disk, symbols=SYMBOLS)
    assert second.replica.state_hash == first.replica.state_hash


def crash(clock, disk):
    """Return a sequencer whose ACME has just fallen by more than the first level, and nobody halted yet."""
    rules = {symbol: Rules(reference_price=MEMBERS[symbol].close) for symbol in SYMBOLS}
    fallen = Sequencer(clock=clock, disk=disk, symbols=rules, clerks=[Breakers(MEMBERS)])
    fallen.submit([New(1, "a", "ACME", BUY, 5, 850), New(2, "b", "ACME", SELL, 5, 850)])
    return fallen


def again(clock, disk, **more):
    return Sequencer(clock=clock, disk=disk, symbols=SYMBOLS, clerks=[Breakers(MEMBERS, **more)])


@pytest.mark.parametrize("has_snapshot", [True, False])
def test_a_halt_goes_on_and_ends_although_the_machine_was_restarted_in_it(has_snapshot):
    disk, clock = SimDisk(rng=Chance(1).stream("disk")), VirtualClock()
    first = crash(clock, disk)
    first.submit([])
    if has_snapshot:
        first.snapshot()
    clock.advance(HALT_NS // 2)
    disk.crash()
    second = again(clock, disk)
    assert not any(done.events for done in second.submit([]))  # the last words may be said again
    assert _phases(second) == {Phase.HALTED} and second.due_in_ns() == HALT_NS // 2
    clock.advance(HALT_NS // 2)
    second.submit([])
    assert _phases(second) == {Phase.VOLATILITY_AUCTION}
    clock.advance(GATHER_NS)
    second.submit([])
    assert _phases(second) == {Phase.CONTINUOUS}


def test_a_level_does_not_halt_again_after_a_restart_and_the_next_one_does():
    disk, clock = SimDisk(rng=Chance(1).stream("disk")), VirtualClock()
    first = crash(clock, disk)
    for _ in range(2):
        clock.advance(HALT_NS + GATHER_NS)
        first.submit([])
    first.snapshot()
    second = again(clock, disk)
    second.submit([New(3, "c", "ACME", BUY, 5, 840), New(4, "d", "ACME", SELL, 5, 840)])
    assert second.submit([]) == [] and _phases(second) == {Phase.CONTINUOUS}
    second.submit([New(3, "e", "ACME", BUY, 5, 820), New(4, "f", "ACME", SELL, 5, 820)])
    second.submit([])
    assert _phases(second) == {Phase.HALTED}


def test_a_fall_that_nobody_has_answered_before_the_crash_halts_after_it():
    disk, clock = SimDisk(rng=Chance(1).stream("disk")), VirtualClock()
    crash(clock, disk)
    disk.crash()
    second = again(clock, disk)
    assert second.due_in_ns() == 0
    second.submit([])
    assert _phases(second) == {Phase.HALTED}


def test_another_days_fall_does_not_count():
    disk, clock = SimDisk(rng=Chance(1).stream("disk")), VirtualClock()
    crash(clock, disk)
    clock.advance(1)
    second = again(clock, disk, begins_ns=1)
    assert second.submit([]) == [] and _phases(second) == {Phase.CONTINUOUS}


def test_a_halt_that_a_full_disk_did_not_take_is_said_once_there_is_room():
    class Filling(SimDisk):
        is_full = False

        def append(self, name, data):
            if self.is_full:
                raise DiskFull(f"{name}: no room for {len(data)} B")
            super().append(name, data)

    disk, clock = Filling(rng=Chance(1).stream("disk")), VirtualClock()
    first = crash(clock, disk)
    disk.is_full = True
    with pytest.raises(Halted):
        first.submit([])
    disk.is_full = False
    first.submit([])
    assert _phases(first) == {Phase.HALTED}


def _phases(sequencer):
    return {market.phase for market in sequencer.replica.engine.markets.values()}
