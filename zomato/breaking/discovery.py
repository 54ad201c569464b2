"""The index stops following: what is shown wrongly meanwhile, and what an order says to it.

Page: docs/zomato/breaking.md
"""

from collections import Counter
from dataclasses import replace
from random import Random

from chapters.sim.chance import Chance
from chapters.sim.clock import S
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Series, Verdict
from zomato.catalog.areas import CITY
from zomato.catalog.catalog import Catalog
from zomato.catalog.facts import Closed, Delisted, Fact, Priced, Reviewed, Stocked
from zomato.catalog.imagined import City, imagined
from zomato.catalog.restaurant import Item, Restaurant, is_open
from zomato.search.follower import EVERY_NS, Follower
from zomato.search.judged import Customer, customers
from zomato.search.search import Answer, Search
from zomato.search.story import EVENING_NS

MINUTE_S = 60
RESTAURANTS, CUSTOMERS = 800, 200
STEP_S = 2  # somebody asks, and something changes
BEFORE_S, AFTER_S = 5 * MINUTE_S, 5 * MINUTE_S
EARLY_S = 2 * 3600
HAPPENS: dict[str, int] = {"priced": 30, "stocked": 20, "closed": 10, "delisted": 2, "reviewed": 38}
Order = tuple[int, int, str, Item]  # the last change before it, when, of whom, and what was shown


