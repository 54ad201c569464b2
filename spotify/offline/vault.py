"""The device's side: encrypted pieces in a log, a licence, and the latest time that was ever seen.

    sync    what is missing ──► fetched ──► compared with its digest ──► encrypted ──► log
    play    licence? clock? time? ──► decrypted

Invariant: a piece that is in the log is whole, and is fetched once; whatever was killed, the next sync
goes on with what is missing. Without a licence there is nothing to hear, though all bytes are there.
The latest time is kept too, so that setting the clock back does not make a month longer.
Page: docs/spotify/offline.md
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from random import Random

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chapters.errors import Refused
from chapters.log import Log
from chapters.sim.clock import Clock, S
from spotify.catalogue.catalogue import Catalogue
from spotify.catalogue.track import Album, Rendition, digest_of
from spotify.offline.licence import Licence, must_allow
from spotify.search.search import Search

NONCE_BYTES = 12
SEEN_EVERY_S = 600  # how often the latest time is written down
BATCH = 16  # pieces a commit

Fetch = Callable[[str, int, int], bytes]  # (file, first, end) -> bytes


class Vault:
    """What one device has taken along."""

    def __init__(self, log: Log, public: Ed25519PublicKey, *, clock: Clock, rng: Random) -> None:
        self._log, self._public, self._clock, self._rng = log, public, clock, rng
        self._places: dict[tuple[str, int], int] = {}  # (track, piece) -> record
        self._albums: dict[str, Album] = {}
        self.licence: Licence | None = None
        self.seen_s = 0.0
        for record in log.read():
            self._apply(record.payload, record.sequence)

    def take_licence(self, licence: Licence) -> None:
        """Keep a licence that came from the service. Raises `Refused` with 403 if it did not."""
        if not licence.is_signed_by(self._public):
            raise Refused(403, "this licence was not signed by the service", "licence")
        self._write("licence", asdict(licence))
        self._see(float(licence.issued_s), now=True)

    def take_album(self, album: Album) -> None:
        """Keep what there is to know of an album, so that it can be found without a network."""
        if self._albums.get(album.id) != album:
            self._write("album", json.loads(album.to_json()))

    def sync(self, track: str, rendition: Rendition, key: bytes, fetch: Fetch) -> int:
        """Fetch a track's missing pieces; return how many. Raises `Refused` with 502 for wrong bytes."""
        lacking = [
            number for number in range(len(rendition.pieces)) if (track, number) not in self._places
        ]
        for first in range(0, len(lacking), BATCH):
            batch = lacking[first : first + BATCH]
            self._keep([self._sealed(track, rendition, number, key, fetch) for number in batch])
        return len(lacking)

    def _sealed(
        self, track: str, rendition: Rendition, number: int, key: bytes, fetch: Fetch
    ) -> bytes:
        """A piece as it is kept. Raises `Refused`."""
        piece = rendition.pieces[number]
        data = fetch(rendition.file, piece.offset, piece.offset + piece.size)
        if digest_of(data) != piece.digest:
            raise Refused(502, f"piece {number} of {track!r} is not what it should be", "digest")
        head = json.dumps({"kind": "piece", "track": track, "number": number}).encode()
        nonce = self._rng.randbytes(NONCE_BYTES)
        return head + b"\n" + nonce + AESGCM(key).encrypt(nonce, data, head)

    def play(self, track: str, number: int) -> bytes:
        """Return a piece to be heard. Raises `Refused`: 403 (`licence`, `clock`, `expired`), 404."""
        now_s = self._clock.now_ns() / S
        key = must_allow(self.licence, track, now_s, self.seen_s)
        self._see(now_s)
        if (track, number) not in self._places:
            raise Refused(404, f"piece {number} of {track!r} was not taken along")
        record = next(self._log.read(self._places[track, number]))
        head, _, sealed = record.payload.partition(b"\n")
        try:
            return AESGCM(bytes.fromhex(key)).decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], head
            )
        except InvalidTag:
            raise Refused(
                403, f"the key does not open {track!r}; go online once", "licence"
            ) from None

    def search(self, query: str, count: int = 10) -> list[str]:
        """Return the tracks on this device that match, without a network."""
        catalogue, finder = Catalogue(self._albums.values()), Search(lambda track: 0)
        finder.refresh(catalogue)
        return finder.find("song", query, count)

    def has(self, track: str) -> int:
        """Return how many pieces of a track are here."""
        return sum(own == track for own, _ in self._places)

    def _see(self, now_s: float, *, now: bool = False) -> None:
        """Take note of the time, on disk now and then."""
        if now or now_s > self.seen_s + SEEN_EVERY_S:
            self._write("seen", {"seen_s": max(now_s, self.seen_s)})

    def _write(self, kind: str, facts: object) -> None:
        self._keep([json.dumps({"kind": kind}).encode() + b"\n" + json.dumps(facts).encode()])

    def _keep(self, payloads: Sequence[bytes]) -> None:
        """Make records durable, and only then reckon with them."""
        sequences = [self._log.append(payload) for payload in payloads]
        self._log.commit()
        for payload, sequence in zip(payloads, sequences, strict=True):
            self._apply(payload, sequence)

    def _apply(self, payload: bytes, sequence: int) -> None:
        head, _, body = payload.partition(b"\n")
        facts = json.loads(head)
        match facts["kind"]:
            case "piece":
                self._places[facts["track"], facts["number"]] = sequence
            case "licence":
                self.licence = Licence(**json.loads(body))
            case "album":
                album = Album.from_json(body.decode())
                self._albums[album.id] = album
            case "seen":
                self.seen_s = max(self.seen_s, json.loads(body)["seen_s"])
