"""Retries that cannot become a storm: waits that grow and differ, and a budget for all of them.

    each request puts in 0.1 ──► [ tokens, at most RESERVE ] ──► each retry takes 1

Invariant: in the long run there are at most `share` retries for each request, however many fail. Without
it, a server that is slow for a moment gets several times its load at that very moment.
Source: Brooker, "Exponential Backoff And Jitter", AWS, 2015; retry budgets as in Finagle and in Google's
SRE book, chapter 21. Page: docs/chapters/circuit_breaker.md
"""

from random import Random

from chapters.errors import UsageError

SHARE = 0.1
RESERVE = 10.0  # tokens to begin with, and at most: a client that asks seldom may retry too
TOKEN = 1_000_000  # parts of one: ten tenths must make a whole, as floats do not
BASE_S, CAP_S = 0.1, 10.0


def backoff_s(attempt: int, *, rng: Random, base_s: float = BASE_S, cap_s: float = CAP_S) -> float:
    """Return how long to wait before retry number `attempt`, from 1: anything up to a limit that doubles.

    Full jitter: clients that failed together do not come back together.
    """
    return rng.random() * min(cap_s, base_s * 2.0 ** (attempt - 1))


class Budget:
    """Retries as a share of requests."""

    def __init__(self, share: float = SHARE, reserve: float = RESERVE) -> None:
        if not (0 <= share <= 1 and reserve >= 0):
            raise UsageError(
                f"share {share:g} and reserve {reserve:g}; they must be 0 to 1, and 0 or more"
            )
        self._share, self._reserve = round(share * TOKEN), round(reserve * TOKEN)
        self._parts = self._reserve

    @property
    def tokens(self) -> float:
        """Return how many retries are paid for."""
        return self._parts / TOKEN

    def request(self) -> None:
        """Count a request, which is no retry."""
        self._parts = min(self._reserve, self._parts + self._share)

    def try_retry(self) -> bool:
        """Take a token for a retry, if there is one; return whether there was."""
        if self._parts < TOKEN:
            return False
        self._parts -= TOKEN
        return True
