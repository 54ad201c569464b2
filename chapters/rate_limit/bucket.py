"""A token bucket: so much a second on average, and so much at once.

    rate ──► drip, drip ──► [ tokens, at most `burst` ] ──► a request takes what it costs, or is refused

Invariant: in any stretch of t seconds at most burst + rate × t tokens are taken, by `try_take`; and by
`reserve` likewise, when its callers wait as long as they are told. The bucket is filled lazily, from the
time of the last look, in whole nanoseconds of credit, so nothing drifts.
Source: Turner, "New directions in communications (or which way to the information age?)", 1986.
Page: docs/chapters/rate_limit.md
"""

from chapters.errors import UsageError
from chapters.sim.clock import Clock, S

DEBT_S_MAX = 60.0  # a reservation further ahead is refused: whoever waits longer has gone


class TokenBucket:
    """Tokens for requests, bytes, or whatever else is counted."""

    def __init__(self, rate_per_s: float, burst: float, *, clock: Clock) -> None:
        if not (rate_per_s > 0 and burst > 0):
            raise UsageError(f"rate {rate_per_s:g} and burst {burst:g}; both must be above 0")
        self._clock = clock
        self._ns_a_token = S / rate_per_s
        self._full_ns = round(burst * self._ns_a_token)
        self._empty_at_ns = clock.now_ns() - self._full_ns  # when the bucket was, or will be, empty

    @property
    def tokens(self) -> float:
        """Return how many tokens are there; less than 0 while reservations are waiting."""
        return self._credit_ns() / self._ns_a_token

    def try_take(self, count: float = 1) -> bool:
        """Take `count` tokens if they are there; return whether they were."""
        cost_ns = round(count * self._ns_a_token)
        if cost_ns > self._credit_ns():
            return False
        self._spend(cost_ns)
        return True

    def reserve(self, count: float = 1) -> int:
        """Take `count` tokens in any case; return how many nanoseconds to wait before using them.

        For pacing: the bucket goes into debt, and the next one waits longer. Raises `UsageError` when
        that would be more than DEBT_S_MAX.
        """
        cost_ns = round(count * self._ns_a_token)
        wait_ns = max(0, cost_ns - self._credit_ns())
        if wait_ns > DEBT_S_MAX * S:
            raise UsageError(
                f"{count:g} tokens are {wait_ns / S:.0f} s away; ask for fewer at once"
            )
        self._spend(cost_ns)
        return wait_ns

    def _credit_ns(self) -> int:
        """What is in the bucket, as the time that it took to drip in; no more than a full bucket."""
        return min(self._full_ns, self._clock.now_ns() - self._empty_at_ns)

    def _spend(self, cost_ns: int) -> None:
        self._empty_at_ns = self._clock.now_ns() - self._credit_ns() + cost_ns
