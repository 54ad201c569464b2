"""What the service promises when things go wrong, each promise put to the test.

Page: docs/zomato/breaking.md
"""

from chapters.sim.promises import FaultStory
from zomato.breaking.riders import dispatcher_restart, half_the_riders, vanished_riders
from zomato.breaking.tracking import gateway_killed

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
        FaultStory(
            "gateway-killed",
            "what tells people where their food is, killed again and again",
            gateway_killed,
        ),
    )
}
