"""What comes next, and which exercise is meant."""

import pytest

from chapters.runner.course import following, meant, unlock
from chapters.runner.errors import NotStarted, StillLocked
from chapters.runner.progress import Progress, Standing

SOLVED = Standing(begun=True, tries=1, solved=True, solved_after=1)


def test_what_comes_next_goes_on_from_the_one_in_hand(toy):
    push, pop = toy.catalogue.exercises
    progress = Progress(toy.work)
    assert following(toy.catalogue, progress) == push
    progress = progress.with_standing(pop.id, Standing(begun=True))
    assert following(toy.catalogue, progress) == pop
    progress = progress.with_standing(pop.id, SOLVED)
    assert following(toy.catalogue, progress) == push
    assert following(toy.catalogue, progress.with_standing(push.id, SOLVED)) is None


def test_without_a_name_the_one_in_hand_is_meant(toy):
    with pytest.raises(NotStarted, match="no exercise is begun: kit start toy/push"):
        meant("", toy.catalogue, Progress(toy.work))
    progress = Progress(toy.work).with_standing("toy/pop", Standing(begun=True))
    assert meant("", toy.catalogue, progress).id == "toy/pop"
    assert meant("push", toy.catalogue, progress).id == "toy/push"


def test_the_solution_waits_unless_one_insists(toy):
    pop = toy.exercise("pop")
    with pytest.raises(StillLocked, match="--anyway"):
        unlock(pop, Progress(toy.work), anyway=False)
    unlock(pop, Progress(toy.work), anyway=True)
    unlock(pop, Progress(toy.work).with_standing(pop.id, SOLVED), anyway=False)
