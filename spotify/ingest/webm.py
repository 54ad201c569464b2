"""WebM for browsers: a head, then clusters that can be fetched and appended one by one.

    element   id(1-4) size(1-8) content        sizes: 1xxxxxxx, 01xxxxxx xxxxxxxx, …
    file      EBML  Segment( Info  Tracks  Cluster  Cluster  Cluster …     Segment has no known end
    cluster   timestamp, then a block a packet: track, ms since the cluster's timestamp, flags, packet

A browser's Media Source takes no Ogg, but the same packets in WebM. The first cluster ends with the
packet in which the track's first sample is: so a player that has just played the track before, out of
the same stream, leaves that cluster out and goes on without a seam. The head says *no* samples to skip;
the player cuts by its append window, which is exact. Source: RFC 8794 (EBML), RFC 9559 (Matroska).
Page: docs/spotify/player.md
"""

import struct

from spotify.catalogue.track import Piece, digest_of
from spotify.ingest.ffmpeg import CHANNELS, RATE
from spotify.ingest.opus import FRAME, HEAD, Cut

PACKET_MS = 1000 * FRAME // RATE
CLUSTER_PACKETS = 50  # a second

EBML, SEGMENT, INFO, TRACKS, ENTRY, AUDIO, CLUSTER = (
    0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE1, 0x1F43B675,
)  # fmt: skip
UNKNOWN = b"\x01\xff\xff\xff\xff\xff\xff\xff"
KEYFRAME = 0x80


def to_webm(own: Cut) -> tuple[bytes, int, tuple[Piece, ...]]:
    """Return a track as WebM, the size of its head, and its clusters."""
    file = bytearray(_head())
    head_bytes, pieces = len(file), []
    for first, end in _spans(own):
        cluster = _cluster(own, first, end)
        pieces.append(Piece(len(file), len(cluster), first, end - first, digest_of(cluster)))
        file += cluster
    return bytes(file), head_bytes, tuple(pieces)


def _spans(own: Cut) -> list[tuple[int, int]]:
    """The clusters: pre-roll with the packet of the first sample, then a second each."""
    joint = own.first_heard + 1
    begins = [0, *range(joint, len(own.packets), CLUSTER_PACKETS)]
    return list(zip(begins, [*begins[1:], len(own.packets)], strict=True))


def _head() -> bytes:
    codec = HEAD.pack(b"OpusHead", 1, CHANNELS, 0, RATE, 0, 0)
    audio = element(AUDIO, element(0xB5, struct.pack(">d", RATE)) + number(0x9F, CHANNELS))
    track = (
        number(0xD7, 1) + number(0x73C5, 1) + number(0x83, 2) + number(0x9C, 0)
        + element(0x86, b"A_OPUS") + element(0x63A2, codec) + number(0x56AA, 0)
        + number(0x56BB, 80_000_000) + audio
    )  # fmt: skip
    kind = number(0x4286, 1) + number(0x42F7, 1) + number(0x42F2, 4) + number(0x42F3, 8)
    kind += element(0x4282, b"webm") + number(0x4287, 4) + number(0x4285, 2)
    made_by = element(0x4D80, b"kit") + element(0x5741, b"kit")
    info = element(INFO, number(0x2AD7B1, 1_000_000) + made_by)  # a tick is a millisecond
    return (
        element(EBML, kind)
        + ident(SEGMENT)
        + UNKNOWN
        + info
        + element(TRACKS, element(ENTRY, track))
    )


def _cluster(own: Cut, first: int, end: int) -> bytes:
    blocks = b"".join(
        element(0xA3, b"\x81" + struct.pack(">hB", (index - first) * PACKET_MS, KEYFRAME) + packet)
        for index, packet in enumerate(own.packets[first:end], first)
    )
    return element(CLUSTER, number(0xE7, first * PACKET_MS) + blocks)


def element(kind: int, content: bytes) -> bytes:
    """Return an EBML element with its id and size."""
    return ident(kind) + size_of(len(content)) + content


def number(kind: int, value: int) -> bytes:
    """Return an element that holds an unsigned number."""
    return element(kind, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def ident(kind: int) -> bytes:
    """Return an element's id; its length is in its first bits already."""
    return kind.to_bytes((kind.bit_length() + 7) // 8, "big")


def size_of(size: int) -> bytes:
    """Return a size as EBML writes it, in as few bytes as will do; all ones would mean unknown."""
    length = next(each for each in range(1, 9) if size < (1 << 7 * each) - 1)
    return (size | 1 << 7 * length).to_bytes(length, "big")
