"""Rights that end while somebody listens.

Page: docs/spotify/breaking.md
"""

from dataclasses import replace

from chapters.errors import Refused
from chapters.sim.chance import Chance
from chapters.sim.clock import S, VirtualClock
from chapters.sim.promises import Outcome, Verdict
from spotify.catalogue.catalogue import Catalogue
from spotify.catalogue.track import Album, id_of
from spotify.delivery.routing import Router
from spotify.delivery.signing import SKEW_S, Signer
from spotify.playback.offer import ADDRESS_S, Desk
from spotify.scene.imagined import album


def rights_withdrawn(*, seed: int = 7) -> Outcome:
    """Take an album out of a country while it is played; one of its recordings is on another album too."""
    clock, signer = VirtualClock(), Signer(b"rights")
    clock.advance(1_767_297_600 * S)
    own, _ = album(Chance(seed).stream("album"))
    one, two, three = own.tracks
    own = replace(own, tracks=(replace(one, isrc="KIT1"), two, three))
    other = _collection(own)
    now = {"catalogue": Catalogue([own, other])}
    desk = Desk(lambda: now["catalogue"], Router({"edge-1": "http://edge-1"}), signer, clock=clock)
    before = desk.offer(one.id, "SE")
    gone = replace(own, tracks=tuple(replace(track, markets=("US",)) for track in own.tracks))
    now["catalogue"] = Catalogue([gone, other])
    linked = desk.offer(one.id, "SE").linked
    path, _, query = before.urls[0].removeprefix("http://edge-1").partition("?")
    return Outcome(
        title="an album may no longer be played in SE, and somebody there is in the middle of it",
        verdicts=(
            Verdict(
                "what plays, plays to its end",
                _passes(signer, path, query, clock.now_ns() / S + 240),
                "its address is good for the time that it was given for",
            ),
            Verdict(
                "the address ends with its time",
                not _passes(signer, path, query, clock.now_ns() / S + ADDRESS_S + SKEW_S + 1),
                f"{ADDRESS_S} s, and {SKEW_S} s for clocks that differ",
            ),
            Verdict(
                "the next tap hears the same recording from another album",
                linked.is_relinked and linked.track.album_id == other.id,
                f"{linked.track.album!r} for {linked.asked.album!r}",
            ),
            Verdict(
                "what is on no other album is refused, and says why",
                _refused(desk, two.id),
                "403, market",
            ),
        ),
        lines=("an edge asks nobody: whoever has an address has it until it expires",),
        next_commands=("kit serve spotify", "kit start spotify/relinking"),
        replay=f"kit break spotify rights-withdrawn --seed {seed}",
    )


def _collection(own: Album) -> Album:
    """A collection that has the first recording too."""
    id = id_of("album", "A collection")
    first = own.tracks[0]
    copy = replace(first, id=id_of(id, 1), album="A collection", album_id=id, markets=("SE",))
    return replace(own, id=id, title="A collection", tracks=(copy,))


def _passes(signer: Signer, path: str, query: str, now_s: float) -> bool:
    try:
        signer.check(path, query, now_s=now_s)
        return True
    except Refused:
        return False


def _refused(desk: Desk, track: str) -> bool:
    try:
        desk.offer(track, "SE")
        return False
    except Refused as refused:
        return refused.status == 403 and refused.reason == "market"
