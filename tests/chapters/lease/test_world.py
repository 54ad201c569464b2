"""Seeds times faults: behind a fence nothing is lost, without one it is; and the giver's epochs grow."""

import pytest

from chapters.errors import UsageError
from chapters.lease import story
from chapters.lease.world import GIVER, STORE, World
from chapters.sim import Fault, S, Schedule, hunt, storm
from chapters.sim.chance import Chance

STORM_S, END_S = 8, 14


def weather(seed: int) -> Schedule:
    """Pauses longer than a term, kills, crashes, cuts, and changes of hands by will."""
    rng = Chance(seed).stream("weather")
    struck = storm(
        rng=rng, names=[GIVER, "ada", "ben"], peers=[STORE], until_ns=STORM_S * S, faults=6
    )
    wills = [
        Fault(rng.randrange(STORM_S * 1000) * 1_000_000, "takeover", (rng.choice(["ada", "ben"]),))
        for _ in range(2)
    ]
    return Schedule.of([*struck, *wills])


def lived(seed: int, schedule: Schedule, *, is_fenced: bool) -> World:
    world = World(seed, is_fenced=is_fenced)
    world.simulation.apply(schedule)
    world.run(END_S)
    return world


def broken(seed: int, schedule: Schedule, *, is_fenced: bool = True) -> str | None:
    """Return which promise was broken, or None."""
    world = lived(seed, schedule, is_fenced=is_fenced)
    store = world.store
    if world.granted != sorted(set(world.granted)):
        return f"epochs given: {world.granted}"
    if store.stale or store.lost:
        return f"{store.stale} writes after their time, {store.lost} additions lost"
    if is_fenced and sum(each.acknowledged for each in world.workers.values()) > store.value:
        return "more acknowledged than there are"
    return None


def test_behind_a_fence_nothing_is_lost_in_any_weather() -> None:
    found = hunt(broken, seeds=range(120), weather=weather)
    assert found is None, found


def test_without_a_fence_the_same_weather_does_harm() -> None:
    harm = [seed for seed in range(40) if broken(seed, weather(seed), is_fenced=False) is not None]
    assert len(harm) >= 5


def test_one_fault_is_enough_without_a_fence() -> None:
    found = hunt(
        lambda seed, schedule: broken(seed, schedule, is_fenced=False),
        seeds=range(40), weather=weather,
    )  # fmt: skip
    assert found is not None and len(found.smallest) <= 3


@pytest.mark.parametrize("seed", range(12))
def test_when_the_weather_is_over_somebody_works_again(seed: int) -> None:
    world = World(seed, is_fenced=True)
    world.simulation.apply(weather(seed))
    world.run(END_S - 2)
    before = world.store.accepted
    world.run(END_S)
    assert world.store.accepted >= before + 5


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("pause_s", [2.5, 0])
def test_a_pause_in_a_write_and_a_change_of_hands(seed: int, pause_s: float) -> None:
    bare, fenced = (
        story.drama(seed, is_fenced=is_fenced, ttl_s=1, pause_s=pause_s)
        for is_fenced in (False, True)
    )
    for world in (bare, fenced):
        world.run(7)
    assert bare.store.stale >= 1 and bare.store.refused == 0
    assert fenced.store.stale == fenced.store.lost == 0 and fenced.store.refused >= 1


def test_a_pause_shorter_than_the_lease_harms_nobody() -> None:
    world = story.drama(3, is_fenced=False, ttl_s=1, pause_s=0.3)
    world.run(7)
    assert world.store.stale == world.store.lost == 0 and world.granted == [1]


def test_the_same_seed_is_the_same_world() -> None:
    def digest() -> tuple[str, int, int]:
        world = lived(5, weather(5), is_fenced=True)
        return world.simulation.digest(), world.store.accepted, world.store.refused

    assert digest() == digest()


def test_the_story_and_what_it_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    story.demo(seed=3)
    said = [line for line in capsys.readouterr().out.splitlines() if "additions lost" in line]
    lost = [int(line.rpartition(" ")[2]) for line in said]
    assert len(lost) == 4 and lost[0] > 0 and lost[1] == lost[3] == 0
    for knobs in ({"ttl": 0}, {"pause": 0}, {"seconds": 1}, {"seconds": 1000}):
        with pytest.raises(UsageError):
            story.demo(**knobs)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(15))
def test_without_pauses_and_wills_never_two_may_act(seed: int) -> None:
    """Kills, crashes and cuts, of the giver too: here the lease alone is enough."""
    calm = [each for each in weather(seed) if each.kind not in ("pause", "resume", "takeover")]
    world = World(seed, is_fenced=False)
    world.simulation.apply(Schedule.of(calm))
    process = world.simulation.processes.process
    acted = 0
    for step in range(1, END_S * 50):
        world.run(step / 50)
        acting = [
            name
            for name, worker in world.workers.items()
            if process(name).alive and worker.holder.may_act
        ]
        acted += len(acting)
        assert len(acting) <= 1, (step / 50, acting)
    assert acted > 200 and world.store.stale == world.store.lost == 0
