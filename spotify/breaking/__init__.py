"""What the service promises when things go wrong, each promise put to the test.

The yardstick is what people hear, and what is counted of it. Page: docs/spotify/breaking.md
"""

from chapters.sim.promises import FaultStory
from spotify.breaking.app import broken_files, ingest_kill, paid_through_kills
from spotify.breaking.delivery import bad_line, lying_edge
from spotify.breaking.events import double_reports, torn_log
from spotify.breaking.offline import clock_back, torn_download
from spotify.breaking.playlists import concurrent_edits
from spotify.breaking.rights import rights_withdrawn
from spotify.breaking.royalties import bot_farm, payout_crash

__all__ = ["FAULTS"]

FAULTS = {
    each.name: each
    for each in (
        FaultStory(
            "lying-edge", "edges that are dead, or send too little, or wrong bytes", lying_edge
        ),
        FaultStory("bad-line", "a line of much latency, with prefetch and without", bad_line),
        FaultStory(
            "rights-withdrawn", "a country loses an album while it is played", rights_withdrawn
        ),
        FaultStory(
            "double-reports", "plays that are reported twice, late, and impossible", double_reports
        ),
        FaultStory("torn-log", "crashes between a report and its acknowledgement", torn_log),
        FaultStory(
            "concurrent-edits", "devices edit one playlist, most of them offline", concurrent_edits
        ),
        FaultStory("clock-back", "offline for too long, and a clock that is set back", clock_back),
        FaultStory(
            "torn-download", "a device that crashes while it takes music along", torn_download
        ),
        FaultStory("payout-crash", "crashes while a month is paid out", payout_crash),
        FaultStory(
            "paid-through-kills", "kill -9 of the service that counts plays", paid_through_kills
        ),
        FaultStory("bot-farm", "a machine that plays one song day and night", bot_farm),
        FaultStory("broken-files", "files that are empty, cut off, or no music", broken_files),
        FaultStory("ingest-kill", "kill -9 of the ingest, again and again", ingest_kill),
    )
}
