"""An amount is a whole number of millionths: a float cannot hold 0.1, and a cent is too coarse.

    0.1 + 0.1 + 0.1 == 0.3         False
    100_000 * 3 == 300_000         True

A stream of a song is worth some 3,000 millionths of a euro: less than a cent, and paid a billion times.
Invariant: amounts and balances fit into 64 bits, so any database holds them: nine trillion euros.
Page: docs/chapters/ledger.md
"""

from chapters.ledger.errors import BadAmount

MICRO = 1_000_000  # of a unit of money: the smallest amount that is ever moved
AMOUNT_MAX = 2**63 - 1


def whole(amount: int) -> int:
    """Return `amount` if it is one. Raises `BadAmount`."""
    if type(amount) is not int or abs(amount) > AMOUNT_MAX:
        raise BadAmount(f"{amount!r} is no amount: say a whole number of at most {AMOUNT_MAX}")
    return amount


def spell(amount: int) -> str:
    """Return `amount` for people, in units, exactly: at least two digits behind the point."""
    units, rest = divmod(abs(amount), MICRO)
    digits = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' * (amount < 0)}{units:,}.{digits}"
