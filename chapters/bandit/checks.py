"""What the exercises on bandits check: whom to believe, what could be the best, what a log can tell.

Page: docs/chapters/bandit.md
"""

from collections.abc import Iterator
from random import Random

from chapters.bandit.policy import Greedy, Policy, named
from chapters.bandit.replay import Shown, replay, weighted
from chapters.checking import JSON, Case, Stage

Counts = list[list[float]]  # [pulls, rewards] for each arm


def chooses(kind: str, known: Counts, seed: int, times: int) -> JSON:
    """Choose some times, knowing this; return the choices."""
    policy = _knowing(named(kind)(len(known), rng=Random(seed)), known)
    return [policy.choose() for _ in range(times)]


def often(kind: str, known: Counts, seed: int) -> JSON:
    """Return how often each arm was chosen of 400, to the next twentieth."""
    policy = _knowing(named(kind)(len(known), rng=Random(seed)), known)
    counts = [0] * len(known)
    for _ in range(400):
        counts[policy.choose()] += 1
    return [round(20 * count / 400) for count in counts]


def _knowing(policy: Policy, known: Counts) -> Policy:
    policy.pulls = [int(pulls) for pulls, _ in known]
    policy.rewards = [float(rewards) for _, rewards in known]
    return policy


def sure_ones(rng: Random) -> Iterator[Case]:
    yield "thompson", [[1000, 100], [1000, 900]], rng.randrange(99)
    yield "thompson", [[1000, 900], [1000, 100], [1000, 500]], rng.randrange(99)


def unsure_ones(rng: Random) -> Iterator[Case]:
    seed = rng.randrange(999)
    yield "thompson", [[0, 0], [0, 0]], seed, 20
    yield "thompson", [[10, 3], [4, 2], [0, 0]], seed, 20
    yield "thompson", [[10, 2.5], [7, 3.5]], seed, 20


def untried(rng: Random) -> Iterator[Case]:
    yield "ucb", [[3, 3], [0, 0], [0, 0]], 1, 1
    yield "ucb", [[0, 0], [5, 5]], 1, 1


def bounded(rng: Random) -> Iterator[Case]:
    yield "ucb", [[100, 60], [10, 5], [400, 236]], 1, 1
    yield "ucb", [[100, 60], [10, 5]], 1, 1
    yield "ucb", [[100, 90], [100, 10]], 1, 1
    yield "ucb", [[1000, 500], [20, 9]], 1, 1
    for _ in range(6):
        counts = [rng.randint(1, 200) for _ in range(4)]
        yield "ucb", [[count, rng.randint(0, count)] for count in counts], 1, 1


def replayed(arms: int, log: list[list[float]], seed: int) -> JSON:
    """Replay a greedy policy without lots on a log of [arm, reward]; how good was it?"""
    policy = Greedy(arms, 0.0, rng=Random(seed))
    mean, counted = replay(policy, [Shown(int(arm), reward) for arm, reward in log])
    return {
        "mean": round(mean, 6),
        "counted": counted,
        "pulls": policy.pulls,
        "rewards": policy.rewards,
    }


def logs(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        seed, arms = rng.randrange(99), rng.randint(2, 4)
        log = [[rng.randrange(arms), float(rng.random() < 0.4)] for _ in range(60)]
        yield arms, log, seed
    yield 3, [], 1


def estimated(log: list[list[float]], chosen: list[int]) -> JSON:
    """Estimate from [arm, reward, chance] what `chosen` would have brought."""
    lines = [(Shown(int(arm), reward), chance) for arm, reward, chance in log]
    return round(weighted(lines, chosen), 6)


def uneven_logs(rng: Random) -> Iterator[Case]:
    yield [[0, 1.0, 0.5], [1, 1.0, 0.5]], [0, 0]
    chances = [0.7, 0.2, 0.1]
    for _ in range(3):
        arms = rng.choices(range(3), chances, k=30)
        log = [[arm, float(rng.random() < 0.5), chances[arm]] for arm in arms]
        yield log, [rng.randrange(3) for _ in range(30)]


STAGES: dict[str, list[Stage]] = {
    "thompson": [
        Stage("the one that is known to be best", sure_ones, often),
        Stage("guesses where little is known", unsure_ones, chooses, needs=(1,)),
    ],
    "ucb": [
        Stage("each once, first", untried, chooses),
        Stage("the one that could be the best", bounded, chooses, needs=(1,)),
    ],
    "replay": [
        Stage("what agrees counts, and is learnt from", logs, replayed),
        Stage("what was seldom shown stands for many", uneven_logs, estimated, needs=()),
    ],
}
