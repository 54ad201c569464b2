"""Published days, dispatched: beside what a program in C++ after Reyes et al. makes of the same days.

Its figures were measured with that program's own solutions and the published checker: minutes from click
to door, and pay an order. Page: docs/zomato/speed.md
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from chapters.measure.findings import Figure, Finding, Missing
from zomato.dispatch import files
from zomato.dispatch.day import run
from zomato.dispatch.matching import Matching
from zomato.dispatch.rolling import Rolling
from zomato.dispatch.rules import violations
from zomato.dispatch.score import score
from zomato.dispatch.solution import solution

REYES = {"0o100t100s1p100": (31.92, 11.99), "1o100t100s1p100": (34.69, 10.78)}
SHARE = 0.97  # of its click to door: the goal
HOW = "KIT_DATA names no folder with zomato/<instance>/orders.txt (github.com/grubhub/mdrplib)"


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield how each published day went."""
    data = os.environ.get("KIT_DATA")
    days = sorted(each.parent for each in Path(data).glob("zomato/*/orders.txt")) if data else []
    if not days:
        yield Missing("dispatch on published days", HOW)
        return
    for day in days[:1] if quick else days:
        on_progress(f"dispatch of {day.name}")
        instance = files.read(day)
        trips = run(instance, Rolling(rng=Random(7)))
        found, plain = score(instance, trips), score(instance, run(instance, Matching()))
        broken = len(violations(instance, solution(instance, trips)))
        minutes, pay = REYES.get(day.name, (None, None))
        goal = SHARE * minutes if minutes else None
        name = f"dispatch: {day.name}"
        yield Figure(f"{name}, rules broken", broken, most=0)
        yield Figure(f"{name}, delivered", found.delivered / found.orders)
        yield Figure(f"{name}, click to door", found.click_to_door_min, "min", most=goal)
        yield Figure(f"{name}, pay an order", found.pay_an_order, most=pay)
        yield Figure(f"{name}, click to door by matching alone", plain.click_to_door_min, "min")
        yield Figure(f"{name}, delivered by matching alone", plain.delivered / plain.orders)
