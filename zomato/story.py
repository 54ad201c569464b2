"""Zomato in a few minutes: an order from the tap to the door, and a day dispatched in three ways.

    python -m zomato           the story              kit trace zomato     an order, span by span
    kit break zomato           what can go wrong      kit scale zomato     how many riders, pings, looks

Page: docs/zomato/index.md
"""

from collections.abc import Iterator

from chapters.errors import UsageError
from chapters.sim.trace import Report, Trace
from zomato.breaking import FAULTS
from zomato.dispatch.story import compared
from zomato.scene.evening import in_simulation
from zomato.sizing import capacity

__all__ = ["FAULTS", "OPENING", "TITLE", "capacity", "demo", "tour", "trace"]

TITLE = "How Zomato works"
OPENING = "Tap Place Order: nobody is sent for it yet, and that is why it comes sooner."
TOUR_ORDERS, TOUR_RIDERS = 150, 30


def trace(*, seed: int = 7, real: bool = False) -> Trace:
    """Return the trace of one order up to its door, in virtual time.

    Raises `UsageError` for `real`: a real order takes half an hour.
    """
    if real:
        raise UsageError("zomato's trace runs in virtual time alone; leave out --real")
    return in_simulation(seed)


def tour(report: Report) -> None:
    """The article's opening: tap Place Order; then the same day, dispatched in three ways."""
    report.trace(trace(seed=7))
    report()
    for line in _three_ways():
        report(line)


def _three_ways() -> Iterator[str]:
    yield f"The same {TOUR_ORDERS} orders and {TOUR_RIDERS} riders, dispatched in three ways:"
    for name, found in compared(seed=7, orders=TOUR_ORDERS, riders=TOUR_RIDERS):
        told = (
            f"{found.delivered} delivered, {found.click_to_door_min:.1f} minutes from tap to door"
        )
        yield f"  {name:9} {told}, {found.pay_an_order:.2f} paid for each"


def demo(*, seed: int = 7) -> None:
    """One order, in the order of time."""
    from chapters.sim.waterfall import to_text

    print(OPENING, end="\n\n")
    for line in to_text(trace(seed=seed)):
        print(line)
