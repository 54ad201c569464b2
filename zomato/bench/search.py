"""Search: how good its order is, how many questions a second, and what a refresh costs.

Ranking is judged by customers of three made-up cities, none of which the weights were chosen on; what
they want is known there, and cannot be seen. Speed is that of an index of 7,000 restaurants, beside
looking for the words in all of them. Page: docs/zomato/speed.md
"""

import time
from collections.abc import Callable, Iterator
from random import Random

from chapters.inverted_index import words
from chapters.measure.findings import Figure, Finding
from chapters.measure.ratio import compare
from zomato.catalog.areas import CITY
from zomato.catalog.catalog import Catalog
from zomato.catalog.facts import Reviewed, Stocked
from zomato.catalog.imagined import City, imagined
from zomato.search.judged import BASELINES, Customer, customers, quality
from zomato.search.search import Search, told

SEEDS = (201, 202, 203)
JUDGED_RESTAURANTS, JUDGED_CUSTOMERS = 3_000, 150
RESTAURANTS, QUESTIONS, FEW = 7_000, 400, 20
BATCH = 100  # changes in a refresh
TIMES_ALONE_LEAST, TIMES_TEXT_LEAST = 1.2, 2.0
P99_MS_MAX, TIMES_SCAN_LEAST, TIMES_REBUILD_LEAST = 50.0, 10.0, 20.0


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield NDCG of each way to rank, then speeds."""
    on_progress("search, judged by customers of whom it is known what they want")
    found = _mean_quality(SEEDS[:1] if quick else SEEDS, JUDGED_CUSTOMERS // (5 if quick else 1))
    for name, ndcg in found.items():
        yield Figure(f"search: NDCG@10, {name}", ndcg)
    alone = max(ndcg for name, ndcg in found.items() if name != "blend")
    blend = found["blend"]
    yield Figure(
        "search: the blend, times the best reason alone", blend / alone, least=TIMES_ALONE_LEAST
    )
    yield Figure(
        "search: the blend, times the text alone",
        blend / found["text alone"],
        least=TIMES_TEXT_LEAST,
    )
    on_progress("search, timed")
    yield from _speeds(imagined(Random(7), count=RESTAURANTS // (10 if quick else 1)), quick)


def _mean_quality(seeds: tuple[int, ...], count: int) -> dict[str, float]:
    total = dict.fromkeys(BASELINES, 0.0)
    for seed in seeds:
        city = imagined(Random(seed), count=JUDGED_RESTAURANTS)
        asked = customers(city, Random(seed + 1), count)
        for name, ndcg in quality(city, asked, BASELINES, seed).items():
            total[name] += ndcg / len(seeds)
    return total


def _speeds(city: City, quick: bool) -> Iterator[Finding]:
    catalog = Catalog(city.restaurants)
    search = Search(catalog, CITY)
    search.refresh(0)
    asked = list(customers(city, Random(8), QUESTIONS))
    spent = sorted(_ms(lambda who=who: search.find(who.question, 0)) for who in asked)  # type: ignore[misc]
    goal = None if quick else P99_MS_MAX
    yield Figure("search: the slowest of a hundred questions", spent[-4], "ms", most=goal)
    yield Figure("search: questions a CPU-second", 1000 * len(spent) / sum(spent))
    few = asked[:FEW]
    scan = compare(
        lambda: [search.find(who.question, 0) for who in few],
        lambda: [_looked_through(city, who) for who in few],
        rounds=3,
        names=("search by index", "looking for the words in all menus"),
    )
    yield scan
    yield Figure(
        "search: times as fast as looking through all",
        scan.ratio,
        least=None if quick else TIMES_SCAN_LEAST,
    )
    batches = _batches(catalog)
    refresh = compare(
        lambda: (next(batches), search.refresh(0)),
        lambda: Search(catalog, CITY).refresh(0),
        rounds=5,
        names=(f"a refresh after {BATCH} changes", "an index made anew"),
    )
    yield refresh
    yield Figure(
        "search: a refresh, times as fast as an index made anew",
        refresh.ratio,
        least=None if quick else TIMES_REBUILD_LEAST,
    )


def _looked_through(city: City, who: Customer) -> list[str]:
    """Who has all the words, as they are: without mistakes, distance or order."""
    wanted = set(words(who.question.text))
    return [each.id for each in city.restaurants if wanted <= set(words(told(each)))]


def _batches(catalog: Catalog) -> Iterator[int]:
    """Apply a hundred changes each time: half reviews, half dishes that are out or there again."""
    rng, number = Random(9), 0
    everybody = [each.id for each in catalog]
    while True:
        for _ in range(BATCH):
            own, number = catalog.restaurant(rng.choice(everybody)), number + 1
            item = own.menu[0]
            review = Reviewed(own.id, "c", f"o{number}", rng.randint(1, 5))
            stock = Stocked(own.id, item.id, not item.is_available)
            catalog.apply(review if number % 2 else stock, number)
        yield number


def _ms(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return 1000 * (time.process_time() - begun)
