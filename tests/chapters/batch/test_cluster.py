"""The same batches on a real Dask cluster on this machine, with workers killed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chapters.batch import Executor, NoCluster, PoisonTask, executor
from chapters.batch.cluster import ClusterExecutor
from chapters.batch.story import Piece, count_primes, pieces

pytestmark = pytest.mark.filterwarnings("ignore")  # Dask's own, on closing after a kill


@pytest.fixture
def crew(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Executor]:
    monkeypatch.setenv("KIT_CLUSTER", cluster.scheduler_address)
    with executor() as made:
        yield made


def name_of(piece: Piece) -> str:
    return piece.name


def test_a_cluster_gives_the_same_list(crew: Executor) -> None:
    work = pieces(3000, 7)
    assert crew.map(count_primes, work, key=name_of) == [count_primes(piece) for piece in work]


def test_what_a_task_raises_is_raised_here_with_its_key(crew: Executor) -> None:
    with pytest.raises(ValueError) as caught:
        crew.map(int, ["12", "twelve"], key=str)
    assert "in task 'twelve'" in caught.value.__notes__


def test_a_killed_worker_loses_nothing(crew: Executor, tmp_path: Path) -> None:
    plain = pieces(4000, 12)
    work = [*plain[:11], Piece(plain[11].first, plain[11].stop, tmp_path / "died")]
    done: list[str] = []
    found = crew.map(
        count_primes,
        work,
        key=name_of,
        folder=tmp_path / "results",
        on_done=lambda key, _: done.append(key),
    )
    assert found == [count_primes(piece) for piece in plain]
    assert (tmp_path / "died").exists()
    assert sorted(done) == sorted(map(name_of, plain))
    assert len(list((tmp_path / "results").iterdir())) == 12


def test_a_worker_killed_from_outside_loses_nothing(crew: Executor, cluster: Any) -> None:
    worker = next(iter(cluster.workers.values()))
    os.kill(worker.pid, signal.SIGKILL)
    assert crew.map(count_primes, pieces(4000, 12), key=name_of) == [
        count_primes(piece) for piece in pieces(4000, 12)
    ]


@pytest.mark.slow
def test_a_task_that_kills_every_worker_is_named(crew: Executor) -> None:
    with pytest.raises(PoisonTask, match="task '9' ended its worker"):
        crew.map(os._exit, [9], key=str)
    assert crew.map(abs, [-1], key=str) == [1]


@pytest.mark.parametrize("workers", [None, 1, 2])
def test_a_cluster_that_is_named_is_used_however_many_workers_are_asked_for(
    cluster: Any, monkeypatch: pytest.MonkeyPatch, workers: int | None
) -> None:
    monkeypatch.setenv("KIT_CLUSTER", cluster.scheduler_address)
    with executor(workers=workers) as crew:
        assert isinstance(crew, ClusterExecutor)


def test_a_scheduler_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chapters.batch.cluster.CONNECT_S", 1)
    monkeypatch.setenv("KIT_CLUSTER", "tcp://127.0.0.1:1")
    with pytest.raises(NoCluster, match=r"no Dask scheduler answers at tcp://127.0.0.1:1"):
        executor()
