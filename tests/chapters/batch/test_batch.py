"""Every executor gives the same list; deaths, poison, errors, interruptions and kept results."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chapters.batch import (
    DuplicateKey,
    Executor,
    NoCluster,
    PoisonTask,
    ResultNotKept,
    SerialExecutor,
    TaskFailed,
    UnknownExecutor,
    executor,
)
from chapters.batch.processes import ProcessExecutor
from chapters.batch.results import ResultFolder
from chapters.batch.story import Piece, count_primes, demo, pieces

ROOT = Path(__file__).parents[3]


def name_of(piece: Piece) -> str:
    return piece.name


@pytest.fixture(params=[SerialExecutor, lambda: ProcessExecutor(workers=2)])
def crew(request: pytest.FixtureRequest) -> Iterator[Executor]:
    make: Callable[[], Executor] = request.param
    with make() as made:
        yield made


def test_results_stand_in_the_order_of_the_items(crew: Executor) -> None:
    work = pieces(3000, 7)
    assert crew.map(count_primes, work, key=name_of) == [count_primes(piece) for piece in work]


def test_no_items_no_results(crew: Executor) -> None:
    assert crew.map(abs, [], key=str) == []


def test_each_task_is_reported_once_as_it_finishes(crew: Executor) -> None:
    told: dict[str, int] = {}

    def on_done(key: str, result: int) -> None:
        assert key not in told
        told[key] = result

    crew.map(abs, [-3, 2, -1], key=str, on_done=on_done)
    assert told == {"-3": 3, "2": 2, "-1": 1}


def test_two_items_of_one_key_are_refused_before_anything_runs(crew: Executor) -> None:
    with pytest.raises(DuplicateKey, match="two items have the key 'same'"):
        crew.map(exit, [1, 2], key=lambda _: "same")


def test_what_a_task_raises_is_raised_with_its_key(crew: Executor) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        crew.map(reciprocal, [1, 0], key=str)
    assert "in task '0'" in caught.value.__notes__


def test_finished_results_are_kept_and_not_run_again(crew: Executor, tmp_path: Path) -> None:
    crew.map(reciprocal, [1, 2], key=str, folder=tmp_path)
    assert len(list(tmp_path.glob("*.result"))) == len(list(tmp_path.iterdir())) == 2
    with pytest.raises(ZeroDivisionError):
        crew.map(reciprocal, [1, 2, 0], key=str, folder=tmp_path)
    done: list[str] = []
    results = crew.map(
        negated, [1, 2, 0], key=str, folder=tmp_path, on_done=lambda key, _: done.append(key)
    )
    assert results == [1.0, 0.5, 0]  # two from the first batch, though another task was asked for
    assert sorted(done) == ["0", "1", "2"]


def reciprocal(number: int) -> float:
    return 1 / number


def negated(number: int) -> int:
    return -number


def test_a_dead_worker_loses_nothing(tmp_path: Path) -> None:
    work = [
        Piece(piece.first, piece.stop, tmp_path / str(piece.first) if index % 3 == 0 else None)
        for index, piece in enumerate(pieces(4000, 9))
    ]
    found = ProcessExecutor(workers=2).map(count_primes, work, key=name_of)
    assert found == [count_primes(piece) for piece in pieces(4000, 9)]
    assert len(list(tmp_path.iterdir())) == 3


def test_the_only_worker_may_die(tmp_path: Path) -> None:
    work = [Piece(0, 100, tmp_path / "died")]
    assert ProcessExecutor(workers=1).map(count_primes, work, key=name_of) == [25]


def test_a_task_that_kills_every_worker_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    told: list[str] = []
    with pytest.raises(PoisonTask, match=r"task '3' ended its worker 3 times \(exit code 9\)"):
        ProcessExecutor(workers=2).map(
            dies_of_three,
            range(8),
            key=str,
            folder=tmp_path,
            on_done=lambda key, _: told.append(key),
        )
    assert "3" not in told
    assert len(told) >= 6  # of seven: the other worker may have had one in hand
    assert len(list(tmp_path.iterdir())) == len(told)


def dies_of_three(number: int) -> int:
    if number == 3:
        os._exit(9)
    return number


class Awkward(Exception):
    """An error whose copy cannot be made from its message alone, as many are."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} and {two}")


