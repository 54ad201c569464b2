"""Which shards to read when some are lost, slow or damaged, and the bytes made of them.

    wanted 1        ask 1 ─────────────────────────────► there: done, one read
    wanted 1        ask 1 ──► damaged
                    ask 0, 2, 3, 4 ────────────────────► any four: rebuild 1
    wanted 0 1 2 3  ask 0, 1, 2, 3 ──► 2 is late
                    ask 4 ─────────────────────────────► 0, 1, 3, 4 are there: rebuild 2, forget the late

Invariant: what is returned are the bytes that were written, or `LostQuorum` is raised: every shard is
proved by its node before it counts. No more shards are asked than might be needed.
Source: hedged requests, Dean & Barroso, "The Tail at Scale", CACM 2013. Page: docs/s3/storage.md
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from chapters.erasure.reed_solomon import ReedSolomon
from chapters.errors import KitError
from chapters.sim.fan_out import Arrival
from chapters.sim.trace import AnySpan, begin
from chapters.sim.trace import note as remark
from s3.storage.errors import LostQuorum
from s3.storage.race import Pool, Race

Ask = Callable[[int], tuple[str, Callable[[], bytes]]]
"""A shard's number to (the node that has it, the call that reads it)."""


def further_reads(
    data: int,
    total: int,
    wanted: Collection[int],
    asked: Collection[int],
    lost: Collection[int],
    late: Collection[int],
) -> list[int]:
    """Return the shards to ask next: the wanted ones, or as many as rebuilding still needs.

    `asked` are those asked so far; of these some are `lost` (absent or damaged) and some `late`, which
    may come yet but are not counted on. Any `data` of the `total` shards rebuild all others.
    """
    unasked = [shard for shard in range(total) if shard not in asked and shard not in lost]
    hopeful = [shard for shard in asked if shard not in lost and shard not in late]
    if all(shard in hopeful or shard in unasked for shard in wanted):
        return [shard for shard in wanted if shard in unasked]
    return unasked[: max(0, data - len(hopeful))]


@dataclass(slots=True)
class Reads:
    """What has become of the shards of a stripe so far."""

    lost: dict[int, KitError]
    here: dict[int, bytes] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    late: set[int] = field(default_factory=set)
    spans: dict[int, AnySpan] = field(default_factory=dict)

    @property
    def pending(self) -> set[int]:
        """The shards that were asked and may still come."""
        return {shard for shard in self.asked if shard not in self.here and shard not in self.lost}

    def note(self, arrival: Arrival[bytes] | None) -> None:
        """Take note of an answer; None means that all who are pending are late."""
        if arrival is None:
            self.late |= self.pending
            remark("late: others are asked as well", shards=", ".join(map(str, sorted(self.late))))
            return
        self.spans[arrival.index].finish()
        if arrival.error is None:
            self.here[arrival.index] = arrival.values[0]
        elif isinstance(arrival.error, KitError):
            self.lost[arrival.index] = arrival.error
            self.spans[arrival.index].set(error=str(arrival.error))
        else:
            raise arrival.error


def fetch(
    code: ReedSolomon,
    wanted: Sequence[int],
    ask: Ask,
    *,
    pool: Pool,
    patience_ns: int,
    lost: Mapping[int, KitError] | None = None,
) -> list[bytes]:
    """Return the wanted shards, read or rebuilt. `lost` need not be asked. Raises `LostQuorum`.

    Whoever has not answered after `patience_ns` is late, and others are asked beside it.
    """
    race: Race[bytes] = pool.race()
    reads = Reads(dict(lost or {}))
    while len(reads.here) < code.data and not all(shard in reads.here for shard in wanted):
        for shard in further_reads(
            code.data, code.total, wanted, reads.asked, reads.lost, reads.late
        ):
            node, call = ask(shard)
            race.start(shard, node, call)
            reads.asked.append(shard)
            reads.spans[shard] = begin(f"shard {shard} from {node}")
        if not reads.pending:
            raise lost_quorum(code, reads)
        has_spare = len({*reads.asked, *reads.lost}) < code.total
        reads.note(race.next(patience_ns if has_spare else None))
    if rebuilt := [str(shard) for shard in wanted if shard not in reads.here]:
        remark("rebuilt from the others", shards=", ".join(rebuilt))
    return code.decode(reads.here, wanted)


def lost_quorum(code: ReedSolomon, reads: Reads) -> LostQuorum:
    """Return the error of a stripe of which too little can be read."""
    return LostQuorum(
        f"{len(reads.here)} of {code.total} shards can be read and {code.data} are needed; "
        f"the first that cannot: {next(iter(reads.lost.values()), 'none')}"
    )
