"""The first thing that a customer sees, as facts: restaurants, and why each.

Page: docs/zomato/recs.md
"""

from random import Random
from typing import Any

import numpy as np

from chapters.errors import Refused
from zomato.recs.customers import World
from zomato.recs.explore import KNOWN, Newcomers, with_new
from zomato.recs.judge import HELD
from zomato.recs.model import COUNT, Model, Suggestion
from zomato.recs.moment import WEEK_MIN, Moment
from zomato.recs.opening import opened
from zomato.recs.orders import CUISINES, Floats
from zomato.recs.words import words


def desk(made: World, *, rng: Random) -> "Desk":
    """Return the desk of a made-up town: all its orders are learnt from, and what is new has opened."""
    town, _ = opened(made)
    return Desk(Model(town, made.orders, (made.weeks - HELD) * WEEK_MIN), rng=rng)


class Desk:
    """A model, and the restaurants that are new; tell `newcomers.learn` what came of showing them."""

    def __init__(self, model: Model, *, rng: Random) -> None:
        self._model, self._town = model, model.town
        is_new = (model.reasons.had.sum(axis=0) < KNOWN) & self._town.is_open
        self.newcomers = Newcomers(np.flatnonzero(is_new).tolist(), rng=rng)

    def home(self, customer: int | None, moment: Moment, place: Floats | None = None) -> Any:
        """Return the list for a customer, or for somebody new at a `place`. Raises `Refused`."""
        home = self._home(customer, place)
        found = {each.restaurant: each for each in self._model.suggest(customer, home, moment)}
        delivering = set(self._town.offered(home).tolist())
        new = self.newcomers.choose(delivering) if len(found) == COUNT else None
        return {
            "at": str(moment),
            "restaurants": [
                self._facts(each, found.get(each), customer, home, moment) | {"is_new": each == new}
                for each in with_new(list(found), new)
            ],
        }

    def _home(self, customer: int | None, place: Floats | None) -> Floats:
        if customer is not None and not 0 <= customer < len(self._town.homes):
            raise Refused(404, f"there is no customer {customer}; say x and y (km) if you are new")
        if customer is None and place is None:
            raise Refused(400, "say customer, or x and y (km) if you are new")
        found: Floats = place if customer is None else self._town.homes[customer]  # type: ignore[assignment]
        return found

    def _facts(
        self,
        restaurant: int,
        suggestion: Suggestion | None,
        customer: int | None,
        home: Floats,
        moment: Moment,
    ) -> dict[str, Any]:
        town = self._town
        why = words(self._model, suggestion, customer, home, moment) if suggestion else []
        return {
            "id": restaurant,
            "name": town.names[restaurant],
            "cuisine": CUISINES[town.cuisines[restaurant]],
            "km": round(float(town.km(home)[restaurant]), 1),
            "why": why or ["new in town"] if suggestion is None else why,
        }
