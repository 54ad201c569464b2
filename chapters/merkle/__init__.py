"""Merkle trees: where two replicas differ, found without sending everything.

Page: docs/chapters/merkle.md
"""

from chapters.merkle.difference import Counted, Difference, View, differences
from chapters.merkle.errors import BadAnswer, BadShape, DifferentShapes
from chapters.merkle.tree import Path, Tree

__all__ = [
    "Tree",
    "Path",
    "View",
    "Difference",
    "differences",
    "Counted",
    "DifferentShapes",
    "BadAnswer",
    "BadShape",
]
