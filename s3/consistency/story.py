"""One key, four clients, bad weather: does what they saw make sense? And with a cache in between?

Page: docs/s3/consistency.md
"""

from chapters.sim.clock import MS
from chapters.sim.errors import at_least
from s3.consistency.crash_points import demo as crash
from s3.consistency.histories import CLIENTS, FAULTS, record

TITLE = "Strong consistency, shown"


def demo(
    *,
    seed: int = 7,
    runs: int = 5,
    operations: int = 200,
    faults: int = FAULTS,
    ttl_ms: int = 500,
    points: int = 300,
) -> None:
    """Judge recorded histories through crashes and cuts; then with a cache; then cut the power."""
    at_least(1, runs=runs, ttl_ms=ttl_ms, points=points)
    at_least(CLIENTS, operations=operations)
    print(f"{CLIENTS} clients of two front ends, three replicas, {faults} faults a run:")
    for run in range(seed, seed + runs):
        recorded = record(run, operations=operations, faults=faults)
        print(
            f"  seed {run}: {len(recorded.history)} operations, {recorded.open} never answered: "
            f"{recorded.verdict.outcome.value}"
        )
    print(f"\nthe same, but each front end remembers answers for {ttl_ms} ms, in fair weather:")
    cached = record(seed, operations=operations, faults=0, cache_ns=ttl_ms * MS)
    print("\n".join(f"  {line}" for line in cached.verdict.lines()))
    print("\npower failures of a single server:")
    crash(seed=seed, points=points)


if __name__ == "__main__":
    demo()
