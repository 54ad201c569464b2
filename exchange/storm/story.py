"""Many rounds of bad weather, and machines that are wrong, each in its way: which of them is caught?

Page: docs/exchange/standby.md
"""

from chapters.sim.errors import at_least
from chapters.sim.mistakes import caught
from exchange.storm.broken import BROKEN
from exchange.storm.trials import command, first_broken, played, smallest, trial

TITLE = "Primary and standby in bad weather"
NOTICED_WITHIN = 1_000  # rounds


def demo(*, seed: int = 1, rounds: int = 40, mistakes: bool = True) -> None:
    """Let so many rounds pass from a seed on; then make each mistake until it is caught."""
    at_least(1, rounds=rounds)
    found = {number: played(trial(number)) for number in range(seed, seed + rounds)}
    wrong = {number: each for number, each in found.items() if each.broken}
    epochs = sum(each.epochs for each in found.values()) - rounds
    orders = sum(each.acknowledged for each in found.values())
    print(f"{rounds} rounds, {epochs} takeovers, {orders:,} orders acknowledged")
    print(f"six invariants: {len(wrong)} rounds went wrong")
    for number, each in list(wrong.items())[:3]:
        print(f"  {each.broken[0]}\n  {command(smallest(trial(number)))}")
    if mistakes:
        print("\nand with one mistake made on purpose:")
        seeds = range(seed, seed + NOTICED_WITHIN)
        for name, mistake in BROKEN.items():
            print(f"  {mistake.said:68} {caught(first_broken(seeds, name), seeds, 'round')}")


if __name__ == "__main__":
    demo()
