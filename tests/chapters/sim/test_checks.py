"""What the checks make of answers that are not what `replace` could ever write."""

import random
import time

import pytest

from chapters.checking import JSON
from chapters.sim import checks
from chapters.sim.checks import STAGES


@pytest.mark.parametrize(
    "got",
    [
        [],
        None,
        True,
        "held",
        {"settings": "new"},
        [["sync_names"]] * 10_000,
        [["append", "settings", 7]],
        [["truncate", "settings", -1]],
        [["crash", "settings"]],
        [["remove", "settings"], ["sync_names"]],
        [["append", "settings", "\ud800"]],
    ],
)
def test_an_answer_that_replaces_nothing_scores_nothing_quickly(got: JSON) -> None:
    before = time.process_time()
    for stage in STAGES["unsynced-data"][:3]:
        assert not stage.judge(("new", False), got, None)
        assert stage.explain is not None
        assert stage.explain(("new", False), got, None)
    assert time.process_time() - before < 5


def test_our_own_answers_are_judged_right() -> None:
    for stages in STAGES.values():
        for stage in stages:
            for case in stage.cases(random.Random(1)):
                got = stage.drive(*case)
                assert stage.judge(case, got, got)


def test_the_budget_of_the_shrinking_exercise_is_kept_by_our_own() -> None:
    for seed in range(20):
        for case in checks.many_items(random.Random(seed)):
            assert list(checks.blame(*case).values())[1] is True  # type: ignore[union-attr, arg-type]
