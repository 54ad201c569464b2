"""What can be said of every exercise without running it; the gate itself is `kit dev check`.

Then the course as a learner walks it, on the real exercises.
"""

import json

import pytest

from chapters import cli
from chapters.runner import gate, mutants
from chapters.runner.catalogue import ROOT, Catalogue
from chapters.runner.source import Source

CATALOGUE = Catalogue.load()


@pytest.mark.parametrize("exercise", CATALOGUE.exercises, ids=lambda each: each.id)
def test_the_words_the_starter_and_the_mutants_of_every_exercise_fit(exercise):
    assert list(gate.paper_problems(exercise)) == []
    assert list(gate.starter_problems(exercise)) == []
    for mutant in exercise.mutants:
        assert mutants.sources(exercise, mutant) != exercise.reference()


def test_every_number_of_the_syllabus_belongs_to_an_exercise():
    import tomllib

    syllabus = tomllib.loads((ROOT / "chapters/syllabus.toml").read_text("utf-8"))
    assert list(syllabus["exercise"]) == [each.id for each in CATALOGUE.exercises]


def test_every_page_that_an_exercise_names_is_there():
    for exercise in CATALOGUE.exercises:
        assert (ROOT / exercise.page).is_file(), exercise.id


@pytest.fixture
def kit(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KIT_WORK", str(tmp_path))

    def call(*words):
        code = cli.run(words)
        return code, capsys.readouterr()

    return call


def write_ours(tmp_path, exercise_id):
    """Solve an exercise in the copy, with our own code."""
    exercise = CATALOGUE.exercise(exercise_id)
    for module, text in exercise.reference().items():
        path = tmp_path / exercise.path_of(module)
        for name in (*exercise.names_in(module), *exercise.dropped_from(module)):
            mine, ours = Source(path.read_text(), "mine"), Source(text, "ours").text_of(name)
            if mine.has(name):
                place = mine.find(name)
                path.write_text(mine.replaced(place.first, place.end, ours).text)
            else:
                path.write_text(mine.text + f"\n\n{ours}")


def test_two_exercises_in_one_module_solved_and_one_of_them_reset(kit, tmp_path):
    for name in ("log/group-commit", "log/retention"):
        assert kit("start", name)[0] == 0
        write_ours(tmp_path, name)
        code, said = kit("check", name)
        assert (code, "Solved in 1 try, no hints." in said.out) == (0, True)
    assert kit("reset", "log/retention")[0] == 0
    assert kit("check", "log/group-commit")[0] == 0
    code, said = kit("check", "log/retention", "--json")
    assert code == 1
    assert "not written yet: log/retention" in json.loads(said.out)["tests"][0]["message"]


def test_hints_are_counted_and_the_solution_waits(kit, tmp_path):
    kit("start", "log/retention")
    code, said = kit("solution")
    assert code == 2 and said.err.count("\n") == 1 and "--anyway" in said.err
    titles = [kit("hint")[1].out.splitlines()[0].strip() for _ in range(4)]
    assert [each.split(": ")[1] for each in titles] == [
        "hint 1 of 3",
        "hint 2 of 3",
        "hint 3 of 3",
        "hint 3 of 3",
    ]
    write_ours(tmp_path, "log/retention")
    assert "Solved in 1 try, 3 hints." in kit("check")[1].out
    assert "def retain" in kit("solution")[1].out
    assert "word for word" in kit("diff")[1].out
