"""Erasure codes: of some more shards than the payload fills, any that fill it are enough.

Page: docs/chapters/erasure.md
"""

from chapters.erasure.backends import Backend, Readable, Shard, chosen, installed
from chapters.erasure.errors import (
    BadCode,
    NoSuchBackend,
    NotEnoughShards,
    Singular,
    UnequalShards,
)
from chapters.erasure.local_repair import LocalRepair
from chapters.erasure.reed_solomon import ReedSolomon, join, split

__all__ = [
    "ReedSolomon", "split", "join",
    "LocalRepair",
    "Backend", "Readable", "Shard", "chosen", "installed",
    "NotEnoughShards", "UnequalShards", "Singular", "BadCode", "NoSuchBackend",
]  # fmt: skip