class Evening:
    """A city whose facts change, an index that follows, and somebody who asks every two seconds."""

    def __init__(self, chance: Chance) -> None:
        self.city: City = imagined(chance.stream("city"), count=RESTAURANTS)
        self.catalog = Catalog(self.city.restaurants)
        self.search = Search(self.catalog, CITY)
        self.search.refresh(EVENING_NS)
        self.follower = Follower(self.search)
        self._crowd = list(customers(self.city, chance.stream("customers"), CUSTOMERS))
        self._rng = chance.stream("fate")
        self._missing_ns: list[int] = []  # when each change happened that the index has not seen
        self.taken: list[Order] = []
        self.refused = Counter[str]()
        self.wrong = Counter[
            int
        ]()  # answers with something in them that is no longer so, by minute
        self.unsaid = 0  # answers whose stamp is not what happened
        self.asked = self.late_most_ns = self.behind_most = 0

    def step(self, second: int) -> bool:
        """Refresh if it is time, ask, order, change something; return whether it was refreshed."""
        now_ns = EVENING_NS + second * S
        if refreshed := self.follower.tick(now_ns):
            self._missing_ns = []
        self._ask(self._rng.choice(self._crowd), second // MINUTE_S, now_ns)
        self.catalog.apply(happens(self.catalog, self._rng, now_ns), now_ns)
        self._missing_ns.append(now_ns)
        return refreshed

    def _ask(self, who: Customer, minute: int, now_ns: int) -> None:
        answer = self.search.find(replace(who.question, at_ns=now_ns), now_ns)
        stamp, late_ns = answer.stamp, now_ns - min([*self._missing_ns, now_ns])
        self.asked += 1
        self.late_most_ns = max(self.late_most_ns, stamp.behind_ns)
        self.behind_most = max(self.behind_most, stamp.behind)
        known = self.catalog.known
        is_wrong = any(each.restaurant != known(each.restaurant.id) for each in answer.found)
        self.wrong[minute] += is_wrong
        says = stamp.behind, stamp.behind_ns
        self.unsaid += says != (len(self._missing_ns), late_ns) or (is_wrong and not stamp.behind)
        for own, item in first_choice(answer):
            if why := objection(self.catalog, own, item, now_ns):
                self.refused[why] += 1
            else:
                self.taken.append((self.catalog.last, now_ns, own.id, item))

    def false_orders(self) -> int:
        """Return how many were taken that were not true then: all that happened is gone through again."""
        again, false = Catalog(self.city.restaurants), 0
        changes = iter(self.catalog.changes_since(0))
        for last, at_ns, id, shown in self.taken:
            while again.last < last:
                change = next(changes)
                again.apply(change.fact, change.at_ns)
            own = again.known(id)
            true = own.item(shown.id) if own and is_open(own, at_ns) else None
            false += true is None or not true.is_available or true.price_paise != shown.price_paise
        return false


def first_choice(answer: Answer) -> list[tuple[Restaurant, Item]]:
    """Return the first restaurant that is shown as open, with a dish that is shown as there."""
    return [
        (each.restaurant, item)
        for each in answer.found
        if each.is_open
        for item in each.restaurant.menu
        if item.is_available
    ][:1]


def objection(catalog: Catalog, shown: Restaurant, item: Item, at_ns: int) -> str:
    """Return why an order for what was shown is not taken, by the catalog; "" if it is."""
    now = catalog.known(shown.id)
    if now is None:
        return "it is gone"
    if not is_open(now, at_ns):
        return "it has closed"
    true = now.item(item.id)
    if not true.is_available:
        return "the dish is out"
    return "another price" if true.version != item.version else ""


def happens(catalog: Catalog, rng: Random, now_ns: int) -> Fact:
    """Return something that happens on an evening."""
    own = rng.choice(list(catalog))
    item = rng.choice(own.menu)
    match rng.choices(list(HAPPENS), list(HAPPENS.values()))[0]:
        case "priced":
            return Priced(own.id, item.id, max(500, item.price_paise + rng.choice((-1000, 1000))))
        case "stocked":
            return Stocked(own.id, item.id, not item.is_available)
        case "closed":
            return Closed(own.id, now_ns + EARLY_S * S)
        case "delisted":
            return Delisted(own.id)
        case _:
            return Reviewed(own.id, f"c{now_ns}", f"o{now_ns}", rng.randint(1, 5))


def stale_index(*, seed: int = 7, minutes: int = 20) -> Outcome:
    """The index is not refreshed for so many minutes, while menus, prices and hours go on changing."""
    at_least(1, minutes=minutes)
    evening, starts = Evening(Chance(seed)), BEFORE_S + minutes * MINUTE_S
    caught_up_s = -1
    for second in range(0, starts + AFTER_S, STEP_S):
        evening.follower.is_stopped = BEFORE_S <= second < starts
        if evening.step(second) and second >= starts and caught_up_s < 0:
            caught_up_s = second - starts
    refused, false = evening.refused.total(), evening.false_orders()
    why = ", ".join(f"{why} {count}" for why, count in sorted(evening.refused.items()))
    each = 100 * STEP_S / MINUTE_S
    shares = [(minute, each * evening.wrong[minute]) for minute in range((starts + AFTER_S) // 60)]
    return Outcome(
        title=f"the index follows nothing for {minutes} minutes of {len(shares)}",
        verdicts=(
            Verdict(
                "every answer says how late it is",
                evening.unsaid == 0,
                f"{evening.asked} answers, {evening.wrong.total()} with something that was no longer "
                f"so; the latest {evening.late_most_ns / (MINUTE_S * S):.1f} minutes, "
                f"{evening.behind_most} changes behind",
            ),
            Verdict(
                "no order is taken for what is no longer so",
                false == 0,
                f"{len(evening.taken)} taken, {refused} refused: {why}",
            ),
            Verdict(
                "one refresh is enough, whatever was missed",
                0 <= caught_up_s <= EVERY_NS // S + STEP_S,
                f"{caught_up_s} s after it runs again",
            ),
        ),
        lines=("discovery may be late, since an order is judged by the catalog and not by the index",),
        next_commands=("kit run zomato/search", "kit start zomato/stale-index"),
        replay=f"kit break zomato stale-index --seed {seed} --minutes {minutes}",
        series=(Series("answers with something wrong in them", "%", tuple(shares)),),
    )  # fmt: skip
