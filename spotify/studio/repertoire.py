"""Who plays what: the artists and albums that the kit computes, and their files on disk.

    "After the Ferry" is one piece, cut into three tracks at odd samples: it must play through as one.
    "Harbour Lights" is there twice: on its album, not to be played in the US, and on a collection that may.

Page: docs/spotify/studio.md
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from mutagen.flac import FLAC, Picture

from spotify.ingest.ffmpeg import RATE, Samples
from spotify.studio import covers
from spotify.studio.instruments import Generator
from spotify.studio.mix import perform
from spotify.studio.score import Style, compose

SEED = 2006  # the year in which Spotify was founded
BARS = 16
LIVE_BARS = 24


@dataclass(frozen=True, slots=True)
class Song:
    """A track: its title, its recording's number, and where it may be played."""

    title: str
    recording: int
    markets: str = "*"


@dataclass(frozen=True, slots=True)
class Record:
    """An album: `is_live` if it is one piece that is cut into its songs."""

    artist: str
    title: str
    year: int
    genre: str
    style: Style
    songs: tuple[Song, ...]
    is_live: bool = False


FOLK = Style("major", (92, 108), 50, "pluck", 0.25, 0.9, 0.0)
NIGHT = Style("dorian", (76, 88), 48, "bell", 0.55, 0.55, 0.16)
BRIGHT = Style("lydian", (112, 124), 52, "bell", 0.9, 0.8, 0.06)
SLOW = Style("minor", (62, 72), 47, "pluck", 0.0, 0.7, 0.0)
EUROPE = "DE FR GB NL SE"

RECORDS = (
    Record("Marlow and the Tide", "Harbour Lights", 2019, "Folk", FOLK, (
        Song("Harbour Lights", 1, EUROPE), Song("Low Water", 2), Song("The Lock Keeper", 3),
        Song("Salt", 4),
    )),
    Record("Marlow and the Tide", "Northern Line", 2023, "Folk", FOLK, (
        Song("Northern Line", 5), Song("Eleven Stops", 6), Song("Windows Lit", 7),
    )),
    Record("Ines Okafor Trio", "Blue Hours", 2021, "Jazz", NIGHT, (
        Song("Blue Hours", 8), Song("Last Tram", 9), Song("Rain on Copper", 10), Song("Kitchen Radio", 11),
    )),
    Record("Paper Satellites", "Perihelion", 2022, "Electronic", BRIGHT, (
        Song("Perihelion", 12), Song("Small Machines", 13),
        Song("Sunday Orbit", 14), Song("Signal Lost", 15),
    )),
    Record("Paper Satellites", "After the Ferry (one take)", 2024, "Electronic", BRIGHT, (
        Song("Casting Off", 16), Song("Open Water", 17), Song("Landing", 18),
    ), is_live=True),
    Record("Ansgar Lund", "Winter Rooms", 2020, "Ambient", SLOW, (
        Song("First Snow", 19), Song("The Stove", 20), Song("Letters", 21),
    )),
    Record("Various Artists", "Songs for a Quay", 2024, "Folk", FOLK, (
        Song("Harbour Lights", 1, "US CA"), Song("Rain on Copper", 10, "US CA"),
    )),
)  # fmt: skip


def write(
    folder: Path,
    *,
    seed: int = SEED,
    bars: int = BARS,
    records: tuple[Record, ...] = RECORDS,
    on_progress: Callable[[str, int, int], object] = lambda what, done, total: None,
) -> None:
    """Write all records into `folder`, a folder each, as FLAC with tags and covers."""
    styles = {
        song.recording: (record.style, record.artist)
        for record in records[::-1]
        for song in record.songs
    }
    for done, record in enumerate(records):
        on_progress(record.title, done, len(records))
        place = folder / f"{record.artist} - {record.title}"
        place.mkdir(parents=True, exist_ok=True)
        picture = covers.cover(_rng(seed, 10_000 + done))
        for number, (song, samples) in enumerate(_played(record, styles, seed, bars), 1):
            path = place / f"{number:02d} {song.title}.flac"
            soundfile.write(path, samples, RATE, subtype="PCM_16")
            _tag(path, record, song, number, styles[song.recording][1], picture)


def _played(
    record: Record, styles: dict[int, tuple[Style, str]], seed: int, bars: int
) -> Iterator[tuple[Song, Samples]]:
    if not record.is_live:
        for song in record.songs:
            rng = _rng(seed, song.recording)
            yield song, perform(compose(styles[song.recording][0], bars, rng), rng)
        return
    rng = _rng(seed, record.songs[0].recording)
    piece = perform(compose(record.style, LIVE_BARS * bars // BARS, rng), rng)
    cuts = [
        len(piece) * part // len(record.songs) | 1 for part in range(1, len(record.songs))
    ]  # odd samples
    yield from zip(record.songs, np.split(piece, cuts), strict=True)


def _rng(seed: int, number: int) -> Generator:
    return np.random.default_rng([seed, number])


def _tag(path: Path, record: Record, song: Song, number: int, artist: str, picture: bytes) -> None:
    file = FLAC(path)
    file.update({
        "title": song.title,
        "artist": artist,
        "albumartist": record.artist,
        "album": record.title,
        "tracknumber": str(number),
        "date": str(record.year),
        "genre": record.genre,
        "isrc": f"KITZZ{record.year % 100:02d}{song.recording:05d}" if song.recording not in (1, 10)
        else f"KITZZ19{song.recording:05d}",
        "markets": song.markets,
        "license": "CC0-1.0",
    })  # fmt: skip
    shown = Picture()
    shown.data, shown.type, shown.mime = picture, 3, "image/png"
    file.add_picture(shown)
    file.save()
