"""A service in a process of its own that takes plays: batches in by one pipe, answers out by another.

    a batch a line, as JSON ──► {"taken": …, "repeated": …, "dead": …}, once it is on disk

Page: docs/spotify/royalties.md
"""

import json
import sys
from pathlib import Path

from chapters.log import Log
from chapters.sim.chance import Chance
from chapters.sim.real import RealDisk
from spotify.catalogue.track import Track
from spotify.events.intake import Intake
from spotify.scene.imagined import album

TRACKS, TRACK_S = 24, 60
NOW_MS = 1_767_400_000_000


def tracks(seed: int) -> dict[str, Track]:
    """Return the catalogue that both sides know."""
    made, _ = album(Chance(seed).stream("album"), tracks=TRACKS, seconds=TRACK_S)
    return {track.id: track for track in made.tracks}


def intake(folder: Path) -> Intake:
    """Return an intake on a real disk."""
    return Intake(Log(disk=RealDisk(folder / "plays")), Log(disk=RealDisk(folder / "dead")))


def main(folder: Path, seed: int) -> None:
    """Take batches until there are no more."""
    known, own = tracks(seed), intake(folder)
    for line in sys.stdin:
        taken = own.take(json.loads(line), known, NOW_MS)
        sys.stdout.write(json.dumps(taken.shown()) + "\n")
        sys.stdout.flush()
