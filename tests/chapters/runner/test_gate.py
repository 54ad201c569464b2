"""The gate is itself tested on exercises that must not pass it."""

from dataclasses import replace

import pytest

from chapters.runner import gate
from chapters.runner.catalogue import Hole, Mutant

AT = Hole("chapters.toy", "queue.py", "Queue.push")
SEEDS = range(1, 4)


def test_good_exercises_pass(toy):
    for name in ("push", "pop"):
        finding = gate.inspect(toy.exercise(name), SEEDS)
        assert finding.problems == ()
        assert finding.runs == 3 + 1 + 3 * 3


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"hints": ("one", "two")}, "2 hints; three is the least"),
        ({"hints": ("one", "two", " one"[1:])}, "a hint is empty, or there twice"),
        ({"hints": ("a long nudge", "two", "code")}, "says less than the first"),
        ({"mutants": ()}, "0 mutants; three is the least"),
        ({"points": 0}, 'no minutes and points for "toy/push"'),
    ],
)
def test_what_is_missing_on_paper_is_found(toy, change, problem):
    problems = list(gate.paper_problems(replace(toy.exercise("push"), **change)))
    assert len(problems) == 1 and problem in problems[0]


def with_mutant(exercise, find, new, why="One too many fits."):
    return replace(exercise, mutants=(*exercise.mutants[1:], Mutant(AT, find, new, why)))


def test_a_mutant_that_passes_is_found(toy):
    exercise = with_mutant(toy.exercise("push"), "# at the back", "# at the end")
    (problem,) = gate.inspect(exercise, SEEDS).problems
    assert "passes at seed 1" in problem


def test_a_mutant_that_is_told_anothers_sentence_is_found(toy):
    exercise = with_mutant(toy.exercise("push"), "return False", "return bool(1)", "Never told.")
    (problem,) = gate.inspect(exercise, SEEDS).problems
    assert problem.startswith("mutant 3 ('Never told.') is told 'What was refused")


def test_a_mutant_that_no_longer_fits_is_found(toy):
    exercise = with_mutant(toy.exercise("push"), "no such text", "")
    (problem,) = gate.inspect(exercise, SEEDS).problems
    assert "which is there 0 times, not once" in problem


def test_a_hole_that_no_check_runs_into_is_found(toy):
    other = Hole("chapters.toy", "queue.py", "Queue._first")
    exercise = toy.exercise("push")
    exercise = replace(exercise, holes=(*exercise.holes, other))
    (problem,) = gate.inspect(exercise, SEEDS).problems
    assert "do not end in Unsolved" in problem


def test_a_helper_that_the_starter_still_uses_is_found(toy):
    exercise = replace(toy.exercise("push"), drops=toy.exercise("pop").drops)
    (problem,) = gate.starter_problems(exercise)
    assert "is dropped, but the starter still uses it" in problem


def test_a_reference_that_fails_is_found(toy, monkeypatch):
    import chapters.toy.checks

    stages = chapters.toy.checks.STAGES["push"]
    contrary = replace(stages[0], judge=lambda args, got, expected: got != expected)
    monkeypatch.setitem(chapters.toy.checks.STAGES, "push", [contrary, *stages[1:]])
    problems = gate.inspect(toy.exercise("push"), SEEDS).problems
    assert any(each.startswith("the reference fails at seed 1") for each in problems)


def test_a_reference_that_takes_long_is_found(toy, monkeypatch):
    monkeypatch.setattr(gate, "RUN_S_MAX", 0.0)
    problems = gate.inspect(toy.exercise("push"), SEEDS).problems
    assert any("a run takes over 0 s" in each for each in problems)
