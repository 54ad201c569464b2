"""BM25: how much a word in a text says for the text.

    score = Σ  idf(word) · tf part           idf      a rare word says more than a common one
                                             tf part  twice in it says more than once, not twice as much,
                                                      and more in a short text than in a long one

Source: Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009. The
logarithm has Lucene's + 1, so that no word speaks against a text. Page: docs/chapters/inverted_index.md
"""

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

K1, B = 1.2, 0.75

Number = TypeVar("Number", float, NDArray[np.float64])


def idf(texts: int, having: int) -> float:
    """Return what a word weighs that `having` of `texts` have."""
    return math.log(1 + (texts - having + 0.5) / (having + 0.5))


def tf_part(count: Number, length: Number, mean_length: float) -> Number:
    """Return what `count` times in a text of `length` words weigh; below K1 + 1, however often."""
    norm = K1 * (1 - B + B * length / mean_length)
    return count * (K1 + 1) / (count + norm)
