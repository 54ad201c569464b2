"""What an exercise's last step runs: four viewers on four rules, a dead edge, and the same each time."""

from random import Random

from netflix.checks import SYSTEM, plays, summary
from netflix.scene.watching import DIES_AFTER, RULES, watch


def test_four_viewers_watch_and_only_what_is_missing_comes_from_the_origin():
    seen = watch(7, 10)
    assert [len(each) for each in seen.sizes] == [10] * len(RULES)
    assert set(seen.edges[:DIES_AFTER]) == {"edge-1"} and "edge-1" not in seen.edges[DIES_AFTER:]
    assert seen.fetched < seen.asked and watch(7, 10) == seen


def test_a_rule_that_chooses_otherwise_is_noticed(monkeypatch):
    from netflix.abr.throughput import Throughput

    (case,) = SYSTEM.cases(Random(3))
    expected = plays(*case)
    assert "Netflix plays on your code" in summary(case, expected)
    monkeypatch.setattr(Throughput, "choose", lambda self, moment: 0)
    assert plays(*case) != expected
