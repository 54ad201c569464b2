"""The subscriber: each message once and in order, whatever the network does, and memory has an end."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.sim import MS
from exchange.engine import Engine
from exchange.errors import BadFeed, NotKept
from exchange.feed import subscriber as rules
from exchange.feed.messages import Delete, encode
from exchange.feed.packets import Packet, pack, unpack
from exchange.feed.publisher import AGAIN_MAX, Publisher
from exchange.feed.recovery import Ask, AskSnapshot
from exchange.feed.subscriber import (
    ASKS_MAX,
    GAP_MAX,
    PATIENCE_NS,
    RETRY_NS,
    WAITING_MAX,
    Step,
    Subscriber,
    decide,
)
from exchange.feed.view import View
from exchange.feed.world import SESSION, World, market, poor, same_books
from exchange.sequencer import Replica

SYMBOLS = ("ACME", "BOLT")


def packet(number, *messages, session="s"):
    return Packet(session, number, messages or (b"m",))


@pytest.mark.parametrize(
    ("number", "count", "waiting", "step"),
    [
        (10, 1, 0, Step.APPLY),
        (10, 5, 0, Step.APPLY),
        (8, 3, 0, Step.APPLY),  # 10 is in it
        (8, 2, 0, Step.IGNORE),
        (1, 1, 0, Step.IGNORE),
        (11, 1, 0, Step.WAIT),
        (10 + GAP_MAX, 1, 0, Step.WAIT),
        (11 + GAP_MAX, 1, 0, Step.ANEW),
        (11, 1, WAITING_MAX - 1, Step.WAIT),
        (11, 1, WAITING_MAX, Step.ANEW),
        (10, 1, WAITING_MAX, Step.APPLY),
        (10, 0, 0, Step.IGNORE),  # heartbeats
        (12, 0, 0, Step.WAIT),
        (11 + GAP_MAX, 0, 0, Step.ANEW),
    ],
)
def test_a_packet_is_applied_ignored_kept_or_the_end_of_patience(number, count, waiting, step):
    assert decide(Packet("s", number, (b"m",) * count), 10, waiting) is step


class Fed:
    """A market's messages, and a subscriber that has had a snapshot of its first moment."""

    def __init__(self, commands=120):
        replica = Replica(Engine(SYMBOLS))
        self.publisher = Publisher(View(replica.engine), "s")
        self.subscriber = Subscriber()
        self.subscriber.hear_snapshot(0, self.publisher.snapshot())
        self.first = self.publisher.number + 1
        for command in market(Random(3), commands):
            list(self.publisher.publish([replica.apply(command)]))

    def messages(self, number, count):
        found = self.publisher.again(number, count)
        return Packet("s", number, tuple(m for each in found for m in unpack(each).messages))

    @property
    def is_equal(self):
        return same_books(self.publisher.view, self.subscriber)


def test_a_gap_is_asked_for_after_a_moment_then_again_then_a_snapshot_is_taken():
    fed = Fed()
    hear, tick = fed.subscriber.hear, fed.subscriber.tick
    missing, early = fed.first, fed.messages(fed.first + 3, 2)
    assert hear(0, early) == []
    assert tick(PATIENCE_NS - 1) == []
    now_ns = PATIENCE_NS
    for _ in range(ASKS_MAX):
        assert tick(now_ns) == [Ask(missing, 3)]
        assert tick(now_ns + RETRY_NS - 1) == []
        now_ns += RETRY_NS
    assert tick(now_ns) == [AskSnapshot()]
    assert fed.subscriber.hear_snapshot(now_ns, fed.publisher.snapshot()) == []
    assert fed.subscriber.is_whole and fed.is_equal


def test_the_next_question_follows_its_answer_at_once():
    fed = Fed()
    hear, tick, first = fed.subscriber.hear, fed.subscriber.tick, fed.first
    hear(0, fed.messages(first + 2, 1)), hear(0, fed.messages(first + 5, 1))
    assert tick(PATIENCE_NS) == [Ask(first, 2)]
    assert hear(PATIENCE_NS + 1, fed.messages(first, 2)) == [Ask(first + 3, 2)]
    assert hear(PATIENCE_NS + 2, fed.messages(first + 3, 2)) == []
    assert fed.subscriber.expected == first + 6 and fed.subscriber.is_whole


def test_what_the_other_line_brings_in_time_is_not_asked_for():
    fed = Fed()
    fed.subscriber.hear(0, fed.messages(fed.first + 1, 1))
    fed.subscriber.hear(MS, fed.messages(fed.first, 1))
    assert fed.subscriber.tick(10 * MS) == [] and not fed.subscriber.counts["asked"]


def test_a_heartbeat_tells_that_the_last_message_was_missed():
    fed = Fed()
    fed.subscriber.hear(0, unpack(fed.publisher.heartbeat()))
    assert not fed.subscriber.is_whole
    wanted = fed.publisher.number + 1 - fed.first
    assert fed.subscriber.tick(PATIENCE_NS) == [Ask(fed.first, min(wanted, AGAIN_MAX))]


