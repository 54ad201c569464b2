"""The ledger: every task finishes once, or is named, whatever dies when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.batch.attempts import Attempts
from chapters.batch.errors import PoisonTask


def test_a_lost_task_goes_behind_the_others() -> None:
    attempts = Attempts(["a", "b"])
    assert attempts.begin(1) == "a"
    assert attempts.lose(1, "exit code 1") == "a"
    assert [attempts.begin(1), attempts.begin(2)] == ["b", "a"]


def test_an_idle_worker_loses_nothing() -> None:
    attempts = Attempts([])
    assert attempts.lose(4, "exit code 1") is None
    assert attempts.is_over


def test_the_last_try_names_the_task_and_the_cause() -> None:
    attempts = Attempts(["a"], tries_max=1)
    attempts.begin(1)
    with pytest.raises(PoisonTask, match=r"'a' ended its worker 1 times \(killed by signal 9\)"):
        attempts.lose(1, "killed by signal 9")


@given(
    count=st.integers(0, 6),
    deaths=st.lists(st.booleans(), max_size=40),
    workers=st.integers(1, 4),
)
def test_every_task_finishes_once_or_is_named(count: int, deaths: list[bool], workers: int) -> None:
    attempts = Attempts(map(str, range(count)))
    fate = iter(deaths)
    finished: list[str] = []
    while not attempts.is_over:
        for worker in range(workers):
            if not attempts.is_busy(worker):
                attempts.begin(worker)
        for worker in filter(attempts.is_busy, range(workers)):
            if not next(fate, False):
                finished.append(attempts.finish(worker))
                continue
            try:
                attempts.lose(worker, "exit code 1")
            except PoisonTask as poison:
                assert poison.key not in finished
                return
    assert sorted(finished) == [str(number) for number in range(count)]
