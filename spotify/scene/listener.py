"""A listener in one process: taps, asks edges, checks what comes, and hears; each step takes its time.

    offer ──► edges in order ──► pieces, each compared with its digest ──► sound ──► the next track, ahead

The steps are those of the player in the page, and what they call is the production code; only the network
between them is a number of milliseconds, drawn from a seed. Page: docs/spotify/index.md
"""

from collections.abc import Callable, Mapping
from random import Random
from urllib.parse import urlsplit

from chapters.sim.clock import MS, S, VirtualClock
from chapters.sim.trace import note, span
from spotify.catalogue.track import Rendition, digest_of
from spotify.delivery.edge import BLOCK_BYTES, Edge, blocks, joined
from spotify.delivery.signing import Signer
from spotify.errors import Unreachable
from spotify.ingest.ffmpeg import RATE
from spotify.ingest.opus import FRAME
from spotify.playback.offer import Desk, Offer
from spotify.playback.policy import Hearing, Held, Wanted, wanted
from spotify.playback.sparse import SparseFile

CONTROL_MS, EDGE_MS, ORIGIN_MS = 24, 18, 66
LINE_BPS = 5e6
DECODE_MS = 7
JITTER = 0.25

Read = Callable[[str, int, int], bytes]


class Listener:
    """One listener, who keeps what came."""

    def __init__(
        self,
        desk: Desk,
        edges: Mapping[str, Edge],
        read: Read,
        signer: Signer,
        *,
        clock: VirtualClock,
        rng: Random,
    ) -> None:
        self._desk, self._edges, self._read, self._signer = desk, edges, read, signer
        self._clock, self._rng = clock, rng
        self._dead: set[str] = set()
        self._kept: dict[str, SparseFile] = {}
        self.refused: list[str] = []  # edges whose bytes were wrong

    def kill(self, edge: str) -> None:
        """Let an edge answer no more."""
        self._dead.add(edge)

    def tap(self, track: str, following: str, market: str) -> bytes:
        """Play a track to the first sound, fetch ahead, and begin the next one; return what was heard."""
        with span("tap"):
            self._pass(CONTROL_MS)
            with span("play: what, and from where?"):
                offer = self._desk.offer(track, market)
            self._fetch(offer, self._wanted(offer, is_playing=False))
            with span("the first packet is decoded"):
                self._clock.advance(DECODE_MS * MS)
        note("sound")
        while asked := self._wanted(offer, is_playing=True, ahead_only=True):
            self._fetch(offer, asked)
        with span("the next track, before it is needed"):
            self._pass(CONTROL_MS)
            after = self._desk.offer(following, market)
            now = Hearing(
                self._held(offer, all_here=True), 0, 10.0, True, EDGE_MS / 1000, self._held(after)
            )
            ahead = wanted(now)
            if ahead:
                self._fetch(after, ahead)
        kept = self._file(offer.rendition)
        return b"".join(kept.read(first, end) for first, end in kept.here)

    def _wanted(self, offer: Offer, *, is_playing: bool, ahead_only: bool = False) -> Wanted | None:
        held = self._held(offer)
        now = Hearing(held, 0, sum(held.seconds), is_playing, EDGE_MS / 1000)
        asked = wanted(now)
        ahead_s = sum(held.seconds[: asked.first]) if asked else 0.0
        return None if ahead_only and ahead_s > 5 else asked

    def _held(self, offer: Offer, *, all_here: bool = False) -> Held:
        pieces, kept = offer.rendition.pieces, self._file(offer.rendition)
        return Held(
            [piece.size for piece in pieces],
            [piece.count * FRAME / RATE for piece in pieces],
            [all_here or kept.has(each.offset, each.offset + each.size) for each in pieces],
        )

    def _fetch(self, offer: Offer, asked: Wanted | None) -> None:
        """Ask one edge after the other until one sends what it should. Raises `Unreachable`."""
        assert asked is not None
        for name, url in zip(offer.edges, offer.urls, strict=True):
            if self._from(name, url, offer.rendition, asked):
                return
        raise Unreachable(
            f"none of {', '.join(offer.edges)} has pieces {asked.first} to {asked.end}"
        )

    def _from(self, name: str, url: str, rendition: Rendition, asked: Wanted) -> bool:
        own = rendition.pieces[asked.first : asked.end]
        begin, end = own[0].offset, own[-1].offset + own[-1].size
        seconds = sum(piece.count for piece in own) * FRAME // RATE
        with span(f"{seconds or 1} s of sound from {name}", bytes=end - begin) as asking:
            self._pass(EDGE_MS)
            if name in self._dead:
                asking.set(answer="none")
                return False
            place = urlsplit(url)
            self._signer.check(place.path, place.query, now_s=self._clock.now_ns() / S)
            data = self._at_edge(self._edges[name], place.path, begin, end)
            self._clock.advance(int(8 * len(data) / LINE_BPS * S))
            for piece in own:
                part = data[piece.offset - begin : piece.offset - begin + piece.size]
                if digest_of(part) != piece.digest:
                    note("the bytes are not what they should be: the next edge is asked")
                    self.refused.append(name)
                    return False
                self._file(rendition).put(piece.offset, part)
        return True

    def _file(self, rendition: Rendition) -> SparseFile:
        return self._kept.setdefault(rendition.file, SparseFile(rendition.size))

    def _at_edge(self, edge: Edge, path: str, begin: int, end: int) -> bytes:
        lacking = edge.missing(path, begin, end)
        if lacking:
            with span("the edge has not all of it, and asks the origin", blocks=len(lacking)):
                self._pass(ORIGIN_MS)
                for number in lacking:
                    edge.keep(
                        path,
                        number,
                        self._read(path, number * BLOCK_BYTES, (number + 1) * BLOCK_BYTES),
                    )
        parts = (edge.block(path, number) or b"" for number in blocks(begin, end))
        return joined(parts, begin, end)

    def _pass(self, milliseconds: float) -> None:
        self._clock.advance(int(milliseconds * self._rng.uniform(1 - JITTER, 1 + JITTER) * MS))
