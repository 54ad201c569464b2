"""An amount is divided by weights, and not a millionth is left over: the largest remainders.

    100 by 1 : 1 : 1       33⅓  33⅓  33⅓
    rounded down           33   33   33          1 is left
    largest remainder      34   33   33          ties: whoever comes first by name

Invariant: the shares sum to the amount, and each is its exact share, rounded down or up. Only whole
numbers are used: a float has 53 bits, and loses millionths from nine billion euros on.

Who has more weight never gets less. But more to divide may mean less for one of them: with weights
6 : 6 : 2, of 10 the last gets 2, and of 11 it gets 1 (the Alabama paradox, met in 1880).
Source: Hamilton 1792; Balinski & Young, "Fair Representation", 1982. Page: docs/chapters/ledger.md
"""

from collections.abc import Mapping

from chapters.ledger.errors import BadWeights
from chapters.ledger.money import whole


def split(amount: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Return each one's share of `amount`, in the order of `weights`. O(n log n).

    An amount below zero is divided as its opposite is: a refund goes back as the payment came.
    Raises `BadWeights`, `BadAmount`.
    """
    total = sum(map(whole, weights.values()))
    if total <= 0 or min(weights.values()) < 0:
        raise BadWeights(f"{dict(weights)}: say whole numbers, none below 0 and one above")
    sign = -1 if whole(amount) < 0 else 1
    exact = {name: abs(amount) * weight for name, weight in weights.items()}  # times total
    shares = {name: product // total for name, product in exact.items()}
    left = abs(amount) - sum(shares.values())
    for name in sorted(weights, key=lambda name: (-(exact[name] % total), name))[:left]:
        shares[name] += 1
    return {name: sign * share for name, share in shares.items()}
