"""A stripe on its way to its nodes: all shards at once, and again for those that failed.

    start    6 shards ──► 6 nodes
    finish   5 stored, 1 failed (down, full, no answer) ──► its stand-in ──► … ──► all stored, or LostQuorum

Invariant: `finish` returns only when every shard is durable on a node of its own choosing, no node with
more than `parity` of them. A node that failed is not asked again for this stripe, so there are at most
as many rounds as nodes. Where nobody can stand in, a late node is better than none: when a disk holds
up everybody, a write takes as long as its calls may. Page: docs/s3/storage.md
"""

from collections.abc import Collection, Sequence
from functools import partial

from chapters.erasure.reed_solomon import ReedSolomon
from chapters.errors import KitError
from chapters.sim.clock import S
from chapters.sim.fan_out import Arrival
from chapters.sim.trace import AnySpan, begin
from s3.storage.cluster import Cluster
from s3.storage.errors import LostQuorum
from s3.storage.node import Node
from s3.storage.race import Race

PATIENCE_NS = (
    2 * S
)  # a node that takes longer gets a stand-in, if there is one; its copy is a stray


class StripeWrite:
    """The shards of one stripe that are being stored. Raises `LostQuorum`, at the start too."""

    def __init__(
        self, cluster: Cluster, code: ReedSolomon, key: str, shards: Sequence[bytes]
    ) -> None:
        self._cluster = cluster
        self._code = code
        self._key = key
        self._shards = shards
        self._race: Race[None] = cluster.pool.race()
        self._calls: list[tuple[int, str]] = []  # (shard, node) of each call ever begun
        self._spans: list[AnySpan] = []  # of the calls
        self._under_way: set[int] = set()  # the calls that are waited for
        self._stored: dict[int, str] = {}
        self._failed: set[str] = set()
        self._send()

    def finish(self) -> None:
        """Return once all shards are durable. Raises `LostQuorum`."""
        self.settle()
        while len(self._stored) < len(self._shards):
            self._send()
            self.settle()

    def settle(self) -> None:
        """Wait for what is under way, whatever comes of it, though not for ever."""
        patience_ns: int | None = PATIENCE_NS
        while self._under_way:
            arrival = self._race.next(patience_ns)
            patience_ns = PATIENCE_NS
            if arrival is not None:
                self._take(arrival)
            elif self._has_stand_ins():
                self._give_up_waiting()
            else:
                patience_ns = None

    def _send(self) -> None:
        """Begin to store what is not stored yet, on nodes that have not failed us."""
        for shard, name in enumerate(self._places(self._failed)):
            if shard not in self._stored:
                put = partial(_put, f"{self._key}{shard:02x}", self._shards[shard])
                self._under_way.add(len(self._calls))
                self._race.start(len(self._calls), name, partial(self._cluster.ask, name, put))
                self._calls.append((shard, name))
                self._spans.append(begin(f"shard {shard} to {name}"))

    def _places(self, shunned: Collection[str]) -> list[str]:
        """Return where each shard is or should go now. Raises `LostQuorum`."""
        up = [
            name
            for name in self._cluster.nodes
            if name not in shunned and self._cluster.is_up(name)
        ]
        return self._cluster.placement.with_handoff(
            self._key, self._code.data, self._code.parity, up, self._stored
        )

    def _has_stand_ins(self) -> bool:
        """Return whether the stripe can be stored without those who have not answered yet."""
        try:
            self._places({*self._failed, *(self._calls[call][1] for call in self._under_way)})
        except LostQuorum:
            return False
        return True

    def _take(self, arrival: Arrival[None]) -> None:
        if not isinstance(arrival.error, KitError | None):
            raise arrival.error
        self._note(arrival.index, is_stored=arrival.error is None)

    def _note(self, call: int, *, is_stored: bool) -> None:
        self._under_way.discard(call)
        shard, name = self._calls[call]
        self._spans[call].finish()
        if is_stored:
            self._stored.setdefault(shard, name)
        else:
            self._spans[call].set(error="not stored there: a stand-in gets it")
            self._failed.add(name)

    def _give_up_waiting(self) -> None:
        for call in sorted(self._under_way):
            self._cluster.leave_alone(self._calls[call][1])
            self._note(call, is_stored=False)


def _put(shard: str, payload: bytes, node: Node) -> None:
    node.put(shard, payload)
