"""The overlay: the learner's module where there is one, ours everywhere else."""

import importlib
import os
import subprocess
import sys

import pytest

from chapters.runner import copies, overlay
from chapters.runner.checks import Examiner
from chapters.runner.errors import BrokenCopy, NotStarted


@pytest.fixture
def installed(toy, monkeypatch):
    monkeypatch.setenv("KIT_MINE", "")
    monkeypatch.setenv("KIT_WORK", "")
    before = list(sys.meta_path)
    copies.start(toy.exercise("push"), toy.work)
    copies.start(toy.exercise("pop"), toy.work)
    toy.edit('raise Unsolved("toy/push")', "return thing == 5")
    yield overlay.install(toy.work, toy.catalogue)
    sys.meta_path[:] = before


def test_the_learners_module_is_imported_and_ours_stands_in_for_its_holes(toy, installed):
    module = importlib.import_module("chapters.toy.queue")
    assert module.__file__ == str(toy.copy)
    queue = module.Queue()
    queue.things.append(3)
    assert queue.push(5) is True and queue.pop() == 3
    assert installed.modules() == ["chapters.toy.queue"]
    assert installed.still_ours() == ["chapters.toy.queue.Queue.pop"]


def test_child_processes_are_told(toy, installed):
    assert os.environ["KIT_MINE"] == "1" and os.environ["KIT_WORK"] == str(toy.work)


def test_no_bytecode_is_kept_beside_the_copy(toy, installed):
    importlib.import_module("chapters.toy.queue")
    assert not (toy.copy.parent / "__pycache__").exists()


def test_modules_without_a_copy_are_ours(toy, installed):
    assert importlib.import_module("chapters.toy.checks").__file__.startswith(str(toy.root))


def test_a_copy_that_does_not_parse_is_one_line(toy, installed):
    toy.copy.write_text("def (")
    with pytest.raises(BrokenCopy, match=r"queue\.py:1 is not Python"):
        importlib.import_module("chapters.toy.queue")


def test_without_any_copy_mine_has_no_meaning(toy):
    with pytest.raises(NotStarted, match="no code of yours yet"):
        overlay.install(toy.work, toy.catalogue)


def test_a_child_process_of_the_kit_runs_the_learners_code(tmp_path):
    kit = [sys.executable, "-m", "chapters.cli"]
    env = os.environ | {"KIT_WORK": str(tmp_path)}
    subprocess.run([*kit, "start", "log/retention"], env=env, check=True, capture_output=True)
    copy = tmp_path / "chapters/log/log.py"
    copy.write_text(copy.read_text() + "\nprint('my log')\n")
    told = subprocess.run(
        [*kit, "run", "log"],
        env=env | {"KIT_MINE": "1"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout.startswith("my log")


def test_a_copy_that_is_no_text_is_one_line_here_as_in_a_check(toy, installed):
    toy.copy.write_bytes(b"\xff")
    with pytest.raises(BrokenCopy, match="is not UTF-8 text"):
        importlib.import_module("chapters.toy.queue")
    with pytest.raises(BrokenCopy, match="is not UTF-8 text"):
        installed.still_ours()


def test_a_copy_that_links_elsewhere_is_not_imported(toy, installed):
    elsewhere = toy.root / "elsewhere.py"
    toy.copy.rename(elsewhere)
    toy.copy.symlink_to(elsewhere)
    with pytest.raises(BrokenCopy, match="is a link to another place"):
        importlib.import_module("chapters.toy.queue")


def test_a_second_installation_is_the_first(toy, installed):
    assert overlay.install(toy.work, toy.catalogue) is installed


def test_nothing_is_judged_through_an_overlay(toy, installed):
    with pytest.raises(AssertionError, match="stands between the checks and our code"):
        Examiner(toy.exercise("push"))


def test_what_judges_keeps_the_overlay_from_its_child_processes(toy, monkeypatch):
    monkeypatch.setenv("KIT_MINE", "1")
    Examiner(toy.exercise("push"))
    assert "KIT_MINE" not in os.environ
