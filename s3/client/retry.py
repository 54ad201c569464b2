"""When to try again: after a pause that doubles and is drawn at random, and only on credit.

    pause     uniform(0, 50 ms × 2ⁿ), at most 5 s       who failed together does not come back together
    budget    a retry costs 1, a success earns 0.1      at most a tenth of the traffic is retries

Three clients in a row that each try four times make 64 requests out of one, at the very moment when the
store has too much to do. A budget stops that: while most requests succeed there is credit for the odd
failure, and when all fail it is gone after `BUDGET_MAX` of them.
Source: Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog 2015; the retry budgets of
"Site Reliability Engineering", chapter 21. Page: docs/s3/client.md
"""

from random import Random

from chapters.sim.clock import MS, S

ATTEMPTS_MAX = 6  # of one request
PAUSE_NS = 50 * MS
PAUSE_NS_MAX = 5 * S
BUDGET_MAX = 20.0
EARNED = 0.1


class Budget:
    """Credit for retries. Its sums need no lock: that two threads lose a tenth does no harm."""

    def __init__(self, credit: float = BUDGET_MAX) -> None:
        self.credit = credit

    def earn(self) -> None:
        """Note a success."""
        self.credit = min(BUDGET_MAX, self.credit + EARNED)

    def spend(self) -> bool:
        """Return whether there is credit for one retry, and take it."""
        if self.credit < 1:
            return False
        self.credit -= 1
        return True


def pause_ns(attempt: int, rng: Random) -> int:
    """Return how long to wait after failure number `attempt`, counted from 0."""
    return int(rng.uniform(0, min(PAUSE_NS_MAX, PAUSE_NS << attempt)))
