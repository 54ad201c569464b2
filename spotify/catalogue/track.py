"""Artists, albums and tracks, as everything behind the ingest knows them.

An id is 22 letters and digits, made of what the thing is: the same file, ingested twice, is the same
track. Page: docs/spotify/catalogue.md
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b, sha256
from typing import Any

LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
ID_CHARS = 22  # 62²² is a little more than 2¹²⁸
DIGEST_CHARS = 16
WORLD = "*"  # among markets: everywhere


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file that is fetched at once; `packet` and `count` say when it sounds.

    `digest` is the beginning of its SHA-256, by which a player knows that it got the right bytes.
    """

    offset: int
    size: int
    packet: int
    count: int
    digest: str


@dataclass(frozen=True, slots=True)
class Rendition:
    """A track in one quality. `kbps` was measured, not asked for.

    `pieces` are there for what a browser plays: the clusters of a WebM, behind a head of `head` bytes,
    with `skip` samples before the track and the first packet's `number` in the album's stream.
    """

    name: str
    file: str
    mime: str
    size: int
    kbps: float
    head: int = 0
    head_digest: str = ""
    skip: int = 0
    number: int = 0
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Track:
    """A track that can be played. Lengths in samples of 48 kHz; gains in dB."""

    id: str
    title: str
    artist: str
    artist_id: str
    album: str
    album_id: str
    disc: int
    number: int
    year: int
    genre: str
    isrc: str
    samples: int
    gain_db: float
    album_gain_db: float
    peak_db: float
    markets: tuple[str, ...]  # of two letters; WORLD alone: everywhere
    features: Mapping[str, float]
    waveform: tuple[int, ...]  # 0 to 100
    renditions: tuple[Rendition, ...]

    @property
    def duration_ms(self) -> int:
        """Return the length in milliseconds, rounded."""
        return round(self.samples / 48)

    def rendition(self, name: str) -> Rendition:
        """Return the rendition of that name. Raises `KeyError`."""
        for each in self.renditions:
            if each.name == name:
                return each
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Album:
    """An album with its tracks in order, and the name of its picture, if there is one."""

    id: str
    title: str
    artist: str
    artist_id: str
    year: int
    genre: str
    cover: str
    tracks: tuple[Track, ...]

    def to_json(self) -> str:
        """Return the album as it is written to disk."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Album":
        """Return the album that was written. Raises `ValueError`, `TypeError`, `KeyError` for others."""
        facts = json.loads(text)
        return cls(**{**facts, "tracks": tuple(_track(each) for each in facts["tracks"])})


def _track(facts: dict[str, Any]) -> Track:
    renditions = tuple(
        Rendition(**{**each, "pieces": tuple(Piece(**piece) for piece in each["pieces"])})
        for each in facts["renditions"]
    )
    listed = {name: tuple(facts[name]) for name in ("markets", "waveform")}
    return Track(**{**facts, **listed, "renditions": renditions})


def digest_of(data: bytes) -> str:
    """Return the digest of a piece: the first 16 hexadecimal digits of its SHA-256."""
    return sha256(data).hexdigest()[:DIGEST_CHARS]


def id_of(*words: object) -> str:
    """Return the id of what these words say."""
    number = int.from_bytes(blake2b("\0".join(map(str, words)).encode(), digest_size=16).digest())
    digits = []
    for _ in range(ID_CHARS):
        number, digit = divmod(number, len(LETTERS))
        digits.append(LETTERS[digit])
    return "".join(reversed(digits))
