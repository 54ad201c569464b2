"""Who has this key, when machines come and go: a ring, rendezvous, and the hash under both.

Page: docs/chapters/consistent_hashing.md
"""

from chapters.consistent_hashing.errors import BadWeight, EmptyRing, TooFewNodes, UnknownNode
from chapters.consistent_hashing.murmur import hash64, hash128
from chapters.consistent_hashing.rendezvous import Disk, rank, spread
from chapters.consistent_hashing.ring import Ring

__all__ = [
    "Ring",
    "rank",
    "spread",
    "Disk",
    "hash64",
    "hash128",
    "EmptyRing",
    "UnknownNode",
    "TooFewNodes",
    "BadWeight",
]
