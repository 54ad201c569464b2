"""What the Merkle tree's exercise checks: every difference is found, and little is asked.

Page: docs/chapters/merkle.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.merkle.difference import Counted, Difference, compare, differences
from chapters.merkle.errors import BadAnswer, DifferentShapes
from chapters.merkle.tree import Path, Tree

BUCKETS = 256
Pairs = dict[str, str]


def tree(pairs: Pairs, buckets: int = BUCKETS) -> Tree:
    """Return the tree of these pairs."""
    return Tree.of(((k.encode(), v.encode()) for k, v in pairs.items()), buckets)


def shown(found: Difference) -> JSON:
    """Return one difference as [key, mine, theirs]."""
    mine, theirs = (side and side.decode() for side in (found.mine, found.theirs))
    return [found.key.decode(), mine, theirs]


def compares(mine: Pairs, theirs: Pairs) -> JSON:
    """Compare two buckets, pair by pair."""
    sides = ({k.encode(): v.encode() for k, v in side.items()} for side in (mine, theirs))
    return [shown(each) for each in compare(*sides)]


def finds(mine: Pairs, theirs: Pairs, buckets: int) -> JSON:
    """Compare two trees; return what differs, ordered by key."""
    return sorted(
        (shown(each) for each in differences(tree(mine, buckets), tree(theirs, buckets))), key=str
    )


def asks(keys: int, changed: list[int]) -> JSON:
    """Change some of so many keys; count what is found, and the messages and bytes it took."""
    mine = {f"key{number}": "old" for number in range(keys)}
    theirs = Counted(tree(mine | {f"key{number}": "new" for number in changed}))
    found = list(differences(tree(mine), theirs))
    return [len(found), theirs.messages, theirs.bytes]


def explain_asks(args: Case, got: JSON, expected: JSON) -> str:
    """Say what the three numbers are."""
    return (
        f"{args[0]} keys, of which these differ: {args[1]}\n"
        f"[found, messages, bytes] is {got}\nexpected                 {expected}"
    )


class Garbled:
    """A view whose answers have so many digests, whatever was asked."""

    buckets = BUCKETS

    def __init__(self, digests: int) -> None:
        self._digests = digests

    def children(self, path: Path) -> list[bytes]:
        """Return too few digests, or too many."""
        return [b"digest"] * self._digests

    def entries(self, path: Path) -> dict[bytes, bytes]:
        """Return nothing."""
        return {}


def refuses(kind: str, number: int) -> JSON:
    """Compare with a tree of another shape, or with a view that answers wrongly."""
    other = tree({}, number) if kind == "buckets" else Garbled(number)
    try:
        return [shown(each) for each in differences(tree({"key": "digest"}), other)]
    except (DifferentShapes, BadAnswer) as error:
        return type(error).__name__


def pairs(rng: Random, count: int) -> Pairs:
    return {f"key{n}": f"{rng.getrandbits(32):08x}" for n in rng.sample(range(10_000), count)}


def drifted(rng: Random, old: Pairs) -> Pairs:
    """Return a copy with one key changed, one missing and one new."""
    changed, missing = rng.sample(sorted(old), 2)
    new = {**old, changed: "changed", f"new{rng.randrange(1000)}": "new"}
    del new[missing]
    return new


def two_buckets(rng: Random) -> Iterator[Case]:
    same = pairs(rng, 3)
    yield same, dict(reversed(same.items()))
    yield same, {}
    yield {}, same
    yield same, drifted(rng, same)


def two_replicas(rng: Random) -> Iterator[Case]:
    for buckets in (1, 16, 256):
        mine = pairs(rng, 40)
        yield mine, drifted(rng, mine), buckets
    yield pairs(rng, 12), pairs(rng, 12), 256


def few_changes(rng: Random) -> Iterator[Case]:
    for count in (0, 1, 3):
        yield 300, rng.sample(range(300), count)


def wrong_answers(rng: Random) -> Iterator[Case]:
    yield "buckets", 16
    yield "buckets", 4096
    for digests in (0, rng.randint(1, 15), 17):
        yield "digests", digests


STAGES = {
    "difference": [
        Stage("two buckets, compared pair by pair", two_buckets, compares),
        Stage("every key that differs is found", two_replicas, finds),
        Stage("equal branches are not asked about", few_changes, asks, explain=explain_asks),
        Stage("an answer that is none is refused", wrong_answers, refuses, needs=(2,)),
    ],
}
