"""Twelve restaurants open on one day. Three ways to find out which are good, on the same visits.

Whoever visits sees ten restaurants, and orders from the list or looks for something else: which is worth
ELSEWHERE less, for the trouble. Nobody looks at places differently: the third counts like the first.
Page: docs/zomato/recs.md
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

import numpy as np

from chapters.sim.chance import Chance, derive
from chapters.sim.errors import at_least
from zomato.recs.customers import SHARES, World, world
from zomato.recs.explore import PLACE, Newcomers, with_new
from zomato.recs.judge import HELD
from zomato.recs.model import Model
from zomato.recs.moment import DAY_MIN, WEEK_MIN, Moment
from zomato.recs.orders import Floats, Town

ELSEWHERE = 1.5
BEST = 3  # of those that are new, by what only the generator knows
HOURS = (9, 13, 16, 20, 23)  # of visits, one for each part of the day


@dataclass(slots=True)
class Tally:
    """What came of one way: orders from lists, and of those that are new, how often each was shown."""

    visits: int = 0
    from_list: int = 0
    shown: dict[int, int] = field(default_factory=dict)
    ordered: dict[int, int] = field(default_factory=dict)

    def add(self, new: int | None, taken: int | None) -> None:
        """Count a visit: who was shown as new, and what was taken from the list."""
        self.visits += 1
        self.from_list += taken is not None
        if new is not None:
            self.shown[new] = self.shown.get(new, 0) + 1
            self.ordered[new] = self.ordered.get(new, 0) + (taken == new)


class Lot:
    """Any of those that deliver, by lot: learns nothing while it looks."""

    def __init__(self, restaurants: list[int], rng: Random) -> None:
        self._restaurants, self._rng = restaurants, rng

    def choose(self, delivering: set[int]) -> int | None:
        """Return any."""
        there = [each for each in self._restaurants if each in delivering]
        return self._rng.choice(there) if there else None

    def learn(self, restaurant: int, is_ordered: bool) -> None:
        """Nothing."""


def opened(made: World) -> tuple[Town, list[int]]:
    """Return the town with everything open, and which restaurants are new."""
    new = np.flatnonzero(~made.town.is_open).tolist()
    return replace(made.town, is_open=np.ones(len(made.town.names), dtype=np.bool_)), new


def visits(made: World, *, seed: int, count: int) -> Mapping[str, Tally]:
    """Let so many customers look at their lists, made in three ways, with the same luck."""
    chance, (town, new) = Chance(seed), opened(made)
    model = Model(town, made.orders, (made.weeks - HELD) * WEEK_MIN)
    ways: dict[str, Lot | Newcomers] = {
        "nobody new": Lot([], chance.stream("none")),
        "by lot": Lot(new, chance.stream("lot")),
        "Thompson": Newcomers(new, rng=chance.stream("thompson")),
    }
    found = {name: Tally() for name in ways}
    rng = np.random.default_rng(derive(seed, "visits"))
    for _ in range(count):
        who, moment = int(rng.integers(len(town.homes))), _some_moment(rng)
        listed = [each.restaurant for each in model.suggest(who, town.homes[who], moment)]
        delivering = set(town.offered(town.homes[who]).tolist())
        worth = made.hidden.worth(town, who, moment) + rng.gumbel(size=len(town.names))
        for name, way in ways.items():
            shown = way.choose(delivering)
            taken = _taken(worth, with_new(listed, shown))
            found[name].add(shown, taken)
            if shown is not None:
                way.learn(shown, taken == shown)
    return found


def _some_moment(rng: np.random.Generator) -> Moment:
    hour = HOURS[int(rng.choice(len(HOURS), p=SHARES))]
    return Moment(int(rng.integers(7)) * DAY_MIN + hour * 60)


def _taken(worth: Floats, listed: list[int]) -> int | None:
    """Return what is ordered from the list; None if something else is worth the search."""
    best = max(listed, key=lambda each: worth[each], default=None)
    elsewhere = np.delete(worth, listed).max(initial=-np.inf) - ELSEWHERE
    return best if best is not None and worth[best] >= elsewhere else None


def demo(*, seed: int = 7, visitors: int = 5_000, customers: int = 300) -> None:
    """Show what each way found out about those that are new, and what it cost."""
    at_least(1, visitors=visitors)
    made = world(np.random.default_rng(derive(seed, "customers")), customers=customers)
    town, new = opened(made)
    print(
        f"{len(new)} of {len(town.names)} restaurants are new; {visitors:,} visits, ten in sight\n"
    )
    print(
        f"  place {PLACE + 1} goes to   ordered from the list   new ones ordered   the best new ones shown"
    )
    best = sorted(new, key=lambda each: -made.hidden.quality[each])[:BEST]
    for name, tally in visits(made, seed=seed, count=visitors).items():
        shown = sum(tally.shown.values())
        share = sum(tally.shown.get(each, 0) for each in best) / max(1, shown)
        print(
            f"  {name:15} {tally.from_list / tally.visits:22.1%} {sum(tally.ordered.values()):18}"
            f" {share:25.0%}"
        )
