"""The learner's copies: what they wrote is theirs."""

import pytest

from chapters.runner import copies
from chapters.runner.errors import BrokenCopy, NotStarted
from chapters.runner.progress import Progress, Standing
from chapters.runner.source import Source

MINE = "return self.push_it(thing)  # mine"


def begin(toy, name):
    tasks = copies.start(toy.exercise(name), toy.work)
    Progress.load(toy.work).with_standing(f"toy/{name}", Standing(begun=True)).save()
    return tasks


def test_start_says_what_to_write_and_where(toy):
    (task,) = begin(toy, "push")
    assert (task.path, task.name, task.line, task.lines) == (toy.copy, "Queue.push", 17, 4)
    assert task.is_open


def test_starting_again_changes_nothing(toy):
    begin(toy, "push")
    toy.edit('raise Unsolved("toy/push")', MINE)
    before = toy.copy.read_text()
    (task,) = begin(toy, "push")
    assert toy.copy.read_text() == before and not task.is_open


def test_starting_again_keeps_a_solution_that_says_what_ours_says(toy):
    begin(toy, "push")
    exercise = toy.exercise("push")
    (text,) = exercise.reference().values()
    toy.copy.write_text(text)
    (task,) = begin(toy, "push")
    assert toy.copy.read_text() == text and not task.is_open


def test_a_further_hole_never_touches_what_the_learner_wrote(toy):
    begin(toy, "push")
    toy.edit('raise Unsolved("toy/push")', MINE)
    begin(toy, "pop")
    text = toy.copy.read_text()
    assert MINE in text and 'raise Unsolved("toy/pop")' in text and "_first" not in text


def test_a_helper_that_the_learner_calls_is_not_dropped(toy):
    begin(toy, "push")
    toy.edit('raise Unsolved("toy/push")', "return self._first() > thing")
    begin(toy, "pop")
    assert "def _first" in toy.copy.read_text()


def test_a_function_that_the_learner_changed_is_not_punched(toy):
    begin(toy, "push")
    toy.edit("return self._first() if self.things else None", "return self._first()")
    (task,) = begin(toy, "pop")
    assert not task.is_open and "def _first" in toy.copy.read_text()


def test_a_function_that_is_gone_is_named_with_the_way_back(toy):
    begin(toy, "push")
    toy.edit("def pop(", "def pop_it(")
    with pytest.raises(
        BrokenCopy, match=r"has no function Queue\.pop any more: `kit reset toy/pop`"
    ):
        begin(toy, "pop")


def test_reset_empties_only_that_exercise_and_keeps_a_backup(toy):
    begin(toy, "push")
    begin(toy, "pop")
    toy.edit('raise Unsolved("toy/push")', MINE)
    toy.edit('raise Unsolved("toy/pop")', "return 7")
    before = toy.copy.read_text()
    (backup,) = copies.reset(toy.exercise("pop"), toy.catalogue, toy.work)
    assert backup.read_text() == before
    assert MINE in toy.copy.read_text() and 'raise Unsolved("toy/pop")' in toy.copy.read_text()


def test_reset_brings_back_a_function_that_is_gone(toy):
    begin(toy, "pop")
    toy.edit("def pop(", "def pop_it(")
    copies.reset(toy.exercise("pop"), toy.catalogue, toy.work)
    assert Source(toy.copy.read_text(), "x").has("Queue.pop")
    assert Source(toy.copy.read_text(), "x").has("Queue.pop_it")


def test_reset_of_a_broken_file_asks_before_it_takes_the_other_exercise(toy):
    begin(toy, "push")
    begin(toy, "pop")
    toy.copy.write_text(toy.copy.read_text() + "def (\n")
    with pytest.raises(BrokenCopy, match="--whole-file"):
        copies.reset(toy.exercise("pop"), toy.catalogue, toy.work)
    (backup,) = copies.reset(toy.exercise("pop"), toy.catalogue, toy.work, whole_file=True)
    text = toy.copy.read_text()
    assert backup.read_text().endswith("def (\n")
    assert 'raise Unsolved("toy/pop")' in text and 'raise Unsolved("toy/push")' in text


def test_backups_are_numbered_and_none_is_overwritten(toy):
    begin(toy, "pop")
    backups = [copies.reset(toy.exercise("pop"), toy.catalogue, toy.work)[0] for _ in range(3)]
    assert len(set(backups)) == 3


def test_what_is_not_started_cannot_be_submitted(toy):
    with pytest.raises(NotStarted, match="kit start toy/push"):
        copies.submitted(toy.exercise("push"), toy.catalogue, toy.work)


def test_our_code_in_a_copy_of_another_exercise_earns_nothing(toy):
    begin(toy, "push")
    with pytest.raises(NotStarted, match="toy/pop is not started"):
        copies.submitted(toy.exercise("pop"), toy.catalogue, toy.work)


def test_ours_stands_in_below_for_the_other_exercise(toy):
    begin(toy, "push")
    begin(toy, "pop")
    text = copies.submitted(toy.exercise("push"), toy.catalogue, toy.work)["chapters.toy.queue"]
    assert text.startswith(toy.copy.read_text().rstrip())
    space: dict = {}
    exec(compile(text, "queue", "exec"), space)
    queue = space["Queue"]()
    queue.things.extend([1, 2])
    assert queue.pop() == 1
    with pytest.raises(NotImplementedError):
        queue.push(3)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xff\xfe", "is not UTF-8"), (b"#" * (copies.SIZE_BYTES_MAX + 1), "bytes")],
)
def test_a_strange_file_is_one_line(toy, content, message):
    begin(toy, "push")
    toy.copy.write_bytes(content)
    with pytest.raises(BrokenCopy, match=message):
        copies.submitted(toy.exercise("push"), toy.catalogue, toy.work)


def test_a_link_out_of_work_is_refused(toy):
    begin(toy, "push")
    toy.copy.unlink()
    toy.copy.symlink_to(toy.root / "chapters" / "toy" / "queue.py")
    with pytest.raises(BrokenCopy, match="link"):
        copies.submitted(toy.exercise("push"), toy.catalogue, toy.work)


def test_the_difference_names_both_sides(toy):
    begin(toy, "push")
    lines = copies.difference(toy.exercise("push"), toy.work)
    assert '-        raise Unsolved("toy/push")' in lines
    assert "+        if len(self.things) == LIMIT:" in lines


def test_the_solution_holds_the_helpers_that_were_left_out(toy):
    names = [text.split("(")[0].split()[-1] for _, text in copies.solution(toy.exercise("pop"))]
    assert names == ["pop", "_first"]
