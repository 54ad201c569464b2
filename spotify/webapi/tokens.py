"""Tokens that prove whose they are, for an hour; nothing about them is kept.

    POST /api/token  grant_type=client_credentials, Basic: name, password   ──►  <name>.<expiry>.<mac>

Source: RFC 6749, section 4.4. Page: docs/spotify/webapi.md
"""

import base64
import binascii
import hmac
from hashlib import sha256

from chapters.errors import Refused

TOKEN_S = 3600
MAC_HEX = 40


class Tokens:
    """Makes and checks tokens with one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def make(self, user: str, now_s: float) -> str:
        """Return a token of a user."""
        name = base64.urlsafe_b64encode(user.encode()).decode().rstrip("=")
        return self._signed(f"{name}.{int(now_s) + TOKEN_S}")

    def user(self, token: str, now_s: float) -> str:
        """Return whose a token is. Raises `Refused` with 401."""
        told, _, _ = token.rpartition(".")
        own = self._signed(told)
        if not hmac.compare_digest(
            token.encode("utf-8", "replace"), own.encode("utf-8", "replace")
        ):
            raise Refused(401, "this access token is not valid; get one at /api/token")
        name, _, expiry = told.rpartition(".")
        if now_s > int(expiry):
            raise Refused(401, "The access token expired")
        return base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()

    def _signed(self, told: str) -> str:
        mac = hmac.new(self._secret, told.encode("utf-8", "replace"), sha256).hexdigest()[:MAC_HEX]
        return f"{told}.{mac}"


def basic(header: str) -> tuple[str, str]:
    """Return the name and the password of a Basic header. Raises `Refused` with 400."""
    kind, _, encoded = header.partition(" ")
    try:
        name, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        name = colon = password = ""
    if kind.lower() != "basic" or not colon:
        raise Refused(400, "send name and password in a Basic header")
    return name, password
