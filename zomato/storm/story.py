"""Many evenings in bad weather, and fifteen order processes that are wrong: which of them is caught?

Page: docs/zomato/money.md
"""

from chapters.batch import executor
from chapters.sim.errors import at_least
from zomato.storm.broken import BROKEN
from zomato.storm.trials import command, evening, first_broken, many, smallest, trial

TITLE = "Money in bad weather"
NOTICED_WITHIN = 1_000  # evenings


def demo(*, seed: int = 7, evenings: int = 40, mistakes: bool = True, workers: int = 0) -> None:
    """Let so many evenings pass from a seed on; then make each mistake until it is caught."""
    at_least(1, evenings=evenings)
    with executor(workers=workers) if workers else executor("serial") as crew:
        wrong = many(crew, seed, evenings)
    ends = evening(trial(seed))
    print(
        f"seed {seed}: {ends.points} points to die at, {ends.delivered} of {ends.orders} delivered"
    )
    print(f"{evenings} evenings, thirteen invariants after every step: {len(wrong)} went wrong")
    for number, found in wrong[:3]:
        print(f"  {found.broken[0]}\n  {command(smallest(trial(number)))}")
    if mistakes:
        print("\nand with one mistake made on purpose:")
        for name, broken in BROKEN.items():
            print(f"  {broken.mistake:62} {caught(name, seed)}")


def caught(name: str, seed: int, evenings: int = NOTICED_WITHIN) -> str:
    """Return after how many evenings a mistake is caught, and by which invariant."""
    found = first_broken(range(seed, seed + evenings), name)
    if found is None:
        return f"not caught in {evenings}"
    number, wrong = found
    what = wrong.broken[0].split(":", 1)[0]
    by = "an error" if what == "raised" else f"invariant {what}"
    return f"evening {number - seed + 1:3}, {by}"


if __name__ == "__main__":
    demo()
