"""Which node keeps which shard of a stripe, and who stands in for a node that is down.

    rank of the stripe's key    n4(a)  n1(c)  n6(b)  n2(a)  n5(b)  n3(c)
    homes of shards 0 … 5       n4     n1     n6     n2     n5     n3       zones take turns
    n6 is down                  n4     n1     n5     n2     n5     n3       n5 takes shard 2 too

Nothing is looked up: whoever knows the nodes' names computes the same homes. Invariant: a node holds
at most `parity` shards of a stripe, so any one node may be lost; a shard whose home is up stays at
home. And where zones allow it, none holds more than its share. O(shards × nodes).
Source: rendezvous hashing, Thaler & Ravishankar 1998; hinted handoff as in Dynamo, SOSP 2007.
Page: docs/s3/storage.md
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from chapters.consistent_hashing.rendezvous import Disk, rank
from chapters.sim.errors import at_least
from s3.storage.errors import LostQuorum


def assign(
    disks: Sequence[Disk], count: int, each_max: int, kept: Mapping[int, str] | None = None
) -> list[str]:
    """Return the disk of each of `count` shards: the emptiest in the emptiest zone, in this order.

    `disks` are those that are up, best first; `kept` are shards that stay where they are. None gets
    more than `each_max`. Raises `LostQuorum`.
    """
    chosen = dict(kept or {})
    zone_of = {disk.name: disk.zone for disk in disks}
    held = Counter(chosen.values())
    held_in = Counter(zone_of[name] for name in chosen.values())
    for shard in range(count):
        if shard in chosen:
            continue
        free = [name for name in zone_of if held[name] < each_max]
        if not free:
            raise LostQuorum(f"{len(disks)} nodes cannot hold {count} shards, {each_max} each")
        best = min(free, key=lambda name: (held[name], held_in[zone_of[name]]))
        chosen[shard] = best
        held[best] += 1
        held_in[zone_of[best]] += 1
    return [chosen[shard] for shard in range(count)]


class Placement:
    """The nodes of a cluster, and where each stripe's shards belong."""

    def __init__(self, disks: Sequence[Disk]) -> None:
        self._disks = {disk.name: disk for disk in disks}
        self._weights = {disk.name: disk.weight for disk in disks}

    def ranked(self, key: str) -> list[Disk]:
        """Return all disks, the best for `key` first."""
        return [self._disks[name] for name in rank(key.encode(), self._weights)]

    def homes(self, key: str, data: int, parity: int) -> list[str]:
        """Return the disk of each shard while all are up. Raises `LostQuorum`."""
        if len(self._disks) == data + parity == 1:
            return list(self._disks)
        return assign(self.ranked(key), data + parity, most(parity))

    def with_handoff(
        self, key: str, data: int, parity: int, up: Collection[str], stored: Mapping[int, str]
    ) -> list[str]:
        """Return a disk that is up for each shard; `stored` shards are where they are.

        Raises `LostQuorum` when fewer than `data` disks are up, or when they would hold too much.
        """
        if len(up) < data:
            raise LostQuorum(
                f"{len(up)} nodes take shards (are up, not full); a write needs {data}"
            )
        homes = self.homes(key, data, parity)
        if not stored and all(name in up for name in homes):
            return homes
        at_home = {shard: name for shard, name in enumerate(homes) if name in up}
        disks = [disk for disk in self.ranked(key) if disk.name in {*up, *stored.values()}]
        return assign(disks, data + parity, most(parity), {**at_home, **stored})


def most(parity: int) -> int:
    """Return how many shards of a stripe one node may hold, so that it may be lost."""
    return max(1, parity)


def demo(*, seed: int = 7, stripes: int = 5, nodes: int = 6) -> None:
    """Print the homes of some stripes, and who stands in when the first node is down."""
    at_least(1, stripes=stripes)
    at_least(4, nodes=nodes)
    disks = [Disk(f"n{number}", "abc"[number % 3]) for number in range(nodes)]
    placement = Placement(disks)
    up = [disk.name for disk in disks[1:]]
    print("  ".join(f"{disk.name} in zone {disk.zone}" for disk in disks))
    print(f"{'stripe':12} {'homes of shards 0 to 5':24} while n0 is down")
    for number in range(stripes):
        key = f"{seed}.{number:06x}."
        homes = placement.homes(key, 4, 2)
        places = placement.with_handoff(key, 4, 2, up, {})
        print(f"{key:12} {' '.join(homes):24} {' '.join(places)}")
