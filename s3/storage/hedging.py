"""What a second question is worth: reads with and without company, measured in virtual time.

    without   four nodes are asked, and the slowest decides
    hedged    who is late gets company from a fifth; any four make the stripe

A read of k shards is as slow as the slowest of k, so one slow answer in a hundred is four in a hundred
stripes. Asking k+1 from the start would cure that and cost a quarter more of everything; asking the
spare only after `patience` costs a few percent. Page: docs/s3/storage.md
"""

from dataclasses import dataclass

from chapters.sim.clock import MS, S, spell
from chapters.sim.errors import at_least
from chapters.sim.latency import Latency, LogNormal, Sometimes
from s3.storage.simulated import SimCluster

USUAL = LogNormal(median_ns=3 * MS, p99_ns=12 * MS)  # a disk that nobody else is waiting for
STALL = LogNormal(median_ns=150 * MS, p99_ns=600 * MS)  # one that retries a sector, or collects
NEVER_NS = 3600 * S
BLOBS = 50  # of one stripe each, so that every node holds data of some and parity of others


@dataclass(frozen=True, slots=True)
class Measured:
    """The latencies of many reads, sorted, and how many shards were asked for them."""

    latencies_ns: list[int]
    shards: int

    def percentile_ns(self, percent: float) -> int:
        return self.latencies_ns[int(len(self.latencies_ns) * percent / 100)]


def measure(seed: int, patience_ns: int, reads: int, stall: float, slow_node: bool) -> Measured:
    """Read a stripe many times from nodes that stall with probability `stall`."""
    latency: dict[str, Latency] = {
        f"n{number}": Sometimes(USUAL, STALL, stall) for number in range(6)
    }
    if slow_node:
        latency["n0"] = STALL
    cluster = SimCluster(seed, latency=latency, patience_ns=patience_ns)
    blobs = [cluster.blobs.write([bytes(4096)]) for _ in range(BLOBS)]
    before, latencies_ns = cluster.races.started, []
    for number in range(reads):
        start_ns = cluster.clock.now_ns()
        for _ in cluster.blobs.read(blobs[number % BLOBS], 0, 4096):
            latencies_ns.append(cluster.clock.now_ns() - start_ns)
    return Measured(sorted(latencies_ns), cluster.races.started - before)


def demo(*, seed: int = 7, reads: int = 2000, stall: float = 0.01, patience_ms: int = 15) -> None:
    """Read stripes of 4+2 shards from disks that stall now and then, and from one that always does."""
    at_least(1, reads=reads, patience_ms=patience_ms)
    print(f"{reads} reads of 4 shards; a node stalls in {stall:.1%} of its answers")
    for slow_node, words in ((False, "six such nodes"), (True, "one of six always slow")):
        print(f"  {words}")
        for name, patience_ns in (("wait", NEVER_NS), ("hedge", patience_ms * MS)):
            found = measure(seed, patience_ns, reads, stall, slow_node)
            p50, p99, p999 = (spell(found.percentile_ns(each)) for each in (50, 99, 99.9))
            extra = found.shards / reads / 4 - 1
            print(
                f"    {name:5}  p50 {p50:>8}  p99 {p99:>8}  p99.9 {p999:>8}   "
                f"{extra:+.1%} shards read"
            )
