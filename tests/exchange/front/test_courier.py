"""The courier in bad weather: each command is committed once, and what it shows is the history."""

import pytest

from chapters.errors import UsageError
from chapters.sim import Chance, SimDisk, VirtualClock
from chapters.sim.clock import MS
from exchange.codec import decode, encode, encode_epoch, epoch_in
from exchange.errors import BadOrder
from exchange.front.app import journal_in
from exchange.front.courier import AGAIN_NS, Courier, Takeover
from exchange.front.wire import machines_json, read_wish
from exchange.orders import Cancel
from exchange.sequencer import Sequencer
from exchange.standby.copies import Copies
from exchange.standby.errors import Diverged
from exchange.standby.journal import Journal
from exchange.standby.messages import PRIMARY, SHORT, STANDBY, Enter, Shown, Watch
from exchange.standby.watchers import PATIENCE, WATCHERS_MAX, Watchers
from exchange.storm.trials import trial
from exchange.storm.world import World

COUNT = 60


class Page:
    """A courier in the storm, that enters cancels: none has a client id, and no two are equal."""

    def __init__(self, process, machines):
        self.process = process
        self.courier = Courier(machines, clock=process, send=process.send)
        self.shown, self.entered, self.numbers = [], [], {}
        process.call_later(10 * MS, self.look)
        process.call_later(30 * MS, self.trade)

    def look(self):
        self.courier.look()
        self.process.call_later(30 * MS, self.look)

    def trade(self):
        few = [Cancel(99, "ACME", 1_000_000 + len(self.entered) + n) for n in range(3)]
        self.entered += few
        self.numbers |= dict(zip(self.courier.enter(few), few, strict=True))
        if len(self.entered) < COUNT:
            self.process.call_later(150 * MS, self.trade)

    def handle(self, source, message):
        self.shown += self.courier.handle(source, message)


def lived(seed):
    world = World(trial(seed))
    page = world.simulation.join("page", lambda process: Page(process, world.machines))
    broken = world.run()
    for _ in range(60):
        world.clock.advance(100 * MS)
        if not page.courier.pending and len(page.entered) >= COUNT:
            break
    world.clock.advance(300 * MS)
    return world, page, broken


@pytest.mark.parametrize("seed", range(1, 13))
def test_in_any_weather_each_command_is_committed_once_and_what_is_shown_is_the_history(seed):
    world, page, broken = lived(seed)
    assert not broken
    assert len(page.entered) == COUNT and not page.courier.pending
    payloads = [payload for payload, _ in page.shown]
    for member in world.members.values():
        if not member.stopped:
            assert list(member.journal.read(1, len(payloads))) == payloads
    commands = [decode(each)[1] for each in payloads if not epoch_in(each)]
    assert [each for each in commands if each in set(page.entered)] == page.entered
    for payload, number in page.shown:
        if number:
            assert decode(payload)[1] == page.numbers[number]


# One message at a time.


class Stage:
    """A courier, its clock, and what it has sent: to whom, and what."""

    def __init__(self):
        self.clock, self.sent = VirtualClock(), []
        send = lambda machine, message: self.sent.append((machine, message))  # noqa: E731
        self.courier = Courier("ab", clock=self.clock, send=send)

    def entered(self):
        """Return what was entered since the last call: machine, number, epoch, first."""
        enters = [(each, said) for each, said in self.sent if isinstance(said, Enter)]
        self.sent.clear()
        return [(each, said.number, said.epoch, said.first) for each, said in enters]

    def shows(self, machine, epoch, previous, *payloads):
        last = previous + len(payloads)
        said = Shown(PRIMARY, epoch, last, last, 2, previous, payloads)
        return [number for _, number in self.courier.handle(machine, said)]


def cancel(number):
    return Cancel(1, "ACME", number)


def record(number, time_ns=5):
    return encode(time_ns, cancel(number))


