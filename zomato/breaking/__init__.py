"""What the service promises when things go wrong, each promise put to the test.

Page: docs/zomato/breaking.md
"""

from chapters.sim.promises import FaultStory
from zomato.breaking import money
from zomato.breaking.blackout import supply_blackout
from zomato.breaking.discovery import stale_index
from zomato.breaking.festival import festival
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
            "gateway-down", "a payment company that is away for ten minutes", money.gateway_down
        ),
        FaultStory(
            "gateway-rude",
            "payments that are made and never confirmed, and webhooks that contradict each other",
            money.gateway_rude,
        ),
        FaultStory("silent-kitchens", "restaurants whose tablets are off", money.silent_kitchens),
        FaultStory(
            "killed-anywhere",
            "an order process that dies before and after commits and messages",
            money.killed_anywhere,
        ),
        FaultStory(
            "mistakes", "order processes with one mistake each: are they noticed?", money.mistakes
        ),
        FaultStory(
            "stale-index", "a search index that stops following the restaurants", stale_index
        ),
        FaultStory(
            "gateway-killed",
            "what tells people where their food is, killed again and again",
            gateway_killed,
        ),
        FaultStory("festival", "three times the demand in one place, within minutes", festival),
        FaultStory(
            "supply-blackout", "half of the riders are not heard, and are there", supply_blackout
        ),
    )
}
