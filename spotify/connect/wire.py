"""HTTP of the devices.

    POST /api/connect/hello {user, device, name}            ──► devices, what sounds, and the latest epoch
    POST /api/connect/take  {user, device}                  ──► an epoch, and where the one before was
    POST /api/connect/tell  {user, device, epoch, tracks, index, position_ms, is_playing}     409: stop

Page: docs/spotify/connect.md
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response

from chapters.errors import Refused
from chapters.portal.answers import answered, posted_object
from spotify.connect.session import Sounding
from spotify.house import House

TEXT_CHARS_MAX, TRACKS_MAX = 64, 1000


def blueprint(house: House) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("connect", __name__)

    def route(name: str, operation: Callable[[House, dict[str, Any]], object]) -> None:
        def answer() -> tuple[Response, int]:
            return answered(lambda: operation(house, posted_object()), house.turn)

        routes.add_url_rule(f"/api/connect/{name}", name, answer, methods=["POST"])

    route("hello", _hello)
    route("take", _take)
    route("tell", _tell)
    return routes


def _hello(house: House, facts: dict[str, Any]) -> dict[str, Any]:
    user = house.users.named(_text(facts, "user")).name
    devices = house.connect.hello(user, _text(facts, "device"), _text(facts, "name"))
    sounding = asdict(house.connect.sounding(user))
    epoch = house.connect.epoch(user)
    return {"devices": [asdict(each) for each in devices], "sounding": sounding, "epoch": epoch}


def _take(house: House, facts: dict[str, Any]) -> dict[str, Any]:
    user = house.users.named(_text(facts, "user")).name
    epoch, before = house.connect.take(user, _text(facts, "device"))
    return {"epoch": epoch, "before": asdict(before)}


def _tell(house: House, facts: dict[str, Any]) -> dict[str, Any]:
    user = house.users.named(_text(facts, "user")).name
    tracks = facts.get("tracks")
    if not isinstance(tracks, list) or len(tracks) > TRACKS_MAX:
        raise Refused(400, f"tracks: send a list of at most {TRACKS_MAX} ids")
    told = Sounding(
        device=_text(facts, "device"),
        tracks=tuple(map(str, tracks)),
        index=_whole(facts, "index"),
        position_ms=_whole(facts, "position_ms"),
        is_playing=facts.get("is_playing") is True,
    )
    house.connect.tell(user, _whole(facts, "epoch"), told)
    return {}


def _text(facts: dict[str, Any], name: str) -> str:
    found = facts.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= TEXT_CHARS_MAX:
        raise Refused(400, f"{name} is {found!r:.40}; it must be 1 to {TEXT_CHARS_MAX} letters")
    return found


def _whole(facts: dict[str, Any], name: str) -> int:
    found = facts.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise Refused(400, f"{name} is {found!r:.40}; it must be a whole number from 0")
    return found