def test_what_was_lost_with_a_primary_is_sent_to_the_next_and_what_was_not_is_not():
    stage = Stage()
    assert stage.courier.enter([cancel(1), cancel(2)]) == [1, 2]
    assert stage.entered() == [], "nobody is primary yet"
    stage.shows("a", 1, 0, encode_epoch(1, 1))
    assert stage.entered() == [("a", 1, 1, 1), ("a", 2, 1, 1)]
    stage.courier.enter([cancel(3)])
    assert stage.entered() == [("a", 3, 1, 1)]
    found = stage.shows("b", 2, 1, record(1), encode_epoch(9, 2))
    assert found == [1, 0]
    assert stage.entered() == [("b", 2, 2, 2), ("b", 3, 2, 2)]
    assert stage.shows("b", 2, 3, record(2), record(3)) == [2, 3]
    assert not stage.courier.pending


def test_an_earlier_primary_that_wakes_is_not_believed():
    stage = Stage()
    stage.shows("a", 1, 0, encode_epoch(1, 1))
    stage.clock.advance(300 * MS)
    stage.shows("b", 2, 1, encode_epoch(9, 2))
    assert stage.courier.takeover == Takeover("a", "b", 300 * MS, 300 * MS)
    assert stage.shows("a", 1, 2, record(7)) == []
    assert (stage.courier.primary, stage.courier.last) == ("b", 2)


def test_records_are_taken_once_and_in_order_whatever_comes_twice_or_late():
    stage = Stage()
    stage.courier.enter([cancel(1), cancel(1), cancel(2)])
    stage.shows("a", 1, 0, encode_epoch(1, 1))
    assert stage.shows("a", 1, 3, record(2)) == [], "there is a gap"
    assert stage.shows("a", 1, 1, record(1)) == [1]
    assert stage.shows("a", 1, 0, encode_epoch(1, 1), record(1), record(1)) == [2]
    assert stage.shows("a", 1, 3, record(99), record(2)) == [0, 3], "one is somebody else's"


def test_silence_is_asked_into_and_a_lost_line_is_said_again():
    stage = Stage()
    stage.shows("a", 1, 0, encode_epoch(1, 1))
    stage.courier.enter([cancel(1)])
    stage.entered()
    stage.courier.look()
    assert stage.sent == [("a", Watch(1)), ("b", Watch(1))]
    stage.clock.advance(AGAIN_NS + 1)
    stage.courier.look()
    assert stage.entered() == [("a", 1, 1, 1)]
    stage.courier.gone("b")
    assert stage.entered() == []
    stage.courier.gone("a")
    assert stage.entered() == [("a", 1, 1, 1)]


def test_machines_that_know_less_than_was_shown_are_found_out():
    stage = Stage()
    stage.shows("a", 1, 0, encode_epoch(1, 1), record(1))
    stage.courier.handle("b", Shown(STANDBY, 1, 1, 1))
    with pytest.raises(Diverged, match="1 records, and 2 were shown"):
        stage.courier.handle("b", Shown(SHORT, 2, 1, 1))


def test_a_watcher_is_shown_what_is_committed_and_again_only_when_it_was_lost():
    journal, sent = Journal(disk=SimDisk(rng=Chance(1).stream("disk"))), []
    journal.append([encode_epoch(1, 1), record(1), record(2)])
    journal.sync()
    copies = Copies("a.1", ["a.1"])
    copies.hold("a.1", 2)
    watchers = Watchers(1, copies, journal, send=lambda _, said: sent.append(said), chunk=10)
    watchers.asked("page", 1)
    assert sent.pop() == Shown(PRIMARY, 1, 3, 2, 1, 1, (record(1),))
    for _ in range(PATIENCE - 1):
        watchers.asked("page", 1)
        assert sent.pop().payloads == ()
    watchers.asked("page", 1)
    assert sent.pop().payloads == (record(1),)
    copies.hold("a.1", 3)
    watchers.show(3)
    assert sent.pop().payloads == (record(2),)
    watchers.asked("page", 4)
    assert sent.pop().role == SHORT


def test_of_too_many_watchers_the_first_is_forgotten_until_it_asks_again():
    journal, sent = Journal(disk=SimDisk(rng=Chance(1).stream("disk"))), []
    journal.append([encode_epoch(1, 1), record(1)])
    journal.sync()
    copies = Copies("a.1", ["a.1"])
    watchers = Watchers(1, copies, journal, send=lambda who, _: sent.append(who), chunk=10)
    for name in range(WATCHERS_MAX + 1):
        watchers.asked(str(name), 0)
    sent.clear()
    watchers.show(copies.hold("a.1", 2))
    assert sent == [str(name) for name in range(1, WATCHERS_MAX + 1)]
    watchers.asked("0", 0)
    assert sent[-1] == "0"


