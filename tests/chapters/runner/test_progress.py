"""Progress: readable, whole or as it was, and never lost."""

import os
from pathlib import Path

import pytest

from chapters.runner import workplace
from chapters.runner.errors import NotWritten
from chapters.runner.progress import Mark, Progress


def test_what_is_saved_is_read_again(tmp_path):
    mark = Mark(begun=True, tries=3, hints=1, solved=True, solved_after=2)
    saved = Progress(tmp_path).marked("log/torn-tail", mark)
    saved.save()
    assert Progress.load(tmp_path) == saved


def test_the_file_is_for_people(tmp_path):
    Progress(tmp_path).marked("log/torn-tail", Mark(tries=2)).save()
    lines = (tmp_path / "progress.toml").read_text().splitlines()
    assert lines[0].startswith("# Your progress")
    assert lines[1] == 'current = "log/torn-tail"'
    assert lines[3:] == ['[exercise."log/torn-tail"]', "tries = 2"]


@pytest.mark.parametrize(
    "text",
    ["x = [", "current = 3", "exercise = 3", "[exercise.a]\nluck = 3", "exercise.a = 3",
     "[exercise.a]\ntries = 'many'", "[exercise.a]\nhints = -1"],
)  # fmt: skip
def test_a_broken_file_is_kept_aside_once_and_said(tmp_path, text):
    (tmp_path / "progress.toml").write_text(text)
    for _ in range(2):
        progress = Progress.load(tmp_path)
        assert progress.marks == {} and "we start anew" in progress.warning
    progress.marked("a/b", Mark(tries=1)).save()
    (backup,) = (tmp_path / "backups").iterdir()
    assert backup.read_text() == text
    assert Progress.load(tmp_path).warning == ""


def test_states_in_words():
    assert (Mark().state, Mark().text) == ("open", "")
    assert Mark(begun=True, tries=1).text == "1 try so far"
    solved = Mark(begun=True, tries=5, solved=True, solved_after=2, hints=1, peeked=True)
    assert solved.text == "solved in 2 tries, 1 hint, after seeing the solution"


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    target = tmp_path / "a.toml"
    workplace.write(target, "before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotWritten, match=r"a\.toml: No space left on device; free some space"):
        workplace.write(target, "after")
    assert target.read_text() == "before" and list(tmp_path.iterdir()) == [target]


def test_an_interrupt_while_writing_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        workplace.write(tmp_path / "a.toml", "after")
    assert list(tmp_path.iterdir()) == []


def test_the_work_folder_is_that_of_the_checkout_above(tmp_path, monkeypatch):
    monkeypatch.delenv("KIT_WORK", raising=False)
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters/syllabus.toml").touch()
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path / "chapters")
    assert workplace.work_folder() == tmp_path / "work"
    monkeypatch.setenv("KIT_WORK", "elsewhere")
    assert workplace.work_folder() == Path.cwd() / "elsewhere"
