"""Two stores, seen by the same clients: one is a register, the other only looks like one.

Page: docs/chapters/linearizability.md
"""

from chapters.linearizability.check import Verdict, check
from chapters.linearizability.models import Register
from chapters.linearizability.replicas import record
from chapters.sim.chance import Chance
from chapters.sim.clock import MS
from chapters.sim.errors import at_least

TITLE = "Linearizability"
RUNS_MAX = 200


def first_violation(seed: int, lag_ms: int, clients: int, operations: int) -> tuple[int, Verdict]:
    """Return the first run, of at most `RUNS_MAX`, whose history does not hold; else the last."""
    for run in range(1, RUNS_MAX + 1):
        rng = Chance(seed).stream(f"run {run}")
        history = record(rng, lag_ns=lag_ms * MS, clients=clients, operations=operations)
        verdict = check(history, Register())
        if not verdict.holds:
            break
    return run, verdict


def demo(*, seed: int = 7, clients: int = 3, operations: int = 4, lag_ms: int = 10) -> None:
    """Record a replicated register without and with a lag, and judge both."""
    at_least(0, lag_ms=lag_ms)
    at_least(1, clients=clients, operations=operations)
    rng = Chance(seed).stream("run 1")
    history = record(rng, lag_ns=0, clients=clients, operations=operations)
    print(f"{clients} clients, {operations} operations each; the replica follows at once")
    print("\n".join(check(history, Register()).lines()))
    run, verdict = first_violation(seed, lag_ms, clients, operations)
    print(f"\nthe same, but the replica is {lag_ms} ms behind: run {run}")
    print("\n".join(verdict.lines()))


if __name__ == "__main__":
    demo()
