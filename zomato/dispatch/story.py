"""A made-up day, dispatched in three ways.

Page: docs/zomato/dispatch.md
"""

from collections.abc import Iterator
from dataclasses import replace

from chapters.sim.chance import Chance
from zomato.dispatch.day import run
from zomato.dispatch.policies import NAMES, policy
from zomato.dispatch.score import Score, score
from zomato.scene.imagined import imagined
from zomato.scene.paved import paved


def compared(
    *, seed: int, orders: int, riders: int, every_min: int = 1, roads: bool = False
) -> Iterator[tuple[str, Score]]:
    """Yield each policy's name, and how well its day went: in straight lines, or by `roads`."""
    travel = None
    for name in NAMES:
        chance = Chance(seed)
        town = imagined(chance.stream("town"), orders=orders, riders=riders)
        if roads:
            travel = travel or paved(chance.stream("roads"), town)
            town = replace(town, travel=travel)
        yield name, score(town, run(town, policy(name, chance.stream(name)), every_min=every_min))


def demo(
    *, seed: int = 7, orders: int = 240, riders: int = 40, every: int = 1, roads: bool = False
) -> None:
    """Dispatch the same day in three ways, looking `every` so many minutes."""
    by = ", by road" if roads else ""
    print(f"{orders} orders, {riders} riders, a look every {every} min{by}\n")
    print("            delivered   click to door   ready to pickup   pay an order   in a bundle")
    ways = compared(seed=seed, orders=orders, riders=riders, every_min=every, roads=roads)
    for name, found in ways:
        print(
            f"  {name:9} {found.delivered:9}   {found.click_to_door_min:9.2f} min"
            f"   {found.ready_to_pickup_min:11.2f} min   {found.pay_an_order:12.2f}"
            f"   {found.orders_a_bundle:11.2f}"
        )


if __name__ == "__main__":
    demo()
