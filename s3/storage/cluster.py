"""The nodes of a store, which of them are up, and calls to them.

Invariant: a node that did not answer is left alone for a second, so a dead one costs each second one
call's patience rather than every call's. Nobody elects or announces anything: who is up is what this
client saw last, and being wrong costs time, not bytes. Page: docs/s3/storage.md
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from chapters.consistent_hashing.rendezvous import Disk
from chapters.errors import KitError
from chapters.sim.clock import Clock, S
from s3.storage.errors import NoAnswer, Unreachable
from s3.storage.node import Node
from s3.storage.placement import Placement
from s3.storage.race import Pool, Race

T = TypeVar("T")

LEFT_ALONE_NS = 1 * S
PATIENCE_NS = 2 * S  # with a node that is asked together with all others


class Cluster:
    """Nodes by name. As thread-safe as they and the pool are."""

    def __init__(self, nodes: Sequence[Node], *, clock: Clock, pool: Pool) -> None:
        self.nodes = {node.name: node for node in nodes}
        self.placement = Placement([Disk(node.name, node.zone) for node in nodes])
        self.pool = pool
        self._clock = clock
        self._down_until_ns: dict[str, int] = {}

    def is_up(self, name: str) -> bool:
        """Return whether a node may be asked: it answered last time, or that is a while ago."""
        until_ns = self._down_until_ns.get(name)
        return until_ns is None or self._clock.now_ns() >= until_ns

    def ask(self, name: str, call: Callable[[Node], T]) -> T:
        """Return what a node answers, and remember whether it did. Raises what the call raises."""
        try:
            answer = call(self.nodes[name])
        except (Unreachable, NoAnswer):
            self.leave_alone(name)
            raise
        self._down_until_ns.pop(name, None)
        return answer

    def leave_alone(self, name: str) -> None:
        """Do not count on a node for a while."""
        self._down_until_ns[name] = self._clock.now_ns() + LEFT_ALONE_NS

    def close(self) -> None:
        """Give back files and connections."""
        for node in self.nodes.values():
            node.close()

    def ask_all(
        self, call: Callable[[Node], T], *, only_up: bool = False
    ) -> Iterator[tuple[str, T]]:
        """Ask every node at once, or those that are up; yield what is answered in time."""
        race: Race[T] = self.pool.race()
        waiting = dict(enumerate(name for name in self.nodes if not only_up or self.is_up(name)))
        for index, name in waiting.items():
            race.start(index, name, partial(self.ask, name, call))
        while waiting:
            arrival = race.next(PATIENCE_NS)
            if arrival is None:
                for name in waiting.values():
                    self.leave_alone(name)
                return
            name = waiting.pop(arrival.index)
            if arrival.error is None:
                yield name, arrival.values[0]
            elif not isinstance(arrival.error, KitError):
                raise arrival.error