def raises_awkwardly(number: int) -> int:
    raise Awkward("this", "that")


def test_an_error_that_cannot_travel_is_told_in_words() -> None:
    with pytest.raises(TaskFailed, match="Awkward: this and that"):
        ProcessExecutor(workers=1).map(raises_awkwardly, [1], key=str)


def returns_a_function(number: int) -> Any:
    return lambda: number


def test_a_result_that_cannot_travel_is_an_error_and_no_death() -> None:
    with pytest.raises(Exception, match=r"(?i)pickle") as caught:
        ProcessExecutor(workers=1).map(returns_a_function, [1], key=str)
    assert not isinstance(caught.value, PoisonTask)


def test_a_damaged_result_is_computed_again(tmp_path: Path) -> None:
    here = SerialExecutor()
    here.map(abs, [-5], key=str, folder=tmp_path)
    ResultFolder(tmp_path).path("-5").write_bytes(b"\x80rot")
    assert here.map(abs, [-5], key=str, folder=tmp_path) == [5]


def test_a_folder_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ResultNotKept, match="choose another folder"):
        SerialExecutor().map(abs, [1], key=str, folder=tmp_path / "file" / "folder")


def test_keys_that_look_alike_in_a_file_name_are_kept_apart(tmp_path: Path) -> None:
    items = ["a/b", "a b", "a-b", "../../a", "ä" * 300, ""]
    SerialExecutor().map(len, items, key=str, folder=tmp_path)
    found = SerialExecutor().map(str, items, key=str, folder=tmp_path)
    assert found == [3, 3, 3, 7, 300, 0]
    assert len(list(tmp_path.iterdir())) == 6


INTERRUPTED = """
import sys, time
from pathlib import Path
from chapters.batch.processes import ProcessExecutor

def slow(number):
    time.sleep(0.02 if number < 2 else 60)
    return "x" * 10_000

if __name__ == "__main__":
    try:
        ProcessExecutor(workers=2).map(slow, range(6), key=str, folder=Path(sys.argv[1]),
                                       on_done=lambda key, _: print(key, flush=True))
    except KeyboardInterrupt:
        sys.exit(130)
"""


def test_ctrl_c_leaves_nothing_half_written_and_nobody_behind(tmp_path: Path) -> None:
    script, results = tmp_path / "interrupted.py", tmp_path / "results"
    script.write_text(INTERRUPTED)
    with subprocess.Popen(
        [sys.executable, str(script), str(results)], stdout=subprocess.PIPE, start_new_session=True
    ) as batch:
        assert batch.stdout is not None
        batch.stdout.readline()
        batch.stdout.readline()
        os.killpg(batch.pid, signal.SIGINT)  # as a terminal does: to all of them
        assert batch.wait(30) == 130
    assert len(list(results.glob("*.result"))) == 2
    assert len(list(results.iterdir())) == 2
    assert is_gone(batch.pid)


def is_gone(group: int) -> bool:
    """Wait for the last process of a group to end, for ten seconds at most."""
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_the_kind_is_chosen_by_word_or_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KIT_CLUSTER", raising=False)
    assert isinstance(executor(), SerialExecutor)
    assert isinstance(executor("processes"), ProcessExecutor)
    assert isinstance(executor(workers=1), SerialExecutor)
    assert isinstance(executor(workers=2), ProcessExecutor)
    with pytest.raises(UnknownExecutor, match="there are serial, processes and cluster"):
        executor("threads")
    with pytest.raises(NoCluster, match="KIT_CLUSTER is not set"):
        executor("cluster")


def test_the_demonstration_counts_the_same_with_and_without_a_death(
    capsys: pytest.CaptureFixture[str],
) -> None:
    demo(upto=5000, tasks=4)
    assert capsys.readouterr().out.count("669") == 2
