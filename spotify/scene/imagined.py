"""An album that was never encoded: facts, and bytes of the right sizes, for where only the way counts.

Page: docs/spotify/index.md
"""

from random import Random

from spotify.catalogue.track import WORLD, Album, Piece, Rendition, Track, digest_of, id_of
from spotify.ingest.ffmpeg import RATE
from spotify.ingest.opus import FRAME

HEAD_BYTES = 148
CLUSTER = 50  # packets
KBPS = 128


def album(
    rng: Random, title: str = "Low Tide", tracks: int = 3, seconds: int = 30
) -> tuple[Album, dict[str, bytes]]:
    """Return an album and its files by path."""
    id = id_of("album", title)
    made = [_track(rng, id, title, number, seconds) for number in range(1, tracks + 1)]
    found = Album(
        id,
        title,
        "Marlow and the Tide",
        id_of("artist", "marlow"),
        2024,
        "Folk",
        "",
        tuple(t for t, _ in made),
    )
    return found, {f"/{id}/{track.renditions[0].file}": data for track, data in made}


def _track(
    rng: Random, album_id: str, album_title: str, number: int, seconds: int
) -> tuple[Track, bytes]:
    id = id_of(album_id, number)
    counts = [1, *[CLUSTER] * seconds]
    parts = [
        rng.randbytes(int(count * FRAME / RATE * KBPS * 125 * rng.uniform(0.8, 1.2)))
        for count in counts
    ]
    head = rng.randbytes(HEAD_BYTES)
    pieces, offset, packet = [], HEAD_BYTES, 0
    for part, count in zip(parts, counts, strict=True):
        pieces.append(Piece(offset, len(part), packet, count, digest_of(part)))
        offset, packet = offset + len(part), packet + count
    data = head + b"".join(parts)
    name = f"{id}.web96.webm"
    own = Rendition(
        "web96", name, "audio/webm", len(data), float(KBPS), head=HEAD_BYTES,
        head_digest=digest_of(head), skip=312, number=0, pieces=tuple(pieces),
    )  # fmt: skip
    track = Track(
        id, f"Track {number}", "Marlow and the Tide", id_of("artist", "marlow"), album_title, album_id, 1,
        number, 2024, "Folk", "", seconds * RATE, -3.0, -3.0, -1.0, (WORLD,), {}, (), (own,),
    )  # fmt: skip
    return track, data
