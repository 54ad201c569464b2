"""What a decoder is asked for, in the words of RFC 6381: `avc1.64001e`, `mp4a.40.2`.

A browser decides by these words whether it can play a track, before it has fetched a byte of it.
Source: RFC 6381, 3.3; ISO/IEC 14496-15, 5.3.3 (avcC); ISO/IEC 14496-1, 7.2.6 (esds).
Page: docs/netflix/package.md
"""

from netflix.package.boxes import Box, find, walk
from netflix.package.errors import DamagedBox
from netflix.package.samples import AUDIO_ENTRY_BYTES, VIDEO_ENTRY_BYTES, Media

DECODER_CONFIG, DECODER_SPECIFIC = 4, 5  # tags of descriptors in esds


def codec(media: Media) -> str:
    """Return the codec of a track. Raises `DamagedBox` when its sample entry does not say."""
    data = media.entry
    (entry,) = walk(data)
    if entry.kind == "avc1":
        config = _inside(data, entry, VIDEO_ENTRY_BYTES, "avcC")
        return f"avc1.{data[config.body + 1 : config.body + 4].hex()}"
    if entry.kind == "mp4a":
        return f"mp4a.40.{_object_type(data, _inside(data, entry, AUDIO_ENTRY_BYTES, 'esds'))}"
    raise DamagedBox(f"a track of {entry.kind!r}; this packager knows H.264 (avc1) and AAC (mp4a)")


def _inside(data: bytes, entry: Box, skip: int, kind: str) -> Box:
    return find(data, kind, Box(entry.kind, entry.begin, entry.body + skip, entry.end))


def _object_type(data: bytes, esds: Box) -> int:
    """The audio object type: the first five bits of the decoder's own configuration."""
    at = data.find(bytes([DECODER_SPECIFIC]), data.find(bytes([DECODER_CONFIG]), esds.fields))
    while 0 < at < esds.end and data[at + 1] & 0x80:  # a length may be written in several bytes
        at += 1
    if not 0 < at < esds.end - 2:
        raise DamagedBox("box 'esds' has no decoder configuration")
    return data[at + 2] >> 3
