"""The prefetch policy over HTTP: the player of a page tells what it has, and hears what to fetch.

    {"current": {"track", "rendition", "here": "1101…"}, "at": 3, "left_s": 27.5, "is_playing": true,
     "ping_s": 0.03, "following": {…} or null}          ──►  {"track": 0, "first": 4, "end": 8} or {}

So the policy that a learner writes feeds a real player. Page: docs/spotify/playback.md
"""

from collections.abc import Mapping
from typing import Any

from chapters.errors import Refused
from spotify.catalogue.catalogue import Catalogue
from spotify.catalogue.track import Rendition
from spotify.ingest.ffmpeg import RATE
from spotify.ingest.opus import FRAME
from spotify.playback.policy import Hearing, Held, wanted


def advice(facts: Mapping[str, Any], catalogue: Catalogue) -> dict[str, int]:
    """Return what a player is to fetch next; empty when nothing. Raises `Refused` with 400 or 404."""
    following = facts.get("following")
    now = Hearing(
        current=_held(facts.get("current"), catalogue),
        at=_whole(facts, "at"),
        left_s=_number(facts, "left_s"),
        is_playing=facts.get("is_playing") is True,
        ping_s=_number(facts, "ping_s"),
        following=_held(following, catalogue) if following else None,
    )
    found = wanted(now)
    if found is None:
        return {}
    return {"track": found.track, "first": found.first, "end": found.end}


def _held(told: object, catalogue: Catalogue) -> Held:
    if not isinstance(told, Mapping):
        raise Refused(400, "current is missing: {track, rendition, here}")
    track = catalogue.track(str(told.get("track")))
    try:
        rendition = track.rendition(str(told.get("rendition")))
    except KeyError:
        raise Refused(404, f"{track.title!r} has no rendition {told.get('rendition')!r}") from None
    return held(rendition, str(told.get("here", "")))


def held(rendition: Rendition, here: str) -> Held:
    """Return what is here of a rendition; `here` has a 1 for each piece that is."""
    pieces = rendition.pieces
    return Held(
        sizes=[piece.size for piece in pieces],
        seconds=[piece.count * FRAME / RATE for piece in pieces],
        here=[here[place : place + 1] == "1" for place in range(len(pieces))],
    )


def _number(facts: Mapping[str, Any], name: str) -> float:
    value = facts.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise Refused(400, f"{name} is {value!r:.40}; it must be a number from 0")
    return float(value)


def _whole(facts: Mapping[str, Any], name: str) -> int:
    return int(_number(facts, name))
