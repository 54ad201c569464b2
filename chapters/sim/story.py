"""Find a bug that shows once in many runs, shrink its cause to two faults, and print its command.

`kit run sim` hunts through seeds; the command that it prints at the end replays one failure, byte
for byte. Then `kit run sim --remember` shows the same hunt coming home empty.
Page: docs/chapters/sim.md
"""

from chapters.sim.chance import Chance
from chapters.sim.clock import S
from chapters.sim.errors import at_least
from chapters.sim.faults import Schedule, storm
from chapters.sim.simulation import Failure, hunt, replay_command
from chapters.sim.teller import Rules, open_for_a_day

FAULTS = 6  # episodes in a day's weather: two faults each, the blow and its mending


def demo(
    *,
    seed: int = 7,
    seeds: int = 40,
    schedule: str = "",
    sync: bool = True,
    remember: bool = False,
    deposits: int = 20,
) -> None:
    """Deposit money through crashes and cuts: without --remember, a deposit is booked twice."""
    at_least(1, seeds=seeds, deposits=deposits)
    rules = Rules(sync, remember, deposits)
    if schedule:
        _replay(seed, Schedule.parse(schedule), rules)
        return
    failure = find(seed, seeds, rules)
    if failure is None:
        print(f"seeds {seed} to {seed + seeds - 1}: every promise held, {2 * FAULTS} faults a run")
        return
    print(f"the first of these days that fails is seed {failure.seed}: {failure.why}")
    print(f"  its {len(failure.schedule)} faults: {failure.schedule}")
    print(f"  shrunk to {len(failure.smallest)} in {failure.runs} runs: {failure.smallest}\n")
    _replay(failure.seed, failure.smallest, rules)
    print(f"Mended: kit run sim {'--remember' if sync else '--sync'}")


def find(seed: int, seeds: int, rules: Rules) -> Failure | None:
    """Return the first failure among `seeds` seeds from `seed` on, its faults shrunk."""
    return hunt(
        lambda number, faults: open_for_a_day(number, faults, rules).broken,
        seeds=range(seed, seed + seeds),
        weather=lambda number: weather(number, rules.deposits),
    )


def weather(seed: int, deposits: int = 20) -> Schedule:
    """Return the faults of the day `seed`: they come from a stream of their own."""
    rng = Chance(seed).stream("weather")
    until_ns = deposits * S // 20
    return storm(rng=rng, names=["teller"], peers=["customer"], until_ns=until_ns, faults=FAULTS)


def _replay(seed: int, schedule: Schedule, rules: Rules, around: int = 4) -> None:
    """Print one run, the transcript cut to what is near its faults."""
    day = open_for_a_day(seed, schedule, rules)
    hits = [index for index, line in enumerate(day.transcript) if "⚡" in line]
    near = [i for i in range(len(day.transcript)) if any(abs(i - hit) <= around for hit in hits)]
    for previous, index in zip([-1, *near], near, strict=False):
        if index > previous + 1:
            print(f"{'…':>8}")
        print(day.transcript[index])
    print(f"\n{len(day.confirmed)} confirmed, {len(day.account)} on the account:", end=" ")
    print(f"{day.broken or 'both promises held'}   (digest {day.digest})")
    knobs = {"sync": rules.sync, "remember": rules.remember, "deposits": rules.deposits}
    print(f"Again:  {replay_command('kit run sim', seed=seed, schedule=schedule, **knobs)}")
