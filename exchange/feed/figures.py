"""The feed, drawn: how much is asked for when lines get worse, with one of them and with two.

Page: docs/exchange/feed.md
"""

from random import Random

from chapters.measure.plot import Axes, lines
from chapters.sim import MS
from chapters.sim.promises import Series
from exchange.feed.world import LINES, World, market, poor

COMMANDS, PACE_NS, SETTLE_NS = 800, MS, 200 * MS
LOSSES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3)


def questions() -> str:
    """Return the SVG: questions a hundred messages, by how much each line loses."""
    axes = Axes(
        "What a second line saves", "packets lost on each line, %", "questions for 100 messages"
    )
    series = [
        Series(
            name,
            "questions for 100 messages",
            tuple((100 * loss, _asked(loss, count)) for loss in LOSSES),
        )
        for name, count in (("one line", 1), ("two lines", 2))
    ]
    return lines(axes, *series)


def _asked(loss: float, count: int) -> float:
    world = World(seed=7, line=poor(loss), lines=LINES[:count])
    subscriber = world.join("trader")
    for command in market(Random(7), COMMANDS):
        world.apply(command)
        world.pass_time(PACE_NS)
    world.pass_time(SETTLE_NS)
    assert world.is_equal(subscriber), "a subscriber who is not up to date has not asked enough"
    return 100 * subscriber.counts["asked"] / world.publisher.number
