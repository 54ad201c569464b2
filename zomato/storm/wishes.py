"""What the customers of an evening want, and in which weather they get it.

Everything that a shop dreads is in it: the same key with another cart, one coupon too few, a card
without money, a price that changes between look and tap, somebody who changes their mind, and a dish
that was not in the bag. Page: docs/zomato/money.md
"""

from random import Random
from typing import Any

from chapters.sim.chance import Chance
from chapters.sim.clock import S
from chapters.sim.faults import Fault, Schedule, storm
from zomato.ordering.coupons import Coupon
from zomato.people import MINUTE, SERVICE, Wish

RESTAURANTS = ("r1", "r2", "r3")
DISHES = {"dosa": 89_50, "biryani": 263_35, "kulfi": 71_15}
COUPON = Coupon("FIRST2", 2_000, 100_00, 150_00, uses_max=2, until_ns=3600 * S)
DECLINES = ("bo",)
CUSTOMERS = ("ana", "bo", "cy", "dev", "eli", "fay", "gus", "hal")
PLACED_WITHIN_NS = 12 * MINUTE
SECOND_THOUGHTS_NS = (15 * S, 40 * MINUTE)  # at once, or when it takes long
WEATHER_NS = 2 * 3600 * S

Changes = list[tuple[int, str, int]]  # when, which dish of which restaurant, its new price


def wishes(rng: Random, count: int) -> tuple[list[Wish], dict[str, int], Changes]:
    """Return so many wishes, the prices at the beginning, and how they change."""
    prices = {f"{place}/{dish}": paise for place in RESTAURANTS for dish, paise in DISHES.items()}
    made = [_wish(rng, number) for number in range(count)]
    if rng.random() < 0.5:  # the key of an older wish, for something else
        old = rng.choice(made)
        other = _cart(rng, old.cart["customer"])
        made.append(Wish(old.at_ns + rng.randrange(20) * S, old.key, other))
    changed = rng.choice(sorted(prices))
    return made, prices, [(rng.randrange(PLACED_WITHIN_NS), changed, prices[changed] + 5_00)]


def _wish(rng: Random, number: int) -> Wish:
    customer = CUSTOMERS[number % len(CUSTOMERS)]
    cart = _cart(rng, customer)
    wish = Wish(rng.randrange(PLACED_WITHIN_NS), f"key-{number}", cart)
    if rng.random() < 0.25:
        wish.cancels_after_ns = rng.randrange(rng.choice(SECOND_THOUGHTS_NS))
    if rng.random() < 0.4:
        wish.complains_about = rng.choice(cart["lines"])["dish"]
    return wish


def _cart(rng: Random, customer: str) -> dict[str, Any]:
    dishes = rng.sample(sorted(DISHES), rng.randint(1, 3))
    lines = [
        {"dish": dish, "quantity": rng.randint(1, 3), "price": DISHES[dish]} for dish in dishes
    ]
    coupon = COUPON.code if rng.random() < 0.6 else ""
    restaurant = rng.choice(RESTAURANTS)
    return {"customer": customer, "restaurant": restaurant, "lines": lines, "coupon": coupon}


def weather(seed: int, faults: int = 6) -> Schedule:
    """Return the faults of a seed: each begins and ends within two hours."""
    rng = Chance(seed).stream("weather")
    peers = ("gateway", "kitchen", "riders", "customers")
    usual = storm(rng=rng, names=(SERVICE,), peers=peers, until_ns=WEATHER_NS // 2, faults=faults)
    return Schedule.of([*usual, *_special(rng)])


def _special(rng: Random) -> list[Fault]:
    """The gateway down for ten minutes, a silent restaurant, a clock that jumps, a failed fsync."""

    def at(minutes: int) -> int:
        return rng.randrange(minutes * 60) * S

    down, silent = at(60), at(60)
    place = rng.choice(RESTAURANTS)
    every = [
        [Fault(down, "down", ("gateway",)), Fault(down + 10 * MINUTE, "up", ("gateway",))],
        [
            Fault(silent, "silent", ("kitchen", place)),
            Fault(silent + 45 * MINUTE, "speaks", ("kitchen", place)),
        ],
        [Fault(at(60), "step", (SERVICE, rng.choice(("+40s", "-40s"))))],
        [Fault(at(90), "fsync", (SERVICE,))],
    ]
    return [fault for each in every if rng.random() < 0.5 for fault in each]
