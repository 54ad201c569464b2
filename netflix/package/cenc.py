"""Common encryption: the pictures are locked, and everything that is needed to find one's way is not.

    a sample    │ length │ NAL header, slice header │ the picture itself …               │
    encrypted   │ no     │ no: CLEAR_BYTES          │ AES-128-CTR, whole blocks of 16 B  │

Invariant: sizes do not change, and neither do offsets; a counter block is never used twice under one key,
since each sample has an initialisation vector of its own: the track's name, hashed, and a number.
Source: ISO/IEC 23001-7, scheme `cenc`, 9 and 10.1. Page: docs/netflix/encryption.md
"""

import struct
from collections.abc import Iterator, Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from netflix.package.boxes import box, full, u16, u32
from netflix.package.errors import DamagedBox
from netflix.package.fragments import Protection
from netflix.package.keys import ContentKey
from netflix.package.samples import AUDIO_ENTRY_BYTES, VIDEO_ENTRY_BYTES, Media, Sample

IV_BYTES = 8
BLOCK_BYTES = 16
CLEAR_BYTES = 96  # of a slice: its length, its header, and some more, read before it is decrypted
LENGTH_BYTES = 4  # in front of each NAL unit
SLICES = (1, 5)  # NAL types that hold pictures; the rest (parameters, timing) stays clear
CLEAR_MAX = 0xFFFF  # of one part: its length has 16 bits
COMMON_SYSTEM = bytes.fromhex(
    "1077efecc0b24d02ace33c1e52e2fb4b"
)  # W3C: keys by their ids, for any system

Parts = list[tuple[int, int]]  # (clear bytes, then encrypted bytes)


def protected_entry(media: Media, key: ContentKey) -> bytes:
    """Return the sample entry of an encrypted track: it hides the codec, and says where it went."""
    kind, header = (
        ("encv", VIDEO_ENTRY_BYTES) if media.kind == "video" else ("enca", AUDIO_ENTRY_BYTES)
    )
    original, body = media.entry[4:8], media.entry[8:]
    scheme = full("schm", 0, 0, b"cenc", u32(0x10000))
    defaults = full("tenc", 0, 0, bytes([0, 0, 1, IV_BYTES]), key.key_id)
    info = box("sinf", box("frma", original), scheme, box("schi", defaults))
    return box(kind, body[:header], body[header:], info)


def system_header(key: ContentKey) -> bytes:
    """Return the pssh box from which a browser learns which key it lacks."""
    return full("pssh", 1, 0, COMMON_SYSTEM, u32(1), key.key_id, u32(0))


def encrypt(
    media: Media, samples: Sequence[Sample], first: int, key: ContentKey, track: str
) -> tuple[list[Sample], Protection]:
    """Return samples encrypted, and what their fragment must say of it.

    `first` is the number of the first sample in its track, whose name is `track`.
    """
    found, entries = [], []
    has_parts = media.kind == "video"
    for number, sample in enumerate(samples, first):
        iv = vector(track, number)
        parts = split(sample.data) if has_parts else [(0, len(sample.data))]
        data = apply(sample.data, parts, iv, key.key)
        found.append(Sample(data, sample.duration_ticks, sample.shift_ticks, sample.is_key))
        entries.append(iv + _written(parts) if has_parts else iv)
    return found, Protection(entries, has_parts)


def vector(track: str, number: int) -> bytes:
    """Return the initialisation vector of a track's sample: 40 bits for the track, 24 to count.

    A title's tracks share a key, so what keeps their vectors apart is the track's name.
    """
    return sha256(track.encode()).digest()[: IV_BYTES - 3] + number.to_bytes(3, "big")


def split(sample: bytes) -> Parts:
    """Return which bytes of a video sample stay clear and which are encrypted, in turns.

    NAL units that hold no picture stay clear. Of one that does, the first CLEAR_BYTES stay clear, and the
    rest, cut to whole blocks (what is left over goes to the front), is encrypted.
    Raises `DamagedBox` when the lengths do not add up.
    """
    parts: Parts = []
    clear = 0
    for length, kind in _units(sample):
        locked = max(0, length - CLEAR_BYTES) // BLOCK_BYTES * BLOCK_BYTES if kind in SLICES else 0
        clear += length - locked
        if locked:
            parts += _cut(clear, locked)
            clear = 0
    return parts + (_cut(clear, 0) if clear else [])


def _cut(clear: int, locked: int) -> Parts:
    """One pair, or several where the clear part is longer than its field can say."""
    whole = [(CLEAR_MAX, 0)] * ((clear - 1) // CLEAR_MAX) if clear else []
    return [*whole, (clear - CLEAR_MAX * len(whole), locked)]


def _units(sample: bytes) -> Iterator[tuple[int, int]]:
    """Yield each NAL unit's size, its length field included, and its type."""
    at = 0
    while at < len(sample):
        (size,) = struct.unpack_from(">I", sample, at) if at + LENGTH_BYTES <= len(sample) else (0,)
        if not 0 < size <= len(sample) - at - LENGTH_BYTES:
            raise DamagedBox(f"a NAL unit of {size} bytes at {at} in a sample of {len(sample)}")
        yield LENGTH_BYTES + size, sample[at + LENGTH_BYTES] & 0x1F
        at += LENGTH_BYTES + size


def apply(sample: bytes, parts: Parts, iv: bytes, key: bytes) -> bytes:
    """Return the sample with its locked parts encrypted; or decrypted: in counter mode it is the same."""
    stream = Cipher(algorithms.AES(key), modes.CTR(iv + bytes(BLOCK_BYTES - IV_BYTES))).encryptor()
    at, found = 0, []
    for clear, locked in parts:
        found += [sample[at : at + clear], stream.update(sample[at + clear : at + clear + locked])]
        at += clear + locked
    return b"".join(found)


def _written(parts: Parts) -> bytes:
    return u16(len(parts)) + b"".join(u16(clear) + u32(locked) for clear, locked in parts)
