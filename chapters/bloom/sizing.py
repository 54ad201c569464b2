"""How many bits and how many hashes, for so many keys and so many false alarms.

    n keys, m bits, k hashes, every bit set by chance with the same odds:

    a given bit is still 0        (1 − 1/m)^(k·n)  ≈  e^(−k·n/m)
    an absent key finds k ones    p ≈ (1 − e^(−k·n/m))^k
    least p for given m, n        k = (m/n)·ln 2, where half of the bits are set
    so for a wanted p             m = −n·ln p / (ln 2)²

So 1 % costs 9.6 bits a key and 7 hashes, whatever the keys' own size, and each further factor of ten
costs 4.8 bits more. Source: Bloom 1970; the formulae as in Broder & Mitzenmacher 2004.
Page: docs/chapters/bloom.md
"""

from math import ceil, exp, log

from chapters.bloom.errors import BadRate

HASHES_MAX = 32  # more would mean a rate below one in four billion: the disk errs more often
BITS_MAX = 1 << 35  # 4 GiB


def bits_for(expected: int, false_positives: float) -> int:
    """Return how many bits hold `expected` keys at that rate. Raises `BadRate`."""
    if not 0 < false_positives < 1:
        raise BadRate(f"a rate of false positives of {false_positives:g}: say more than 0, under 1")
    bits = ceil(-max(expected, 1) * log(false_positives) / log(2) ** 2)
    if bits > BITS_MAX:
        raise BadRate(
            f"{expected} keys at a rate of {false_positives:g} take {bits} bits, over the limit of "
            f"{BITS_MAX}; split the keys over several filters"
        )
    return max(bits, 8)


def hashes_for(bits: int, expected: int) -> int:
    """Return how many hashes a key make the fewest false positives: m/n · ln 2, rounded."""
    return min(max(round(bits / max(expected, 1) * log(2)), 1), HASHES_MAX)


def false_positive_rate(bits: int, hashes: int, keys: int) -> float:
    """Return the share of absent keys that a filter holding `keys` keys takes for present."""
    return float((1 - exp(-hashes * keys / bits)) ** hashes)
