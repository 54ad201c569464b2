"""What sounds, on which device, and let it sound on another.

Page: docs/spotify/connect.md
"""

from chapters.errors import Refused
from spotify.connect.session import Device
from spotify.webapi import objects
from spotify.webapi.asked import Asked
from spotify.webapi.objects import Facts


def devices(asked: Asked) -> Facts:
    """Return the user's devices."""
    active = _active(asked)
    own = asked.house.connect.devices(asked.user.name)
    return {"devices": [_device(each, each.id == active) for each in own]}


def player(asked: Asked) -> Facts:
    """Return what sounds; nothing of a user who has heard nothing yet."""
    house, user = asked.house, asked.user.name
    sounding, tracks = house.connect.sounding(user), house.shelf.catalogue().tracks
    own = next((each for each in house.connect.devices(user) if each.id == sounding.device), None)
    here = sounding.tracks[sounding.index] if sounding.index < len(sounding.tracks) else ""
    return {
        "device": _device(own, True) if own else None,
        "is_playing": sounding.is_playing,
        "progress_ms": sounding.position_now_ms(house.now_ms),
        "timestamp": sounding.at_ms,
        "item": objects.track(house, tracks[here], asked.market) if here in tracks else None,
        "currently_playing_type": "track",
        "repeat_state": "off",
        "shuffle_state": False,
    }


def transfer(asked: Asked) -> Facts:
    """Let another device sound: just one. Raises `Refused`: 400, 404."""
    ids = asked.body.get("device_ids")
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise Refused(400, 'device_ids: send ["…"]')
    asked.house.connect.transfer(asked.user.name, ids)
    return {}


def _active(asked: Asked) -> str:
    return asked.house.connect.sounding(asked.user.name).device


def _device(found: Device, is_active: bool) -> Facts:
    return {
        "id": found.id, "name": found.name, "is_active": is_active, "type": "Computer",
        "is_private_session": False, "is_restricted": False, "volume_percent": 100,
        "supports_volume": False,
    }  # fmt: skip
