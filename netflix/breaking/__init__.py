"""What the service promises when things go wrong, each promise put to the test.

The yardstick is what the viewer sees: a picture that does not stop, and after any crash, what was there
before it. Page: docs/netflix/breaking.md
"""

from chapters.sim.promises import FaultStory
from netflix.breaking.abr import collapse
from netflix.breaking.app import encoder_kill, full_disk
from netflix.breaking.cdn import clock_skew, corrupt_segment, flash_crowd, stale_steering
from netflix.breaking.control import licence_down
from netflix.breaking.events import late_events
from netflix.breaking.package import runt_segment
from netflix.breaking.resilience import prefetch_surge, region_loss, slow_answers, zone_loss

__all__ = ["FAULTS"]

FAULTS = {
    each.name: each
    for each in (
        FaultStory("collapse", "a line falls to a tenth: the rules side by side", collapse),
        FaultStory("flash-crowd", "a thousand ask for the same cold segment at once", flash_crowd),
        FaultStory("corrupt-segment", "bits flip in an edge's cache", corrupt_segment),
        FaultStory("stale-steering", "an edge dies between two looks at it", stale_steering),
        FaultStory("clock-skew", "signed addresses, and clocks that are off", clock_skew),
        FaultStory(
            "slow-answers", "some answers are slow, and no check of health fails", slow_answers
        ),
        FaultStory(
            "prefetch-surge", "twelve times the prefetch, while people press play", prefetch_surge
        ),
        FaultStory(
            "zone-loss", "a zone of the replicated cache goes, and comes back empty", zone_loss
        ),
        FaultStory("region-loss", "a whole region is lost: where do its viewers go?", region_loss),
        FaultStory("licence-down", "the licence service is away for a while", licence_down),
        FaultStory("runt-segment", "last segments that players choke on", runt_segment),
        FaultStory("late-events", "reports that come twice, and hours late", late_events),
        FaultStory("encoder-kill", "kill -9 of the encoder, chunk after chunk", encoder_kill),
        FaultStory("full-disk", "the disk takes no more while a film is encoded", full_disk),
    )
}
