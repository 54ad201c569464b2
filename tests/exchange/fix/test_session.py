"""The session layer, conversation by conversation, against the echo; and that a logon may be taken once."""

import pytest

from chapters.sim import S, VirtualClock
from exchange.fix.acceptor import CONNECTIONS_MAX, Acceptor, sessions_of
from exchange.fix.echo import Echo
from exchange.fix.inbox import HELD_MAX, Inbox, Verdict
from exchange.fix.store import Forgetful
from tests.exchange.fix.script import Stage, conversations

MORNING_NS = 1_795_858_200 * S  # 2026-11-28 09:30 UTC


def stage(acceptor=None, clock=None):
    clock = clock or VirtualClock(MORNING_NS)
    store = Forgetful()
    acceptor = acceptor or Acceptor(
        store, sessions_of("ISLD", ["TW"], store, Echo(), resets_on_logon=True)
    )
    return Stage(acceptor, clock, acceptor.flush, ours="ISLD", theirs="TW")


@pytest.mark.parametrize(("title", "lines"), conversations("session.txt"))
def test_session(title, lines):
    stage().play(lines)


def test_a_session_that_is_taken_cannot_be_taken_again():
    first = stage()
    first.play(["> A 1 98=0 108=30", "< A 1"])
    second = stage(first.acceptor, first.clock)
    second.play(["> A 1 98=0 108=30", "closed"])
    first.play(["> 1 2 112=still", "< 0 2 112=still"])
    first.do_again("")
    first.play(["> A 1 98=0 108=30", "< A 1"])


def test_connections_are_bounded():
    first = stage()
    for _ in range(CONNECTIONS_MAX - 1):
        assert not first.acceptor.connect(0).is_closing
    assert first.acceptor.connect(0).is_closing


def test_early_messages_are_bounded_and_come_again():
    inbox = Inbox(1)
    assert inbox.judge(2, is_duplicate=False) is Verdict.GAP
    for number in range(2, HELD_MAX + 10):
        inbox.hold(number, None)
    inbox.advance(2)
    assert inbox.following() is None
    assert inbox.expected == HELD_MAX + 2
    assert inbox.judge(HELD_MAX + 9, is_duplicate=False) is Verdict.GAP


def test_both_sides_of_a_session_are_one_machine():
    from exchange.fix.trader import Trader

    host = stage()
    trader = Trader("TW", "ISLD")
    trader.connect(MORNING_NS)
    trader.order("a", "1", 5, "10.00", now_ns=MORNING_NS, symbol="X")
    for _ in range(2):
        for frame in trader.session.outbox.take():
            host.line.received(frame, MORNING_NS)
        host.acceptor.flush()
        for frame in host.line.take():
            trader.hear(frame, MORNING_NS)
    assert [each.type for each in trader.told] == ["D"]
