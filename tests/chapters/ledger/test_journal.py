"""The ledger on its journal: the power fails at every write, disks fill, syncs fail, time goes on."""

from contextlib import suppress
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.errors import Indefinite
from chapters.ledger import (
    Account,
    Entry,
    Ledger,
    Leg,
    Limits,
    NotPending,
    Overdrawn,
    PeriodClosed,
    State,
    Transfer,
    Unreplayable,
    open_ledger,
)
from chapters.ledger.commands import Close, Command, Reserve, Settle, Void, decode, encode
from chapters.ledger.journal import redo
from chapters.log import CommitUnknown, Log
from chapters.sim.clock import S, VirtualClock
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed, DiskFull, SyncFailed

HOUR_NS = 3600 * S


def legs(**amounts: int) -> tuple[Leg, ...]:
    return tuple(Leg(name, amount) for name, amount in amounts.items())


EVENING: tuple[Command, ...] = (
    Account("bank", "EUR", may_overdraw=True),
    Account("anna", "EUR"),
    Account("shop", "EUR"),
    Transfer("top-up", "bank", "anna", 100).entry("1"),
    Entry("sale", legs(anna=-30, shop=25, bank=5), "1"),
    Reserve("order", legs(anna=-40, shop=40), HOUR_NS),
    Close("1"),
    Settle("order", legs(anna=-35, shop=35), "2"),
    Reserve("regretted", legs(anna=-10, shop=10), HOUR_NS),
    Void("regretted"),
    Entry("sale, taken back", legs(anna=30, shop=-25, bank=-5), "2", corrects="sale"),
)
AT_THE_END = {"anna": 65, "bank": -100, "shop": 35}


def play(ledger: Ledger, acknowledged: list[Command]) -> None:
    """Do what of the evening has not been done; note what was answered."""
    for command in EVENING[len(acknowledged) :]:
        redo(ledger, command)
        acknowledged.append(command)


def check_promises(ledger: Ledger, acknowledged: list[Command]) -> None:
    """Assert that what was answered stands in the ledger, once, and at most one thing more."""
    ledger.check()
    ids = [posting.entry.id for posting in ledger.postings()]
    promised = [each.id for each in acknowledged if isinstance(each, Entry | Settle)]
    assert ids[: len(promised)] == promised and len(ids) <= len(promised) + 1
    if Void("regretted") in acknowledged:
        assert ledger.reservation("regretted").state is State.VOID
    if Close("1") in acknowledged:
        with pytest.raises(PeriodClosed):
            ledger.post(Entry("late", legs(anna=-1, shop=1), "1"))


def opened(disk: SimDisk, clock: VirtualClock | None = None) -> Ledger:
    return open_ledger(clock=clock or VirtualClock(), disk=disk)


@pytest.mark.parametrize("seed", range(12))
def test_a_crash_at_any_write_loses_nothing_answered_and_repeats_nothing(seed: int) -> None:
    counted = SimDisk(rng=Random(seed))
    play(opened(counted), [])
    for boundary in range(counted.operations + 1):
        disk = SimDisk(rng=Random(f"{seed}/{boundary}"))
        disk.crash_after(boundary)
        acknowledged: list[Command] = []
        with suppress(Crashed):
            play(opened(disk), acknowledged)
        disk.crash()
        ledger = opened(disk)
        check_promises(ledger, acknowledged)
        play(ledger, acknowledged)  # what was not answered is asked for again
        assert ledger.balances() == AT_THE_END
        assert len(list(ledger.postings())) == 4
        ledger.check()


@pytest.mark.parametrize("seed", range(6))
def test_crash_after_crash_it_comes_to_the_same_end(seed: int) -> None:
    rng, acknowledged = Random(seed), list[Command]()
    disk = SimDisk(rng=rng)
    for _ in range(60):
        disk.crash_after(rng.randrange(6))
        with suppress(Crashed):
            play(opened(disk), acknowledged)
        disk.crash()
        check_promises(opened(disk), acknowledged)
    ledger = opened(disk)
    play(ledger, acknowledged)
    assert ledger.balances() == AT_THE_END


def test_all_of_it_asked_for_again_changes_nothing() -> None:
    disk = SimDisk(rng=Random(7))
    play(opened(disk), [])
    before = disk.operations
    ledger = opened(disk)
    opening = disk.operations - before
    play(ledger, [])
    assert ledger.balances() == AT_THE_END
    assert disk.operations == before + opening


def test_a_full_disk_refuses_an_entry_whole_and_takes_it_when_there_is_room() -> None:
    disk = SimDisk(rng=Random(7), capacity_bytes=2000)
    disk.append("something else", bytes(1200))
    ledger = opened(disk)
    for command in EVENING[:4]:
        redo(ledger, command)
    number = 0
    with pytest.raises(DiskFull):
        for number in range(100):
            ledger.post(Transfer(f"sale-{number}", "anna", "shop", 1).entry())
    assert 0 < number < 100
    assert ledger.balance("shop") == number
    assert opened(disk).balances() == ledger.balances()
    disk.remove("something else")
    assert ledger.post(Transfer(f"sale-{number}", "anna", "shop", 1).entry()).number == number + 2
    assert opened(disk).balance("shop") == number + 1


