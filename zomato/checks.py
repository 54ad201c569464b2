"""What Zomato's exercises check: each section's own stages, beside its code, and a whole evening.

Page: docs/zomato/index.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from zomato.catalog import checks as catalog
from zomato.dispatch import checks as dispatch
from zomato.dispatch.day import Day
from zomato.dispatch.rolling import Rolling
from zomato.dispatch.score import score
from zomato.eta import checks as eta
from zomato.ordering import checks as ordering
from zomato.recs import checks as recs
from zomato.roads import checks as roads
from zomato.scene.imagined import imagined
from zomato.search import checks as search
from zomato.surge import checks as surge

SECTIONS = (ordering, dispatch, catalog, search, roads, eta, recs, surge)
ORDERS, RIDERS = 60, 14


def delivers(seed: int) -> JSON:
    """Dispatch an imagined day, on which one rider vanishes in the evening."""
    day = Day(
        imagined(Random(seed), orders=ORDERS, riders=RIDERS), Rolling(rng=Random(seed), rounds=4)
    )
    gone = False
    while not day.is_over:
        day.look()
        under_way = sorted(
            {each.rider for each in day.trips if each.dropped_min[-1] > day.town.now_min}
        )
        if day.town.now_min > 20 * 60 and under_way and not gone:
            gone = True
            day.lose(under_way[0])
    found = score(day.town.instance, day.trips)
    return [found.delivered, found.orders, round(found.click_to_door_min, 6)]


def seeds(rng: Random) -> Iterator[Case]:
    """One day of a seed."""
    yield (rng.randrange(1_000_000),)


def summary(args: Case, got: JSON) -> str:
    """Say what was delivered on the learner's code."""
    assert isinstance(got, list)
    delivered, orders, minutes = got
    return (
        f"Zomato delivers on your code: {delivered} of {orders} orders, {minutes:.1f} minutes from "
        "tap to door, one rider lost"
    )


STAGES: dict[str, list[Stage]] = {
    name: stages for section in SECTIONS for name, stages in section.STAGES.items()
}

SYSTEM = Stage("a day is dispatched, and a rider vanishes", seeds, delivers, summary=summary)