def test_within_an_epoch_a_primary_takes_each_number_once_and_in_order():
    world = World(trial(1))
    world.clock.run(600 * MS)
    member = next(each for each in world.members.values() if each.primary)
    primary = member.primary
    taken = [
        primary._is_next("page", Enter(number, cancel(number), epoch=epoch, first=4))
        for number, epoch in (
            (5, primary.epoch), (4, primary.epoch - 1), (4, primary.epoch), (4, primary.epoch),
            (6, primary.epoch), (5, primary.epoch),
        )
    ]  # fmt: skip
    assert taken == [False, False, True, False, False, True]


def test_records_of_another_machine_are_journalled_and_applied_as_they_are():
    disk = SimDisk(rng=Chance(1).stream("disk"))
    copy = Sequencer(clock=VirtualClock(), disk=disk, symbols=["ACME"])
    done = copy.take([encode_epoch(1, 1), record(1, time_ns=70), record(2, time_ns=80)])
    assert [each.sequence for each in done] == [2, 3]
    again = Sequencer(clock=VirtualClock(), disk=disk, symbols=["ACME"])
    assert (again.replica.sequence, again.replica.state_hash) == (3, copy.replica.state_hash)
    assert [each.payload for each in copy.records(2)] == [record(1, 70), record(2, 80)]


def test_a_machine_that_is_silent_is_not_said_to_be_what_it_was():
    stage = Stage()
    stage.shows("a", 1, 0, encode_epoch(1, 1))
    stage.courier.handle("b", Shown(STANDBY, 1, 1, 1))
    states = {"giver": ("running", 1), "a": ("running", 2), "b": ("asleep", 3)}
    said = machines_json(stage.courier, states)
    assert [each["role"] for each in said["machines"]] == ["giver", "primary", "silent"]
    assert (said["primary"], said["why"]) == ("a", None)
    stage.clock.advance(400 * MS)
    said = machines_json(stage.courier, states)
    assert [each["role"] for each in said["machines"]] == ["giver", "silent", "silent"]
    assert said["primary"] is None


def test_nobody_is_said_to_be_primary_when_nobody_is_and_why():
    stage = Stage()
    stage.shows("a", 1, 0, encode_epoch(1, 1))
    states = {"giver": ("running", 1), "a": ("dead", 2), "b": ("running", 3)}
    assert machines_json(stage.courier, states)["primary"] is None
    stage.courier.handle("b", Shown(STANDBY, 1, 1, 1, why="the giver says: no"))
    states["a"] = ("running", 4)
    assert machines_json(stage.courier, states)["primary"] == "a"
    stage.courier.handle("a", Shown(STANDBY, 1, 1, 1))
    said = machines_json(stage.courier, states)
    assert (said["primary"], said["why"]) == (None, "the giver says: no")


@pytest.mark.parametrize(
    "body",
    [
        {}, {"do": "burn"}, {"do": ["kill"]}, {"do": "kill", "seconds": 0}, {"do": "stop"},
        {"do": "stop", "seconds": "3"}, {"do": "stop", "seconds": 3.0},
        {"do": "stop", "seconds": True}, {"do": "stop", "seconds": 31},
        {"do": "stop", "seconds": 3, "gently": True},
    ],
)  # fmt: skip
def test_a_wish_that_is_misspelt_is_refused(body):
    with pytest.raises(BadOrder, match=r"^(do|seconds|gently): "):
        read_wish(body)


def test_what_is_wished_of_a_machine_is_read():
    assert read_wish({"do": "kill"}) == ("kill", 0)
    assert read_wish({"do": "stop", "seconds": 3}) == ("stop", 3)


def test_a_folder_holds_one_kind_of_exchange(tmp_path):
    with journal_in(tmp_path, True) as with_standby, journal_in(tmp_path, False) as alone:
        assert (with_standby, alone) == (tmp_path / "page", tmp_path)
    (tmp_path / "journal").mkdir()
    with pytest.raises(UsageError, match="of one machine"), journal_in(tmp_path, True):
        pass
    (tmp_path / "page" / "journal").mkdir(parents=True)
    with pytest.raises(UsageError, match="say --standby too"), journal_in(tmp_path, False):
        pass
