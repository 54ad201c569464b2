"""GCRA: a token bucket that remembers one number, the time at which the next request is expected.

    ──┬───────┬───────┬──────────►      each request moves the expected time by one interval;
      now     │       expected          one that comes more than `tolerance` before it is refused
              └ expected − tolerance

Invariant: it decides as a token bucket does whose burst is 1 + tolerance / interval. One number a client,
instead of two and a lock between them, is why it is what gateways keep in a shared store.
Source: ITU-T I.371, annex A (the virtual scheduling algorithm). Page: docs/chapters/rate_limit.md
"""

from dataclasses import dataclass

from chapters.errors import UsageError
from chapters.sim.clock import S


@dataclass(frozen=True, slots=True)
class Gcra:
    """The rule; what it remembers is with the caller. Times in nanoseconds."""

    interval_ns: int
    tolerance_ns: int

    @classmethod
    def of(cls, rate_per_s: float, burst: float) -> "Gcra":
        """Return the rule for a rate and a burst of at least 1. Raises `UsageError`."""
        if not (rate_per_s > 0 and burst >= 1):
            raise UsageError(
                f"rate {rate_per_s:g} and burst {burst:g}; they must be above 0, and 1 or more"
            )
        return cls(round(S / rate_per_s), round((burst - 1) * S / rate_per_s))

    def decide(self, now_ns: int, expected_ns: int) -> tuple[bool, int]:
        """Return whether a request is let through, and when the next is expected from then on."""
        if now_ns < expected_ns - self.tolerance_ns:
            return False, expected_ns
        return True, max(now_ns, expected_ns) + self.interval_ns

    def retry_after_ns(self, now_ns: int, expected_ns: int) -> int:
        """Return how long a request that was refused should wait."""
        return max(0, expected_ns - self.tolerance_ns - now_ns)
