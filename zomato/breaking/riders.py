"""Riders who vanish or never come, and a dispatcher that forgets what it had in mind.

Page: docs/zomato/breaking.md
"""

from collections import Counter

from chapters.sim.chance import Chance
from chapters.sim.promises import Outcome, Verdict
from zomato.dispatch.day import Day, run
from zomato.dispatch.instance import Instance
from zomato.dispatch.policies import policy
from zomato.dispatch.rolling import Rolling
from zomato.dispatch.rules import violations
from zomato.dispatch.score import score
from zomato.dispatch.solution import solution
from zomato.scene.imagined import imagined

ORDERS, RIDERS = 160, 45
VANISH_EVERY_MIN, VANISH_MAX = 60, 6
RESTART_EVERY_MIN = 10
WORSE_MIN = 1.5  # how much longer customers may wait after restarts, on average


def vanished_riders(*, seed: int = 7) -> Outcome:
    """Once an hour one of the riders who are on their way is heard of no more."""
    chance = Chance(seed)
    day = Day(_town(chance), Rolling(rng=chance.stream("dispatcher")))
    rng, gone, again = chance.stream("fate"), list[str](), list[str]()
    while not day.is_over:
        day.look()
        now = day.town.now_min
        under_way = sorted(
            {each.rider for each in day.trips if each.leaves_min <= now < each.dropped_min[-1]}
            - set(gone)
        )
        if now % VANISH_EVERY_MIN == 0 and under_way and len(gone) < VANISH_MAX:
            gone.append(rng.choice(under_way))
            again += day.lose(gone[-1])
    times = Counter(order for trip in day.trips for order in trip.bundle)
    orders = day.town.instance.orders.keys()
    return Outcome(
        title=f"{len(gone)} riders vanish on their way; {len(again)} orders wait again",
        verdicts=(
            Verdict(
                "no order is forgotten",
                set(again) <= times.keys() | day.town.open.keys() | set(day.given_up),
                f"{sum(order in times for order in again)} of {len(again)} came by somebody else",
            ),
            Verdict(
                "no order comes twice",
                max(times.values()) == 1,
                f"{len(times)} of {len(orders)} came",
            ),
            Verdict(
                "nobody is sent who is not there",
                not any(rider in day.town.riding or rider in day.tours for rider in gone),
                "their tours went to others at the next look",
            ),
        ),
        lines=(
            "food that vanished with its rider is cooked again, and its customer waits for it twice",
        ),
        next_commands=("kit run zomato/dispatch", "kit serve zomato"),
        replay=f"kit break zomato vanished-riders --seed {seed}",
    )


def dispatcher_restart(*, seed: int = 7) -> Outcome:
    """Every ten minutes all plans are lost; what is known is who was sent, and with what."""
    chance = Chance(seed)
    town = _town(chance)
    undisturbed = score(town, run(town, Rolling(rng=chance.stream("dispatcher"))))
    day = Day(town, Rolling(rng=chance.stream("dispatcher")))
    restarts = 0
    while not day.is_over:
        day.look()
        if day.town.now_min % RESTART_EVERY_MIN == 0:
            restarts += 1
            day.policy = Rolling(rng=chance.stream(f"dispatcher-{restarts}"))
    found = score(town, day.trips)
    later = found.click_to_door_min - undisturbed.click_to_door_min
    broken = violations(town, solution(town, day.trips))
    return Outcome(
        title=f"the dispatcher begins anew {restarts} times in a day",
        verdicts=(
            Verdict(
                "all rules are kept",
                not broken,
                broken[0] if broken else "by the checker of the rules",
            ),
            Verdict(
                "as many orders come",
                found.delivered >= undisturbed.delivered,
                f"{found.delivered} of {found.orders}; without restarts {undisturbed.delivered}",
            ),
            Verdict(
                f"customers wait less than {WORSE_MIN:g} minutes longer",
                later < WORSE_MIN,
                f"{later:+.2f} minutes on average",
            ),
        ),
        lines=("plans are guesses and may be lost; who was sent is a fact and must not be",),
        next_commands=("kit run zomato/dispatch",),
        replay=f"kit break zomato dispatcher-restart --seed {seed}",
    )


def half_the_riders(*, seed: int = 7) -> Outcome:
    """Every second shift is empty: who gets nothing, and is it said early?"""
    chance = Chance(seed)
    full = _town(chance)
    half = {id: rider for number, (id, rider) in enumerate(full.riders.items()) if number % 2}
    town = Instance("half", full.terms, dict(full.orders), half, full.restaurants)
    trips = run(town, policy("rolling", chance.stream("dispatcher")))
    alone = score(town, run(town, policy("greedy", chance.stream("greedy"))))
    found, broken = score(town, trips), violations(town, solution(town, trips))
    return Outcome(
        title=f"{len(half)} of {len(full.riders)} riders came; of {found.orders} orders {found.delivered}",
        verdicts=(
            Verdict(
                "what comes, comes within an hour and a half",
                not broken,
                broken[0] if broken else "later than that is not promised",
            ),
            Verdict(
                "more come than if each order took the first rider it could get",
                found.delivered > alone.delivered,
                f"{found.delivered}, greedy {alone.delivered}",
            ),
        ),
        lines=(
            "whoever cannot be served in time should hear so at once; here they only never get anything",
        ),
        next_commands=("kit run zomato/dispatch --riders 20",),
        replay=f"kit break zomato half-the-riders --seed {seed}",
    )


def _town(chance: Chance) -> Instance:
    return imagined(chance.stream("town"), orders=ORDERS, riders=RIDERS)
