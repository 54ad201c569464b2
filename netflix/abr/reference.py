"""What another simulator says of the same sessions: Sabre's own results, where somebody has put them.

    <KIT_DATA>/netflix/sabre_reference.json   traces/3g/…  traces/4g/…   bbb.json  bbb4k.json

Real titles on real 3G and 4G traces, by five rules. They are read, never copied into the project.
Page: docs/netflix/abr.md
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from netflix.abr.rule import Ladder
from netflix.abr.rules import make
from netflix.abr.session import Session
from netflix.abr.simulator import play
from netflix.abr.trace import read

MS = 1000  # in a second


@dataclass(frozen=True, slots=True)
class Row:
    """One session of the reference, and where its title and trace are."""

    title: Path
    trace: Path
    rule: str
    buffer_s: float
    bitrate_kbps: float
    rebuffer_ratio: float
    change_kbps: float
    stalls: int
    duration_s: float

    def play(self) -> Session:
        """Return the session as our simulator sees it, its files read anew."""
        ladder = read_ladder(self.title)
        return play(ladder, read(self.trace), make(self.rule, ladder, self.buffer_s), self.buffer_s)


def folder() -> Path | None:
    """Return where the data is, or None where there is none."""
    beside_the_project = Path(__file__).parents[3] / "shared" / "data"
    path = Path(os.environ.get("KIT_DATA", beside_the_project)) / "netflix"
    return path if (path / "sabre_reference.json").is_file() else None


def rows(data: Path) -> Iterator[Row]:
    """Yield each session of the reference."""
    for row in json.loads((data / "sabre_reference.json").read_text("utf-8")):
        yield Row(
            data / row["manifest"],
            data / "traces" / row["trace"],
            row["algorithm"],
            row["buffer_s"],
            row["time_average_played_bitrate"],
            row["rebuffer_ratio"],
            row["time_average_bitrate_change"],
            int(row["total_rebuffer_events"]),
            row["total_play_time"],
        )


def read_ladder(path: Path) -> Ladder:
    """Return the ladder of a title in the same format."""
    facts = json.loads(path.read_text("utf-8"))
    segment_s = facts["segment_duration_ms"] / MS
    return Ladder(segment_s, facts["bitrates_kbps"], facts["segment_sizes_bits"])
