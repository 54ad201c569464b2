"""How good would another policy have been, from a log of what was chosen by lot?

    log      shown: a   a clicks     shown: c   no click     shown: b   no click
    policy   would show a ✔          would show b ✘          would show b ✔
    counted  1                       –                       0            ──► 1 of 2

Where the policy would have done the same as the lot did, what came of it is what would have come of it;
everything else is thrown away. Invariant: if the log was drawn evenly, and viewers do not influence each
other, the estimate is right on average. Source: Li, Chu, Langford & Wang, "Unbiased Offline Evaluation of
Contextual-bandit-based News Article Recommendation Algorithms", WSDM 2011.
Page: docs/chapters/bandit.md
"""

from collections.abc import Iterable
from dataclasses import dataclass

from chapters.bandit.policy import Policy


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the log: which arm was drawn, and what came of it, from 0 to 1."""

    arm: int
    reward: float


def replay(policy: Policy, log: Iterable[Shown]) -> tuple[float, int]:
    """Return the mean reward that `policy` would have had, and from how many lines that is known.

    It learns from those only. With n arms about one line in n counts. 0.0 when none does.
    """
    counted, got = 0, 0.0
    for line in log:
        if policy.choose() == line.arm:
            policy.learn(line.arm, line.reward)
            counted += 1
            got += line.reward
    return got / max(1, counted), counted


def weighted(log: Iterable[tuple[Shown, float]], chosen: Iterable[int]) -> float:
    """Return the mean reward of always choosing `chosen`, from a log with the chance of each of its lines.

    Each line that agrees counts 1 / chance: what was seldom shown stands for many. Source: Horvitz &
    Thompson 1952.
    """
    count, got = 0, 0.0
    for (line, chance), arm in zip(log, chosen, strict=True):
        count += 1
        if line.arm == arm:
            got += line.reward / chance
    return got / max(1, count)
