"""A Friday evening, "chiken biriyani": what is found and why, what a late index shows, and how good it is.

Page: docs/zomato/search.md
"""

from collections.abc import Iterable, Iterator

from chapters.geo import Place
from chapters.sim.chance import Chance
from chapters.sim.clock import S
from chapters.sim.errors import at_least
from zomato.catalog.areas import CITY, ZONE
from zomato.catalog.catalog import Catalog
from zomato.catalog.facts import Closed
from zomato.catalog.hours import every_day
from zomato.catalog.imagined import City, imagined
from zomato.catalog.restaurant import Restaurant
from zomato.search import judged
from zomato.search.desk import Desk
from zomato.search.judged import FRIDAY
from zomato.search.question import Question
from zomato.search.search import Answer, Search

TEXT = "chiken biriyani near me"
NEAR = Place(12.97, 77.59)
EVENING_NS = every_day("", ZONE).instant(FRIDAY, 21 * 60 + 30)
CUSTOMERS, JUDGED_RESTAURANTS = 60, 1_500


def desk_of(restaurants: Iterable[Restaurant], now_ns: int, middle: Place = CITY) -> Desk:
    """Return a desk for restaurants around a city's middle, at an instant, with a fresh index."""
    catalog = Catalog(restaurants)
    search = Search(catalog, middle)
    search.refresh(now_ns)
    return Desk(catalog, search, middle, ZONE, lambda: now_ns)


def town(seed: int, restaurants: int) -> City:
    """Return the imagined city of a seed."""
    return imagined(Chance(seed).stream("restaurants"), count=restaurants)


def demo(*, seed: int = 7, restaurants: int = 2_000) -> None:
    """Search a made-up city on a Friday evening; let the first one close; judge the ranking."""
    at_least(1, restaurants=restaurants)
    desk = desk_of(town(seed, restaurants).restaurants, EVENING_NS)
    question = Question(TEXT, NEAR, EVENING_NS, count=5)
    answer = desk.search.find(question, EVENING_NS)
    print(f"{restaurants:,} restaurants; {TEXT!r}; searched for: {answer.understood.text}\n")
    print("\n".join(lines(answer)))
    if answer.found:
        print("\n".join(closes_early(desk, answer, question)))
    print(f"\nNDCG@10 over {CUSTOMERS} customers of whom it is known what they want:")
    for name, ndcg in how_good(seed):
        print(f"  {name:18} {ndcg:.3f}")


def lines(answer: Answer) -> Iterator[str]:
    """Yield what was found, and why, a line each."""
    yield f"  {'':26} score =  text   near  stars  popular       away     stars"
    for each in answer.found:
        own, why = each.restaurant, each.parts
        yield (
            f"  {own.name[:26]:26} {each.score:5.3f}   {why.text:5.2f}  {why.near:5.2f}  "
            f"{why.stars:5.2f}    {why.popular:5.2f}   {each.metres / 1000:5.1f} km"
            f"   {each.stars:.2f} of {own.rating.votes:,}{'' if each.is_open else '  closed'}"
        )


def closes_early(desk: Desk, answer: Answer, question: Question) -> Iterator[str]:
    """Yield what is shown of the first one after it has closed, before and after a refresh."""
    first, now_ns = answer.found[0].restaurant, question.at_ns
    desk.catalog.apply(Closed(first.id, now_ns + 3600 * S), now_ns)
    yield f"\n{first.name} closes early."
    for wait_s, refreshes in ((3, False), (5, True)):
        later = now_ns + wait_s * S
        if refreshes:
            desk.search.refresh(later)
        again = desk.search.find(question, later)
        places = [each.restaurant.id for each in again.found]
        where = (
            f"shown in place {places.index(first.id) + 1}" if first.id in places else "not shown"
        )
        stamp = again.stamp
        behind = f"{stamp.behind} change behind, for {stamp.behind_ns / S:g} s"
        yield f"  {wait_s} s later: {where}   (the index is {behind if stamp.behind else 'fresh'})"


def how_good(seed: int) -> list[tuple[str, float]]:
    """Return the NDCG@10 of each way to rank, on a city of its own."""
    chance, city = Chance(seed), town(seed + 1, JUDGED_RESTAURANTS)
    asked = judged.customers(city, chance.stream("customers"), CUSTOMERS)
    return list(judged.quality(city, asked, judged.BASELINES, seed).items())


if __name__ == "__main__":
    demo()
