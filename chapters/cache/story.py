"""Six policies and an oracle on one trace: a popular few, and then somebody reads everything once.

Page: docs/chapters/cache.md
"""

from bisect import bisect
from itertools import accumulate
from random import Random

from chapters.cache import belady
from chapters.cache.policies import POLICIES, hit_ratio, named
from chapters.cache.policy import Key
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least

TITLE = "Caches"
SIZES = (0.01, 0.03, 0.1, 0.3)  # of the cache, as shares of all keys


def zipf(rng: Random, keys: int, requests: int, exponent: float = 1.0) -> list[int]:
    """Return requests in which the key of rank r is asked for in proportion to r to the -exponent."""
    sums = list(accumulate(rank**-exponent for rank in range(1, keys + 1)))
    return [min(bisect(sums, rng.random() * sums[-1]), keys - 1) for _ in range(requests)]


def with_scan(rng: Random, keys: int, requests: int) -> list[Key]:
    """Return popular requests, with a scan through everything in the middle of them."""
    popular = zipf(rng, keys, requests)
    half = requests // 2
    return [*popular[:half], *range(keys), *popular[half:]]


def demo(*, seed: int = 7, keys: int = 2_000, requests: int = 20_000, policy: str = "") -> None:
    """Replay the trace through every policy, at several sizes of the cache."""
    at_least(1, keys=keys, requests=requests)
    trace = with_scan(Chance(seed).stream("trace"), keys, requests)
    names = [policy] if policy else list(POLICIES)
    print(f"{len(trace):,} requests for {keys:,} keys; in the middle, every key once in a row\n")
    print("  hit ratio with room for   " + "".join(f"{size:>8.0%}" for size in SIZES))
    for name in names:
        made = [named(name)(max(1, int(keys * size))) for size in SIZES]
        print(f"  {name:25} " + "".join(f"{hit_ratio(each, trace):8.3f}" for each in made))
    best = [belady.hits(trace, max(1, int(keys * size))) / len(trace) for size in SIZES]
    print(f"  {'the oracle':25} " + "".join(f"{each:8.3f}" for each in best))


if __name__ == "__main__":
    demo()
