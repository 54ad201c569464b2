"""Many evenings in bad weather, and fifteen order processes that are wrong: which of them is caught?

Page: docs/zomato/money.md
"""

from chapters.batch import executor
from chapters.sim.errors import at_least
from chapters.sim.mistakes import caught
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
        seeds = range(seed, seed + NOTICED_WITHIN)
        for name, mistake in BROKEN.items():
            print(f"  {mistake.said:62} {caught(first_broken(seeds, name), seeds, 'evening')}")


if __name__ == "__main__":
    demo()
