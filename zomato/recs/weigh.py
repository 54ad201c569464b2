"""How much each reason counts: the weights under which what was chosen would most likely have been.

    offered    reasons            weights · reasons     chance
    Lotus      [2.1, 0.3, …]            1.9              0.42    ◄ chosen: more of what it has …
    Royal      [1.7, 0.9, …]            1.2              0.21      … less of what the others have
    Mango      [0.4, 0.1, …]            0.2              0.08

The gradient of an order is what was chosen less what was to be expected; Newton's steps find the top, of
which there is one. A little pull to 0 keeps weights finite. O(orders × restaurants × reasons²) a step.
Source: McFadden, "Conditional logit analysis of qualitative choice behavior", 1973.
Page: docs/zomato/recs.md
"""

import numpy as np

from zomato.recs.moment import Ints
from zomato.recs.orders import Bools, Floats

STEPS, HALVINGS_MAX, PULL = 8, 20, 1.0


def weigh(reasons: Floats, offered: Bools, chosen: Ints) -> Floats:
    """Return a weight for each reason, from orders × restaurants × reasons and what was chosen."""
    weights = np.zeros(reasons.shape[2])
    for _ in range(STEPS):
        gradient, bent = slope(weights, reasons, offered, chosen)
        step = np.linalg.solve(bent, gradient)
        likely = likelihood(weights, reasons, offered, chosen)
        for _ in range(HALVINGS_MAX):  # a whole step may go too far down on the other side
            if likelihood(weights + step, reasons, offered, chosen) >= likely:
                break
            step = step / 2
        weights = weights + step
    return weights


def slope(weights: Floats, reasons: Floats, offered: Bools, chosen: Ints) -> tuple[Floats, Floats]:
    """Return in which direction what was chosen gets more likely, and how that bends."""
    chances = softmax(np.where(offered, reasons @ weights, -np.inf))
    expected = np.einsum("or,orf->of", chances, reasons)
    gradient = (reasons[np.arange(len(chosen)), chosen] - expected).sum(axis=0) - PULL * weights
    squares = np.einsum("or,orf,org->fg", chances, reasons, reasons, optimize=True)
    return gradient, squares - expected.T @ expected + PULL * np.eye(len(weights))


def likelihood(weights: Floats, reasons: Floats, offered: Bools, chosen: Ints) -> float:
    """Return the log of how likely all that was chosen is, less the pull."""
    chances = softmax(np.where(offered, reasons @ weights, -np.inf))
    own = chances[np.arange(len(chosen)), chosen]
    return float(np.log(own + 1e-300).sum() - PULL / 2 * weights @ weights)


def softmax(scores: Floats) -> Floats:
    """Return chances by row; what scores -inf has none."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    found: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return found