def test_nothing_is_applied_before_a_snapshot_and_it_is_asked_for_at_once():
    new = Subscriber()
    assert new.hear(0, packet(500)) == [AskSnapshot()]
    assert new.hear(MS, packet(501)) == [] and new.tick(RETRY_NS) == [AskSnapshot()]
    assert new.expected == 0 and not new.books.by_symbol


def test_a_snapshot_of_what_is_known_already_is_ignored():
    fed = Fed()
    snapshot = fed.publisher.snapshot()
    fed.subscriber.hear(0, fed.messages(fed.first, 10_000))
    before = fed.subscriber.books
    fed.subscriber.hear_snapshot(0, snapshot)
    assert fed.subscriber.books is before and fed.is_equal


def test_a_new_session_begins_anew_and_a_straggler_of_the_old_one_is_ignored():
    fed = Fed()
    assert fed.subscriber.hear(0, packet(1, session="t")) == [AskSnapshot()]
    assert fed.subscriber.session == "t" and fed.subscriber.expected == 0
    assert fed.subscriber.hear(0, packet(2, session="s")) == []
    assert fed.subscriber.session == "t"


def test_the_end_of_a_session_is_noticed():
    fed = Fed()
    fed.subscriber.hear(0, unpack(fed.publisher.end()))
    assert fed.subscriber.is_over


def test_a_message_about_an_order_never_shown_is_refused():
    fed = Fed()
    with pytest.raises(BadFeed, match="begin with a snapshot"):
        fed.subscriber.hear(0, packet(fed.first, encode(Delete(1, 0, 99_999))))


def test_no_more_waits_than_is_allowed(monkeypatch):
    monkeypatch.setattr(rules, "WAITING_MAX", 50)
    fed = Fed()
    for number in range(fed.first + 1, fed.first + 400):
        fed.subscriber.hear(0, packet(number))
        assert len(fed.subscriber._waiting) <= 50
    new = Subscriber()
    for number in range(1, 400):
        new.hear(0, packet(number))
        assert len(new._waiting) <= 50


@settings(max_examples=60)
@given(st.data())
def test_cut_repeated_and_shuffled_as_one_likes_it_is_the_same_book(data):
    fed = Fed(60)
    total, cuts = fed.publisher.number, []
    at = fed.first
    while at <= total:
        count = data.draw(st.integers(1, 12))
        cuts.append((at, min(count, total + 1 - at)))
        at += count
    for number, count in data.draw(st.permutations([*cuts, *cuts])):
        fed.subscriber.hear(0, fed.messages(number, count))
    assert fed.subscriber.is_whole and fed.is_equal
    assert fed.subscriber.counts["applied"] == total + 1 - fed.first


def test_the_publisher_says_again_what_it_keeps_and_refuses_the_rest():
    fed = Fed()
    publisher = Publisher(View(Engine(SYMBOLS)), "s", kept=20)
    replica = Replica(Engine(SYMBOLS))
    for command in market(Random(3), 120):
        list(publisher.publish([replica.apply(command)]))
    last = publisher.number
    assert last == fed.publisher.number
    again = [unpack(each) for each in publisher.again(last - 19, 99)]
    assert again[0].number == last - 19 and again[-1].next == last + 1
    for number in (last - 20, last + 1, 0):
        with pytest.raises(NotKept, match="take a snapshot"):
            publisher.again(number, 1)


@pytest.mark.parametrize("loss", [0, 0.02, 0.2, 0.5])
@pytest.mark.parametrize("seed", range(4))
def test_on_any_line_the_book_ends_equal(seed, loss):
    world = World(seed=seed, line=poor(loss))
    early, late = world.join("early"), None
    for number, command in enumerate(market(Random(seed), 600)):
        world.apply(command)
        world.pass_time(MS // 2)
        if number == 300:
            late = world.join("late")
    world.pass_time(300 * MS)
    for subscriber in (early, late):
        assert subscriber.is_whole and subscriber.expected == world.publisher.number + 1
        assert same_books(world.publisher.view, subscriber)
    assert early.counts["asked"] > 1 or loss < 0.2


def test_ten_thousand_lost_packets_in_a_row_end_in_an_equal_book():
    world = World(seed=1, kept=5_000)
    subscriber = world.join("unlucky")
    commands = market(Random(1), 20_000)
    for command in (next(commands) for _ in range(500)):
        world.apply(command)
    world.pass_time(20 * MS)
    for line in ("line-a", "line-b"):
        world.network.cut(line, "unlucky")
    lost = world.publisher.number
    while world.publisher.number - lost < 10_000:
        world.apply(next(commands))
    assert world.network.counts["lost"] == 0
    world.pass_time(MS)
    world.network.heal()
    world.pass_time(100 * MS)
    assert subscriber.counts["snapshots"] == 2
    assert subscriber.is_whole and same_books(world.publisher.view, subscriber)


def test_a_publisher_that_begins_again_goes_on_with_the_same_numbers():
    """The same journal, another life: every packet is the same, byte for byte."""
    lives = []
    for _ in range(2):
        replica = Replica(Engine(SYMBOLS))
        publisher = Publisher(View(replica.engine), SESSION)
        done = map(replica.apply, market(Random(2), 300))
        lives.append([packet for each in done for packet in publisher.publish([each])])
    assert lives[0] == lives[1]
    assert pack(unpack(lives[0][-1])) == lives[0][-1]
