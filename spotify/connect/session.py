"""Who sounds: one device of a user at a time, under an epoch; the others hear that they do not.

    phone   take ──► epoch 4 ── tell ── tell ── tell ──✘ 409: over          stops
    kitchen                        take ──► epoch 5 ── tell ── tell         goes on from where the phone was

A device that was asleep wakes up and goes on as if nothing had happened; so it is not asked whether it
may, its word is refused. Invariant: what the session says was told by the device with the latest epoch;
an earlier one changes nothing, however late it comes. Source: chapters/lease.
Page: docs/spotify/connect.md
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chapters.errors import Refused
from chapters.lease import BadTerm, Fence, Fenced, Leases, Lost
from chapters.sim.clock import MS, Clock

TERM_S = 10.0  # a device that is silent for longer is no longer the one that sounds
DEVICES_MAX = 20  # of a user; those heard of longest ago are forgotten
GONE_MS = 5 * 60_000


@dataclass(frozen=True, slots=True)
class Device:
    """A device of a user, and when it was heard of."""

    id: str
    name: str
    seen_ms: int


@dataclass(frozen=True, slots=True)
class Sounding:
    """What sounds: track and queue, where in it, whether it plays; told at `at_ms`."""

    device: str = ""
    tracks: tuple[str, ...] = ()
    index: int = 0
    position_ms: int = 0
    is_playing: bool = False
    at_ms: int = 0

    def position_now_ms(self, now_ms: int) -> int:
        """Return where it is now: it went on since it was told, if it plays."""
        return self.position_ms + (now_ms - self.at_ms if self.is_playing else 0)


class Connect:
    """The sessions of all users. One caller at a time."""

    def __init__(self, leases: Leases, *, clock: Clock) -> None:
        self._leases, self._clock = leases, clock
        self._devices: dict[str, dict[str, Device]] = {}
        self._fences: dict[str, Fence] = {}
        self._sounding: dict[str, Sounding] = {}

    def hello(self, user: str, device: str, name: str) -> list[Device]:
        """Take note of a device; return all that were heard of lately, the latest first."""
        own = self._devices.setdefault(user, {})
        own[device] = Device(device, name, self._now_ms)
        if len(own) > DEVICES_MAX:
            del own[min(own, key=lambda each: own[each].seen_ms)]
        return self.devices(user)

    def devices(self, user: str) -> list[Device]:
        """Return the devices of a user that were heard of lately."""
        own = self._devices.get(user, {}).values()
        here = [device for device in own if self._now_ms - device.seen_ms < GONE_MS]
        return sorted(here, key=lambda each: (-each.seen_ms, each.id))

    def take(self, user: str, device: str) -> tuple[int, Sounding]:
        """Let a device sound; return its epoch, and where it goes on. Raises `Refused` with 404."""
        if device not in self._devices.get(user, {}):
            raise Refused(404, f"there is no device {device!r}; it must say hello first", "device")
        try:
            lease = self._leases.take_over(user, device, TERM_S)
        except BadTerm as error:
            raise Refused(400, str(error)) from None
        self._fence(user).check(lease.epoch)
        before = self.sounding(user)
        now = replace(
            before,
            device=device,
            position_ms=before.position_now_ms(self._now_ms),
            at_ms=self._now_ms,
        )
        self._sounding[user] = now
        return lease.epoch, now

    def tell(self, user: str, epoch: int, told: Sounding) -> None:
        """Hear from the device that sounds. Raises `Refused` with 409 (`epoch`) if another does."""
        try:
            self._fence(user).check(epoch)
            self._leases.renew(user, epoch)
        except (Fenced, Lost) as error:
            raise Refused(409, f"another device sounds by now ({error})", "epoch") from None
        self._sounding[user] = replace(told, at_ms=self._now_ms)

    def transfer(self, user: str, devices: Sequence[str]) -> int:
        """Let another device sound, by the wish of a user. Raises `Refused`: 400 for not just one, 404."""
        if len(devices) != 1:
            raise Refused(400, f"{len(devices)} device ids; sound can go to just one")
        epoch, _ = self.take(user, devices[0])
        return epoch

    def sounding(self, user: str) -> Sounding:
        """Return what sounds; of a device that is silent for long, that it has stopped."""
        found = self._sounding.get(user, Sounding())
        return found if self._leases.current(user) else replace(found, is_playing=False)

    def epoch(self, user: str) -> int:
        """Return the latest epoch of a user."""
        return self._fence(user).highest

    def _fence(self, user: str) -> Fence:
        return self._fences.setdefault(user, Fence())

    @property
    def _now_ms(self) -> int:
        return self._clock.now_ns() // MS
