"""Leases and fences: one at a time, also when somebody sleeps. Page: docs/chapters/lease.md"""

from chapters.lease.errors import BadTerm, Fenced, Held, Lost, TooManyLeases
from chapters.lease.fence import Fence
from chapters.lease.holder import Holder
from chapters.lease.lease import Lease, Leases
from chapters.lease.messages import Answer, Ask, Kind, answer

__all__ = [
    "Leases", "Lease", "Fence", "Holder",
    "Ask", "Answer", "Kind", "answer",
    "Held", "Lost", "Fenced", "TooManyLeases", "BadTerm",
]  # fmt: skip
