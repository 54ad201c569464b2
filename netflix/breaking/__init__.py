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

__all__ = ["FAULTS"]

FAULTS = {
    each.name: each
    for each in (
        FaultStory("collapse", "a line falls to a tenth: the rules side by side", collapse),
        FaultStory("flash-crowd", "a thousand ask for the same cold segment at once", flash_crowd),
        FaultStory("corrupt-segment", "bits flip in an edge's cache", corrupt_segment),
        FaultStory("stale-steering", "an edge dies between two looks at it", stale_steering),
        FaultStory("clock-skew", "signed addresses, and clocks that are off", clock_skew),
        FaultStory("licence-down", "the licence service is away for a while", licence_down),
        FaultStory("runt-segment", "last segments that players choke on", runt_segment),
        FaultStory("late-events", "reports that come twice, and hours late", late_events),
        FaultStory("encoder-kill", "kill -9 of the encoder, chunk after chunk", encoder_kill),
        FaultStory("full-disk", "the disk takes no more while a film is encoded", full_disk),
    )
}
