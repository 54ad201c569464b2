"""A mistake on purpose: made for a while, unmade whatever happens, and told in words."""

from dataclasses import dataclass

import pytest

from chapters.errors import UsageError
from chapters.sim.mistakes import Mistake, Patch, caught, first_broken, making


class Till:
    def total(self) -> int:
        return 2 + 2

    def change(self) -> int:
        return 1


BROKEN = {
    "five": Mistake("sums are wrong", [Patch(Till, "total", lambda self: 5)]),
    "both": Mistake(
        "everything is wrong",
        [Patch(Till, "total", lambda self: 5), Patch(Till, "change", lambda self: 0)],
    ),
}


@dataclass(frozen=True)
class Ended:
    broken: tuple[str, ...]


def test_a_mistake_is_made_for_a_while():
    with making("both", BROKEN):
        assert (Till().total(), Till().change()) == (5, 0)
    assert (Till().total(), Till().change()) == (4, 1)


def test_it_is_unmade_when_something_is_raised():
    with pytest.raises(ZeroDivisionError), making("five", BROKEN):
        assert Till().total() // 0
    assert Till().total() == 4


def test_no_name_is_no_mistake():
    with making("", BROKEN):
        assert Till().total() == 4


def test_a_name_that_nobody_knows_is_refused_with_those_that_there_are():
    with (
        pytest.raises(UsageError, match="mistake is 'six'; there are: five, both"),
        making("six", BROKEN),
    ):
        raise AssertionError


def test_the_first_seed_that_breaks_something_is_found_and_no_other_is_run():
    run = []

    def run_of(seed: int) -> Ended:
        run.append(seed)
        return Ended(("3: lost",) if seed == 12 else ())

    assert first_broken(range(10, 20), run_of) == (12, Ended(("3: lost",)))
    assert run == [10, 11, 12]
    assert first_broken(range(3), run_of) is None


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ((12, Ended(("3: lost", "1: gone"))), "round   3, invariant 3"),
        ((10, Ended(("raised: KeyError",))), "round   1, an error"),
        (None, "not caught in 90"),
    ],
)
def test_it_is_told_by_which_run_and_by_what(found, words):
    assert caught(found, range(10, 100), "round") == words
