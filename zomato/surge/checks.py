"""What the exercises on surge check: hexagons, a damped step, and quotes that are kept.

Page: docs/zomato/surge.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.errors import Refused
from zomato.surge.city import City, wanted
from zomato.surge.damping import Price, Terms, damped
from zomato.surge.hexes import Hex, hex_at, middle, rounded, steps
from zomato.surge.pulse import ONE_BPS, Reading
from zomato.surge.quote import KEPT_S, QuoteExpired, Quotes
from zomato.surge.swing import swing

BASE_PAISE = 3_900
EVENING_MIN = 150


# Hexagons.


def nearest(q: float, r: float) -> JSON:
    """Round axial coordinates to a hexagon."""
    found = rounded(q, r)
    return [found.q, found.r]


def where(places: list[list[float]], size_m: float) -> JSON:
    """Return for each place its hexagon, and whether the middle of that is within a size of it."""
    found = []
    for x, y in places:
        cell = hex_at(x, y, size_m)
        there_x, there_y = middle(cell, size_m)
        is_in = (there_x - x) ** 2 + (there_y - y) ** 2 <= (size_m * 1.000001) ** 2
        found.append([cell.q, cell.r, is_in])
    return found


def away(one: list[int], other: list[int]) -> JSON:
    """Return how many borders lie between."""
    return steps(Hex(*one), Hex(*other))


def near_middles(rng: Random) -> Iterator[Case]:
    yield 0.1, 0.2
    yield -3.2, 1.1
    yield float(rng.randint(-9, 9)), float(rng.randint(-9, 9))


def near_borders(rng: Random) -> Iterator[Case]:
    """Where each coordinate rounded by itself gives three that do not add up to 0."""
    yield 0.4, 0.35
    yield 0.35, 0.4
    yield 0.6, -0.45
    yield -0.45, 0.6
    for _ in range(6):
        yield round(rng.uniform(-5, 5), 3), round(rng.uniform(-5, 5), 3)


def on_the_ground(rng: Random) -> Iterator[Case]:
    yield [[0.0, 0.0], [590.0, 0.0], [0.0, 590.0], [-700.0, -500.0]], 600.0
    yield [[rng.uniform(-9000, 9000), rng.uniform(-9000, 9000)] for _ in range(10)], 600.0


def pairs(rng: Random) -> Iterator[Case]:
    yield [0, 0], [2, -1]
    yield [0, 0], [1, 1]
    yield [0, 0], [-1, -2]
    for _ in range(3):
        yield [rng.randint(-5, 5), rng.randint(-5, 5)], [rng.randint(-5, 5), rng.randint(-5, 5)]


# A damped step.


def moved(
    ratios: list[int], blind: list[int], terms: dict[str, int], shown: int, smooth: int
) -> JSON:
    """Look again and again; return what is shown and smoothed after each look."""
    price, found = Price(shown, smooth), []
    for number, ratio in enumerate(ratios):
        seen = Reading(0, 0, 0, ratio, number in blind)
        price = damped(price, seen, Terms(**terms))
        found.append([price.shown_bps, price.smooth_bps])
    return found


PLAIN: dict[str, JSON] = {
    "share_bps": ONE_BPS,
    "gain_bps": ONE_BPS,
    "step_bps": ONE_BPS,
    "begin_bps": ONE_BPS,
    "band_bps": 0,
}


def smoothed(rng: Random) -> Iterator[Case]:
    yield [20_000] * 4, [], PLAIN | {"share_bps": 5_000}, ONE_BPS, ONE_BPS
    yield [5_000, 5_000], [], PLAIN | {"share_bps": 2_500}, 16_000, 16_000
    yield (
        [rng.randrange(30_000) for _ in range(6)],
        [],
        PLAIN | {"share_bps": 3_000},
        12_000,
        12_000,
    )


def small_steps(rng: Random) -> Iterator[Case]:
    yield [15_000] * 3, [], PLAIN | {"step_bps": 1_000}, ONE_BPS, ONE_BPS
    yield [10_000] * 3, [], PLAIN | {"step_bps": 1_000}, 12_500, 12_500
    yield [90_000] * 3, [], PLAIN | {"cap_bps": 18_000}, ONE_BPS, ONE_BPS
    yield [20_000], [], PLAIN | {"gain_bps": 2_000}, ONE_BPS, ONE_BPS
    yield [rng.randrange(40_000) for _ in range(8)], [], {}, 13_000, 20_000


def small_differences(rng: Random) -> Iterator[Case]:
    begin = PLAIN | {"begin_bps": 12_000, "band_bps": 500}
    yield [11_900, 12_000], [], begin, ONE_BPS, ONE_BPS
    yield [11_100, 11_400, 11_500], [], begin, 11_000, 11_000
    yield [10_900, 10_500, 9_000], [], begin, 11_000, 11_000
    yield [9_900, 9_900], [], begin, 10_200, 10_200
    yield [rng.randrange(9_000, 14_000) for _ in range(10)], [], begin, 11_000, 11_000


def in_the_dark(rng: Random) -> Iterator[Case]:
    yield [20_000, 20_000, 20_000], [0, 1], PLAIN | {"step_bps": 500}, 12_000, 12_000
    yield [10_000, 10_000], [0, 1], PLAIN | {"step_bps": 500}, 12_000, 12_000
    yield [15_000, 15_000], [0], PLAIN | {"step_bps": 500}, 12_000, 15_000
    yield [rng.randrange(30_000) for _ in range(8)], [2, 3, 4], {}, 12_000, 18_000


# Quotes.


def asked(script: list[list[JSON]]) -> JSON:
    """Set prices, show and pay as the script says; return what came back each time."""
    price = [ONE_BPS]
    quotes, found = Quotes(lambda x, y: price[0], BASE_PAISE), list[JSON]()
    for verb, *words in script:
        if verb == "price":
            price[0] = int(str(words[0]))
        elif verb == "show":
            quote = quotes.show(str(words[0]), float(str(words[1])), 0.0, int(str(words[2])))
            found.append([quote.id, quote.multiplier_bps, quote.fee_paise, quote.until_s])
        else:
            found.append(_paid(quotes, str(words[0]), str(words[1]), int(str(words[2]))))
    return found


def _paid(quotes: Quotes, id: str, order: str, now_s: int) -> JSON:
    try:
        return quotes.pay(id, order, now_s)
    except QuoteExpired as expired:
        return ["expired", expired.old.fee_paise, expired.fresh.id, expired.fresh.fee_paise]
    except Refused as refused:
        return ["refused", refused.status]


def shown_again(rng: Random) -> Iterator[Case]:
    show: list[JSON] = ["show", "ada", 100, 10]
    yield ([show, ["price", 18_000], ["show", "ada", 100, 200], ["show", "ben", 100, 200]],)
    yield ([show, ["price", 18_000], ["show", "ada", 100, 10 + KEPT_S]],)
    yield ([show, ["price", 18_000], ["show", "ada", 900, 20], ["show", "ada", 100, 20]],)


def paid_as_shown(rng: Random) -> Iterator[Case]:
    bps = rng.randrange(10_000, 20_000)
    yield ([["price", bps], ["show", "ada", 1, 0], ["price", 20_000], ["pay", "q1", "o1", 299]],)
    yield ([["price", 20_000], ["show", "ada", 1, 0], ["price", bps], ["pay", "q1", "o1", 1]],)
    yield ([["pay", "q9", "o1", 1]],)


def too_late(rng: Random) -> Iterator[Case]:
    begun: list[list[JSON]] = [["price", 14_000], ["show", "ada", 1, 0], ["price", 18_000]]
    yield ([*begun, ["pay", "q1", "o1", KEPT_S]],)
    yield ([*begun, ["pay", "q1", "o1", KEPT_S + 9], ["price", 12_000], ["pay", "q2", "o1", 400]],)


def one_order(rng: Random) -> Iterator[Case]:
    begun: list[list[JSON]] = [["price", 14_000], ["show", "ada", 1, 0], ["pay", "q1", "o1", 5]]
    yield ([*begun, ["pay", "q1", "o2", 6]],)
    yield ([*begun, ["price", 18_000], ["pay", "q1", "o1", 6], ["pay", "q1", "o1", 2_000]],)
    yield ([*begun, ["price", 18_000], ["show", "ada", 1, 6], ["pay", "q2", "o2", 7]],)


# A town.


def evening(seed: int) -> JSON:
    """Let an evening pass in a small town: swing, mean price, unserved, orders, and paid as shown."""
    city = City(damped, wanted(5, first=20), rng=Random(seed), riders=250, radius=1)
    for _ in range(EVENING_MIN):
        city.step()
    seen = swing(city.minutes, 20)
    bought = [each for each in city.paid if each.fee_paise >= 0]
    as_shown = sum(each.fee_paise == each.quote.fee_paise for each in bought)
    return [seen.swing_bps, seen.mean_bps, seen.unserved, len(bought), as_shown]


def some_evening(rng: Random) -> Iterator[Case]:
    yield (rng.randrange(1_000_000),)


def told(args: Case, got: JSON) -> str:
    """Say how a town fared on the learner's code."""
    swung, price, unserved, orders, shown = map(int, got)  # type: ignore[arg-type]
    return (
        f"a town on your code: {orders} orders, {shown} of them paid as shown, {unserved} in vain; "
        f"the price was {price / ONE_BPS:.2f} on average, and swung by {swung / ONE_BPS:.2f}"
    )


TOWN = "an evening in a small town"

STAGES = {
    "hexagon": [
        Stage("near a middle", near_middles, nearest),
        Stage("near a border: the three must add up to 0", near_borders, nearest),
        Stage("places on the ground", on_the_ground, where),
        Stage("how many borders between", pairs, away, needs=()),
        Stage(TOWN, some_evening, evening, needs=(3, 4), summary=told),
    ],
    "surge-damping": [
        Stage("a part of each measurement", smoothed, moved),
        Stage("small steps, up to a cap", small_steps, moved),
        Stage("to begin takes more than to go on", small_differences, moved),
        Stage("who is blind does not raise a price", in_the_dark, moved, needs=(2,)),
        Stage(TOWN, some_evening, evening, needs=(3, 4), summary=told),
    ],
    "surge-quote": [
        Stage("to look again does not change it", shown_again, asked),
        Stage("what is shown is paid", paid_as_shown, asked),
        Stage("too late: both prices", too_late, asked),
        Stage("one quote, one order", one_order, asked),
        Stage(TOWN, some_evening, evening, summary=told),
    ],
}
