"""The LSM tree: a sorted map on disk that only ever writes forwards.

Page: docs/chapters/lsm.md
"""

from chapters.lsm.errors import CorruptTable, EntryTooLarge, TreeUnsure, UnsortedItems
from chapters.lsm.tree import Tree

__all__ = ["Tree", "CorruptTable", "EntryTooLarge", "TreeUnsure", "UnsortedItems"]
