"""The month's end: the pool comes in, every share goes out, and the month is closed.

    subscribers ──► pool 2026-01 ──► artist, artist, artist …       entries of at most LEGS legs each

Invariant: a month that is closed was paid out to the last millionth: its pool's account is at 0. Paying
is done again after any crash, with the same ids, so each share is booked once.
Page: docs/spotify/royalties.md
"""

from collections.abc import Iterator, Mapping
from itertools import islice

from chapters.ledger import Account, Entry, Ledger, Leg
from chapters.ledger.entry import LEGS_MAX

SUBSCRIBERS = "subscribers"
LEGS = LEGS_MAX - 1  # payees of one entry; one leg is the pool's


def pay(ledger: Ledger, month: str, pool: int, shares: Mapping[str, int]) -> None:
    """Book a month and close it; the same call again changes nothing. Raises what `Ledger.post` does."""
    assert sum(shares.values()) == (pool if shares else 0)
    pot = f"pool {month}"
    ledger.open(Account(SUBSCRIBERS, may_overdraw=True))
    ledger.open(Account(pot))
    if shares:
        came = (Leg(SUBSCRIBERS, -pool), Leg(pot, pool))
        ledger.post(Entry(f"{month} in", came, period=month))
    for number, part in enumerate(_parts(shares)):
        for payee in part:
            ledger.open(Account(payee))
        out = [Leg(payee, amount) for payee, amount in part.items()]
        legs = (Leg(pot, -sum(part.values())), *out)
        ledger.post(Entry(f"{month} out {number}", legs, period=month))
    assert ledger.balance(pot) == 0
    ledger.close(month)


def _parts(shares: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """The shares above zero, so many at a time, in order."""
    rest = iter([(payee, amount) for payee, amount in sorted(shares.items()) if amount])
    while part := dict(islice(rest, LEGS)):
        yield part
