"""A title that was never encoded: facts and bytes of the right sizes, for where only the way counts.

Page: docs/netflix/index.md
"""

from collections.abc import Sequence
from random import Random

from netflix.cdn.body import Body
from netflix.errors import Refused
from netflix.package.published import FACTS, Published, Segment, Track

TIMESCALE = 12_288
SEGMENT_S = 2
RUNGS = ((144, 120), (240, 280), (360, 700), (720, 2600))  # height, kbit/s
SOUND_KBPS = 96
SHARE_OF_THE_SAME = 0.25  # how much a segment's size differs from the mean


def title(rng: Random, name: str = "colony", segments: int = 30, key_id: str = "") -> Published:
    """Return a title of so many segments of 2 s in four rungs."""
    video = [_track(rng, f"v{height}", "video", height, kbps, segments) for height, kbps in RUNGS]
    sound = _track(rng, "a96", "audio", 0, SOUND_KBPS, segments)
    return Published(name, name.capitalize(), ("Science",), SEGMENT_S, key_id, (*video, sound))


class Shelf:
    """An origin of such titles: any of their files, with bytes of its size."""

    def __init__(self, titles: Sequence[Published], rng: Random) -> None:
        self._sizes = dict(_files(titles))
        self._rng = rng
        self._made = {f"/{each.title}/{FACTS}": Body.of(each.to_json().encode()) for each in titles}
        self.fetched = 0

    @property
    def paths(self) -> list[str]:
        """Return what there is, the most important first."""
        return [*self._made, *self._sizes]

    def fetch(self, path: str) -> Body:
        """Return a file. Raises `Refused` with 404."""
        if path not in self._sizes and path not in self._made:
            raise Refused(404, f"{path} is not here")
        self.fetched += 1
        if path not in self._made:
            self._made[path] = Body.of(self._rng.randbytes(self._sizes[path]))
        return self._made[path]


def _files(titles: Sequence[Published]) -> list[tuple[str, int]]:
    found = []
    for each in titles:
        for track in each.tracks:
            found.append((f"/{each.title}/{track.name}/init.mp4", 800))
            for number, segment in enumerate(track.segments, 1):
                found.append((f"/{each.title}/{track.name}/{number}.m4s", segment.size_bytes))
    return found


def _track(rng: Random, name: str, kind: str, height: int, kbps: int, segments: int) -> Track:
    mean = kbps * 1000 * SEGMENT_S // 8
    sizes = [
        round(mean * rng.uniform(1 - SHARE_OF_THE_SAME, 1 + SHARE_OF_THE_SAME))
        for _ in range(segments)
    ]
    return Track(
        name=name,
        kind="video" if kind == "video" else "audio",
        codec="avc1.64001e" if kind == "video" else "mp4a.40.2",
        width=height * 16 // 9,
        height=height,
        frame_rate="24/1" if kind == "video" else "",
        timescale=TIMESCALE,
        peak_bps=max(sizes) * 8 // SEGMENT_S,
        mean_bps=sum(sizes) * 8 // SEGMENT_S // segments,
        segments=tuple(Segment(TIMESCALE * SEGMENT_S, size) for size in sizes),
    )
