"""Which comes first: how well the words fit, how near, how good, how well known, and is it open.

    text      BM25 by the best one's        near      halves with each 2.5 km
    stars     shrunken, of five             popular   logarithm of the votes

Four parts, each from 0 to 1, so that weights can be compared; BM25 and metres could not. What is
closed now keeps a share of its score: it is shown after those that are as good and open.
The weights were chosen on judged questions of other cities; see `judged.py`. Page: docs/zomato/search.md
"""

from dataclasses import dataclass
from math import log1p

HALF_M = 2_500.0
STARS = (1.0, 5.0)
VOTES_FULL = 10_000
CLOSED_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Parts:
    """Why a restaurant stands where it stands; or, how much each reason weighs."""

    text: float
    near: float
    stars: float
    popular: float


WEIGHTS = Parts(text=0.15, near=0.25, stars=0.55, popular=0.05)


def parts(text: float, text_best: float, metres: float, stars: float, votes: int) -> Parts:
    """Return a restaurant's four parts, each from 0 to 1; without words (`text_best` 0) text says 0."""
    return Parts(
        text=text / text_best if text_best else 0.0,
        near=0.5 ** (metres / HALF_M),
        stars=(stars - STARS[0]) / (STARS[1] - STARS[0]),
        popular=min(1.0, log1p(votes) / log1p(VOTES_FULL)),
    )


def blend(own: Parts, weights: Parts, *, is_open: bool) -> float:
    """Return the score: the weighted sum of the parts, and of that a share if it is closed."""
    score = (
        weights.text * own.text
        + weights.near * own.near
        + weights.stars * own.stars
        + weights.popular * own.popular
    )
    return score if is_open else CLOSED_SHARE * score
