"""A title appears: all of its files at once, or none of them.

    .draft-…/            written first, file by file
    .deep-5f1c…/         the finished version, named for its content
    deep ──► .deep-5f1c… a link, and putting it in place is one rename

Invariant: whoever opens a title's folder sees one whole version, whatever was killed and whenever. The same
renditions give the same bytes. The version before is kept, for those who are just watching it.
Page: docs/netflix/package.md
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from netflix.catalogue import Entry
from netflix.encode.rendition import Rendition
from netflix.package import cenc, dash, hls, timeline
from netflix.package.codecs import codec
from netflix.package.errors import Mismatch
from netflix.package.fragments import init_segment, media_segment
from netflix.package.keys import ContentKey
from netflix.package.published import FACTS, Published, Segment, Track, poster_name
from netflix.package.samples import Media, Sample, joined, read
from netflix.package.timeline import Cut

VERSIONS_KEPT = 2  # the one that is linked, and the one before


@dataclass(frozen=True, slots=True)
class _Packaged:
    """A track in memory: its facts, its init segment, and its media segments."""

    track: Track
    init: bytes
    segments: list[bytes]


def publish(
    entry: Entry,
    renditions: Sequence[Rendition],
    library: Path,
    *,
    segment_s: float = 2.0,
    key: ContentKey | None = None,
    posters: Sequence[Path] = (),
) -> Published:
    """Package renditions and publish them as a title of `library`, in the place of one of that id.

    With a `key` all tracks are encrypted. Raises `DamagedBox`, `Mismatch`; then the library is as it was.
    """
    packaged = list(_package(renditions, segment_s, key))
    title = Published(
        title=entry.title,
        name=entry.name,
        genres=entry.genres,
        segment_s=segment_s,
        key_id=key.key_id.hex() if key else "",
        tracks=tuple(each.track for each in packaged),
    )
    files = dict(_files(title, packaged))
    for number, poster in enumerate(posters):
        files[poster_name(number)] = poster.read_bytes()
    _put(library, entry.title, files)
    return title


def _package(
    renditions: Sequence[Rendition], segment_s: float, key: ContentKey | None
) -> Iterator[_Packaged]:
    tracks = {each.name: joined([read(path) for path in each.chunks]) for each in renditions}
    pictures = [media for media in tracks.values() if media.kind == "video"]
    if not pictures:
        raise Mismatch("there is no video rendition; encode one")
    cut = timeline.at_keys(pictures[0], segment_s)
    ends_s = timeline.ends_s(pictures[0], cut)
    for name, media in tracks.items():
        own = (
            timeline.at_keys(media, segment_s)
            if media.kind == "video"
            else timeline.like(media, ends_s)
        )
        if media.kind == "video" and timeline.ends_s(media, own) != ends_s:
            raise Mismatch(
                f"{name} is cut at other instants than the first rung; encode all rungs alike"
            )
        yield _track(name, media, own, key)


def _track(name: str, media: Media, cut: Cut, key: ContentKey | None) -> _Packaged:
    segments, decode_ticks = [], 0
    for number, (first, end) in enumerate(cut, 1):
        samples: Sequence[Sample] = media.samples[first:end]
        protection = None
        if key:
            samples, protection = cenc.encrypt(media, samples, first, key, name)
        segments.append(media_segment(number, decode_ticks, samples, protection))
        decode_ticks += sum(sample.duration_ticks for sample in samples)
    entry = cenc.protected_entry(media, key) if key else media.entry
    init = init_segment(media, entry, cenc.system_header(key) if key else b"")
    facts = [
        Segment(sum(each.duration_ticks for each in media.samples[first:end]), len(data))
        for (first, end), data in zip(cut, segments, strict=True)
    ]
    return _Packaged(_facts(name, media, facts), init, segments)


def _facts(name: str, media: Media, segments: list[Segment]) -> Track:
    bits = 8 * sum(each.size_bytes for each in segments)
    peak = max(8 * each.size_bytes * media.timescale / each.duration_ticks for each in segments)
    rate = Fraction(media.timescale * len(media.samples), media.duration_ticks)
    return Track(
        name=name,
        kind="video" if media.kind == "video" else "audio",
        codec=codec(media),
        width=media.width,
        height=media.height,
        frame_rate=f"{rate.numerator}/{rate.denominator}" if media.kind == "video" else "",
        timescale=media.timescale,
        peak_bps=round(peak),
        mean_bps=round(bits * media.timescale / media.duration_ticks),
        segments=tuple(segments),
    )


def _files(title: Published, packaged: Sequence[_Packaged]) -> Iterator[tuple[str, bytes]]:
    """Yield every file of a title, by its path in the title's folder."""
    yield "master.m3u8", hls.multivariant(title).encode()
    yield "manifest.mpd", dash.manifest(title).encode()
    yield FACTS, title.to_json().encode()
    for each in packaged:
        name = each.track.name
        yield f"{name}/init.mp4", each.init
        yield f"{name}/media.m3u8", hls.media(each.track, title.key_id).encode()
        for number, data in enumerate(each.segments, 1):
            yield f"{name}/{number}.m4s", data


def _put(library: Path, title: str, files: dict[str, bytes]) -> None:
    library.mkdir(parents=True, exist_ok=True)
    content = hashlib.sha256()
    for path in sorted(files):
        content.update(path.encode() + hashlib.sha256(files[path]).digest())
    version = library / f".{title}-{content.hexdigest()[:16]}"
    draft = library / f".draft-{title}-{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        if not version.is_dir():
            for path, data in files.items():
                target = draft / path
                target.parent.mkdir(parents=True, exist_ok=True)
                _write(target, data)
            draft.rename(version)
        link = library / f".link-{title}-{os.getpid()}"
        link.unlink(missing_ok=True)
        link.symlink_to(version.name)
        link.rename(library / title)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _prune(library, title, version)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _prune(library: Path, title: str, current: Path) -> None:
    """Remove all versions of a title but the current one and the newest of the others."""
    versions = [path for path in library.glob(f".{title}-{'[0-9a-f]' * 16}") if path != current]
    versions.sort(key=lambda path: path.stat().st_mtime_ns)
    for old in versions[: -(VERSIONS_KEPT - 1)]:
        shutil.rmtree(old, ignore_errors=True)
