"""Many evenings: each seed with its own weather and its own deaths; a failing one, as small as it gets.

Page: docs/zomato/money.md
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from chapters.batch import Executor
from chapters.errors import UsageError
from chapters.sim import mistakes
from chapters.sim.chance import Chance
from chapters.sim.faults import Fault, Schedule, ddmin
from chapters.sim.simulation import replay_command
from chapters.transaction.opening import MEMORY
from zomato.storm.broken import BROKEN
from zomato.storm.wishes import weather
from zomato.storm.world import Trial, World

KILLS_MAX, POINTS_MAX = 3, (250, 900)  # while orders are placed, or any time
SEEDS_A_TASK = 25


@dataclass(frozen=True, slots=True)
class Evening:
    """How an evening went: what was wrong, at how many points one could die, and a fingerprint."""

    broken: tuple[str, ...]
    points: int
    orders: int
    delivered: int
    digest: str


def trial(seed: int, *, address: str = MEMORY) -> Trial:
    """Return a seed's evening: its weather, and up to three points at which the process dies."""
    rng = Chance(seed).stream("deaths")
    points = range(1, rng.choice(POINTS_MAX))
    kills = sorted(rng.sample(points, rng.randint(0, KILLS_MAX)))
    return Trial(seed, weather(seed), tuple(kills), address=address)


def read(seed: int, schedule: str | None, kills: str | None, *, address: str = MEMORY) -> Trial:
    """Return the trial that a command line describes. Raises `BadSchedule`, `UsageError`."""
    drawn = trial(seed, address=address)
    if schedule is not None:
        drawn = replace(drawn, schedule=Schedule.parse(schedule))
    if kills is not None:
        words = [] if kills == "none" else kills.split(",")
        if not all(word.strip().isdecimal() for word in words):
            raise UsageError(f"kills is {kills!r:.40}; say numbers, as 120,340, or none")
        drawn = replace(drawn, kills=tuple(int(word) for word in words))
    return drawn


def evening(tried: Trial, mistake: str = "") -> Evening:
    """Let it pass, with the order process as it is, or with one of the mistakes of `broken`."""
    with mistakes.making(mistake, BROKEN):
        world = World(tried)
        broken = world.run()
    told = [line.split(maxsplit=2)[-1] for line in world.simulation.transcript]
    ended = {line for line in told if line.endswith((" delivered", " cancelled"))}
    delivered = sum(line.endswith(" delivered") for line in ended)
    digest = world.simulation.digest()
    return Evening(tuple(broken), len(world.points), len(ended), delivered, digest)


def first_broken(
    seeds: Iterable[int], mistake: str = "", *, address: str = MEMORY
) -> tuple[int, Evening] | None:
    """Return the first seed whose evening goes wrong, with what was wrong; None if all hold."""
    return mistakes.first_broken(seeds, lambda seed: evening(trial(seed, address=address), mistake))


def every_point(seed: int) -> tuple[int, list[tuple[int, Evening]]]:
    """Die once at each point of a fair evening; return how many there were, and what went wrong."""
    fair = Trial(seed)
    count = evening(fair).points
    found = [(kill, evening(replace(fair, kills=(kill,)))) for kill in range(1, count + 1)]
    return count, [(kill, each) for kill, each in found if each.broken]


def many(crew: Executor, first: int, count: int) -> list[tuple[int, Evening]]:
    """Let many seeds pass on all cores, or a cluster; return those that went wrong."""
    tasks = [
        range(start, min(start + SEEDS_A_TASK, first + count))
        for start in range(first, first + count, SEEDS_A_TASK)
    ]
    found = crew.map(first_broken, tasks, key=lambda task: f"{task.start}")
    return [each for each in found if each is not None]


def smallest(tried: Trial, mistake: str = "") -> Trial:
    """Return the trial with the fewest faults and deaths that still goes wrong."""
    blows: list[Fault | int] = [*tried.schedule, *tried.kills]
    part = partial(_with, tried)
    return part(ddmin(blows, lambda some: bool(evening(part(list(some)), mistake).broken)))


def _with(tried: Trial, blows: list[Fault | int]) -> Trial:
    faults = [each for each in blows if isinstance(each, Fault)]
    kills = tuple(each for each in blows if isinstance(each, int))
    return replace(tried, schedule=Schedule.of(faults), kills=kills)


def command(tried: Trial, mistake: str = "") -> str:
    """Return the one command that shows this evening again."""
    more = {"mistake": mistake} if mistake else {}
    kills = ",".join(map(str, tried.kills)) or "none"
    return replay_command(
        "kit zomato evening", seed=tried.seed, schedule=tried.schedule, kills=kills, **more
    )
