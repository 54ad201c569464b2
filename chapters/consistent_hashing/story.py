"""A node joins, and keys move: by four rules, how many, and how many of them for nothing?

Then what the number of virtual nodes does to the load, and what a lost zone costs with and without
a thought for zones. Page: docs/chapters/consistent_hashing.md
"""

from collections import Counter
from collections.abc import Callable

from chapters.consistent_hashing.murmur import hash64
from chapters.consistent_hashing.numbered import jump, modulo
from chapters.consistent_hashing.rendezvous import Disk, rank, spread
from chapters.consistent_hashing.ring import VNODES, Ring
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least

TITLE = "Consistent hashing"
TOKENS_A_NODE = (1, 8, 64, 512)
ZONES, DISKS_A_ZONE, PIECES = 3, 6, 9

Rule = Callable[[bytes], str]  # which node has the key


def rules(nodes: list[str], vnodes: int) -> dict[str, Rule]:
    """Return the four ways to find a key's node among `nodes`."""
    ring = Ring(nodes, vnodes)
    return {
        "modulo": lambda key: nodes[modulo(hash64(key), len(nodes))],
        "jump": lambda key: nodes[jump(hash64(key), len(nodes))],
        "ring": ring.owner,
        "rendezvous": lambda key: rank(key, nodes)[0],
    }


def moved(keys: list[bytes], before: Rule, after: Rule, new: str) -> tuple[int, int]:
    """Return how many keys change their node, and how many of those do not go to the new one."""
    changes = [after(key) for key in keys if before(key) != after(key)]
    return len(changes), sum(node != new for node in changes)


def loads(keys: list[bytes], nodes: list[str], vnodes: int) -> list[float]:
    """Return each node's load on a ring, as a multiple of the even share, in ascending order."""
    counts = Counter(map(Ring(nodes, vnodes).owner, keys))
    return sorted(counts[node] * len(nodes) / len(keys) for node in nodes)


def lost_with_a_zone(keys: list[bytes]) -> tuple[int, int]:
    """Return the most pieces of one key that one zone holds: without a cap, and with one."""
    disks = [
        Disk(f"{zone}{number}", zone) for zone in "abc"[:ZONES] for number in range(DISKS_A_ZONE)
    ]
    names = [disk.name for disk in disks]
    blind = max(_most_in_a_zone(rank(key, names)[:PIECES]) for key in keys)
    return blind, max(_most_in_a_zone(spread(key, disks, PIECES)) for key in keys)


def _most_in_a_zone(names: list[str]) -> int:
    return max(Counter(name[0] for name in names).values())


def demo(*, seed: int = 7, nodes: int = 10, keys: int = 10_000, vnodes: int = VNODES) -> None:
    """Let a node join; then vary the virtual nodes; then lose a zone."""
    at_least(1, nodes=nodes, keys=keys, vnodes=vnodes)
    rng = Chance(seed).stream("keys")
    cluster = [f"c{seed}-node{number}" for number in range(nodes + 1)]
    names = cluster[:-1]
    sample = [rng.randbytes(12) for _ in range(keys)]
    _print_moved(sample, cluster, vnodes)
    print(f"\nload of {nodes} nodes on a ring, as multiples of the even share:\n")
    print("  vnodes   least loaded   most loaded")
    for count in TOKENS_A_NODE:
        shares = loads(sample, names, count)
        print(f"  {count:6}   {shares[0]:12.2f}   {shares[-1]:11.2f}")
    blind, capped = lost_with_a_zone(sample[:1000])
    disks = ZONES * DISKS_A_ZONE
    print(f"\n{PIECES} pieces of each key on {disks} disks in {ZONES} zones; one zone burns:")
    print(f"  {blind} pieces of the unluckiest key are lost by rank alone, {capped} by spread")


def _print_moved(keys: list[bytes], cluster: list[str], vnodes: int) -> None:
    """Let the last node of the cluster join the others."""
    *names, new = cluster
    before, after = rules(names, vnodes), rules(cluster, vnodes)
    least = len(keys) / len(cluster)
    print(f"{len(keys):,} keys on {len(names)} nodes; {new} joins, whose share is {least:,.0f}\n")
    print("  rule           moved   of them between old nodes")
    for name in before:
        changed, needless = moved(keys, before[name], after[name], new)
        print(f"  {name:10}   {changed:7,}   {needless:25,}")


if __name__ == "__main__":
    demo()
