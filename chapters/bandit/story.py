"""A few pictures for one title: which is clicked most? Four ways to find out, and what finding out costs.

Page: docs/chapters/bandit.md
"""

from dataclasses import dataclass
from statistics import mean

from chapters.bandit.policy import POLICIES, named
from chapters.errors import UsageError
from chapters.measure.plot import sparkline
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least

TITLE = "Bandits"
ROUNDS_MAX = 1_000_000
PARTS = 40  # of the run, for the picture


@dataclass(frozen=True, slots=True)
class Run:
    """What a policy lost against always knowing the best arm: after each part of the run, summed up."""

    regret: tuple[float, ...]
    best_share: float  # how often it chose the best arm, in the last tenth


def run(name: str, arms: list[float], *, seed: int, rounds: int) -> Run:
    """Let a policy choose among arms that pay 1 with these chances.

    `test` is no policy: it shows all alike for a tenth of the rounds, and the winner ever after.
    """
    chance = Chance(seed)
    luck, most = chance.stream("luck"), max(arms)
    policy = named("thompson" if name == "test" else name)(len(arms), rng=chance.stream("policy"))
    lost, marks, best = 0.0, list[float](), 0
    for number in range(rounds):
        if name != "test":
            arm = policy.choose()
        elif number < rounds // 10:
            arm = number % len(arms)
        else:
            arm = policy.means().index(max(policy.means()))
        policy.learn(arm, float(luck.random() < arms[arm]))
        lost += most - arms[arm]
        best += number >= rounds * 9 // 10 and arms[arm] == most
        if (number + 1) * PARTS // rounds > number * PARTS // rounds:
            marks.append(lost)
    return Run(tuple(marks), best / max(1, rounds - rounds * 9 // 10))


def read(arms: str) -> list[float]:
    """Return the chances in a list such as 0.04,0.05. Raises `UsageError`."""
    try:
        found = [float(each) for each in arms.split(",")]
    except ValueError:
        found = []
    if len(found) < 2 or not all(0 <= each <= 1 for each in found):
        raise UsageError(
            f"arms is {arms!r}; it must be two or more chances from 0 to 1, with commas"
        )
    return found


def demo(
    *, seed: int = 7, rounds: int = 30_000, arms: str = "0.04,0.05,0.07,0.05,0.03", worlds: int = 10
) -> None:
    """Show what each policy loses against always showing the best picture."""
    chances = read(arms)
    at_least(100, rounds=rounds)
    at_least(1, worlds=worlds)
    if rounds * worlds > ROUNDS_MAX:
        raise UsageError(f"{rounds} rounds in {worlds} worlds; at most {ROUNDS_MAX:,} together")
    print(
        f"{len(chances)} pictures, clicked with chances of {', '.join(f'{each:g}' for each in chances)};"
    )
    print(f"{rounds:,} viewers, in {worlds} worlds\n")
    found = {
        name: [run(name, chances, seed=seed + world, rounds=rounds) for world in range(worlds)]
        for name in (*POLICIES, "test")
    }
    most = max(seen.regret[-1] for runs in found.values() for seen in runs)
    print(f"  {'clicks lost so far, on average':51} at last   the worst   best at last")
    for name, runs in found.items():
        means = [mean(marks) for marks in zip(*(seen.regret for seen in runs), strict=True)]
        bars = sparkline(means, within=(0, most))
        worst, best = max(seen.regret[-1] for seen in runs), mean(seen.best_share for seen in runs)
        print(f"  {name:9} {bars:{PARTS}} {means[-1]:8.0f} {worst:11.0f} {best:14.0%}")
