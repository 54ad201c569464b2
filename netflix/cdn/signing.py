"""Addresses that prove themselves: an edge can say yes without asking anybody.

    /s/<expiry>-<mac>/<title>/v360/7.m4s
       └ token ┘       └ what it is good for: everything below this title, until then

Invariant: a path is let through only if whoever knows the secret made its token for this very title, and
its time has not run out. The token stands in the path, so that the relative addresses in a manifest keep
it by themselves; in a query they would lose it. Page: docs/netflix/steering.md
"""

import hmac
from hashlib import sha256

from netflix.errors import Refused

MAC_HEX = 32  # 128 bits
SKEW_S = 30  # by how much the clocks of those who sign and those who check may differ
EXPIRY_DIGITS_MAX = 12


class Signer:
    """Makes and checks tokens with one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, title: str, *, expires_s: int) -> str:
        """Return the path under which a title may be had until `expires_s`, in seconds since the epoch."""
        return f"/s/{expires_s:x}-{self._mac(title, expires_s)}/{title}"

    def check(self, path: str, *, now_s: float) -> str:
        """Return the part of a signed path behind its token: `/<title>/…`.

        Raises `Refused` with 403 when it is not signed, not for this title, or expired.
        """
        parts = path.split("/", 4)
        if len(parts) < 5 or parts[:2] != ["", "s"]:
            raise Refused(403, "this address is not signed; ask /api/play for one")
        token, title, rest = parts[2:]
        expiry, _, mac = token.partition("-")
        expires_s = _hexadecimal(expiry)
        if not hmac.compare_digest(mac.encode(), self._mac(title, expires_s).encode()):
            raise Refused(403, f"this address is not one for {title}; ask /api/play for one")
        if now_s > expires_s + SKEW_S:
            late_s = round(now_s - expires_s)
            raise Refused(403, f"this address expired {late_s} s ago; ask /api/play for another")
        return f"/{title}/{rest}"

    def _mac(self, title: str, expires_s: int) -> str:
        return hmac.new(self._secret, f"{expires_s}/{title}".encode(), sha256).hexdigest()[:MAC_HEX]


def _hexadecimal(digits: str) -> int:
    try:
        return int(digits, 16) if len(digits) <= EXPIRY_DIGITS_MAX else -1
    except ValueError:
        return -1
