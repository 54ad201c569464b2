"""Addresses that prove themselves, so that an edge can say yes without asking anybody.

    /<album>/<file>?<expiry>-<mac>

Invariant: a file is handed out only for a query that whoever knows the secret made for this very file,
until its time is over. Page: docs/spotify/delivery.md
"""

import hmac
from hashlib import sha256

from spotify.errors import Refused

MAC_HEX = 32  # 128 bits
SKEW_S = 30  # by how much the clocks of those who sign and those who check may differ
EXPIRY_DIGITS_MAX = 12


class Signer:
    """Makes and checks queries with one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, path: str, *, expires_s: int) -> str:
        """Return the address of a file that may be had until `expires_s`, in seconds since the epoch."""
        return f"{path}?{expires_s}-{self._mac(path, str(expires_s))}"

    def check(self, path: str, query: str, *, now_s: float) -> None:
        """Let a request pass. Raises `Refused` with 403: not signed, for another file, or too late."""
        expiry, _, mac = query.partition("-")
        own = self._mac(path, expiry).encode()
        if not hmac.compare_digest(mac.encode("utf-8", "replace"), own):
            raise Refused(
                403, "this address is not signed for this file; ask /api/play", "signature"
            )
        if now_s > int(expiry[:EXPIRY_DIGITS_MAX]) + SKEW_S:
            late_s = round(now_s - int(expiry[:EXPIRY_DIGITS_MAX]))
            raise Refused(403, f"this address expired {late_s} s ago; ask /api/play", "expired")

    def _mac(self, path: str, expiry: str) -> str:
        return hmac.new(self._secret, f"{expiry} {path}".encode(), sha256).hexdigest()[:MAC_HEX]
