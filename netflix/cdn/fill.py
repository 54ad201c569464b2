"""What to bring to an edge at night, so that nothing need be fetched in the evening.

    expected plays, sizes, room ──► keep:  the most played first, while there is room
                                    fetch: what of that is not here yet, the most played first, within
                                           what the line can bring until morning

A file that is played twice as often saves twice its bytes, and takes its bytes of room: so what counts is
plays, whatever the size. Invariant: `keep` fits; `fetch` is a part of it, and fits the night.
Source: Netflix, "Netflix and Fill", 2016; Dantzig's greedy rule for knapsacks, 1957.
Page: docs/netflix/fill.md
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from netflix.cdn.placement import Placement
from netflix.package.published import FACTS, Published

TEXT_BYTES_MAX = 16_384  # of a description, a manifest, a header


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file, how often it will be asked for here, and its size."""

    path: str
    plays: float
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Fill:
    """One edge's night: what it should have in the end, and what it must fetch for that, in order."""

    keep: frozenset[str]
    fetch: tuple[str, ...]
    fetch_bytes: int


def plan(files: Iterable[Wanted], room_bytes: int, held: Collection[str], night_bytes: int) -> Fill:
    """Return the fill of an edge with so much room, that has `held`, and a night of so many bytes.

    Files that nobody will ask for are left out; equally played ones go by their path.
    """
    keep: set[str] = set()
    fetch: list[str] = []
    used = fetched = 0
    for file in sorted(files, key=lambda each: (-each.plays, each.path)):
        if file.plays <= 0 or used + file.size_bytes > room_bytes:
            continue
        is_new = file.path not in held
        if is_new and fetched + file.size_bytes > night_bytes:
            continue
        keep.add(file.path)
        used += file.size_bytes
        if is_new:
            fetch.append(file.path)
            fetched += file.size_bytes
    return Fill(frozenset(keep), tuple(fetch), fetched)


def wanted(
    titles: Iterable[Published], plays: Mapping[str, float], placement: Placement, edge: str
) -> list[Wanted]:
    """Return what will be asked of `edge`: each title's plays are shared by those that keep it.

    The ladder's rungs are asked for alike, as far as is known here; what every player needs first (the
    description, manifests, the sound) counts for all of them.
    """
    found: list[Wanted] = []
    for title in titles:
        kept = placement.get(title.title, [])
        if edge in kept:
            own = plays.get(title.title, 0.0) / len(kept)
            found += (
                Wanted(f"/{title.title}/{path}", own * share, size)
                for path, share, size in _files(title)
            )
    return found


def _files(title: Published) -> Iterator[tuple[str, float, int]]:
    """Each file's path in the title's folder, the share of plays that need it, and its size."""
    for name in (FACTS, "master.m3u8", "manifest.mpd"):
        yield name, 1.0, TEXT_BYTES_MAX
    for track in title.tracks:
        share = 1 / len(title.video) if track.kind == "video" else 1.0
        yield f"{track.name}/media.m3u8", share, TEXT_BYTES_MAX
        yield f"{track.name}/init.mp4", share, TEXT_BYTES_MAX
        for number, segment in enumerate(track.segments, 1):
            yield f"{track.name}/{number}.m4s", share, segment.size_bytes
