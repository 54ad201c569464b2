"""From the files of an album to an album that can be played.

    files ─► samples ─► loudness, waveform, sound        each track for itself
                    ─► one long piece ─► Opus at 24, 96, 160 ─► cut ─► Ogg and WebM
                    ─► Vorbis, AAC, FLAC                 each track for itself

A file that is empty, cut off or no music is left out with its reason; the rest of the album is made all
the same. One album is one task, so albums are made side by side. Page: docs/spotify/ingest.md
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spotify.catalogue.library import publish
from spotify.catalogue.track import Album, Rendition, Track, digest_of, id_of
from spotify.errors import BadAudio, NoFfmpeg
from spotify.ingest import ffmpeg, loudness, opus, tags
from spotify.ingest.features import features, waveform
from spotify.ingest.ffmpeg import RATE, Samples
from spotify.ingest.tags import Tags
from spotify.ingest.webm import to_webm

OPUS_KBPS = (24, 96, 160)  # low, normal, high
WHOLE = ("-c:a", "libvorbis", "-q:a", "5"), ("-c:a", "aac", "-b:a", "192k"), ("-c:a", "flac")
KINDS = ("vorbis.ogg", "aac.m4a", "flac.flac")
MIMES = {"ogg": "audio/ogg", "webm": "audio/webm", "m4a": "audio/mp4", "flac": "audio/flac"}
MUSIC = {".flac", ".wav", ".aiff", ".aif", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".aac", ".wma"}
SHORT_S, SHORT_SHARE = 0.5, 0.02  # what may lack of the declared length: headers only estimate it
SQUARE = "scale=480:480:force_original_aspect_ratio=increase,crop=480:480"


@dataclass(frozen=True, slots=True)
class Task:
    """An album to make: its id, its files, and where it goes."""

    album_id: str
    files: tuple[str, ...]
    library: str


@dataclass(frozen=True, slots=True)
class Made:
    """What became of an album: its id, how many tracks, and the files that were refused."""

    album_id: str
    tracks: int
    refused: tuple[tuple[str, int, str], ...]  # (file, byte, reason)


@dataclass(frozen=True, slots=True)
class Source:
    """A file that could be read, all of it."""

    path: Path
    tags: Tags
    samples: Samples


def read(path: Path) -> Source:
    """Return a file's samples and tags. Raises `BadAudio` with the byte up to which it was good."""
    size = path.stat().st_size
    if not size:
        raise BadAudio(path, 0, "the file is empty")
    samples, complaint = ffmpeg.decode(path)
    if not len(samples):
        raise BadAudio(path, 0, f"it is no music that FFmpeg knows: {complaint or 'nothing in it'}")
    own = tags.read(path)
    seconds = len(samples) / RATE
    lacks = own.declared_s - seconds
    if complaint or lacks > max(SHORT_S, SHORT_SHARE * own.declared_s):
        share = seconds / own.declared_s if own.declared_s > seconds else 1.0
        offset = min(size, round(size * share)) if lacks <= 0 else size
        told = f" of {own.declared_s:.2f} s" if own.declared_s else ""
        reason = f"it breaks off after {seconds:.2f} s{told}"
        raise BadAudio(path, offset, f"{reason}: {complaint}" if complaint else reason)
    return Source(path, own, samples)


def make(task: Task) -> Made:
    """Make one album and publish it; without a file that can be read, nothing is published."""
    sources, refused = [], []
    for name in task.files:
        try:
            sources.append(read(Path(name)))
        except BadAudio as error:
            refused.append((name, error.offset, error.reason))
        except OSError as error:
            refused.append((name, 0, error.strerror or "it cannot be read"))
    if sources:
        library = Path(task.library)
        publish(library, task.album_id, lambda folder: _fill(folder, task.album_id, sources))
    return Made(task.album_id, len(sources), tuple(refused))


