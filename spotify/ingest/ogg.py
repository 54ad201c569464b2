"""Ogg: packets in pages, each page with a checksum and the time at its end.

    page    "OggS" 0 flags granule(8) serial(4) number(4) CRC(4) n  lacing[n]  data
    lacing  a packet of 600 bytes is 255 255 90; one of 510 is 255 255 0; the last < 255 ends it
    granule how many samples have been decoded when this page's last whole packet has

Invariant: what `packets` returns of what `pages` wrote is what went in, byte for byte. A page whose
checksum is wrong is a damaged file, and says where. Source: RFC 3533. Page: docs/spotify/gapless.md
"""

import struct
from collections.abc import Iterator, Sequence

import anycrc

from spotify.ingest.errors import BadOgg

HEADER = struct.Struct("<4sBBqIIIB")
CONTINUED, FIRST, LAST = 1, 2, 4
LACING_MAX = 255  # segments of a page
SEGMENT_BYTES = 255
UNFINISHED = -1  # the granule of a page on which no packet ends


# CRC-32 with the polynomial 04C11DB7, not reflected, begun at 0.
_CRC = anycrc.CRC(32, 0x04C11DB7, init=0, refin=False, refout=False, xorout=0)


def crc(data: bytes) -> int:
    """Return the checksum of a page in which the four bytes of the checksum are 0."""
    return int(_CRC.calc(data))


def packets(data: bytes) -> list[bytes]:
    """Return the packets of an Ogg file with one stream. Raises `BadOgg` with the byte where it breaks."""
    found: list[bytes] = []
    open_packet = b""
    for at, lacing, body in _pages(data):
        flags = data[at + 5]
        if bool(open_packet) != bool(flags & CONTINUED):
            raise BadOgg(at, "a packet goes on that was not begun, or ends in nothing")
        position = 0
        for size in lacing:
            open_packet += body[position : position + size]
            position += size
            if size < SEGMENT_BYTES:
                found.append(open_packet)
                open_packet = b""
    if open_packet:
        raise BadOgg(len(data), "the last packet has no end")
    return found


def _pages(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield each page's place, its lacing values, and its body."""
    at = 0
    while at < len(data):
        if len(data) - at < HEADER.size or data[at : at + 4] != b"OggS":
            raise BadOgg(at, "no page begins here")
        count = data[at + HEADER.size - 1]
        begin = at + HEADER.size + count
        lacing = data[at + HEADER.size : begin]
        end = begin + sum(lacing)
        page = data[at:end]
        if len(page) < end - at:
            raise BadOgg(at, "the last page is cut off")
        told = int.from_bytes(page[22:26], "little")
        if crc(page[:22] + bytes(4) + page[26:]) != told:
            raise BadOgg(at, "the page's checksum is wrong")
        yield at, lacing, data[begin:end]
        at = end


def page(
    number: int, granule: int, own: Sequence[bytes], *, flags: int = 0, serial: int = 1
) -> bytes:
    """Return a page of whole packets; at most 255 lacing values fit. Raises `BadOgg` beyond."""
    lacing = b"".join(laced(len(packet)) for packet in own)
    if len(lacing) > LACING_MAX:
        raise BadOgg(0, f"{len(lacing)} lacing values on a page; at most {LACING_MAX}")
    head = HEADER.pack(b"OggS", 0, flags, granule, serial, number, 0, len(lacing))
    raw = head + lacing + b"".join(own)
    return raw[:22] + crc(raw).to_bytes(4, "little") + raw[26:]


def laced(size: int) -> bytes:
    """Return the lacing values of a packet of that size. Source: RFC 3533, section 5."""
    return bytes([SEGMENT_BYTES] * (size // SEGMENT_BYTES) + [size % SEGMENT_BYTES])
