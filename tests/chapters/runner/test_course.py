"""What comes next, and which exercise is meant."""

import pytest

from chapters.runner.course import following, meant, unlock
from chapters.runner.errors import NotStarted, StillLocked
from chapters.runner.progress import Mark, Progress

SOLVED = Mark(begun=True, tries=1, solved=True, solved_after=1)


def test_what_comes_next_goes_on_from_the_one_in_hand(toy):
    push, pop = toy.catalogue.exercises
    progress = Progress(toy.work)
    assert following(toy.catalogue, progress) == push
    progress = progress.marked(pop.id, Mark(begun=True))
    assert following(toy.catalogue, progress) == pop
    progress = progress.marked(pop.id, SOLVED)
    assert following(toy.catalogue, progress) == push
    assert following(toy.catalogue, progress.marked(push.id, SOLVED)) is None


def test_without_a_name_the_one_in_hand_is_meant(toy):
    with pytest.raises(NotStarted, match="no exercise is begun: kit start toy/push"):
        meant("", toy.catalogue, Progress(toy.work))
    progress = Progress(toy.work).marked("toy/pop", Mark(begun=True))
    assert meant("", toy.catalogue, progress).id == "toy/pop"
    assert meant("push", toy.catalogue, progress).id == "toy/push"


def test_the_solution_waits_unless_one_insists(toy):
    pop = toy.exercise("pop")
    with pytest.raises(StillLocked, match="--anyway"):
        unlock(pop, Progress(toy.work), anyway=False)
    unlock(pop, Progress(toy.work), anyway=True)
    unlock(pop, Progress(toy.work).marked(pop.id, SOLVED), anyway=False)
