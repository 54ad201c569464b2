"""Scrub everything and repair what is found, while somebody watches.

    scrub    node after node, 16 MiB at a step; how far it is = shards read of shards there
    repair   the stripes that are wounded, the worst first

The store's upkeep repairs what is missing by itself, every few seconds; damage is found by reading, and
that is what this is for. One at a time. Page: docs/s3/console.md
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from chapters.errors import KitError, UsageError
from s3.storage.anti_entropy import Copy
from s3.storage.blobs import Blobs
from s3.storage.node import Node
from s3.storage.scrub import Scrubbed
from s3.upkeep import Upkeep

DAMAGED_SHOWN = 20

T = TypeVar("T")

Json = dict[str, Any]
Spawn = Callable[[Callable[[], object]], object]


@dataclass(slots=True)
class Scrubbing:
    """How far a scrub has come."""

    shards: int = 0
    shards_total: int = 0
    size_bytes: int = 0
    damaged: list[Copy] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)  # nodes that did not answer


class Mending:
    """The scrub and repair that the console asks for; `spawn` runs work beside the caller."""

    def __init__(self, *, upkeep: Upkeep, blobs: Blobs, spawn: Spawn) -> None:
        self._upkeep = upkeep
        self._blobs = blobs
        self._spawn = spawn
        self.phase = "idle"  # then "scrubbing", "repairing", "done" or "failed"
        self.reason = ""
        self.scrubbing = Scrubbing()

    def begin(self) -> None:
        """Start a scrub and a repair. Raises `UsageError` while one is under way."""
        if self.phase in ("scrubbing", "repairing"):
            raise UsageError("a scrub is under way already; wait for its end")
        self.phase, self.reason = "scrubbing", ""
        self._spawn(self.run)

    def run(self) -> None:
        """Scrub, then repair."""
        try:
            self._scrub()
            self.phase = "repairing"
            self._upkeep.repair(self.scrubbing.damaged)
            self.phase = "done"
        except KitError as error:
            self.phase, self.reason = "failed", str(error)
        finally:
            if self.phase in ("scrubbing", "repairing"):
                self.phase = "failed"

    def to_json(self) -> Json:
        """Return how far it is."""
        scrub = asdict(self.scrubbing)
        scrub["damaged"] = scrub["damaged"][:DAMAGED_SHOWN]
        repair = self._upkeep.progress.to_json()
        return {"phase": self.phase, "reason": self.reason, "scrub": scrub, "repair": repair}

    def _scrub(self) -> None:
        self.scrubbing = Scrubbing()
        names = list(self._blobs.cluster.nodes)
        for name in names:
            status = self._ask(name, lambda node: node.status())
            self.scrubbing.shards_total += int(status["shards"]) if status else 0
        for name in names:
            self._scrub_node(name)

    def _scrub_node(self, name: str) -> None:
        cursor, found = "", self.scrubbing
        while True:
            step = self._step(name, cursor)
            if step is None:
                found.silent.append(name)
                return
            found.shards += step.shards
            found.size_bytes += step.size_bytes
            found.damaged += [(name, shard) for shard in step.damaged]
            cursor = step.cursor
            if not cursor:
                return

    def _step(self, name: str, cursor: str) -> Scrubbed | None:
        return self._ask(name, lambda node: node.scrub(cursor))

    def _ask(self, name: str, call: Callable[[Node], T]) -> T | None:
        """Return what a node answers, or None: a node that is away is for another time."""
        try:
            return call(self._blobs.cluster.nodes[name])
        except KitError:
            return None
