"""What is known of a published title: `title.json` beside its manifests and segments.

    <library>/<title>/title.json  master.m3u8  manifest.mpd  poster.jpg  poster-2.jpg  poster-3.jpg
                      v240/media.m3u8  v240/init.mp4  v240/1.m4s  v240/2.m4s …
                      a96/ …

Invariant: a folder of a title's name is whole; it appears by one rename. Segments of one number cover
the same time in all video tracks. Page: docs/netflix/package.md
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from netflix.encode.rendition import Kind

FACTS = "title.json"


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of a track: how long it plays, in ticks of the track's timescale, and its size."""

    duration_ticks: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Track:
    """One rendition, packaged. Bit rates in bit/s: the highest of any segment, and the mean."""

    name: str
    kind: Kind
    codec: str  # RFC 6381, such as avc1.64001e or mp4a.40.2
    width: int
    height: int
    frame_rate: str  # "25/1"; empty for audio
    timescale: int  # ticks a second
    peak_bps: int
    mean_bps: int
    segments: tuple[Segment, ...]

    @property
    def duration_s(self) -> float:
        """Return how long the track plays."""
        return sum(each.duration_ticks for each in self.segments) / self.timescale


@dataclass(frozen=True, slots=True)
class Published:
    """A title that can be played. `key_id` is 32 hexadecimal digits, or empty where it is clear."""

    title: str
    name: str
    genres: tuple[str, ...]
    segment_s: float  # what segments aim at
    key_id: str
    tracks: tuple[Track, ...]  # video by ascending bit rate, then audio

    @property
    def duration_s(self) -> float:
        """Return how long the title plays: its longest track."""
        return max(track.duration_s for track in self.tracks)

    @property
    def video(self) -> tuple[Track, ...]:
        """Return the rungs of the ladder, lowest first."""
        return tuple(track for track in self.tracks if track.kind == "video")

    def to_json(self) -> str:
        """Return the facts as the text of `title.json`."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Published":
        """Return the facts that `to_json` wrote."""
        facts = json.loads(text)
        tracks = tuple(_track(each) for each in facts.pop("tracks"))
        return cls(**facts | {"genres": tuple(facts["genres"]), "tracks": tracks})

    @classmethod
    def load(cls, folder: Path) -> "Published":
        """Return the facts of the title in `folder`. Raises `OSError` where there is none."""
        return cls.from_json((folder / FACTS).read_text("utf-8"))


def poster_name(number: int) -> str:
    """Return the file of a title's picture, from 0."""
    return f"poster-{number + 1}.jpg" if number else "poster.jpg"


def library(folder: Path) -> Sequence[Published]:
    """Return all titles published below `folder`, by title."""
    found = sorted(path.parent for path in folder.glob(f"*/{FACTS}"))
    return [Published.load(title) for title in found if not title.name.startswith(".")]


def _track(facts: dict[str, object]) -> Track:
    segments = facts["segments"]
    assert isinstance(segments, list)
    return Track(**facts | {"segments": tuple(Segment(**each) for each in segments)})  # type: ignore[arg-type]