def _fill(folder: Path, album_id: str, sources: Sequence[Source]) -> Album:
    """Write an album's files into `folder`."""
    ordered = sorted(sources, key=lambda each: (each.tags.disc, each.tags.number, each.tags.title))
    first = ordered[0].tags
    whole = np.concatenate([each.samples for each in ordered])
    album_gain_db = loudness.measure(whole).gain_db
    ids = [id_of(album_id, each.tags.disc, each.tags.number, each.tags.title) for each in ordered]
    lists: list[list[Rendition]] = [[] for _ in ordered]
    for kbps in OPUS_KBPS:
        for own, made in zip(lists, _opus(folder, ids, ordered, whole, kbps), strict=True):
            own += made
    for own, id, source in zip(lists, ids, ordered, strict=True):
        own += [
            _whole(folder, id, source, kind, how) for kind, how in zip(KINDS, WHOLE, strict=True)
        ]
    tracks = tuple(
        _track(source, id, album_id, album_gain_db, renditions)
        for source, id, renditions in zip(ordered, ids, lists, strict=True)
    )
    cover = _cover(folder, ordered)
    artist_id = id_of("artist", first.album_artist.casefold())
    return Album(
        album_id, first.album, first.album_artist, artist_id, first.year, first.genre, cover, tracks
    )


def _opus(
    folder: Path, ids: Sequence[str], sources: Sequence[Source], whole: Samples, kbps: int
) -> list[list[Rendition]]:
    """Encode the album once, and cut its tracks out of that: each as Ogg and as WebM."""
    stream = opus.encode(whole, kbps)
    made, first = [], 0
    for id, source in zip(ids, sources, strict=True):
        end = first + len(source.samples)
        own = opus.cut(stream, first, end)
        first = end
        comment = [f"TITLE={source.tags.title}", f"ARTIST={source.tags.artist}"]
        ogg = opus.to_ogg(own, [*comment, f"ALBUM={source.tags.album}"])
        file, head, pieces = to_webm(own)
        seconds = len(source.samples) / RATE
        made.append([
            _written(folder, f"opus{kbps}", f"{id}.opus{kbps}.ogg", ogg, seconds),
            _written(
                folder, f"web{kbps}", f"{id}.web{kbps}.webm", file, seconds,
                head=head, head_digest=digest_of(file[:head]), skip=own.skip,
                number=own.number, pieces=pieces,
            ),
        ])  # fmt: skip
    return made


def _whole(folder: Path, id: str, source: Source, kind: str, how: tuple[str, ...]) -> Rendition:
    """Encode one track for itself."""
    path = folder / f"{id}.{kind}"
    container = {"ogg": "ogg", "m4a": "ipod", "flac": "flac"}[kind.rpartition(".")[2]]
    ffmpeg.encode(source.samples, path, *how, "-f", container)
    return _rendition(kind.partition(".")[0], path, len(source.samples) / RATE)


def _written(
    folder: Path, name: str, file: str, data: bytes, seconds: float, **more: object
) -> Rendition:
    (folder / file).write_bytes(data)
    return _rendition(name, folder / file, seconds, **more)


def _rendition(name: str, path: Path, seconds: float, **more: object) -> Rendition:
    size = path.stat().st_size
    mime = MIMES[path.suffix[1:]]
    kbps = round(8 * size / 1000 / seconds, 1)
    return Rendition(name, path.name, mime, size, kbps, **more)  # type: ignore[arg-type]


def _track(
    source: Source, id: str, album_id: str, album_gain_db: float, renditions: Sequence[Rendition]
) -> Track:
    own, loud = source.tags, loudness.measure(source.samples)
    return Track(
        id=id,
        title=own.title,
        artist=own.artist,
        artist_id=id_of("artist", own.artist.casefold()),
        album=own.album,
        album_id=album_id,
        disc=own.disc,
        number=own.number,
        year=own.year,
        genre=own.genre,
        isrc=own.isrc,
        samples=len(source.samples),
        gain_db=loud.gain_db,
        album_gain_db=album_gain_db,
        peak_db=loud.peak_db,
        markets=own.markets,
        features=features(source.samples),
        waveform=waveform(source.samples),
        renditions=tuple(renditions),
    )


def _cover(folder: Path, sources: Sequence[Source]) -> str:
    """Write the album's picture; return its name, or nothing where there is none that can be read."""
    data = next((found for each in sources if (found := tags.picture(each.path))), b"")
    if not data:
        return ""
    try:
        scaled = ffmpeg.run(
            "-f", "image2pipe", "-i", "pipe:0", "-vf", SQUARE,
            "-frames:v", "1", "-f", "image2pipe", "-c:v", "mjpeg", "-q:v", "4", "pipe:1", given=data,
        )  # fmt: skip
    except NoFfmpeg:
        return ""
    (folder / "cover.jpg").write_bytes(scaled)
    return "cover.jpg"


Progress = Callable[[str, int, int], object]
