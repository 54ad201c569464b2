"""A payment company that is down or rude, kitchens that say nothing, and a process that dies anywhere.

Each fault is a whole evening in virtual time, looked at after every step. Page: docs/zomato/breaking.md
"""

from dataclasses import replace

from chapters.sim.faults import Fault, Schedule
from chapters.sim.promises import Outcome, Verdict
from zomato.ordering.bill import rupees
from zomato.people import MINUTE
from zomato.storm.broken import BROKEN
from zomato.storm.trials import first_broken
from zomato.storm.wishes import RESTAURANTS
from zomato.storm.world import Trial, World

PROMISES = {
    "nobody pays twice, or for a dinner that never came": ("2", "3", "4"),
    "the books balance, and everybody has what they earned": ("1", "10", "12"),
    "every order comes to an end, and nothing is left unsaid": ("5", "6", "7", "8", "9", "11"),
    "our books and their statement agree": ("13",),
}
DEATHS = 24


def gateway_down(*, seed: int = 7, minutes: int = 10) -> Outcome:
    """The payment company is down for so many minutes, in the middle of the evening."""
    start = 6 * MINUTE
    faults = [
        Fault(start, "down", ("gateway",)),
        Fault(start + minutes * MINUTE, "up", ("gateway",)),
    ]
    return _evening(
        Trial(seed, Schedule.of(faults), orders=8),
        f"the payment company is down for {minutes} minutes",
        f"kit break zomato gateway-down --seed {seed} --minutes {minutes}",
    )


def gateway_rude(*, seed: int = 7, rudeness: float = 0.5) -> Outcome:
    """It does what it is asked, says nothing half of the time, and contradicts itself in webhooks."""
    return _evening(
        Trial(seed, orders=8, rudeness=rudeness),
        f"of {rudeness:.0%} of what it does the payment company says nothing, or too much",
        f"kit break zomato gateway-rude --seed {seed} --rudeness {rudeness}",
    )


def silent_kitchens(*, seed: int = 7) -> Outcome:
    """Two of three restaurants answer nothing for an hour and a half: their orders are given up."""
    faults = [
        Fault(at, kind, ("kitchen", place))
        for place in RESTAURANTS[:2]
        for at, kind in ((0, "silent"), (95 * MINUTE, "speaks"))
    ]
    return _evening(
        Trial(seed, Schedule.of(faults), orders=8),
        "two restaurants of three are silent for an hour and a half",
        f"kit break zomato silent-kitchens --seed {seed}",
    )


def killed_anywhere(*, seed: int = 7, deaths: int = DEATHS) -> Outcome:
    """The order process dies again and again, each time before or after a commit or a message."""
    fair = Trial(seed, orders=8)
    points = len(_passed(fair)[0].points)
    kills = tuple(range(1, points, max(points // max(deaths, 1), 1)))
    return _evening(
        replace(fair, kills=kills),
        f"the order process dies {len(kills)} times, at points 1 to {kills[-1]}",
        f"kit break zomato killed-anywhere --seed {seed} --deaths {deaths}",
    )


def mistakes(*, seed: int = 7, evenings: int = 400) -> Outcome:
    """The order process makes a mistake: is it noticed?"""
    verdicts = []
    for name, mistake in BROKEN.items():
        found = first_broken(range(seed, seed + evenings), name)
        told = found[1].broken[0][:80] if found else f"not in {evenings} evenings"
        verdicts.append(Verdict(f"noticed: {mistake.said}", found is not None, told))
    return Outcome(
        title=f"{len(BROKEN)} order processes that are wrong",
        verdicts=tuple(verdicts),
        lines=("a check that has never caught anything may be unable to",),
        next_commands=("kit run zomato/storm",),
        replay=f"kit break zomato mistakes --seed {seed} --evenings {evenings}",
    )


def _passed(tried: Trial) -> tuple[World, list[str]]:
    world = World(tried)
    return world, world.run()


def _evening(tried: Trial, title: str, replay: str) -> Outcome:
    """Let an evening pass, and judge it by what was broken."""
    world, broken = _passed(tried)
    by_number = {each.split(":", 1)[0]: each for each in reversed(broken)}
    taken = sum(each.paise for each in world.gateway.statement if each.paise > 0)
    back = -sum(each.paise for each in world.gateway.statement if each.paise < 0)
    ends = [line.split()[-1] for line in world.simulation.transcript]
    told = f"{rupees(taken)} taken, {rupees(back)} given back"
    raised = by_number.get("raised")
    verdicts = [
        Verdict(
            promise,
            not raised and not any(number in by_number for number in numbers),
            raised or next((by_number[each] for each in numbers if each in by_number), told),
        )
        for promise, numbers in PROMISES.items()
    ]
    return Outcome(
        title=title,
        verdicts=tuple(verdicts),
        lines=(
            f"{ends.count('delivered')} delivered, {ends.count('cancelled')} cancelled; "
            f"{len(world.points)} points at which the order process could have died",
        ),
        next_commands=("kit run zomato/ordering", "kit break zomato mistakes"),
        replay=replay,
    )
