"""What the exercises on rings and lots check: who owns a key, in which order, within which bounds.

Page: docs/chapters/consistent_hashing.md
"""

from collections import Counter
from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.consistent_hashing.errors import EmptyRing, TooFewNodes
from chapters.consistent_hashing.rendezvous import Disk, rank, score, spread
from chapters.consistent_hashing.ring import Ring

DIGITS = 9  # of a score: the last bits of a logarithm may differ between machines


def names(rng: Random, count: int) -> list[JSON]:
    return [f"node{number}" for number in rng.sample(range(100), count)]


def keys(rng: Random, count: int = 40) -> list[JSON]:
    return [f"key{number}" for number in rng.sample(range(100_000), count)]


def owns(nodes: list[str], vnodes: int, asked: list[str]) -> JSON:
    """Ask a ring who owns each key."""
    ring = Ring(nodes, vnodes)
    try:
        return [ring.owner(key.encode()) for key in asked]
    except EmptyRing:
        return "EmptyRing"


def holds_copies(nodes: list[str], vnodes: int, count: int, asked: list[str]) -> JSON:
    """Ask a ring for the owners of each key's copies."""
    ring = Ring(nodes, vnodes)
    try:
        return [ring.owners(key.encode(), count) for key in asked]
    except (EmptyRing, TooFewNodes) as error:
        return type(error).__name__


def small_rings(rng: Random) -> Iterator[Case]:
    yield names(rng, 1), 3, keys(rng, 5)
    for count in (2, 3, 5):
        yield names(rng, count), rng.randint(1, 3), keys(rng)


def keys_on_tokens(rng: Random) -> Iterator[Case]:
    """Yield keys with the very hash of a token: a token is hash64 of "name#number"."""
    nodes = names(rng, 4)
    yield nodes, 3, [f"{node}#{number}" for node in nodes for number in range(3)]


def copies(rng: Random) -> Iterator[Case]:
    for count in (1, 2, 3):
        yield names(rng, 5), 4, count, keys(rng, 12)


def all_copies(rng: Random) -> Iterator[Case]:
    yield names(rng, 4), 2, 4, keys(rng, 12)
    yield names(rng, 3), 2, 0, keys(rng, 2)


def too_many_copies(rng: Random) -> Iterator[Case]:
    yield names(rng, 3), 8, 4, keys(rng, 1)
    yield [], 8, 0, keys(rng, 1)


def no_nodes(rng: Random) -> Iterator[Case]:
    yield [], rng.randint(1, 9), keys(rng, 1)


def ranks(weights: dict[str, float], asked: list[str]) -> JSON:
    """Rank the nodes for each key."""
    return [rank(key.encode(), weights) for key in asked]


def scores(node: str, weight: float, asked: list[str]) -> JSON:
    """Score one node for each key."""
    return [round(score(node, weight, key.encode()), DIGITS) for key in asked]


def wins(weights: dict[str, float], count: int, salt: str) -> JSON:
    """Count how often each node is ranked first."""
    first = Counter(rank(f"{salt}{number}".encode(), weights)[0] for number in range(count))
    return {node: first[node] for node in weights}


def spreads(disks: list[list[str]], count: int, asked: list[str]) -> JSON:
    """Spread each key's pieces over the disks, given as [name, zone, weight]."""
    given = [Disk(name, zone, float(weight)) for name, zone, weight in disks]
    try:
        return [spread(key.encode(), given, count) for key in asked]
    except TooFewNodes:
        return "TooFewNodes"


def equals(rng: Random) -> Iterator[Case]:
    for count in (1, 3, 6):
        yield dict.fromkeys(map(str, names(rng, count)), 1), keys(rng, 10)


def weighted_scores(rng: Random) -> Iterator[Case]:
    for weight in (1, 2, 0.5):
        yield f"node{rng.randint(1, 99)}", weight, keys(rng, 4)


def weighted(rng: Random) -> Iterator[Case]:
    for heavy in (2, 5):
        first, second, third = map(str, names(rng, 3))
        yield {first: heavy, second: 1, third: 1}, 400, f"{rng.random():.6f}/"


def disks(rng: Random, zones: str) -> list[JSON]:
    """Return a disk for each letter, in the zone that the letter names."""
    numbers = rng.sample(range(100), len(zones))
    return [[f"{zone}{number}", zone, 1] for zone, number in zip(zones, numbers, strict=True)]


def zoned(rng: Random) -> Iterator[Case]:
    yield disks(rng, "aabbcc"), 3, keys(rng, 12)
    yield disks(rng, "aaaabbbbcccc"), 9, keys(rng, 6)
    yield disks(rng, "aaabbb"), 3, keys(rng, 12)


def zoned_unevenly(rng: Random) -> Iterator[Case]:
    yield disks(rng, "aaaaab"), 2, keys(rng, 12)
    yield disks(rng, "aaaaab"), 3, keys(rng, 2)
    yield [*disks(rng, "aabb"), ["c1", "c", 0]], 3, keys(rng, 12)
    yield [], 1, keys(rng, 1)


STAGES = {
    "ring-owner": [
        Stage("the next token clockwise, round the end of the circle", small_rings, owns),
        Stage("a key that lies on a token is that token's", keys_on_tokens, owns),
        Stage("nobody owns a key where nobody is", no_nodes, owns, needs=()),
        Stage("copies go to different nodes, in clockwise order", copies, holds_copies, needs=(1,)),
        Stage("every node holds a copy, or none does", all_copies, holds_copies),
        Stage("more copies than nodes are refused", too_many_copies, holds_copies, needs=()),
    ],
    "rendezvous": [
        Stage("the highest lot first", equals, ranks),
        Stage("a weight stretches the lot", weighted_scores, scores, needs=()),
        Stage("twice the weight wins twice as often", weighted, wins, needs=(1, 2)),
        Stage("no zone holds more than its share", zoned, spreads, needs=(1,)),
        Stage("small zones, empty zones, no disks", zoned_unevenly, spreads),
    ],
}
