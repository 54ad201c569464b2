"""The answer to a tap: what will be played, from where, and where its pieces are.

    tap ─► may it be played here? else the same recording elsewhere ─► which edges? ─► address, pieces

One answer holds all that a player needs to begin; the next thing it does is ask an edge for sound.
Page: docs/spotify/playback.md
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from chapters.errors import Refused
from chapters.sim.clock import Clock, S
from chapters.sim.trace import note, span
from spotify.catalogue.catalogue import Catalogue, Linked
from spotify.catalogue.track import Rendition
from spotify.delivery.routing import Router
from spotify.delivery.signing import Signer

ADDRESS_S = 3600  # a signed address is good for so long
QUALITIES = {"low": "web24", "normal": "web96", "high": "web160"}


@dataclass(frozen=True, slots=True)
class Offer:
    """What to play: the track, in which rendition, and the addresses to ask, the best first."""

    linked: Linked
    rendition: Rendition
    edges: tuple[str, ...]
    urls: tuple[str, ...]
    expires_s: int


class Desk:
    """Answers taps."""

    def __init__(
        self,
        catalogue: Callable[[], Catalogue],
        router: Router,
        signer: Signer,
        *,
        clock: Clock,
        down: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._catalogue, self._router, self._signer = catalogue, router, signer
        self._clock, self._down = clock, down

    def offer(self, track_id: str, market: str, quality: str = "normal") -> Offer:
        """Return what to play for a track. Raises `Refused`: 404, 403 (reason `market`), 400."""
        if quality not in QUALITIES:
            raise Refused(400, f"no quality {quality!r}; there are {', '.join(QUALITIES)}")
        with span("rights: may it be played here?", market=market) as asked:
            linked = self._catalogue().playable(track_id, market)
            asked.set(relinked=linked.is_relinked)
        track = linked.track
        rendition = track.rendition(QUALITIES[quality])
        with span("the ring: which edge has it?") as routed:
            names = self._router.edges(track.album_id, self._down())
            routed.set(edge=names[0])
        expires_s = int(self._clock.now_ns() / S) + ADDRESS_S
        path = f"/{track.album_id}/{rendition.file}"
        address = self._signer.sign(path, expires_s=expires_s)
        note("the address is signed", valid_s=ADDRESS_S)
        urls = tuple(self._router.urls[name] + address for name in names)
        return Offer(linked, rendition, tuple(names), urls, expires_s)


def shown(offer: Offer) -> dict[str, Any]:
    """Return an offer as JSON for a player."""
    track, own = offer.linked.track, offer.rendition
    return {
        "track": track.id,
        "asked": offer.linked.asked.id,
        "title": track.title,
        "album_id": track.album_id,
        "samples": track.samples,
        "gain_db": track.gain_db,
        "album_gain_db": track.album_gain_db,
        "urls": offer.urls,
        "edges": offer.edges,
        "expires_s": offer.expires_s,
        "mime": 'audio/webm; codecs="opus"',
        "head": own.head,
        "head_digest": own.head_digest,
        "skip": own.skip,
        "number": own.number,
        "kbps": own.kbps,
        "pieces": [[p.offset, p.size, p.packet, p.count, p.digest] for p in own.pieces],
    }
