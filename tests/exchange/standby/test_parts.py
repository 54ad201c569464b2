"""The parts of a standby: histories, disks that count, the journal's tail, the giver, messages."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.errors import UsageError
from chapters.lease import Answer, Ask, Kind, Lease
from chapters.lease import journal as lease_journal
from chapters.sim import Chance, SimDisk, VirtualClock
from exchange import codec
from exchange.control import Phase, SetPhase
from exchange.engine import Engine
from exchange.errors import BadRecord
from exchange.fix.pending import Naming
from exchange.fix.tracker import Tracker
from exchange.fix.working import correction
from exchange.orders import BUY, SELL, Cancel, CancelAll, New, Replace
from exchange.sequencer import Replica, Sequenced
from exchange.sessions.clerks import Clerks
from exchange.sessions.schedule import Schedule, Slot
from exchange.standby.app import read_ports
from exchange.standby.copies import Copies
from exchange.standby.errors import Diverged
from exchange.standby.giver import NAME, Giver
from exchange.standby.history import History, Mark, Place, agreed
from exchange.standby.journal import Journal
from exchange.standby.market_clock import MarketClock
from exchange.standby.member import Member
from exchange.standby.messages import (
    Append,
    Behind,
    Claim,
    Confirm,
    Done,
    Elsewhere,
    Enter,
    Over,
    Propose,
    Recorded,
    Shown,
    Verdict,
    Watch,
)
from exchange.standby.steady import Steady
from exchange.standby.wire import pack, unpack


def payload(number, epoch=0):
    return codec.encode_epoch(0, epoch) if epoch else codec.encode(0, Cancel(1, "ACME", number))


# Histories.


def written(rng, ours, cut):
    """Let writers of rising epochs write, each behind a part of what is there; return all journals."""
    found = [[]]
    for epoch in range(1, ours + 1):
        base = rng.choice(found)
        if base and base[-1] >= epoch:
            continue
        found.append(base[: rng.randint(0, len(base))] + [epoch] * rng.randint(1, cut))
    return found


def marks(journal):
    found = History()
    for sequence, epoch in enumerate(journal, 1):
        if epoch != found.epoch:
            found.begin(epoch, sequence)
    return found.marks


@given(st.randoms(use_true_random=False))
def test_journals_part_where_their_records_do(rng):
    one, other = rng.choices(written(rng, 6, 5), k=2)
    common = 0
    while common < min(len(one), len(other)) and one[common] == other[common]:
        common += 1
    assert agreed(marks(one), len(one), marks(other), len(other)) == common


def test_a_history_forgets_what_is_cut():
    history = History([Mark(1, 1), Mark(2, 10)])
    assert (history.at(9), history.at(10), history.epoch) == (1, 2, 2)
    history.cut(10)
    assert history.epoch == 1


# The journal.


@given(st.randoms(use_true_random=False))
def test_messages_in_any_order_and_number_lead_to_the_primarys_journal(rng):
    theirs = [payload(0, epoch=2), *(payload(number) for number in range(1, 12))]
    journal = Journal(disk=SimDisk(rng=Chance(1).stream("disk")))
    journal.append([payload(0, epoch=1), payload(77), payload(78)])
    journal.sync()
    sent = []
    for first in range(len(theirs)):
        sent += [(first, theirs[first : rng.randint(first + 1, len(theirs))])] * rng.randint(1, 2)
    for first, payloads in sent:
        late = rng.choice(sent[: sent.index((first, payloads)) + 1])
        for start, some in ((first, payloads), late):
            previous = Place(start, 2 if start else 0)
            if journal.has(previous):
                assert journal.take(previous, some) == start + len(some)
    assert list(journal.read(1, journal.last)) == theirs


def test_what_is_applied_is_never_cut():
    journal = Journal(disk=SimDisk(rng=Chance(1).stream("disk")))
    journal.append([payload(0, epoch=1), payload(1)])
    journal.sync()
    assert journal.next(2) and journal.next(2)
    with pytest.raises(Diverged, match="record 2 is not the primary's, and 2 are applied"):
        journal.take(Place(1, 1), [payload(0, epoch=2)])


# The disks that count.


def test_a_dropped_disk_counts_until_the_giver_has_said_so():
    copies = Copies("a", ["a", "b"])
    copies.hold("b", 54)
    assert copies.hold("a", 60) == 54
    version = copies.propose(["a"])
    assert copies.hold("a", 61) == 54 and copies.copies(54) == 1
    assert copies.on_record(version, ["a"]) == 61


def test_with_too_few_disks_nothing_is_acknowledged():
    assert Copies("a", ["a"], copies_min=2).hold("a", 5) == 0


# The giver.


def asked(giver, disk, machine="a", epoch_seen=0):
    ask = Ask(Kind.ACQUIRE, NAME, machine, 0, 0.3, 0)
    return giver.hear(Claim(ask, disk, epoch_seen))


def test_only_a_disk_that_counts_may_begin_an_epoch():
    clock, disk = VirtualClock(), SimDisk(rng=Chance(1).stream("disk"))
    giver = Giver(clock=clock, disk=disk)
    assert asked(giver, "a.1").answer.lease.epoch == 1
    clock.advance(10**9)
    assert "may lack" in asked(giver, "b.1", "b").answer.why
    assert giver.hear(Propose(1, 1, ("a.1", "b.1"))) == Recorded(1, 1, ("a.1", "b.1"))
    assert asked(giver, "b.1", "b").answer.lease.epoch == 2
    assert giver.hear(Propose(1, 2, ("a.1",))).epoch == 1 and giver.counting == ("a.1", "b.1")


def test_a_giver_that_lost_its_disk_gives_nothing():
    giver = Giver(clock=VirtualClock(), disk=SimDisk(rng=Chance(1).stream("disk")))
    said = asked(giver, "a.1", epoch_seen=4)
    assert "was my disk lost" in said.answer.why and said.barred == said.answer.why


def test_a_machine_tells_its_operator_once_why_it_may_not_become_primary():
    news, shown = [], []
    member = Member(
        "a", ["b"], clock=VirtualClock(), rng=Random(1), disk=SimDisk(rng=Chance(1).stream("disk")),
        send=lambda target, message: shown.append(message), symbols=["ACME"], on_news=news.append,
    )  # fmt: skip
    for barred in ("my disk?", "my disk?", "", "my disk?"):
        member.handle("giver", Verdict(Answer(None, barred, 0, 0), (), barred))
        member.handle("page", Watch(0))
        assert shown[-1].why == (barred and f"the giver says: {barred}")
    assert news == ["a may not become primary, the giver says: my disk?"] * 2


def test_a_giver_that_starts_again_knows_what_it_has_recorded():
    disk = SimDisk(rng=Chance(1).stream("disk"))
    asked(Giver(clock=VirtualClock(), disk=disk), "a.1")
    disk.crash()
    again = Giver(clock=VirtualClock(), disk=disk)
    assert again.counting == ("a.1",)
    assert asked(again, "a.1", "b").answer.lease is None, "the last lease counts as running"


def test_after_a_journal_written_anew_an_old_primary_is_still_fenced(monkeypatch):
    """The lease was given back and the journal compacted: nobody holds it, and epoch 6 is over."""
    opened = lease_journal.Journal.__init__
    monkeypatch.setattr(
        lease_journal.Journal,
        "__init__",
        lambda self, *, disk, name: opened(self, disk=disk, name=name, segment_bytes_max=60),
    )
    disk = SimDisk(rng=Chance(1).stream("disk"))
    giver = Giver(clock=VirtualClock(), disk=disk)
    for number in range(1, 8):
        assert asked(giver, "a.1", epoch_seen=number - 1).answer.lease.epoch == number
        giver.hear(Propose(1, 1, ("a.1", "b.1")))
        giver.hear(Claim(Ask(Kind.RELEASE, NAME, "a", number, 0.3, 0), "a.1", number))
    lease_journal.Journal(disk=disk, name="leases").rewrite([])
    disk.crash()
    again = Giver(clock=VirtualClock(), disk=disk)
    assert again.hear(Propose(6, 9, ("z.1",))).disks == again.counting == ("a.1", "b.1")
    assert asked(again, "a.1", epoch_seen=7).answer.lease.epoch == 8


# Clocks and clerks.


def test_a_clock_that_is_set_back_goes_on():
    class Jumping:
        now = 100

        def now_ns(self):
            return self.now

    clock = Jumping()
    steady = Steady(clock)
    clock.now = 40
    assert steady.now_ns() == 100
    clock.now = 45
    assert steady.now_ns() == 105


class Jumping:
    """A clock that goes on, and is set forwards or back."""

    def __init__(self, now):
        self.now = now

    def now_ns(self):
        return self.now


def test_a_market_that_is_ahead_goes_on_at_half_speed_until_the_clock_has_caught_up():
    clock, told = Jumping(900), []
    market = MarketClock(clock, 1_000, told.append)
    assert (market.now_ns(), market.behind_ns) == (1_000, 100)
    clock.now += 100
    assert (market.now_ns(), market.behind_ns, told) == (1_050, 50, [])
    clock.now += 100
    assert (market.now_ns(), market.behind_ns, told) == (1_100, 0, [0])
    clock.now += 100
    assert market.now_ns() == 1_200
    clock.now -= 600
    assert (market.now_ns(), told) == (1_200, [0, 600])


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(-1_000, 1_000)), max_size=40))
def test_the_market_never_goes_back_and_goes_on_with_the_clock_however_that_is_set(steps):
    clock = Jumping(0)
    market = MarketClock(clock, 500, lambda behind_ns: None)
    last = market.now_ns()
    for passed, jump in steps:
        clock.now += jump
        before = market.now_ns()
        clock.now += 2 * passed
        now = market.now_ns()
        assert last <= before <= before + passed <= now and now >= clock.now
        last = now
    clock.now += 2 * (market.behind_ns + 1)
    assert market.now_ns() == clock.now and not market.behind_ns, "it is right in the end"


def test_a_standbys_clerks_drop_what_the_primary_has_said_and_say_the_rest():
    day = (Slot(10, Phase.PRE_OPEN), Slot(20, Phase.CONTINUOUS), Slot(30, Phase.CLOSED))
    clerks = Clerks([Schedule(["ACME"], rng=Random(1), day=day)])
    for now_ns in (12, 21, 21, 25):
        clerks.follow(Sequenced(1, Cancel(1, "ACME", 1), [], now_ns))
    assert not clerks.are_due(29) and clerks.are_due(31)
    assert clerks.due(31) == [SetPhase("ACME", Phase.CLOSED)]


def test_what_was_due_in_the_last_batch_may_be_missing_and_is_said_again():
    day = (Slot(10, Phase.PRE_OPEN), Slot(20, Phase.CONTINUOUS))
    clerks = Clerks([Schedule(["ACME"], rng=Random(1), day=day)])
    for now_ns in (12, 20):
        clerks.follow(Sequenced(1, Cancel(1, "ACME", 1), [], now_ns))
    assert clerks.due(22) == [SetPhase("ACME", Phase.CONTINUOUS)]


# On the wire.


@pytest.mark.parametrize(
    "message",
    [
        Claim(Ask(Kind.RENEW, NAME, "a", 3, 0.3, 17), "a.1", 3),
        Propose(3, 1, ("a.1", "b.2")),
        Recorded(3, 1, ("a.1",)),
        Append(3, "a.1", Place(7, 2), (b"x\x00", b""), 5, (4, b"\xff")),
        Confirm(3, "b.2", 9),
        Behind(3, "b.2", (Mark(1, 1), Mark(3, 9)), 12),
        Over(4),
        Enter(5, New(1, "x", "ACME", BUY, 3, 1000), True),
        Enter(6, Cancel(1, "ACME", 3), words='["ü-7", "x", 0]'),
        Done(5, 1, 9, 3, 2, ""),
        Elsewhere(5, "b"),
        Enter(6, Cancel(1, "ACME", 9), epoch=3, first=2),
        Watch(41),
        Shown("primary", 3, 60, 57, 2, 41, (b"x\x00", b"")),
        Shown("standby", 3, 60, 57),
        Shown("standby", 3, 60, 57, why="the giver says: no"),
        Verdict(Answer(None, "no", 0, 17), ("a.1", "b.2"), "no"),
        Verdict(Answer(Lease(NAME, "a", 3, 0.3, 9.5), "", 0, 17), ("a.1",)),
    ],
)
def test_what_is_said_is_what_is_heard(message):
    assert unpack(pack(message).rstrip(b"\n")) == message


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b'["Fire", 1]', b'["Over", 1, 2]', b"\xff"])
def test_a_line_that_is_no_message_is_one_clear_error(line):
    with pytest.raises(BadRecord, match="no message of a machine"):
        unpack(line)


def test_ports_are_read_or_refused():
    assert read_ports("giver=1,a=2", "a") == {"giver": 1, "a": 2}
    for words in ("", "giver", "giver=x,a=1", "a=1", "giver=1"):
        with pytest.raises(UsageError, match="ports are"):
            read_ports(words, "a")


# Names.


@pytest.mark.parametrize("words", ["", "c-7", '["ü", "", 0]', "x" * 60_000])
@pytest.mark.parametrize(
    "command",
    [
        New(1, "x", "ACME", BUY, 3, 1000),
        Replace(1, "ACME", 7, 3, 990),
        Cancel(1, "ACME", 7),
        CancelAll(1, "ACME"),
    ],
)
def test_words_stand_beside_a_command_and_change_nothing_of_it(command, words):
    record = codec.encode_worded(5, command, words)
    assert codec.decode(record) == (5, command) and codec.words_in(record) == words
    assert codec.time_in(record) == 5 and codec.epoch_in(record) == 0


def learnt(*acts):
    """Return a tracker that has learnt of commands, each with its name, and the replica that did them."""
    replica, tracker = Replica(Engine(["ACME"])), Tracker({7}.__contains__)
    for command, *naming in acts:
        words = Naming(*naming).said() if naming else ""
        tracker.learn(replica.apply(command, 0, words))
    return tracker, replica


def test_a_standby_learns_what_clients_call_their_cancels_and_replaces():
    tracker, _ = learnt(
        (New(7, "a", "ACME", BUY, 10, 1005),),
        (Replace(7, "ACME", 1, 20, 1004), "b", "a", 20),
        (Cancel(7, "ACME", 1), "c", "b"),
        (Cancel(7, "ACME", 1), "too-late", "b"),
    )
    order = tracker.orders[1]
    assert all(tracker.named(7, name) is order for name in ("a", "b", "c", "too-late"))
    assert (order.name, order.quantity, order.leaves) == ("b", 20, 0)


def test_a_standby_knows_what_a_replace_has_asked_for_too_much():
    """Ten in all were wanted, four had traded while the replace was on its way: six are left."""
    tracker, _ = learnt(
        (New(7, "a", "ACME", BUY, 8, 1005),),
        (New(8, "s", "ACME", SELL, 4, 1005),),
        (Replace(7, "ACME", 1, 10, 1005), "b", "a", 10),
    )
    assert correction(tracker.orders[1]) == Replace(7, "ACME", 1, 6, 1005)


@pytest.mark.parametrize("words", ["hello", "[1]", '{"a": 1}', "7", '["a", "b", "c"]'])
def test_words_of_somebody_who_speaks_no_fix_name_nothing(words):
    replica, tracker = Replica(Engine(["ACME"])), Tracker({7}.__contains__)
    tracker.learn(replica.apply(New(7, "a", "ACME", BUY, 8, 1005), 0, words))
    assert tracker.named(7, "a").quantity == 8 and Naming.heard(words) is None


def test_epochs_are_records_that_no_engine_sees():
    record = codec.encode_epoch(5, 9)
    assert codec.epoch_in(record) == 9 and codec.time_in(record) == 5
    assert codec.epoch_in(payload(1)) == 0
    assert json.loads(pack(Over(1))) == ["Over", 1]
