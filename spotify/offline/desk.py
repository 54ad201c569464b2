"""The service's side: licences for devices, of which everybody has five.

    grant ──► may it be played here? ──► is the device known, or is there room? ──► log ──► signed

Invariant: of a user no more than DEVICES_MAX devices have licences at a time; which ones is on disk
before the first licence is out. Page: docs/spotify/offline.md
"""

import hmac
import json
from collections.abc import Callable, Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chapters.errors import Refused
from chapters.log import Log
from chapters.sim.clock import Clock, S
from spotify.accounts.users import User
from spotify.catalogue.catalogue import Catalogue
from spotify.offline.licence import VALID_S, Licence, signed

DEVICES_MAX = 5
TRACKS_MAX = 10_000  # of one licence
KEY_BYTES = 16


class OfflineDesk:
    """Grants licences. One caller at a time."""

    def __init__(
        self, catalogue: Callable[[], Catalogue], log: Log, secret: bytes, *, clock: Clock
    ) -> None:
        self._catalogue, self._log, self._secret, self._clock = catalogue, log, secret, clock
        seed = hmac.new(secret, b"licences", sha256).digest()
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._devices: dict[str, list[str]] = {}
        for record in log.read():
            self._apply(json.loads(record.payload))

    @property
    def public(self) -> Ed25519PublicKey:
        """Return the key by which devices know a licence."""
        return self._private.public_key()

    def devices(self, user: str) -> list[str]:
        """Return a user's devices, the first one first."""
        return list(self._devices.get(user, ()))

    def grant(self, user: User, device: str, tracks: Sequence[str]) -> Licence:
        """Return a licence for tracks. Raises `Refused`: 404, 403 (`market`, `devices`), 400."""
        if not 0 < len(tracks) <= TRACKS_MAX:
            raise Refused(400, f"{len(tracks)} tracks; a licence is for 1 to {TRACKS_MAX}")
        played = [self._catalogue().playable(track, user.market).track.id for track in tracks]
        self._admit(user.name, device)
        now_s = self._clock.now_ns() // S
        keys = {track: self.key(track).hex() for track in played}
        return signed(Licence(user.name, device, now_s, now_s + VALID_S, keys), self._private)

    def forget(self, user: str, device: str) -> None:
        """Take a device off the list; what it has lasts as its licence. Raises `Refused` with 404."""
        if device not in self.devices(user):
            raise Refused(
                404, f"{user} has no device {device!r}; there are {', '.join(self.devices(user))}"
            )
        self._do({"do": "forget", "user": user, "device": device})

    def key(self, track: str) -> bytes:
        """Return what a track is encrypted with: derived, so that nothing has to be kept."""
        return hmac.new(self._secret, f"track {track}".encode(), sha256).digest()[:KEY_BYTES]

    def _admit(self, user: str, device: str) -> None:
        own = self.devices(user)
        if device in own:
            return
        if len(own) >= DEVICES_MAX:
            told = f"{user} has {DEVICES_MAX} devices already: {', '.join(own)}; forget one first"
            raise Refused(403, told, "devices")
        self._do({"do": "add", "user": user, "device": device})

    def _do(self, fact: dict[str, str]) -> None:
        self._log.append(json.dumps(fact).encode())
        self._log.commit()
        self._apply(fact)

    def _apply(self, fact: dict[str, str]) -> None:
        own = self._devices.setdefault(fact["user"], [])
        if fact["do"] == "add":
            own.append(fact["device"])
        else:
            own.remove(fact["device"])
