"""A file of one track becomes samples: encoded frames, with when to decode and when to show each.

    stts  how long each sample lasts            stsz  how large each is
    ctts  how much later it is shown            stsc  how many lie together in a chunk of the file
    stss  which are key frames                  stco  where such a chunk begins

Invariant: times are those of the presentation: the edit list, with which an encoder takes back the delay
that its B frames or its priming cost, has been applied. Source: ISO/IEC 14496-12, 8.6 and 8.7.
Page: docs/netflix/boxes.md
"""

from dataclasses import dataclass
from pathlib import Path

from netflix.package.boxes import Box, box, find, maybe, read_table, read_u32, walk
from netflix.package.errors import DamagedBox, Mismatch

SIGNED = 1 << 32  # 32-bit numbers above half of this are negative ones
NO_EDIT = 0xFFFFFFFF  # an edit that shows nothing
VIDEO_ENTRY_BYTES = 78  # of a visual sample entry, before its boxes
AUDIO_ENTRY_BYTES = 28


@dataclass(frozen=True, slots=True)
class Sample:
    """One encoded frame, shown `shift_ticks` (perhaps below 0) after the tick at which it is decoded."""

    data: bytes
    duration_ticks: int
    shift_ticks: int
    is_key: bool


@dataclass(frozen=True, slots=True)
class Media:
    """A track of a file: its samples, and the sample entry that tells a decoder what they are."""

    kind: str  # "video" or "audio"
    entry: bytes  # the box in stsd: avc1 with avcC, mp4a with esds
    timescale: int  # ticks a second
    width: int
    height: int
    samples: tuple[Sample, ...]

    @property
    def duration_ticks(self) -> int:
        """Return how long it plays."""
        return sum(sample.duration_ticks for sample in self.samples)


def read(path: Path) -> Media:
    """Return the only track of an MP4 file. Raises `DamagedBox`, `Mismatch`."""
    try:
        return _media(path.read_bytes())
    except DamagedBox as damaged:
        raise DamagedBox(f"{path.name}: {damaged}") from None


def joined(parts: list[Media]) -> Media:
    """Return chunks of one rendition as one track. Raises `Mismatch` when their settings differ."""
    first = parts[0]
    for place, part in enumerate(parts):
        if (part.entry, part.timescale) != (first.entry, first.timescale):
            raise Mismatch(
                f"chunk {place} has other settings than chunk 0; encode all chunks alike"
            )
    samples = tuple(sample for part in parts for sample in part.samples)
    return Media(first.kind, first.entry, first.timescale, first.width, first.height, samples)


def _media(data: bytes) -> Media:
    track = find(data, "moov/trak")
    media = find(data, "mdia", track)
    header = find(data, "mdhd", media)
    handler = data[find(data, "hdlr", media).fields + 4 :][:4]
    table = find(data, "minf/stbl", media)
    entry = find(data, "stsd", table)
    entry = Box(entry.kind, entry.begin, entry.fields + 4, entry.end)  # behind its count are boxes
    inner = next(walk(data, entry.body, entry.end))
    is_video = handler == b"vide"
    width, height = (
        (_u16(data, inner.body + 24), _u16(data, inner.body + 26)) if is_video else (0, 0)
    )
    return Media(
        kind="video" if is_video else "audio",
        entry=_settings(data, inner, VIDEO_ENTRY_BYTES if is_video else AUDIO_ENTRY_BYTES),
        timescale=read_u32(data, header, 4 if data[header.body] == 1 else 2),
        width=width,
        height=height,
        samples=_presented(data, track, _samples(data, table)),
    )


def _settings(data: bytes, entry: Box, header_bytes: int) -> bytes:
    """The sample entry without the box of measured bit rates, which differs from chunk to chunk."""
    inner = walk(data, entry.body + header_bytes, entry.end)
    kept = [data[each.begin : each.end] for each in inner if each.kind != "btrt"]
    return box(entry.kind, data[entry.body : entry.body + header_bytes], *kept)


def _u16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")


def _samples(data: bytes, table: Box) -> list[Sample]:
    """The samples as they are stored, with the shifts as they are written."""
    durations = [
        ticks
        for count, ticks in read_table(data, find(data, "stts", table), 2)
        for _ in range(count)
    ]
    shifts = _shifts(data, table) or [0] * len(durations)
    keys = maybe(data, "stss", table)
    numbers = {row[0] for row in read_table(data, keys, 1)} if keys else None
    sizes = _sizes(data, find(data, "stsz", table))
    offsets = _offsets(data, table, sizes)
    if not len(durations) == len(shifts) == len(sizes) == len(offsets):
        raise DamagedBox(
            f"{len(durations)} durations for {len(sizes)} samples: the tables disagree"
        )
    return [
        Sample(data[at : at + size], ticks, shift, numbers is None or number in numbers)
        for number, (at, size, ticks, shift) in enumerate(
            zip(offsets, sizes, durations, shifts, strict=True), 1
        )
    ]


def _shifts(data: bytes, table: Box) -> list[int]:
    found = maybe(data, "ctts", table)
    rows = read_table(data, found, 2) if found else []
    return [_signed(ticks) for count, ticks in rows for _ in range(count)]


def _signed(number: int) -> int:
    return number - SIGNED if number >= SIGNED // 2 else number


def _sizes(data: bytes, box: Box) -> list[int]:
    """The sizes: one for all, or one for each."""
    same = read_u32(data, box, 0)
    if same:
        return [same] * read_u32(data, box, 1)
    return [row[0] for row in read_table(data, box, 1, skip=1)]


def _offsets(data: bytes, table: Box, sizes: list[int]) -> list[int]:
    """Where each sample begins: the file's chunks, and the samples in each, one behind the other."""
    if maybe(data, "co64", table):
        raise DamagedBox("the file is above 4 GiB (box 'co64'); encode it in chunks")
    chunks = [row[0] for row in read_table(data, find(data, "stco", table), 1)]
    runs = read_table(data, find(data, "stsc", table), 3)
    found: list[int] = []
    for number, at in enumerate(chunks, 1):
        count = next(each[1] for each in reversed(runs) if each[0] <= number)
        for size in sizes[len(found) : len(found) + count]:
            if at + size > len(data):
                raise DamagedBox(
                    f"sample {len(found) + 1} lies at {at}, behind the end of the file"
                )
            found.append(at)
            at += size
    return found


def _presented(data: bytes, track: Box, samples: list[Sample]) -> tuple[Sample, ...]:
    """Apply the edit list: shown times begin at 0, and what lies before them is dropped.

    Video is shifted: all its frames are needed. Sound loses the frames that an encoder primes
    itself with, which nobody is to hear.
    """
    begin = _media_begin(data, track)
    if any(sample.shift_ticks for sample in samples):
        return tuple(
            Sample(each.data, each.duration_ticks, each.shift_ticks - begin, each.is_key)
            for each in samples
        )
    while samples and begin >= samples[0].duration_ticks:
        begin -= samples.pop(0).duration_ticks
    return tuple(samples)


def _media_begin(data: bytes, track: Box) -> int:
    """The time in the media with which the presentation begins; 0 without an edit list."""
    edits = maybe(data, "edts/elst", track)
    if edits is None:
        return 0
    if data[edits.body] != 0:
        raise DamagedBox("an edit list with 64-bit times; such files are not read")
    begins = [row[1] for row in read_table(data, edits, 3) if row[1] != NO_EDIT]
    return begins[0] if begins else 0
