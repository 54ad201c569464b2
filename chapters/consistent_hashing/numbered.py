"""Two ways to find a key's node that know nodes only by number: the obvious one, and a clever one.

    modulo    hash mod n      n changes, and nearly all keys move: n in n + 1 of them
    jump      see below       n changes, and 1 in n + 1 moves, but only the last node can leave

Neither takes memory. Here for contrast: `ring` and `rendezvous` know nodes by name, so any of them
may leave. Source of jump: Lamping & Veach 2014. Page: docs/chapters/consistent_hashing.md
"""

_MULTIPLIER = 2862933555777941757  # of the paper's generator, a linear congruential one
_MASK = (1 << 64) - 1
_DRAW_BITS = 31


def modulo(hashed: int, nodes: int) -> int:
    """Return the number of the node, 0 to `nodes` − 1, that has the key of this hash."""
    return hashed % nodes


def jump(hashed: int, nodes: int) -> int:
    """Return the number of the node, 0 to `nodes` − 1, that has the key of this hash.

    Let nodes join one by one. The j-th to join draws the key with odds 1/j, so most joins change
    nothing, and the next that does can be drawn at once: O(log(nodes)) jumps.
    """
    node, following = 0, 0
    while following < nodes:
        node = following
        hashed = hashed * _MULTIPLIER + 1 & _MASK
        draw = (hashed >> 64 - _DRAW_BITS) + 1
        following = int((node + 1) * ((1 << _DRAW_BITS) / draw))
    return node
