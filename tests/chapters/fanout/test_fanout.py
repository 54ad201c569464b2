"""Changes that reach everybody, values of which the newest does, and lines that are slow."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chapters.errors import UsageError
from chapters.fanout import Feed, Hub, HubFull, LostPlace, NoSuchFeed, number_of, text_of
from chapters.fanout.hub import STUCK_SWEEPS_MAX
from chapters.fanout.queues import Queues
from chapters.fanout.story import KINDS, ByFeed, ByQueues, demo, watched

KEPT = 4


class Line:
    """A line that is busy after every chunk, or never."""

    def __init__(self, busy: bool = False) -> None:
        self.taken: list[bytes] = []
        self.busy = busy

    def send(self, chunk: bytes) -> bool:
        self.taken.append(chunk)
        return not self.busy

    @property
    def text(self) -> str:
        return b"".join(self.taken).decode()


def test_the_figure_of_the_docstring():
    feed = Feed(kept=3)
    for number in (38, 41, 44):
        feed.change(number, f"{number} ".encode())
    feed.value(45, "rider-7", b"45 ")
    feed.value(46, "rider-7", b"46 ")
    feed.change(47, b"47 ")
    feed.value(48, "rider-9", b"48 ")
    assert feed.after(41) == (48, b"44 46 47 48 ")
    with pytest.raises(LostPlace, match="place 30 is not in 38 to 48"):
        feed.after(30)


def test_readers_at_the_same_place_share_the_bytes_of_a_single_change():
    hub, one, other = Hub(), Line(), Line()
    feed = hub.open("f")
    hub.join("f", one)
    hub.join("f", other)
    feed.change(1, b"the same bytes")
    hub.tell("f")
    assert one.taken[-1] is other.taken[-1]


def test_a_slow_reader_gets_every_change_and_the_newest_value_alone():
    hub, line = Hub(), Line(busy=True)
    feed = hub.open("f")
    reader = hub.join("f", line)
    for number in range(1, 9):
        if number in (3, 6):
            feed.change(number, f"c{number} ".encode())
        else:
            feed.value(number, "x", f"x{number} ".encode())
        hub.tell("f")
    assert line.text == "x1 "
    reader.drained()
    assert line.text == "x1 c3 c6 x8 "
    reader.drained()
    assert line.text == "x1 c3 c6 x8 " and reader.free


def test_the_ring_is_full_and_one_more_falls_out():
    feed = Feed(kept=KEPT)
    for number in range(1, KEPT + 1):
        feed.change(number, b".")
    assert feed.after(0) == (KEPT, b"." * KEPT)
    feed.change(KEPT + 1, b".")
    with pytest.raises(LostPlace):
        feed.after(0)
    assert feed.after(1) == (KEPT + 1, b"." * KEPT)


def test_whoever_is_too_late_begins_with_the_snapshot():
    hub, line = Hub(kept=KEPT), Line(busy=True)
    feed = hub.open("f")
    reader = hub.join("f", line)
    for number in range(1, 10):
        feed.change(number, f"c{number} ".encode())
        if number == 8:
            feed.whole(number, b"whole-8 ")
        hub.tell("f")
    reader.drained()
    assert line.text == "c1 whole-8 c9 " and reader.begun == 2  # at first too


@pytest.mark.parametrize(
    "last", ["", "3", "-3", "a-", "a-x", "b-3", "a-99", "a-1", "a-" + "9" * 400]
)
def test_a_place_that_is_none_here_gets_the_snapshot(last):
    hub, line = Hub(kept=2), Line()
    feed = hub.open("f", "a")
    for number in range(1, 6):
        feed.change(number, f"c{number} ".encode())
    feed.whole(5, b"whole ")
    hub.join("f", line, last)
    assert line.text == "whole "


def test_a_reader_comes_back_and_goes_on():
    hub, line = Hub(), Line()
    feed = hub.open("f", "a")
    for number in range(1, 6):
        feed.change(number, f"c{number} ".encode())
    assert hub.join("f", line, text_of("a", 3)).at == 5
    assert line.text == "c4 c5 "
    again = Line()
    hub.join("f", again, "a-5")
    assert again.text == ""


def test_a_new_life_of_a_feed_begins_anew_for_its_readers():
    hub, line = Hub(), Line()
    hub.open("f", "a").change(1, b"old ")
    hub.join("f", line, "a-0")
    feed = hub.open("f", "b")
    assert hub.open("f", "b") is feed
    feed.change(1, b"new ")
    feed.whole(1, b"whole ")
    hub.tell("f")
    assert line.text == "old whole "


def test_a_feed_that_begins_in_the_middle_says_what_it_never_had():
    feed = Feed("a", forgotten=10)
    feed.change(11, b"c11 ")
    feed.whole(11, b"whole ")
    assert feed.after(10) == (11, b"c11 ")
    with pytest.raises(LostPlace):
        feed.after(9)


def test_a_hub_is_full_at_its_bound_and_has_room_when_somebody_leaves():
    hub = Hub(readers_max=2)
    hub.open("f")
    one = hub.join("f", Line())
    hub.join("f", Line())
    with pytest.raises(HubFull, match="2 readers are the most here; come back in a while") as full:
        hub.join("f", Line())
    assert full.value.status == 503
    hub.leave(one)
    hub.leave(one)
    assert hub.readers == 1
    hub.join("f", Line())


def test_what_nobody_publishes_cannot_be_read():
    hub = Hub()
    with pytest.raises(
        NoSuchFeed, match="there is no feed 'g'; ask for one that is published"
    ) as no:
        hub.join("g", Line())
    assert no.value.status == 404
    hub.open("g")
    reader = hub.join("g", Line())
    assert hub.names == ["g"] and hub.close("g") == [reader] and not hub.readers
    hub.leave(reader)
    with pytest.raises(NoSuchFeed):
        hub.close("g")


def test_whose_line_is_busy_sweep_after_sweep_is_to_be_cut_off():
    hub, slow = Hub(), Line(busy=True)
    feed = hub.open("f")
    reader, quick = hub.join("f", slow), hub.join("f", Line())
    feed.change(1, b".")
    hub.tell("f")
    for _ in range(STUCK_SWEEPS_MAX):
        assert list(hub.sweep()) == [(reader, False), (quick, False)]
    assert list(hub.sweep()) == [(reader, True), (quick, False)]
    reader.drained()
    assert list(hub.sweep()) == [(reader, False), (quick, False)]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Feed(kept=0), "kept is 0; it must be at least 1"),
        (lambda: Hub(readers_max=0), "readers-max is 0; it must be at least 1"),
        (lambda: demo(readers=10, slow=8, asleep=8), "others is -6; it must be at least 0"),
        (lambda: demo(seconds=0), "seconds is 0"),
    ],
)
def test_bounds_that_are_none_are_refused(make, said):
    with pytest.raises(UsageError, match=said):
        make()


def test_numbers_that_do_not_rise_are_a_bug_of_the_source():
    feed = Feed()
    feed.change(3, b".")
    with pytest.raises(AssertionError, match="number 3 after 3"):
        feed.value(3, "x", b".")


@given(st.text(max_size=8), st.integers(0, 10**15 - 1))
def test_a_place_is_read_as_it_was_written(life, number):
    assert number_of(text_of(life, number), life) == number


@given(st.lists(st.sampled_from("cxyz"), max_size=40), st.integers(1, 12), st.integers(0, 40))
def test_batches_together_are_what_one_large_batch_is_but_for_nothing(kinds, most, at):
    feed = Feed(kept=100)
    for number, kind in enumerate(kinds, 1):
        if kind == "c":
            feed.change(number, f"c{number} ".encode())
        else:
            feed.value(number, kind, f"{kind}{number} ".encode())
    at = min(at, len(kinds))
    whole = feed.after(at, 10_000)
    parts = b""
    while True:
        at, chunk = feed.after(at, most)
        parts += chunk
        if not chunk:
            break
    assert (at, parts) == whole


class Everything(RuleBasedStateMachine):
    """Readers with lines that are free or busy, held against a list of all that was published."""

    def __init__(self) -> None:
        super().__init__()
        self.hub = Hub(kept=KEPT)
        self.feed = self.hub.open("f", "a")
        self.number = 0
        self.changes: list[int] = []
        self.newest: dict[str, int] = {}
        self.readers: list[tuple[object, Line, int, int]] = []

    @rule(busy=st.booleans(), back=st.integers(0, 2 * KEPT))
    def join(self, busy: bool, back: int) -> None:
        line, last = Line(busy), max(0, self.number - back)
        reader = self.hub.join("f", line, text_of("a", last))
        kept = last >= self.feed.forgotten
        self.readers.append((reader, line, last if kept else -1, last))

    @rule()
    def change(self) -> None:
        self.number += 1
        self.changes.append(self.number)
        self.feed.change(self.number, f"c {self.number}\n".encode())
        self.feed.whole(self.number, f"w {self.number}\n".encode())
        self.hub.tell("f")

    @rule(key=st.sampled_from("xyz"))
    def value(self, key: str) -> None:
        self.number += 1
        self.newest[key] = self.number
        self.feed.value(self.number, key, f"{key} {self.number}\n".encode())
        self.hub.tell("f")

    @precondition(lambda self: self.readers)
    @rule(data=st.data())
    def drained(self, data: st.DataObject) -> None:
        reader, *_ = data.draw(st.sampled_from(self.readers))
        reader.drained()

    @invariant()
    def nobody_misses_a_change_unless_a_snapshot_says_so(self) -> None:
        for reader, line, began, last in self.readers:
            at, seen = began, dict[str, int]()
            for text in line.text.splitlines():
                what, number = text.split()[0], int(text.split()[1])
                if what == "w":
                    at, seen = number, {}
                elif what == "c":
                    assert [number] == [each for each in self.changes if each > at][:1]
                    at = number
                else:
                    assert seen.get(what, 0) < number
                    seen[what] = number
            if reader.free and line.taken:
                assert at >= max((each for each in self.changes), default=0) or not self.changes
                for key, number in self.newest.items():
                    assert seen.get(key, number if number <= last else 0) == number


Everything.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestEverything = Everything.TestCase


def test_a_queue_for_each_gives_everything_late_and_a_feed_what_is_new():
    counts = {"readers": 30, "slow": 5, "asleep": 3, "seconds": 60}
    queued, published, waited = watched(ByQueues, **counts)
    fed, same, kept = watched(lambda people: ByFeed(people, 8), **counts)
    assert published == same and kept < 20 < 1_000 < waited
    slow = {name: [each for each in way if each.kind == "slow"] for name, way in
            (("queued", queued), ("fed", fed))}  # fmt: skip
    assert all(each.behind(published) for each in slow["queued"])
    assert not any(each.behind(published) or each.snapshot for each in slow["fed"])
    assert 5 * max(each.age_ns for each in slow["fed"]) < slow["queued"][0].age_ns
    assert all(each.snapshot for each in fed if each.kind == "asleep")


def test_the_story_tells_of_each_kind_of_reader_in_both_ways(capsys):
    demo(readers=20, slow=3, asleep=2, seconds=60)
    told = capsys.readouterr().out
    assert all(told.count(f"    {kind} ") == 2 for kind in KINDS)
    demo(readers=5, slow=0, asleep=0, seconds=5)
    assert "slow " not in capsys.readouterr().out.split("\n", 1)[1]


def test_a_queue_is_sent_chunk_by_chunk_in_order():
    queues, line = Queues(), Line(busy=True)
    reader = queues.join(line)
    for number in (1, 2, 3):
        queues.value(number, "x", f"{number}".encode())
    assert line.text == "1" and len(reader.waiting) == 2
    reader.drained()
    reader.drained()
    assert line.text == "123"
