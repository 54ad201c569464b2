"""Run one task over many items, anywhere: in this process, on all cores, on a cluster.

    with executor(workers=2) as crew:
        grades = crew.map(grade, submissions, key=name_of, folder=Path("grades"))

Invariant: the list returned is the same for every executor, in the order of the items. Each item
has a key; with a folder, finished keys are kept there and not run again, so a batch that was
interrupted goes on where it was. Meant for coarse tasks, a tenth of a second and more: a process
costs 0.2 ms a task, a cluster 5 ms. Page: docs/chapters/batch.md
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from chapters.batch.errors import DuplicateKey, UnknownExecutor
from chapters.batch.results import ResultFolder

Item = TypeVar("Item")
Result = TypeVar("Result")

CLUSTER_VARIABLE = "KIT_CLUSTER"  # tcp://host:8786, the address of a Dask scheduler


class Executor(ABC):
    """A place where tasks run. Each kind says only how to run what is not there yet."""

    def map(
        self,
        task: Callable[[Item], Result],
        items: Iterable[Item],
        *,
        key: Callable[[Item], str],
        folder: Path | None = None,
        on_done: Callable[[str, Result], None] | None = None,
    ) -> list[Result]:
        """Return `task(item)` for each item, in order; call `on_done(key, result)` as they finish.

        `task` must be idempotent: it is run again if its worker dies. What it raises is raised
        here, with a note of its key; results that are in `folder` by then stay there.
        Raises `DuplicateKey`, `PoisonTask`.
        """
        keyed = _keyed(items, key)
        kept = ResultFolder(folder) if folder else None
        results: dict[str, Result] = kept.load(list(keyed)) if kept else {}
        for name, result in results.items():
            _report(on_done, name, result)
        missing = {name: item for name, item in keyed.items() if name not in results}
        for name, result in self._run(task, missing):
            if kept:
                kept.save(name, result)
            results[name] = result
            _report(on_done, name, result)
        return [results[name] for name in keyed]

    @abstractmethod
    def _run(
        self, task: Callable[[Item], Result], items: dict[str, Item]
    ) -> Iterator[tuple[str, Result]]:
        """Yield each key with its result, in whatever order they finish."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:  # noqa: B027  most have nothing to give back
        """Give back what the executor holds."""


class SerialExecutor(Executor):
    """One task after the other, in this process: easy to debug, and nothing can get lost."""

    def _run(
        self, task: Callable[[Item], Result], items: dict[str, Item]
    ) -> Iterator[tuple[str, Result]]:
        for name, item in items.items():
            try:
                result = task(item)
            except Exception as error:
                error.add_note(f"in task {name!r}")
                raise
            yield name, result


def executor(kind: str | None = None, *, workers: int | None = None) -> Executor:
    """Return an executor: "serial", "processes" or "cluster".

    Without a kind: the cluster if KIT_CLUSTER names one, else as many processes as `workers` says
    if that is more than one, else this process. "processes" without `workers` means one a core.
    Raises `UnknownExecutor`, `NoCluster`.
    """
    match kind or _kind_here(workers):
        case "serial":
            return SerialExecutor()
        case "processes":
            from chapters.batch.processes import ProcessExecutor

            return ProcessExecutor(workers=workers)
        case "cluster":
            from chapters.batch.cluster import ClusterExecutor

            return ClusterExecutor(os.environ.get(CLUSTER_VARIABLE, ""))
    raise UnknownExecutor(f"no executor {kind!r}; there are serial, processes and cluster")


def _kind_here(workers: int | None) -> str:
    if os.environ.get(CLUSTER_VARIABLE):
        return "cluster"
    return "processes" if workers is not None and workers > 1 else "serial"


def _keyed(items: Iterable[Item], key: Callable[[Item], str]) -> dict[str, Item]:
    keyed: dict[str, Item] = {}
    for item in items:
        name = key(item)
        if name in keyed:
            raise DuplicateKey(f"two items have the key {name!r}; make keys that differ")
        keyed[name] = item
    return keyed


def _report(on_done: Callable[[str, Result], None] | None, name: str, result: Result) -> None:
    if on_done is not None:
        on_done(name, result)
