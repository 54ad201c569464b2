"""A range for each order, from all days before it: made at night, judged by what it said itself.

    day:    likely = the guess of last night; how wrong it was is remembered
    night:  the guess is fitted anew; ranges = likely · what errors of the last weeks were, at 5 % and 95 %

A moody kitchen gets wider ranges than a steady one: a score is divided by how far that kitchen's scores
spread. Invariant: what is said of an order depends on earlier days alone. Page: docs/zomato/eta.md
"""

from collections.abc import Sequence
from math import exp, log, sqrt

from chapters.errors import UsageError
from zomato.eta.delivery import Asked, Delivery, Estimate
from zomato.eta.guess import Guess
from zomato.eta.margins import margins

MISSED = 0.1  # of ranges do not hold: half of them too early, half too late
KEPT_DAYS = 28  # from which is learned
SCORED_DAYS = 14  # whose errors make the ranges
DOUBT = 10.0  # orders, as which a kitchen is taken for a usual one
ANY = ""  # a kitchen that nobody knows


class Forecast:
    """Learns a day at a time. With `by_kitchen` each kitchen has a width of its own."""

    def __init__(self, guess: Guess, *, missed: float = MISSED, by_kitchen: bool = True) -> None:
        self._guess, self._missed, self._by_kitchen = guess, missed, by_kitchen
        self._days: list[list[Delivery]] = []
        self._scores: list[list[tuple[str, float]]] = []  # of each day: kitchen, score
        self._spread: dict[str, float] = {}
        self._margins = (0.0, 0.0)

    def estimate(self, asked: Asked) -> Estimate:
        """Return a range, and its middle. Raises `UsageError` before two days are over."""
        if not self._scores:
            raise UsageError("no guess was put to the test yet; learn two days of deliveries first")
        likely, (low, high) = self._guess.likely_min(asked), self._margins
        spread = self._spread.get(asked.kitchen, self._spread[ANY])
        return Estimate(likely * exp(low * spread), likely, likely * exp(high * spread))

    def learn(self, day: Sequence[Delivery]) -> None:
        """Take a day that is over: remember how wrong the guesses were, and make better ones."""
        if self._days and day:
            scores = [(each.asked.kitchen, self._score(each)) for each in day]
            self._scores = [*self._scores, scores][-SCORED_DAYS:]
            self._widen([pair for some in self._scores for pair in some])
        self._days = [*self._days, list(day)][-KEPT_DAYS:]
        self._guess.fit(self._days)

    def _score(self, delivery: Delivery) -> float:
        return log(delivery.total_min / self._guess.likely_min(delivery.asked))

    def _widen(self, scores: Sequence[tuple[str, float]]) -> None:
        """Find how far each kitchen's scores spread, and the margins in units of that."""
        usual = sum(score**2 for _, score in scores) / len(scores)
        squares: dict[str, list[float]] = {ANY: []}
        for kitchen, score in scores:
            squares.setdefault(kitchen if self._by_kitchen else ANY, []).append(score**2)
        self._spread = {
            kitchen: sqrt((sum(some) + DOUBT * usual) / (len(some) + DOUBT)) or 1.0
            for kitchen, some in squares.items()
        }
        wide = self._spread
        self._margins = margins(
            [score / wide.get(kitchen, wide[ANY]) for kitchen, score in scores], self._missed
        )
