"""What a file says of itself: title, artist, album, place on it; else what its name and folder say.

Page: docs/spotify/ingest.md
"""

import re
from dataclasses import dataclass
from pathlib import Path

import mutagen
from mutagen.flac import FLAC
from mutagen.id3 import ID3

UNKNOWN_ARTIST, UNKNOWN_GENRE = "Unknown artist", ""
TEXT_CHARS_MAX = 200
_NUMBERED = re.compile(r"^(?:(\d)-)?(\d{1,3})[ ._-]+(.+)$")  # 03 Title, 1-03 Title
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Tags:
    """What a track is called. `declared_s` is how long the file says it is; 0 where it does not."""

    title: str
    artist: str
    album_artist: str
    album: str
    disc: int
    number: int
    year: int
    genre: str
    isrc: str
    markets: tuple[str, ...]
    licence: str
    declared_s: float


def read(path: Path) -> Tags:
    """Return a file's tags; what it does not say is taken from its name and its folder's."""
    try:
        file = mutagen.File(path, easy=True)
    except (mutagen.MutagenError, OSError, ValueError):
        file = None
    own = dict(file.tags or {}) if file is not None and file.tags is not None else {}

    def text(*names: str) -> str:
        for name in names:
            for key in own:
                if key.lower() == name and own[key] and str(own[key][0]).strip():
                    return str(own[key][0]).strip()[:TEXT_CHARS_MAX]
        return ""

    named = _NUMBERED.match(path.stem)
    artist = text("artist", "albumartist") or UNKNOWN_ARTIST
    year = _YEAR.search(text("date", "originaldate", "year"))
    return Tags(
        title=text("title") or (named[3] if named else path.stem),
        artist=artist,
        album_artist=text("albumartist") or artist,
        album=text("album") or path.parent.name,
        disc=_whole(text("discnumber")) or _whole(named[1] if named and named[1] else "") or 1,
        number=_whole(text("tracknumber")) or _whole(named[2] if named else ""),
        year=int(year[0]) if year else 0,
        genre=text("genre"),
        isrc=text("isrc").upper(),
        markets=tuple(text("markets").upper().split()) or ("*",),
        licence=text("license", "copyright"),
        declared_s=float(getattr(getattr(file, "info", None), "length", 0.0) or 0.0),
    )


def _whole(words: str) -> int:
    """The number before a slash: `3/12` is 3."""
    digits = words.partition("/")[0].strip()
    return int(digits) if digits.isdecimal() and len(digits) < 6 else 0


def picture(path: Path) -> bytes:
    """Return the picture in a file, or beside it under one of the usual names; empty without."""
    for name in ("cover.jpg", "cover.png", "folder.jpg", "folder.png"):
        if (path.parent / name).is_file():
            return (path.parent / name).read_bytes()
    try:
        file = mutagen.File(path)
        if isinstance(file, FLAC) and file.pictures:
            return bytes(file.pictures[0].data)
        if file is not None and isinstance(file.tags, ID3):
            found = file.tags.getall("APIC")
            return bytes(found[0].data) if found else b""
    except (mutagen.MutagenError, OSError, ValueError):
        pass
    return b""
