"""An inverted index: from a word to all texts that have it, the best first, even if it is mistyped.

Page: docs/chapters/inverted_index.md
"""

from chapters.inverted_index.inverted import Hit, Index
from chapters.inverted_index.words import words

__all__ = ["Hit", "Index", "words"]
