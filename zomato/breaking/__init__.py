"""What the service promises when things go wrong, each promise put to the test.

Page: docs/zomato/breaking.md
"""

from chapters.sim.promises import FaultStory
from zomato.breaking.blackout import supply_blackout
from zomato.breaking.festival import festival
from zomato.breaking.riders import dispatcher_restart, half_the_riders, vanished_riders

__all__ = ["FAULTS"]

FAULTS = {
    each.name: each
    for each in (
        FaultStory(
            "vanished-riders", "riders who are heard of no more, some with food", vanished_riders
        ),
        FaultStory(
            "dispatcher-restart",
            "a dispatcher that forgets its plans, again and again",
            dispatcher_restart,
        ),
        FaultStory(
            "half-the-riders", "a day on which every second rider stays at home", half_the_riders
        ),
        FaultStory("festival", "three times the demand in one place, within minutes", festival),
        FaultStory(
            "supply-blackout", "half of the riders are not heard, and are there", supply_blackout
        ),
    )
}
