"""The same client before three gates: a fixed window, a token bucket, and GCRA.

Page: docs/chapters/rate_limit.md
"""

from chapters.rate_limit.bucket import TokenBucket
from chapters.rate_limit.gcra import Gcra
from chapters.rate_limit.limiter import FixedWindow, Limiter
from chapters.sim.clock import MS, S, VirtualClock
from chapters.sim.errors import at_least

TITLE = "Rate limits"


def let_through(rate: int, burst: int, arrivals_ms: list[int]) -> dict[str, list[int]]:
    """Return, for each gate, when it let requests through that arrive at these times."""
    clock = VirtualClock()
    window = FixedWindow(rate, S, clock=clock)
    bucket = TokenBucket(rate, burst, clock=clock)
    limiter = Limiter(Gcra.of(rate, burst), clock=clock)
    passed: dict[str, list[int]] = {"fixed window": [], "token bucket": [], "GCRA": []}
    for at_ms in arrivals_ms:
        clock.sleep_until(at_ms * MS)
        decisions = (window.allow(), bucket.try_take(), limiter.allow("client"))
        for (_, times), is_allowed in zip(passed.items(), decisions, strict=True):
            times += [at_ms] * is_allowed
    return passed


def most_in_a_second(times_ms: list[int]) -> int:
    """Return how many fall into the fullest stretch of one second."""
    return max((sum(t <= other < t + 1000 for other in times_ms) for t in times_ms), default=0)


def demo(*, rate: int = 10, burst: int = 2, every_ms: int = 20) -> None:
    """Send far too many requests around a full second, and count what gets through."""
    at_least(1, rate=rate, burst=burst, every_ms=every_ms)
    arrivals = list(range(700, 2300, every_ms))
    print(f"{len(arrivals)} requests in 1.6 s; the limit is {rate} a second, {burst} at once\n")
    print("  gate           let through   in the fullest second")
    for name, times in let_through(rate, burst, arrivals).items():
        print(f"  {name:12}   {len(times):11}   {most_in_a_second(times):21}")


if __name__ == "__main__":
    demo()
