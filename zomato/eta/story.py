"""Two weeks of deliveries, each estimated from what was known before; and what could be known at best.

Page: docs/zomato/eta.md
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from zomato.eta.delivery import Estimate
from zomato.eta.forecast import Forecast
from zomato.eta.guess import Learned, Plain
from zomato.eta.history import Lived, history
from zomato.eta.judge import Verdict, best_possible, foretold, verdict

WARM_DAYS = 21  # before the first one that is judged
FEW = 10  # kitchens: the steadiest, and the moodiest
WAYS: dict[str, Callable[[], Forecast]] = {
    "distance / speed": lambda: Forecast(Plain()),
    "learned, one width": lambda: Forecast(Learned(), by_kitchen=False),
    "learned, by kitchen": lambda: Forecast(Learned()),
}
BEST = "all but luck known"


@dataclass(frozen=True, slots=True)
class Compared:
    """Deliveries, and what each way said of them beforehand."""

    lived: list[Lived]
    said: dict[str, list[Estimate]]

    def of(self, name: str, kitchens: frozenset[str] | None = None) -> Verdict:
        """Return how good one way was: of all deliveries, or of some kitchens'."""
        chosen = [
            pair
            for pair in zip(self.lived, self.said[name], strict=True)
            if kitchens is None or pair[0].delivery.asked.kitchen in kitchens
        ]
        return verdict([each for each, _ in chosen], [each for _, each in chosen])

    def by_mood(self) -> list[str]:
        """Return the kitchens, the steadiest first: nobody but the judge knows."""
        luck = {each.delivery.asked.kitchen: each.hidden.prepared_luck for each in self.lived}
        return sorted(luck, key=lambda kitchen: luck[kitchen])


def compared(days: Sequence[Sequence[Lived]], first: int = WARM_DAYS) -> Compared:
    """Return what each way says of the deliveries from day `first` on."""
    lived = [each for day in days[first:] for each in day]
    said = {name: foretold(days, first, made()) for name, made in WAYS.items()}
    return Compared(lived, said | {BEST: [best_possible(each.hidden) for each in lived]})


def demo(*, seed: int = 7, days: int = 14, orders: int = 300) -> None:
    """Estimate so many days of made-up deliveries, after three weeks of others."""
    at_least(1, days=days)
    past = history(Chance(seed).stream("history"), days=WARM_DAYS + days, orders=orders)
    found = compared(past)
    moods = found.by_mood()
    steady, moody = frozenset(moods[:FEW]), frozenset(moods[-FEW:])
    print(
        f"{len(found.lived):,} deliveries of {days} days, each estimated from the days before it\n"
    )
    print(
        "                        off by   pinball   width   kept, of 90 %   steadiest ten   moodiest ten"
    )
    for name in found.said:
        every, best, worst = found.of(name), found.of(name, steady), found.of(name, moody)
        print(
            f"  {name:20} {every.off_min:5.2f} min   {every.pinball:7.2f} {every.width_min:7.1f}"
            f"   {every.kept:11.1%}   {best.kept:13.1%}   {worst.kept:12.1%}"
        )


if __name__ == "__main__":
    demo()
