"""Which edges keep which title: each title's own order of edges, and as many copies as its viewers need.

    "harbour"   edge-3 edge-1 edge-4 edge-2      1 % of the viewers:   edge-3
    "orbit"     edge-2 edge-4 edge-3 edge-1      60 % of the viewers:  all four

Invariant: a title's order depends on the edges alone, so when one leaves, what it had goes to the others,
and nothing moves between them. Without copies, the edge that has tonight's film has all the viewers.
Source: rendezvous hashing (chapters/consistent_hashing); copies by popularity as in Netflix's "Distributing
Content to Open Connect", 2017. Page: docs/netflix/placement.md
"""

from collections.abc import Mapping
from math import ceil

from chapters.consistent_hashing.rendezvous import rank

HEADROOM = 1.5  # of what an edge would carry if all carried the same: what a guess may be wrong by

Placement = dict[str, list[str]]


def copies(share: float, edges: int) -> int:
    """Return how many of `edges` keep a title with that share of the viewers: at least 1.

    With k copies each carries share / k, and that times HEADROOM must not exceed 1 / edges.
    """
    return max(1, min(edges, ceil(share * edges * HEADROOM)))


def place(plays: Mapping[str, float], edges: Mapping[str, float]) -> Placement:
    """Return for each title the edges that keep it, the first choice first.

    `plays` are expected plays, `edges` their weights: one of weight 2 keeps twice as many titles.
    O(titles × edges). Raises `BadWeight`.
    """
    total = sum(plays.values()) or 1.0
    return {
        title: rank(title.encode(), edges)[: copies(count / total, len(edges))]
        for title, count in plays.items()
    }


def moved(before: Placement, after: Placement) -> int:
    """Return how many copies must be fetched to come from one placement to another."""
    return sum(len(set(kept) - set(before.get(title, ()))) for title, kept in after.items())


def demo(*, titles: int = 2_000, edges: int = 8) -> None:
    """Let an edge leave, and count what moves; beside it, the same with a remainder of a hash."""
    from chapters.consistent_hashing.murmur import hash64
    from chapters.sim.errors import at_least

    at_least(1, titles=titles)
    at_least(2, edges=edges)
    names = [f"edge-{number}" for number in range(1, edges + 1)]
    plays = {f"title-{number}": 1 / number for number in range(1, titles + 1)}
    before, after = (place(plays, dict.fromkeys(each, 1.0)) for each in (names, names[:-1]))
    held = sum(names[-1] in kept for kept in before.values())
    numbers = [hash64(title.encode()) for title in plays]
    by_rest = sum(each % edges != each % (edges - 1) for each in numbers)
    print(f"{titles:,} titles on {edges} edges, {sum(map(len, before.values())):,} copies")
    print(f"the most popular one is on {len(before['title-1'])} of them, the last one on one\n")
    print(f"{names[-1]} leaves; it had {held:,}")
    print(f"  rendezvous              {moved(before, after):6,} copies are fetched")
    print(f"  hash % number of edges  {by_rest:6,} titles change their edge")
