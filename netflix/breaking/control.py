"""The licence service is away for a while: who goes on, and who is told.

Page: docs/netflix/breaking.md
"""

from chapters.errors import KitError
from chapters.sim.chance import Chance
from chapters.sim.clock import S, VirtualClock
from chapters.sim.disk import SimDisk
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Verdict
from netflix.control.entitlement import Device
from netflix.control.licence import unpadded
from netflix.control.service import Control
from netflix.errors import Unreachable
from netflix.package.keys import ContentKey
from netflix.scene.evening import SECRET, cast
from netflix.scene.imagined import title

PROFILES = ("ada", "grace", "vincent")
MINUTES = 30


def licence_down(*, seed: int = 7, minutes: int = 10) -> Outcome:
    """Take the licence service away for some minutes of half an hour in which people press play."""
    at_least(1, minutes=minutes)
    chance, clock = Chance(seed), VirtualClock()
    key = ContentKey.derive(SECRET, "locked")
    films = [
        title(chance.stream("open"), "open"),
        title(chance.stream("locked"), "locked", key_id=key.key_id.hex()),
    ]
    control = cast(
        clock, chance.stream("control"), SimDisk(rng=chance.stream("disk")), films
    ).control
    played: dict[tuple[str, bool], list[bool]] = {}
    running = beats = 0
    for minute in range(MINUTES):
        clock.advance(60 * S)
        is_away = 10 <= minute < 10 + minutes
        for name in ("open", "locked"):
            played.setdefault((name, is_away), []).append(_plays(control, name, is_away))
        if minute == 9:
            running_id = control.play("locked", "grace", Device()).session
        if minute >= 10:
            beats += 1
            running += _goes_on(control, running_id)
    clear = played["open", True]
    told = played["locked", True]
    before = played["locked", False]
    return Outcome(
        title=f"the licence service is away for {minutes} of {MINUTES} minutes",
        verdicts=(
            Verdict("who is watching goes on", running == beats, f"{running} of {beats} minutes"),
            Verdict("clear titles play", all(clear), f"{sum(clear)} of {len(clear)}"),
            Verdict("locked ones are refused in words", not any(told), f"{len(told)} told"),
            Verdict(
                "and play as soon as it is back", all(before), f"{sum(before)} of {len(before)}"
            ),
        ),
        lines=("a player needs its key once, at the beginning",),
        next_commands=("kit start netflix/clearkey-licence",),
        replay=f"kit break netflix licence-down --minutes {minutes} --seed {seed}",
    )


def _plays(control: Control, name: str, is_away: bool) -> bool:
    """Press play as a player does, and stop again; whether there was a picture."""
    session = control.play(name, "ada", Device()).session
    try:
        if control.title(name).key_id:
            _licence(control, session, is_away)
        return True
    except KitError:
        return False
    finally:
        control.stop(session)


def _licence(control: Control, session: str, is_away: bool) -> None:
    if is_away:
        raise Unreachable("the licence service does not answer; try again in a minute")
    key_id = ContentKey.derive(SECRET, "locked").key_id
    control.licence(session, {"kids": [unpadded(key_id)]})


def _goes_on(control: Control, session: str) -> bool:
    try:
        control.heartbeat(session, None, 0)
        return True
    except KitError:
        return False
