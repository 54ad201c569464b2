"""Checks: stages, verdicts, diagnosis. Each code runs in a real box."""

import pytest

from chapters.runner import mutants
from chapters.runner.box import Limits
from chapters.runner.checks import run_checks
from chapters.runner.copies import starter_of
from chapters.runner.errors import BrokenCourse, UnknownName
from chapters.runner.report import exercism

MODULE = "chapters.toy.queue"


def check(toy, name, *edits, **options):
    exercise = toy.exercise(name)
    text = exercise.reference()[MODULE]
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return run_checks(exercise, {MODULE: text}, seed=options.pop("seed", 7), **options)


def test_the_reference_passes_and_a_stage_sums_up(toy):
    report = check(toy, "push")
    assert report.passed and [each.status for each in report.stages] == ["passed", "passed"]
    assert report.stages[0].summary == "2 pushed"


def test_a_hole_is_unsolved_not_wrong(toy):
    exercise = toy.exercise("push")
    starter = starter_of(exercise, MODULE, exercise.reference()[MODULE])
    report = run_checks(exercise, {MODULE: starter}, seed=7)
    assert report.unsolved and "not written yet: toy/push" in report.failure.text


def test_a_failed_stage_leaves_those_that_need_it_unrun_and_runs_the_others(toy):
    push = check(toy, "push", ("return True", "return None"))
    assert [each.status for each in push.stages] == ["failed", "not run"]
    assert push.stages[1].waits_for == "1"
    pop = check(toy, "pop", ("self._first() if", "self.things.pop() if"))
    assert [each.status for each in pop.stages] == ["failed", "failed"]


def test_a_mistake_is_told_in_the_sentence_of_its_mutant(toy):
    failure = check(toy, "pop", ("popleft()", "pop()")).failure
    assert failure.looks_like == "Newest first."
    assert failure.text.startswith("after [") and "you popped" in failure.text


@pytest.mark.parametrize("number", [0, 1, 2])
def test_every_mutant_is_told_its_own_sentence(toy, number):
    for name in ("push", "pop"):
        exercise = toy.exercise(name)
        mutant = exercise.mutants[number]
        report = run_checks(exercise, mutants.sources(exercise, mutant), seed=3)
        assert report.failure.looks_like == mutant.why


def test_a_plain_failure_shows_call_answer_and_expectation(toy):
    failure = check(toy, "push", ("return True", "return 'yes'"), seed=11).failure
    lines = failure.text.splitlines()
    assert lines[0].startswith("pushed(") and lines[1] == 'returned  ["yes", "yes"]'
    assert lines[2] == "expected  [true, true]"


def test_the_named_case_comes_again_alone(toy):
    failure = check(toy, "push", ("== LIMIT", "> LIMIT"), seed=11).failure
    again = check(toy, "push", ("== LIMIT", "> LIMIT"), seed=11, case=failure.case)
    assert len(again.stages) == 1 and again.failure.call == failure.call


@pytest.mark.parametrize("case", ["9.1", "1.99", "1", "x.y"])
def test_a_case_that_is_not_there_is_one_line(toy, case):
    with pytest.raises(UnknownName, match="no case"):
        check(toy, "push", case=case)


def test_an_error_names_itself_and_the_line(toy):
    failure = check(toy, "push", ("return True", "return 1 / 0")).failure
    assert failure.kind == "raised" and "ZeroDivisionError" in failure.text
    assert "queue.py:20" in failure.text


def test_an_endless_loop_ends_by_the_clock(toy):
    limits = Limits(wall_s=0.5)
    report = check(toy, "push", ("return True", "while True: pass"), limits=limits)
    assert report.failure.kind == "timeout"


def test_what_the_code_printed_is_kept(toy):
    failure = check(toy, "push", ("return True", "print('here'); return None")).failure
    assert failure.printed == "here\nhere\n"


def test_a_broken_reference_is_the_authors_fault(toy, monkeypatch):
    import chapters.toy.queue

    monkeypatch.delattr(chapters.toy.queue.Queue, "push")
    with pytest.raises(BrokenCourse, match="ours fails: AttributeError"):
        check(toy, "push")


def test_stages_are_reported_as_they_end(toy):
    seen = []
    check(toy, "push", on_stage=lambda stage: seen.append(stage.key))
    assert seen == ["1", "2"]


def test_results_for_programs_are_exercisms_version_3(toy):
    results = exercism(check(toy, "push", ("return True", "return None")))
    assert (results["version"], results["status"]) == (3, "fail")
    first, second = results["tests"]
    assert (first["status"], second["status"]) == ("fail", "error")
    assert second["message"] == "not run: needs stage 1"
    assert set(first) == {"name", "status", "message", "output", "test_code", "task_id"}
