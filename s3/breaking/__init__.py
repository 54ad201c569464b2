"""What the store promises when things go wrong, each promise put to the test.

The yardstick is what clients were told: what was acknowledged is there, byte for byte; what was refused
did not happen; of what nobody knows, all or nothing. Page: docs/s3/breaking.md
"""

from chapters.sim.promises import FaultStory
from s3.breaking.app import process_kill
from s3.breaking.disks import full_disk, lying_fsync, power, torn_write
from s3.breaking.nodes import nodes, repair_storm, slow_disk, zone_loss
from s3.breaking.reads import eventual_cache, hot_prefix, stale_listing
from s3.breaking.replicas import clock_skew, lost_quorum, partition
from s3.breaking.rot import bit_flip

__all__ = ["FAULTS"]

FAULTS = {
    each.name: each
    for each in (
        FaultStory("nodes", "storage nodes lose power under load", nodes),
        FaultStory("process-kill", "kill -9 of the real server in a burst of PUTs", process_kill),
        FaultStory("power", "power failure after every single write", power),
        FaultStory("torn-write", "the last write cut short, at every byte", torn_write),
        FaultStory("bit-flip", "flipped bits in shards and in the metadata", bit_flip),
        FaultStory("full-disk", "the disk fills up while objects come in", full_disk),
        FaultStory("lying-fsync", "disks that say synced and have not", lying_fsync),
        FaultStory("slow-disk", "one disk stalls; reads with and without a hedge", slow_disk),
        FaultStory("zone-loss", "a zone burns; placement with and without zones", zone_loss),
        FaultStory("repair-storm", "a second node dies during a repair", repair_storm),
        FaultStory("partition", "the metadata's leader on the wrong side of a cut", partition),
        FaultStory("lost-quorum", "races to create keys while a quorum is lost", lost_quorum),
        FaultStory("clock-skew", "clocks that are off: signatures and object lock", clock_skew),
        FaultStory("eventual-cache", "S3 before 2020: the stale answer, found", eventual_cache),
        FaultStory("stale-listing", "put here, list there", stale_listing),
        FaultStory("hot-prefix", "one prefix takes all the load", hot_prefix),
    )
}
