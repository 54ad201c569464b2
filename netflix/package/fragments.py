"""Samples become CMAF: an init segment that describes the track, and media segments that play.

    init.mp4   ftyp │ moov: no samples, only what a decoder must know
    7.m4s      styp │ moof: which samples, how long, how large │ mdat: their bytes

Invariant: a segment needs nothing but its init: it says its own decode time (tfdt), and its offsets count
from its own beginning (default-base-is-moof). So any segment may be fetched, cached and appended alone.
Source: ISO/IEC 23000-19 (CMAF), 7.3; ISO/IEC 14496-12, 8.8. Page: docs/netflix/package.md
"""

from collections.abc import Sequence

from netflix.package.boxes import box, full, u16, u32, u64
from netflix.package.samples import Media, Sample

TRACK = 1  # the number of the only track
UNITY = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)  # the matrix that changes nothing
UNDETERMINED = u16(0x55C4)  # the language "und", five bits a letter
BASE_IS_MOOF = 0x020000  # tfhd: offsets count from the moof
RUN_FLAGS = (
    0x000001 | 0x000100 | 0x000200 | 0x000400 | 0x000800
)  # offset, duration, size, flags, shift
KEY, DEPENDENT = (
    0x02000000,
    0x01010000,
)  # sample flags: depends on nothing; on others, and no key frame


class Protection:
    """What encryption adds to a fragment: for each sample its initialisation vector and its parts."""

    def __init__(self, entries: Sequence[bytes], has_parts: bool) -> None:
        self._entries, self._flags = entries, 2 if has_parts else 0

    def boxes(self, begin: int) -> tuple[bytes, ...]:
        """Return saiz, saio and senc, when the first of them begins `begin` bytes into the moof."""
        sizes = full("saiz", 0, 0, b"\0", u32(len(self._entries)), bytes(map(len, self._entries)))
        length = len(sizes) + 20  # saio has always 20 bytes here
        place = full("saio", 0, 0, u32(1, begin + length + 16))  # behind senc's header and count
        return sizes, place, full("senc", 0, self._flags, u32(len(self._entries)), *self._entries)


def init_segment(media: Media, entry: bytes, protection: bytes = b"") -> bytes:
    """Return the init segment; `entry` is the sample entry, `protection` what encryption adds to moov."""
    return box("ftyp", b"iso6", u32(0), b"iso6", b"cmfc", b"mp41") + box(
        "moov",
        full(
            "mvhd",
            0,
            0,
            u32(0, 0, 1000, 0, 0x10000),
            u16(0x0100),
            bytes(10),
            UNITY,
            bytes(24),
            u32(2),
        ),
        box("trak", _track_header(media), box("mdia", *_media_boxes(media, entry))),
        box("mvex", full("trex", 0, 0, u32(TRACK, 1, 0, 0, 0))),
        protection,
    )


def _track_header(media: Media) -> bytes:
    volume = 0 if media.kind == "video" else 0x0100
    size = u32(media.width << 16, media.height << 16)
    return full("tkhd", 0, 7, u32(0, 0, TRACK, 0, 0, 0, 0), u16(0, 0, volume, 0), UNITY, size)


def _media_boxes(media: Media, entry: bytes) -> tuple[bytes, ...]:
    is_video = media.kind == "video"
    name = b"VideoHandler\0" if is_video else b"SoundHandler\0"
    kind = b"vide" if is_video else b"soun"
    header = full("vmhd", 0, 1, bytes(8)) if is_video else full("smhd", 0, 0, bytes(4))
    tables = box(
        "stbl",
        full("stsd", 0, 0, u32(1), entry),
        *(full(kind, 0, 0, u32(0)) for kind in ("stts", "stsc", "stco")),
        full("stsz", 0, 0, u32(0, 0)),
    )
    place = box("dinf", full("dref", 0, 0, u32(1), full("url ", 0, 1)))
    return (
        full("mdhd", 0, 0, u32(0, 0, media.timescale, 0), UNDETERMINED, u16(0)),
        full("hdlr", 0, 0, u32(0), kind, bytes(12), name),
        box("minf", header, place, tables),
    )


def media_segment(
    number: int, decode_ticks: int, samples: Sequence[Sample], protection: Protection | None = None
) -> bytes:
    """Return a media segment: samples from decode time `decode_ticks` on, `number` counting from 1."""
    head = (
        full("tfhd", 0, BASE_IS_MOOF, u32(TRACK)),
        full("tfdt", 1, 0, u64(decode_ticks)),
    )
    # The run says where its bytes begin, which depends on how long all of this is: build it twice.
    size = len(_moof(number, head, samples, 0, protection))
    moof = _moof(number, head, samples, size + 8, protection)
    return (
        box("styp", b"msdh", u32(0), b"msdh", b"cmfc")
        + moof
        + box("mdat", *(each.data for each in samples))
    )


def _moof(
    number: int,
    head: tuple[bytes, ...],
    samples: Sequence[Sample],
    offset: int,
    protection: Protection | None,
) -> bytes:
    rows = [
        u32(
            each.duration_ticks,
            len(each.data),
            KEY if each.is_key else DEPENDENT,
            each.shift_ticks % (1 << 32),
        )
        for each in samples
    ]
    run = full("trun", 1, RUN_FLAGS, u32(len(samples), offset), *rows)
    header = full("mfhd", 0, 0, u32(number))
    begin = 8 + len(header) + 8 + sum(map(len, head)) + len(run)
    more = protection.boxes(begin) if protection else ()
    return box("moof", header, box("traf", *head, run, *more))
