"""How much a member lets wait, sends at once and keeps: every bound of this chapter, in one place.

Page: docs/chapters/raft.md
"""

from dataclasses import dataclass

from chapters.log.segment import SEGMENT_BYTES_MAX
from chapters.sim.clock import MS

ELECTION_TIMEOUT_NS = 300 * MS  # far above a round trip with its sync; a leader's death costs this
HEARTBEAT_NS = 60 * MS  # a few may be lost before anybody worries

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one member; the defaults suit commands of some kilobytes."""

    command_bytes_max: int = MIB
    pending_max: int = 4096  # commands that wait for a majority
    pending_bytes_max: int = 32 * MIB  # below the log's BATCH_BYTES_MAX
    reads_max: int = 10_000  # that wait for a round of heartbeats
    message_entries_max: int = 512
    message_bytes_max: int = MIB  # entries of one message; one entry is always sent
    chunk_bytes_max: int = MIB  # of a snapshot
    entries_kept: int = 1024  # for followers that lag, though the machine needs them no more
    compact_entries: int = 256  # are dropped together: each time costs a sync
    segment_bytes_max: int = SEGMENT_BYTES_MAX
