"""The fault's own witnesses: they must see an order that is wrong, and a stamp that lies."""

from dataclasses import replace

import pytest

from chapters.errors import UsageError
from chapters.sim.chance import Chance
from zomato.breaking import discovery
from zomato.breaking.discovery import Evening, stale_index
from zomato.search.search import Search


def passed(seconds=240):
    evening = Evening(Chance(3))
    evening.follower.is_stopped = True
    for second in range(0, seconds, discovery.STEP_S):
        evening.step(second)
    return evening


def test_orders_that_nobody_objects_to_are_found_false(monkeypatch):
    assert passed(900).false_orders() == 0
    monkeypatch.setattr(discovery, "objection", lambda *facts: "")
    assert passed(900).false_orders() > 0


def test_a_stamp_that_says_fresh_is_noticed(monkeypatch):
    stamp = Search.stamp
    assert passed().unsaid == 0
    monkeypatch.setattr(Search, "stamp", lambda own, now: replace(stamp(own, now), behind=0))
    assert passed().unsaid > 0


def test_without_a_stop_hardly_anything_is_wrong_and_with_one_much_is():
    stopped, running = passed(), Evening(Chance(3))
    for second in range(0, 240, discovery.STEP_S):
        running.step(second)
    assert running.wrong.total() < stopped.wrong.total() / 2
    assert running.late_most_ns <= 6 * 10**9 < stopped.late_most_ns


def test_the_promises_hold_on_another_evening():
    assert stale_index(seed=1, minutes=3).held


def test_no_minutes_are_refused():
    with pytest.raises(UsageError, match="minutes is 0; it must be at least 1"):
        stale_index(minutes=0)
