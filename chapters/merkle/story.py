"""Two replicas of ten thousand keys that have drifted apart: what it costs to find out where.

Page: docs/chapters/merkle.md
"""

from dataclasses import dataclass
from random import Random

from chapters.merkle.difference import Counted, differences, size_bytes
from chapters.merkle.tree import BUCKETS, DIGEST_BYTES, Tree, levels_of
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least

TITLE = "Merkle trees"
DRIFTS = (0, 1, 10, 100, 1000)  # keys that differ

Replica = dict[bytes, bytes]  # key → digest of its value


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one comparison found, and what it cost."""

    found: int
    is_exact: bool
    messages: int
    bytes: int


def replica(rng: Random, keys: int) -> Replica:
    """Return a replica with so many keys: names of sixteen letters, random digests."""
    return {rng.randbytes(8).hex().encode(): rng.randbytes(DIGEST_BYTES) for _ in range(keys)}


def drifted(rng: Random, old: Replica, count: int) -> Replica:
    """Return a copy in which `count` keys are changed, missing or new, a third of each."""
    copy = dict(old)
    for number, key in enumerate(rng.sample(sorted(old), count)):
        match number % 3:
            case 0:
                copy[key] = rng.randbytes(DIGEST_BYTES)
            case 1:
                del copy[key]
            case _:
                copy[b"new " + key] = rng.randbytes(DIGEST_BYTES)
    return copy


def compared(mine: Replica, theirs: Replica, buckets: int) -> Comparison:
    """Compare two replicas through their trees; check the answer against comparing everything."""
    remote = Counted(Tree.of(theirs.items(), buckets))
    found = {each.key for each in differences(Tree.of(mine.items(), buckets), remote)}
    expected = {key for key, _ in mine.items() ^ theirs.items()}
    return Comparison(len(found), found == expected, remote.messages, remote.bytes)


def demo(*, seed: int = 7, keys: int = 10_000, buckets: int = BUCKETS) -> None:
    """Let one replica drift further and further; count messages and bytes."""
    at_least(1, keys=keys)
    levels = levels_of(buckets)
    rng = Chance(seed).stream("replicas")
    mine = replica(rng, keys)
    everything = size_bytes(mine)
    print(
        f"two replicas of {keys:,} keys, in {buckets:,} buckets each, {levels} levels below the root;"
    )
    print(f"all keys and digests of one of them are {everything:,} bytes\n")
    print("  differ   found   messages     bytes   of everything")
    for count in (count for count in DRIFTS if count <= keys):
        seen = compared(mine, drifted(rng, mine, count), buckets)
        mark = "✔" if seen.is_exact else "✘"
        print(
            f"  {count:6,}   {seen.found:5,}   {seen.messages:8,}   {seen.bytes:7,}"
            f"   {seen.bytes / everything:13.1%}   {mark}"
        )


if __name__ == "__main__":
    demo()
