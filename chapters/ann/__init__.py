"""The nearest vectors, without looking at all of them: four indexes behind one question.

Page: docs/chapters/ann.md
"""

from chapters.ann.brute import Brute
from chapters.ann.distinct import Distinct
from chapters.ann.errors import BadPlan, BadVectors
from chapters.ann.forest import Forest
from chapters.ann.hnsw import Hnsw
from chapters.ann.ivf import Ivf
from chapters.ann.ivf_batch import IvfBatch
from chapters.ann.nearest import NOBODY, Found, Ids, Nearest, Scores, Vectors, unit
from chapters.ann.recall import Truth

__all__ = [
    "Nearest", "Brute", "Ivf", "IvfBatch", "Forest", "Hnsw", "Distinct", "Truth",
    "unit", "NOBODY", "Vectors", "Ids", "Scores", "Found",
    "BadVectors", "BadPlan",
]  # fmt: skip
