"""What the exercise on devices checks: who sounds, and whose word is too late.

Page: docs/spotify/connect.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.errors import Refused
from chapters.lease import Leases
from chapters.sim.clock import S, VirtualClock
from chapters.sim.disk import SimDisk
from spotify.connect.session import TERM_S, Connect, Sounding


def played(script: list[str]) -> JSON:
    """Run a script: `take a`, `tell a 5000` (a position), `wait 3`; return what sounds after each."""
    clock = VirtualClock()
    connect = Connect(Leases(clock=clock, disk=SimDisk(rng=Random(1))), clock=clock)
    for name in "ab":
        connect.hello("ada", name, name)
    epochs: dict[str, int] = {}
    told: list[JSON] = []
    for line in script:
        what, *words = line.split()
        try:
            if what == "take":
                epochs[words[0]], _ = connect.take("ada", words[0])
            elif what == "tell":
                now = Sounding(words[0], ("t",), 0, int(words[1]), True)
                connect.tell("ada", epochs[words[0]], now)
            else:
                clock.advance(int(words[0]) * S)
        except Refused as refused:
            told.append(refused.status)
            continue
        seen = connect.sounding("ada")
        told.append([seen.device, seen.position_now_ms(clock.now_ns() // 10**6), seen.is_playing])
    return told


def one(rng: Random) -> Iterator[Case]:
    yield (["take a", "tell a 0", "wait 2", "tell a 2000"],)
    yield (["take a", f"tell a {rng.randrange(9000)}", "wait 1"],)


def handed_over(rng: Random) -> Iterator[Case]:
    yield (["take a", "tell a 1000", "wait 3", "take b", "tell b 4000"],)
    yield (["take a", "tell a 500", "take b", "take a", "tell a 700"],)


def too_late(rng: Random) -> Iterator[Case]:
    yield (["take a", "tell a 1000", "take b", "tell b 1000", "tell a 9000", "wait 1"],)
    yield (["take a", "take b", "tell a 50", "tell b 60"],)


def silent(rng: Random) -> Iterator[Case]:
    yield (["take a", "tell a 0", f"wait {int(TERM_S) + 2}"],)
    yield (["take a", "tell a 0", "wait 9", "tell a 9000", "wait 9"],)


STAGES: dict[str, list[Stage]] = {
    "handoff": [
        Stage("the device that sounds tells where it is", one, played),
        Stage("another goes on from there", handed_over, played, needs=(1,)),
        Stage("the word of the one before is refused", too_late, played, needs=(1,)),
        Stage("one that is silent has stopped", silent, played, needs=(1,)),
    ],
}
