"""Money and a whole day: evenings in bad weather, mistakes that must be noticed, thirty thousand orders.

Page: docs/zomato/speed.md
"""

import time
from collections.abc import Callable, Iterator

from chapters.batch import executor
from chapters.measure.findings import Figure, Finding
from zomato.city.city import City
from zomato.storm.broken import BROKEN
from zomato.storm.trials import every_point, first_broken, many

EVENINGS, EVENINGS_QUICK = 10_000, 200
NOTICED_WITHIN = 1_000
SEED = 30_000
CITY, CITY_QUICK = (33_000, 3_200, 300), (1_500, 170, 60)  # hungry, riders, restaurants
ORDERS_LEAST, SECONDS_MOST = 30_000, 120


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield what went wrong in how many evenings, and how long a city's day takes."""
    evenings = EVENINGS_QUICK if quick else EVENINGS
    on_progress(f"{evenings:,} evenings in bad weather")
    with executor(workers=2) as crew:
        wrong = many(crew, SEED, evenings)
    yield Figure(f"money: evenings that went wrong, of {evenings:,}", len(wrong), most=0)
    if not quick:
        on_progress("dying at every point")
        points, broken = every_point(SEED)
        yield Figure(f"money: points at which dying did harm, of {points:,}", len(broken), most=0)
    on_progress("mistakes")
    noticed = sum(first_broken(range(NOTICED_WITHIN), name) is not None for name in BROKEN)
    yield Figure(f"money: mistakes noticed, of {len(BROKEN)}", noticed, least=len(BROKEN))
    on_progress("a city's day")
    orders, riders, restaurants = CITY_QUICK if quick else CITY
    start = time.process_time()
    day = City(7, orders=orders, riders=riders, restaurants=restaurants).run()
    seconds = time.process_time() - start
    least, most = (None, None) if quick else (ORDERS_LEAST, SECONDS_MOST)
    yield Figure("city: orders of a day", day.orders, least=least)
    yield Figure("city: processor time", seconds, "s", most=most)
    yield Figure("city: orders that did not end", day.unfinished, most=0)
    yield Figure("city: lines on which books and statement differ", day.differences, most=0)
