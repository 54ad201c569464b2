"""Ratios: alternating, by medians, with their spread."""

import pytest

from chapters.measure import NothingMeasured, compare


class Machine:
    """A timer that moves by what the code under test costs, and a noisy neighbour."""

    def __init__(self) -> None:
        self.now_ns, self.order, self.rounds = 0, "", 0

    def run(self, name: str, cost_ns: int) -> None:
        self.order += name
        self.now_ns += cost_ns


def test_sides_alternate_and_take_turns_at_going_first() -> None:
    machine = Machine()
    ratio = compare(
        lambda: machine.run("a", 10),
        lambda: machine.run("b", 25),
        rounds=3,
        names=("ours", "theirs"),
        timer_ns=lambda: machine.now_ns,
    )
    assert machine.order == "ab" + "ab" + "ba" + "ab"
    assert (ratio.ratio, ratio.low, ratio.high, ratio.rounds) == (2.5, 2.5, 2.5, 3)
    assert str(ratio).startswith(
        "ours is 2.50× as fast as theirs (ratio 2.50–2.50 over 3 rounds; CPU "
    )


def test_one_disturbed_round_does_not_move_the_median() -> None:
    machine, costs = Machine(), iter([10, 10, 10, 10_000, 10, 10, 10, 10])
    ratio = compare(
        lambda: machine.run("a", next(costs)),
        lambda: machine.run("b", 20),
        timer_ns=lambda: machine.now_ns,
    )
    assert ratio.ratio == 2.0


def test_on_real_code_the_slower_side_is_slower() -> None:
    ratio = compare(lambda: sum(range(1_000)), lambda: sum(range(200_000)), rounds=3)
    assert ratio.ratio > 5


def test_no_rounds_are_refused() -> None:
    with pytest.raises(NothingMeasured, match="at least 1"):
        compare(int, int, rounds=0)
