"""May this profile watch this title, here, now, on this device, and how sharp?

    the title's rights      territory? window? age?        no: 403, with the first reason
    the plan, the device    rungs no higher than either    none left: 403

Invariant: whoever gets an offer may have every rung in it; the lowest rung alone is offered to any device
that can decode it at all. A refusal names what would have to change. Page: docs/netflix/play.md
"""

from dataclasses import dataclass

from netflix.catalogue import Profile
from netflix.control.accounts import Account
from netflix.errors import Refused
from netflix.package.published import Published

ANYWHERE: frozenset[str] = frozenset()
FOR_EVER_S = float("inf")


@dataclass(frozen=True, slots=True)
class Rights:
    """What was bought with a title: where (everywhere, if empty), when, and for whom."""

    territories: frozenset[str] = ANYWHERE
    from_s: float = 0.0
    until_s: float = FOR_EVER_S
    age: int = 0


@dataclass(frozen=True, slots=True)
class Device:
    """What a device says of itself."""

    height_max: int = 1080
    codecs: tuple[str, ...] = ("avc1", "mp4a")  # by the first part of RFC 6381
    has_keys: bool = True  # whether it can decrypt (Encrypted Media Extensions)


@dataclass(frozen=True, slots=True)
class Offer:
    """The video rungs that may be played, by their names, lowest first."""

    rungs: tuple[str, ...]


def decide(
    title: Published,
    account: Account,
    profile: Profile,
    rights: Rights,
    device: Device,
    *,
    now_s: float,
) -> Offer:
    """Return what may be played. Raises `Refused` with 403 and the first reason against it."""
    if rights.territories and account.territory not in rights.territories:
        raise Refused(403, f"{title.title} is not offered in {account.territory}")
    if not rights.from_s <= now_s < rights.until_s:
        when = "not yet" if now_s < rights.from_s else "no longer"
        raise Refused(403, f"{title.title} is {when} offered")
    if rights.age > account.profiles[profile]:
        raise Refused(403, f"{title.title} is for {rights.age} and older; choose another profile")
    if title.key_id and not device.has_keys:
        raise Refused(
            403, f"{title.title} is encrypted, and this device cannot decrypt; use another"
        )
    return Offer(_rungs(title, account.plan.height_max, device))


def _rungs(title: Published, plan_height: int, device: Device) -> tuple[str, ...]:
    playable = [track for track in title.video if track.codec.split(".")[0] in device.codecs]
    if not playable:
        codec = title.video[0].codec
        raise Refused(
            403, f"{title.title} is in {codec}, which this device does not decode; use another"
        )
    height_max = min(plan_height, device.height_max)
    fitting = [track.name for track in playable if track.height <= height_max]
    return tuple(fitting or [playable[0].name])
