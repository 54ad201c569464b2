"""Progress: readable, whole or as it was, and never lost."""

import os
from pathlib import Path

import pytest

from chapters.runner import workplace
from chapters.runner.errors import NotWritten
from chapters.runner.progress import Progress, Standing


def test_what_is_saved_is_read_again(tmp_path):
    standing = Standing(begun=True, tries=3, hints=1, solved=True, solved_after=2)
    saved = Progress(tmp_path).with_standing("log/torn-tail", standing)
    saved.save()
    assert Progress.load(tmp_path) == saved


def test_the_file_is_for_people(tmp_path):
    Progress(tmp_path).with_standing("log/torn-tail", Standing(tries=2)).save()
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
        assert progress.standings == {} and "we start anew" in progress.warning
    progress.with_standing("a/b", Standing(tries=1)).save()
    (backup,) = (tmp_path / "backups").iterdir()
    assert backup.read_text() == text
    assert Progress.load(tmp_path).warning == ""


def test_states_in_words():
    assert (Standing().state, Standing().text) == ("open", "")
    assert Standing(begun=True, tries=1).text == "1 try so far"
    solved = Standing(begun=True, tries=5, solved=True, solved_after=2, hints=1, peeked=True)
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


def test_what_a_person_wrote_into_the_file_stays(tmp_path):
    path = tmp_path / "progress.toml"
    Progress(tmp_path).with_standing("log/torn-tail", Standing(tries=2)).save()
    noted = path.read_text().replace("tries = 2", "tries = 2  # the CRC!") + "\n[notes]\nmine = 1\n"
    path.write_text(f"# begun on a train\n{noted}")
    progress = Progress.load(tmp_path).with_standing("log/retention", Standing(begun=True))
    progress.with_standing("log/torn-tail", Standing(tries=3)).save()
    text = path.read_text()
    assert text.startswith("# begun on a train\n") and "tries = 3  # the CRC!" in text
    assert "[notes]\nmine = 1" in text
    assert Progress.load(tmp_path).of("log/retention").begun


@pytest.mark.parametrize(
    "text",
    ['exercise = {"a/b" = {tries = 1}}', 'exercise."a/b".tries = 1', "[exercise]\n[exercise.c]",
     '[exercise."a/b"]\ntries = 1\n[z]\n[exercise.c]\nhints = 2', ""],
)  # fmt: skip
def test_whatever_form_the_file_has_what_is_saved_is_read_again(tmp_path, text):
    (tmp_path / "progress.toml").write_text(text)
    progress = Progress.load(tmp_path).with_standing("a/b", Standing(tries=5))
    progress.with_standing("n/n", Standing(hints=1)).save()
    assert Progress.load(tmp_path) == progress.with_standing("n/n", Standing(hints=1))
