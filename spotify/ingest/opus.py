"""An album is encoded once, and its tracks are cut out of that one stream: so nothing is heard at a join.

    samples   ───────── track 1 ──────────┬────────── track 2 ──────────
    packets   ├──┼──┼──┼──┼──┼──┼──┼──┼──┼┴─┼──┼──┼──┼──┼──┼──┼──┼──┼──┤     20 ms each
    track 2            ├── pre-roll ──┼──┼──┼──┼──┼─…    decoded, not heard: `skip` samples of it

An Opus decoder needs to have heard a little before what it decodes is right. Encoders fed with one
track alone begin from silence, and the seam clicks. Here each track carries the end of the one before
as pre-roll, and says how many samples to skip; a track's length is exact to the sample, though its
packets are not. Invariant: `cut` covers exactly the samples from `first` to `end`. Source: RFC 7845,
sections 4.2 to 4.5. Page: docs/spotify/gapless.md
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from spotify.ingest import ffmpeg
from spotify.ingest.ffmpeg import Samples
from spotify.ingest.ogg import FIRST, LACING_MAX, LAST, laced, packets, page

FRAME = 960  # samples of a packet: 20 ms
PREROLL = 10 * FRAME  # RFC 7845 asks for at least 80 ms; with 200 no difference was left to measure
PAGE_PACKETS = 50  # a second
HEAD = struct.Struct("<8sBBHIhB")  # OpusHead: version, channels, pre-skip, rate, gain, mapping


@dataclass(frozen=True, slots=True)
class Stream:
    """An encode: packets of FRAME samples, of which the first `delay` samples are the encoder's own."""

    delay: int
    packets: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A track's part of a stream: packets, and which of the samples that they decode to are the track.

    `number` is the first packet's in the stream, so that a player knows when two tracks share it.
    """

    number: int
    packets: tuple[bytes, ...]
    skip: int  # samples before the track
    length: int  # samples of the track

    @property
    def first_heard(self) -> int:
        """Return which of the packets the track's first sample is in."""
        return self.skip // FRAME


def encode(samples: Samples, kbps: int) -> Stream:
    """Encode frames at about so many kbit/s, of variable rate. Raises `NoFfmpeg`."""
    with TemporaryDirectory(prefix="kit-spotify-") as folder:
        path = Path(folder) / "album.opus"
        wanted = ("-c:a", "libopus", "-b:a", f"{kbps}k", "-vbr", "on", "-frame_duration", "20")
        ffmpeg.encode(samples, path, *wanted, "-f", "ogg")
        head, _, *rest = packets(path.read_bytes())
    return Stream(delay=HEAD.unpack_from(head)[3], packets=tuple(rest))


def cut(stream: Stream, first: int, end: int) -> Cut:
    """Return what a player needs to hear the samples from `first` to `end`, and nothing else.

    Of what went before, PREROLL samples or a little more are in it, as far as there are any.
    """
    begin = first + stream.delay  # a sample comes out of the decoder so much later
    number = max(0, begin - PREROLL) // FRAME
    last = -(-(end + stream.delay) // FRAME)
    own = stream.packets[number:last]
    return Cut(number, own, skip=begin - number * FRAME, length=end - first)


def to_ogg(own: Cut, comment: Sequence[str] = ()) -> bytes:
    """Return a track as a file of Ogg Opus: its length is in the last page's granule."""
    head = HEAD.pack(b"OpusHead", 1, ffmpeg.CHANNELS, own.skip, ffmpeg.RATE, 0, 0)
    pages = [page(0, 0, [head], flags=FIRST), page(1, 0, [_tags(comment)])]
    groups = _groups(own.packets)
    done = 0
    for index, group in enumerate(groups):
        done += len(group)
        is_last = index == len(groups) - 1
        granule = own.skip + own.length if is_last else done * FRAME
        pages.append(page(index + 2, granule, group, flags=LAST if is_last else 0))
    return b"".join(pages)


def _groups(own: Sequence[bytes]) -> list[list[bytes]]:
    """Packets by page: a second of them, or as many as a page has lacing values for."""
    groups: list[list[bytes]] = [[]]
    used = 0
    for packet in own:
        size = len(laced(len(packet)))
        if len(groups[-1]) == PAGE_PACKETS or used + size > LACING_MAX:
            groups.append([])
            used = 0
        groups[-1].append(packet)
        used += size
    return groups


def _tags(comment: Sequence[str]) -> bytes:
    """The comment header, on one page: what is too long is left out. RFC 7845, section 5.2."""
    vendor = b"system-design-kit"
    own = [line.encode() for line in comment if len(line.encode()) <= 1000][:50]
    lines = b"".join(struct.pack("<I", len(line)) + line for line in own)
    return (
        b"OpusTags" + struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", len(own)) + lines
    )
