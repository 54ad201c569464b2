"""Licences: the key of a title, in the words of Clear Key, for whoever is just playing it.

    {"kids": ["…"], "type": "temporary"}  ──►  {"keys": [{"kty": "oct", "kid": "…", "k": "…"}], "type": …}

Clear Key is the one key system that every browser must have. It hides nothing from the viewer, and is
meant for learning and tests; Widevine, FairPlay and PlayReady put the same step into hardware. Source:
W3C, Encrypted Media Extensions, 9.1. Page: docs/netflix/licence.md
"""

import base64
import binascii
from collections.abc import Mapping

from netflix.errors import Refused
from netflix.package.keys import KEY_BYTES, ContentKey

TYPE = "temporary"
KIDS_MAX = 16


def answer(asked: object, key: ContentKey) -> dict[str, object]:
    """Return the JWK set for the keys asked for. Raises `Refused`: 400 unreadable, 403 another title's."""
    for key_id in asked_ids(asked):
        if key_id != key.key_id:
            raise Refused(403, f"key {key_id.hex()} is not of the title that this session plays")
    made = {"kty": "oct", "kid": unpadded(key.key_id), "k": unpadded(key.key)}
    return {"keys": [made], "type": TYPE}


def asked_ids(asked: object) -> list[bytes]:
    """Return the key ids of a licence request. Raises `Refused` with 400 when it cannot be read."""
    kids = asked.get("kids") if isinstance(asked, Mapping) else None
    if not isinstance(kids, list) or not 0 < len(kids) <= KIDS_MAX:
        raise Refused(400, f'a licence request has 1 to {KIDS_MAX} "kids"; see Clear Key')
    return [_key_id(each) for each in kids]


def _key_id(text: object) -> bytes:
    try:
        found = base64.urlsafe_b64decode(f"{text}==") if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != KEY_BYTES:
        raise Refused(400, f"key id {text!r} is not the base64url of {KEY_BYTES} bytes")
    return found


def unpadded(data: bytes) -> str:
    """Return the base64url of `data` without its padding, as JSON web keys have it."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
