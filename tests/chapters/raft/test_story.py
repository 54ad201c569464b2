"""The demonstration: a picture, a verdict, and the same again for the same seed."""

import pytest

from chapters.errors import UsageError
from chapters.raft.story import demo


@pytest.mark.parametrize("members", [1, 2, 3, 5])
def test_the_story_ends_well(capsys, members):
    demo(members=members)
    told = capsys.readouterr().out
    assert "loses power" in told
    assert "every promise kept" in told


def test_another_leader_takes_over(capsys):
    demo(seed=7)
    told = capsys.readouterr().out
    assert "leads in term 1" in told
    assert "leads in term 2" in told


def test_the_same_seed_tells_the_same_story(capsys):
    demo(seed=11)
    first = capsys.readouterr().out
    demo(seed=11)
    assert capsys.readouterr().out == first


def test_a_group_has_bounds():
    with pytest.raises(UsageError, match="at most 9"):
        demo(members=10)
    with pytest.raises(UsageError, match="at least 1"):
        demo(members=0)
