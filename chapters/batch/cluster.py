"""The same tasks on a Dask cluster, whose scheduler KIT_CLUSTER names.

    dask scheduler                                  on one machine
    dask worker tcp://scheduler:8786                on as many as there are
    KIT_CLUSTER=tcp://scheduler:8786 kit course grade submissions/

Dask moves a dead worker's tasks to the others, those that had *finished* there too: their results
died with it. So tasks run more than once here, and must be idempotent. The workers need this kit
installed; the folder for results needs to be on this machine only. Page: docs/chapters/batch.md
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from chapters.batch.errors import NoCluster, PoisonTask
from chapters.batch.executor import CLUSTER_VARIABLE, Executor, Item, Result

CONNECT_S = 10


class ClusterExecutor(Executor):
    """Workers on any number of machines."""

    def __init__(self, address: str) -> None:
        self._client = _connect(address)

    def _run(
        self, task: Callable[[Item], Result], items: dict[str, Item]
    ) -> Iterator[tuple[str, Result]]:
        dask = import_module("distributed")
        futures = {
            self._client.submit(task, item, pure=False, key=f"{key}-{id(items):x}"): key
            for key, item in items.items()
        }
        try:
            for future in dask.as_completed(list(futures), loop=self._client.loop):
                key = futures[future]
                try:
                    result = future.result()
                except dask.KilledWorker as error:
                    deaths = self._allowed_deaths()
                    raise PoisonTask(key, deaths, f"the last on {error.last_worker.name}") from None
                except Exception as error:
                    error.add_note(f"in task {key!r}")
                    raise
                future.release()  # or the cluster keeps every result until the end
                yield key, result
        finally:
            self._client.cancel(list(futures))

    def close(self) -> None:
        """Leave the cluster; it goes on without us."""
        self._client.close()

    def _allowed_deaths(self) -> int:
        return int(import_module("dask").config.get("distributed.scheduler.allowed-failures")) + 1


def _connect(address: str) -> Any:
    try:
        dask = import_module("distributed")
    except ImportError:
        raise NoCluster(
            f"{CLUSTER_VARIABLE} is set but Dask is not installed: "
            f"pip install 'system-design-kit[cluster]'"
        ) from None
    if not address:
        raise NoCluster(f"{CLUSTER_VARIABLE} is not set; tcp://host:8786 names a Dask scheduler")
    try:
        return dask.Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise NoCluster(
            f"no Dask scheduler answers at {address} ({error}); start one with `dask scheduler`, "
            f"or unset {CLUSTER_VARIABLE}"
        ) from None
