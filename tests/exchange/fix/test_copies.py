"""Drop copies: each trade of a watched account, once, whatever crashes; and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.errors import UsageError
from chapters.sim import MS, Chance, Crashed, SimDisk, VirtualClock
from exchange.clearing.drop_copy import Tape, copies
from exchange.errors import Halted, Unacknowledged
from exchange.fix.app import read_accounts
from exchange.fix.copies import read_copies
from exchange.fix.local import Local
from exchange.fix.message import parse
from exchange.fix.trader import Trader
from exchange.fix.world import SYMBOL, World
from exchange.orders import BUY, SELL, Cancel, New, Replace

ADA, BEN, PAGE = 7, 8, 22  # the last trades by another door than FIX
WATCHED = {"RISK": frozenset({ADA, PAGE}), "CLEAR": None}


def local(disk, watched=WATCHED):
    return Local(
        clock=VirtualClock(), disk=disk, symbols=[SYMBOL], accounts={"ADA": ADA}, copies=watched
    )


def empty():
    return SimDisk(rng=Chance(7).stream("disk"))


def sent(exchange, place):
    return [parse(body) for body in exchange.desk.sessions[place].log.sent.values()]


def owed(disk, watched):
    """Return (the house's name of it, account) of each trade, by the house's own reading of the journal."""
    found = []
    for execution in Tape(disk=disk).read():
        # The taker's side is told first, as in the reports.
        sides = sorted(copies(execution), key=lambda each: each.is_maker)
        found += [
            (each.execution_id, each.account)
            for each in sides
            if watched is None or each.account in watched
        ]
    return found


def heard(messages):
    return [(each.get(527), int(each.get(1))) for each in messages if each.type == "8"]


def test_a_copy_is_the_traders_own_report_with_the_houses_name_of_the_trade():
    exchange = local(empty())
    exchange.enter(New(ADA, "a", SYMBOL, BUY, 60, 1005))
    exchange.enter(New(BEN, "b", SYMBOL, SELL, 40, 1005))
    (copy,), own = sent(exchange, -1), sent(exchange, ADA)[-1]
    assert own.get(150) == "F" and own.body() == copy.body()[:-1]
    assert copy.body()[-1] == (527, "2.0")


def test_only_trades_are_copied_and_only_of_those_who_are_watched():
    exchange = local(empty())
    exchange.enter(New(BEN, "b", SYMBOL, BUY, 60, 1005))
    exchange.enter(New(PAGE, "p", SYMBOL, SELL, 40, 1005))
    exchange.enter(New(PAGE, "q", SYMBOL, SELL, 40, 1007))
    exchange.enter(Cancel(PAGE, SYMBOL, 3))
    assert heard(sent(exchange, -1)) == [("2.0", PAGE)]
    assert heard(sent(exchange, -2)) == [("2.0", PAGE), ("2.0", BEN)]


def test_after_a_replace_over_fix_the_copy_has_the_new_name():
    class Renamed(World):
        def open(self):
            accounts = {"ADA": ADA, "BEN": BEN}
            self.exchange = Local(
                clock=self.clock, disk=self.disk, symbols=[SYMBOL], accounts=accounts,
                copies={"RISK": None},
            )  # fmt: skip
            for trader in self.traders:
                self._cut(trader)

    world = Renamed(7, damage=0)
    world.step()
    ada, ben = world.traders
    ada.order("a1", "1", 60, "10.05", now_ns=world.clock.now_ns(), symbol=SYMBOL)
    world.step()
    wish = [(11, "a2"), (38, "50"), (40, "2"), (41, "a1"), (44, "10.06"), (54, "1"), (55, SYMBOL)]
    ada.say("G", world.clock.now_ns(), [*wish, (60, "20261128-08:00:00")])
    world.step()
    ben.order("b1", "2", 50, "10.06", now_ns=world.clock.now_ns(), symbol=SYMBOL)
    world.step()
    assert [each.get(11) for each in sent(world.exchange, -1)] == ["b1", "a2"]


class Watched(World):
    """The world with a third client, who only listens."""

    def __init__(self, seed, *, damage):
        self.risk = Trader("RISK", "KIT")
        super().__init__(seed, damage=damage)

    def open(self):
        if self.risk not in self.traders:
            self.traders.append(self.risk)
        self.exchange = Local(
            clock=self.clock, disk=self.disk, symbols=[SYMBOL], accounts={"ADA": ADA, "BEN": BEN},
            copies={"RISK": frozenset({ADA, BEN})},
        )  # fmt: skip
        for trader in self.traders:
            self._cut(trader)

    def trade_on(self, orders):
        for number in range(orders):
            self.trade(number)

    def settles(self):
        self.damage = 0
        self.run(20_000 * MS)
        assert heard(self.risk.told) == owed(self.disk, None)
        assert self.risk.told, "nobody has traded"


@pytest.mark.parametrize("seed", range(6))
def test_on_a_damaged_line_with_crashes_each_trade_is_heard_once(seed):
    world = Watched(seed, damage=0.15)
    for _ in range(3):
        world.trade_on(9)
        world.crash()
    world.settles()


def test_whenever_the_power_fails_each_trade_is_heard_once():
    for writes in range(1_000):
        world = Watched(3, damage=0)
        world.disk.crash_after(writes)
        try:
            world.trade_on(8)
            return
        except (Crashed, Halted, Unacknowledged):
            world.crash()
        world.trade_on(8)
        world.settles()
    raise AssertionError("the power never stayed on")


def test_a_watcher_that_was_away_from_the_first_trade_on_is_told_all_of_them():
    world = Watched(5, damage=0)
    world.traders.remove(world.risk)
    world.trade_on(20)
    world.traders.append(world.risk)
    world.settles()


def test_a_watcher_that_is_new_to_an_old_journal_is_told_all_of_it():
    disk = empty()
    before = local(disk, {})
    before.enter(New(PAGE, "p", SYMBOL, BUY, 60, 1005))
    before.enter(New(BEN, "b", SYMBOL, SELL, 60, 1005))
    after = local(disk)
    assert heard(sent(after, -1)) == [("2.0", PAGE)]
    assert heard(sent(local(disk), -1)) == [("2.0", PAGE)]


def test_a_watcher_may_ask_for_nothing_and_its_going_cancels_nothing():
    world = Watched(7, damage=0)
    world.step()
    before = world.exchange.sequencer.replica.sequence
    world.risk.order("x", "1", 10, "10.05", now_ns=world.clock.now_ns(), symbol=SYMBOL)
    world.step()
    (refused,) = world.risk.told
    assert (refused.type, refused.get(380), refused.get(372)) == ("j", "6", "D")
    world._cut(world.risk)
    world.run(500 * MS)
    assert world.exchange.sequencer.replica.sequence == before


moves = st.lists(
    st.tuples(
        st.sampled_from(["new", "new", "cancel", "replace", "crash"]),
        st.sampled_from([ADA, BEN, PAGE]),
        st.integers(1, 20),
        st.sampled_from([1003, 1004, 1005]),
        st.sampled_from([BUY, SELL]),
    ),
    max_size=25,
)


@settings(max_examples=40)
@given(moves)
def test_copies_are_a_function_of_the_journal_and_watching_changes_nothing(moves):
    disk, numbers = empty(), 0
    exchange = local(disk)
    for what, account, lots, price, side in moves:
        if what == "crash":
            disk.crash()
            exchange = local(disk)
        elif what == "new":
            numbers += 1
            exchange.enter(New(account, f"n{numbers}", SYMBOL, side, lots, price))
        elif what == "cancel":
            exchange.enter(Cancel(account, SYMBOL, max(1, numbers - lots % 4)))
        else:
            wanted = max(1, numbers - lots % 4)
            exchange.enter(Replace(account, SYMBOL, wanted, lots, price))
    assert exchange.sequencer.replica.sequence == sum(move[0] != "crash" for move in moves)
    assert heard(sent(exchange, -1)) == owed(disk, WATCHED["RISK"])
    assert heard(sent(exchange, -2)) == owed(disk, None)


def test_who_watches_what_is_read_from_the_words_for_accounts():
    words = "ADA=7, RISK=7+8/copy,BEN=8/cancel,CLEAR=all/copy"
    assert read_copies(words) == {"RISK": frozenset({7, 8}), "CLEAR": None}
    assert read_accounts(words) == ({"ADA": 7, "BEN": 8}, ["BEN"])


@pytest.mark.parametrize("words", ["RISK/copy", "=7/copy", "R=/copy", "R=7+/copy", "R=0/copy"])
def test_what_cannot_be_watched_is_one_clear_line(words):
    with pytest.raises(UsageError, match="RISK=7"):
        read_copies(words)


def test_nobody_trades_and_watches_under_one_name():
    with pytest.raises(UsageError, match="ADA cannot both"):
        read_accounts("ADA=7,ADA=8/copy")