def test_whatever_cannot_be_written_down_has_changed_nothing() -> None:
    is_full = False

    def record(at_ns: int, command: Command) -> None:
        if is_full:
            raise DiskFull("no room")

    def state() -> list[object]:
        held = {name: ledger.available(name) for name in ledger.balances()}
        turnover = [ledger.turnover(period) for period in "12"]
        return [ledger.balances(), held, turnover, list(ledger.postings())]

    ledger = Ledger(clock=VirtualClock(), record=record)
    for command in EVENING:
        before, is_full = state(), True
        with pytest.raises(DiskFull):
            redo(ledger, command)
        assert state() == before, command
        ledger.check()
        is_full = False
        redo(ledger, command)
    assert ledger.balances() == AT_THE_END


def test_after_a_failed_sync_nothing_changes_until_it_is_opened_again() -> None:
    disk = SimDisk(rng=Random(7))
    ledger = opened(disk)
    for command in EVENING[:4]:
        redo(ledger, command)
    disk.fail_syncs(1)
    with pytest.raises(SyncFailed):
        redo(ledger, EVENING[4])
    assert ledger.balance("shop") == 0
    for command in EVENING[4:6]:
        with pytest.raises(CommitUnknown):
            redo(ledger, command)
    assert ledger.balance("anna") == ledger.available("anna") == 100
    disk.crash()
    ledger = opened(disk)
    play(ledger, list(EVENING[:4]))
    assert ledger.balances() == AT_THE_END


@pytest.mark.parametrize("wait_ns", [HOUR_NS - 1, HOUR_NS])
def test_what_was_set_aside_lapses_across_a_restart(wait_ns: int) -> None:
    disk, clock = SimDisk(rng=Random(7)), VirtualClock()
    ledger = opened(disk, clock)
    for command in EVENING[:6]:
        redo(ledger, command)
    disk.crash()
    clock.advance(wait_ns)
    ledger = opened(disk, clock)
    is_over = wait_ns >= HOUR_NS
    assert ledger.available("anna") == (70 if is_over else 30)
    if is_over:
        with pytest.raises(NotPending):
            ledger.settle("order")
    else:
        assert ledger.settle("order").number == 3


def test_a_settlement_in_time_still_stands_when_it_is_read_long_after() -> None:
    disk, clock = SimDisk(rng=Random(7)), VirtualClock()
    ledger = opened(disk, clock)
    for command in EVENING[:6]:
        redo(ledger, command)
    clock.advance(HOUR_NS - 1)
    first = ledger.settle("order")
    clock.advance(100 * HOUR_NS)
    assert opened(disk, clock).posting("order") == first


def test_what_lapsed_and_was_spent_elsewhere_is_read_in_that_order() -> None:
    disk, clock = SimDisk(rng=Random(7)), VirtualClock()
    ledger = opened(disk, clock)
    for command in EVENING[:6]:
        redo(ledger, command)
    clock.advance(HOUR_NS - 1)
    with pytest.raises(Overdrawn):
        ledger.post(Transfer("all", "anna", "shop", 70).entry())
    clock.advance(1)
    ledger.post(Transfer("all", "anna", "shop", 70).entry())
    again = opened(disk, clock)
    assert again.balances() == ledger.balances()
    assert again.reservation("order").state is State.LAPSED


def test_a_ledger_with_smaller_limits_does_not_open() -> None:
    disk = SimDisk(rng=Random(7))
    play(opened(disk), [])
    with pytest.raises(Unreplayable, match=r"record 3 .*2 accounts are the limit"):
        open_ledger(clock=VirtualClock(), disk=disk, limits=Limits(accounts=2))


def test_two_ledgers_on_one_disk_do_not_mix() -> None:
    disk, clock = SimDisk(rng=Random(7)), VirtualClock()
    one = open_ledger(clock=clock, disk=disk, name="one")
    two = open_ledger(clock=clock, disk=disk, name="two")
    one.open(Account("a"))
    two.open(Account("b"))
    assert open_ledger(clock=clock, disk=disk, name="two").balances() == {"b": 0}


TEXT = st.text(max_size=8)
LEGS = st.lists(st.builds(Leg, TEXT, st.integers()), max_size=4).map(tuple)
ANY_COMMAND = st.one_of(
    st.builds(Account, TEXT, TEXT, st.booleans()),
    st.builds(Entry, TEXT, LEGS, TEXT, TEXT),
    st.builds(Reserve, TEXT, LEGS, st.integers(1)),
    st.builds(Settle, TEXT, LEGS, TEXT),
    st.builds(Void, TEXT),
    st.builds(Close, TEXT),
)


@given(st.integers(0), ANY_COMMAND)
def test_a_command_comes_back_from_its_bytes(at_ns: int, command: Command) -> None:
    assert decode(encode(at_ns, command)) == (at_ns, command)


def test_the_bytes_are_those_of_yesterday() -> None:
    payload = (
        b'[5,"Entry",{"id":"sale","legs":[{"account":"anna","amount":-3},'
        b'{"account":"shop","amount":3}],"period":"2026-03","corrects":""}]'
    )
    entry = Entry("sale", legs(anna=-3, shop=3), "2026-03")
    assert encode(5, entry) == payload
    assert decode(b'[5,"Account",{"name":"anna"}]') == (5, Account("anna"))


def test_nothing_is_written_for_what_was_refused() -> None:
    disk = SimDisk(rng=Random(7))
    ledger = opened(disk)
    for command in EVENING[:4]:
        redo(ledger, command)
    with pytest.raises(Overdrawn):
        ledger.post(Transfer("too much", "anna", "shop", 1000).entry())
    assert Log(disk=disk, name="ledger").last == 4


def test_a_crash_in_a_command_is_told_as_unknown() -> None:
    disk = SimDisk(rng=Random(7))
    ledger = opened(disk)
    disk.crash_after(1)
    with pytest.raises(Indefinite):
        ledger.open(Account("anna"))
