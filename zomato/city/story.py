"""A day of a city, hour by hour; or many days, each with its own luck, on all cores.

Page: docs/zomato/city.md
"""

from functools import partial

from chapters.batch import executor
from chapters.sim.clock import S
from chapters.sim.errors import at_least
from zomato.city.city import City, Report
from zomato.ordering.bill import rupees

TITLE = "A city"
HOUR_NS = 3600 * S
BAR = 40  # characters, of the busiest hour


def demo(
    *,
    seed: int = 7,
    orders: int = 2_000,
    riders: int = 220,
    restaurants: int = 60,
    days: int = 1,
    workers: int = 2,
) -> None:
    """Let a day pass, or `days` of them in parallel, from this seed on."""
    at_least(1, orders=orders, riders=riders, restaurants=restaurants, days=days, workers=workers)
    one = partial(passed, orders=orders, riders=riders, restaurants=restaurants)
    if days > 1:
        with executor(workers=workers) as crew:
            found = crew.map(one, range(seed, seed + days), key=str)
        print(f"{days} days of {orders:,} people who are hungry, and {riders:,} riders\n")
        print("  seed   delivered  cancelled  tap to door      dearest   books   fingerprint")
        for number, each in enumerate(found, seed):
            print(f"  {number:4} {_row(each)}")
        return
    city = City(seed, orders=orders, riders=riders, restaurants=restaurants)
    rain, festival = (_span(each) for each in (city.weather.rain_min, city.weather.festival_min))
    print(f"{orders:,} people will be hungry; {riders:,} riders, {restaurants} restaurants")
    print(f"rain {rain}, a festival {festival}\n")
    report = city.run()
    for hour, count in enumerate(report.by_hour):
        if count:
            bar = "█" * round(BAR * count / max(report.by_hour))
            print(f"  {hour % 24:02}:00  {count:5} {bar}")
    print(
        f"\n  delivered  cancelled  tap to door      dearest   books   fingerprint\n  {_row(report)}"
    )
    print(f"  {report.thought_again} thought again at the price of the moment; "
          f"{rupees(report.taken_paise)} were paid")  # fmt: skip


def passed(seed: int, *, orders: int, riders: int, restaurants: int) -> Report:
    """Return how the day of a seed went."""
    return City(seed, orders=orders, riders=riders, restaurants=restaurants).run()


def _row(day: Report) -> str:
    books = "✔" if day.books_sum == day.differences == day.unfinished == 0 else "✘"
    return (
        f"{day.delivered:9,}  {day.cancelled:9}  {day.door_min:4.1f} min, 95 %: {day.door_p95_min:2.0f}"
        f"  {day.surge_most:5.2f}   {books:5}   {day.digest}"
    )


def _span(minutes: tuple[int, int]) -> str:
    one, other = (f"{each // 60:02}:{each % 60:02}" for each in minutes)
    return f"from {one} to {other}"


if __name__ == "__main__":
    demo()
