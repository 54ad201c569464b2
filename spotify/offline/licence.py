"""A licence: which tracks a device may play until when; signed, so that nobody else can write one.

    ──────── issued ─────────────── renew from here ──── until ──────────►
                    20 days: do nothing      10 days: ask now and then

Invariant: a device plays only with a licence that the service has signed for it, whose time is not over
by a clock that has not been turned back. A device without a network for 30 days falls silent: so long
may a person travel, and so late may a cancelled subscription be noticed. Source for the figure: Spotify
asks for a connection every 30 days. Page: docs/spotify/offline.md
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chapters.errors import Refused

DAY_S = 24 * 3600
VALID_S = 30 * DAY_S
RENEW_S = 10 * DAY_S  # before the end
SKEW_S = 300  # by how much a clock may be behind the latest time that the device has seen


@dataclass(frozen=True, slots=True)
class Licence:
    """What a device may play, with the keys for it, and the service's signature (both hexadecimal)."""

    user: str
    device: str
    issued_s: int
    until_s: int
    keys: Mapping[str, str]  # by track
    signature: str = ""

    def told(self) -> bytes:
        """Return what is signed."""
        facts = {name: value for name, value in asdict(self).items() if name != "signature"}
        return json.dumps(facts, sort_keys=True).encode()

    def is_signed_by(self, public: Ed25519PublicKey) -> bool:
        """Return whether the service has signed just this."""
        try:
            public.verify(bytes.fromhex(self.signature), self.told())
        except (InvalidSignature, ValueError):
            return False
        return True


def signed(licence: Licence, private: Ed25519PrivateKey) -> Licence:
    """Return the licence with its signature."""
    facts = asdict(licence) | {"signature": private.sign(licence.told()).hex()}
    return Licence(**facts)


def must_allow(licence: Licence | None, track: str, now_s: float, seen_s: float) -> str:
    """Return the key of a track. Raises `Refused` with 403: `licence`, `clock` or `expired`.

    `seen_s` is the latest time that the device has ever seen, from its own clock or from the service.
    """
    if licence is None or track not in licence.keys:
        raise Refused(403, f"there is no licence for track {track!r}; go online once", "licence")
    if now_s < seen_s - SKEW_S:
        back_s = round(seen_s - now_s)
        raise Refused(
            403, f"the clock was moved back by {back_s} s; set it right, or go online", "clock"
        )
    if now_s > licence.until_s:
        days = (now_s - licence.until_s) / DAY_S
        told = f"the licence was valid until {licence.until_s}, {days:.1f} days ago; go online once"
        raise Refused(403, told, "expired")
    return licence.keys[track]


def is_due(licence: Licence, now_s: float) -> bool:
    """Return whether to ask for a new one: it has RENEW_S or less to go, or is from the future."""
    return now_s >= licence.until_s - RENEW_S or now_s < licence.issued_s - SKEW_S
