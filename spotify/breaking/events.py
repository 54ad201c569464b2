"""Reports that come twice, late and impossible; and crashes between a report and its answer.

Page: docs/spotify/breaking.md
"""

from collections import Counter

from chapters.log import Log
from chapters.sim.chance import Chance
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed, at_least
from chapters.sim.promises import Outcome, Verdict
from spotify.catalogue.catalogue import Catalogue
from spotify.events.generated import badly, impossible, reports
from spotify.events.intake import BATCH_MAX, Intake
from spotify.scene.imagined import album

NOW_MS = 1_767_400_000_000


def double_reports(*, seed: int = 7, plays: int = 5_000, repeated: float = 0.3) -> Outcome:
    """Report a day's plays badly, restart half-way, and compare with the plays that there were."""
    at_least(1, plays=plays)
    chance = Chance(seed)
    tracks = Catalogue([album(chance.stream("album"), tracks=12, seconds=120)[0]]).tracks
    good = reports(list(tracks.values()), chance.stream("plays"), plays, NOW_MS - 86_400_000)
    bad = impossible(good, tracks, NOW_MS)
    sent = badly(good, chance.stream("weather"), repeated) + bad
    disks = [SimDisk(rng=chance.stream(name)) for name in ("plays", "dead")]
    repeats = dead = 0
    for part in (sent[: len(sent) // 2], sent[len(sent) // 2 :]):
        intake = Intake(*(Log(disk=disk) for disk in disks))  # opened anew: all it knows is on disk
        for first in range(0, len(part), BATCH_MAX):
            taken = intake.take(part[first : first + BATCH_MAX], tracks, NOW_MS)
            repeats, dead = repeats + taken.repeated, dead + taken.dead
    counted = Counter(play.track for play in intake.plays())
    true = Counter(each["track"] for each in good)
    told = ", ".join(f"{name} {count}" for name, count in sorted(intake.reasons.items()))
    return Outcome(
        title=f"{plays:,} plays are reported {len(sent):,} times, across a restart",
        verdicts=(
            Verdict("each play counts once", counted == true, f"{counted.total():,} of {plays:,}"),
            Verdict(
                "what cannot be a play is kept apart, and counted",
                dead == len(bad) == intake.reasons.total(),
                told,
            ),
            Verdict(
                "every report is accounted for",
                counted.total() + repeats + dead == len(sent),
                f"{counted.total():,} taken + {repeats:,} again + {dead} dead",
            ),
        ),
        lines=("the player draws a play's id when it begins, and keeps it until it was taken",),
        next_commands=("kit break spotify torn-log", "kit start spotify/play-once"),
        replay=f"kit break spotify double-reports --plays {plays} --repeated {repeated:g} --seed {seed}",
    )


def torn_log(*, seed: int = 7, plays: int = 300, crashes: int = 60) -> Outcome:
    """Crash the disk again and again while reports come in; players send again what was not answered."""
    at_least(1, plays=plays, crashes=crashes)
    chance = Chance(seed)
    tracks = Catalogue([album(chance.stream("album"), tracks=6, seconds=60)[0]]).tracks
    good = reports(list(tracks.values()), chance.stream("plays"), plays, NOW_MS - 86_400_000)
    rng = chance.stream("crashes")
    disk, dead = SimDisk(rng=chance.stream("disk")), SimDisk(rng=chance.stream("dead"))
    waiting, happened = list(good), 0
    intake = Intake(Log(disk=disk), Log(disk=dead))
    while waiting:
        batch = waiting[: rng.randrange(1, 12)]
        if happened < crashes:
            disk.crash_after(rng.randrange(1, 4))
        try:
            intake.take(batch, tracks, NOW_MS)
            waiting = waiting[len(batch) :]
        except Crashed:
            happened += 1
            disk.crash()
            intake = Intake(Log(disk=disk), Log(disk=dead))
    found = [play.id for play in intake.plays()]
    return Outcome(
        title=f"{happened} crashes while {plays:,} plays are reported",
        verdicts=(
            Verdict(
                "what was answered is there",
                set(found) == {each["id"] for each in good},
                f"{len(set(found)):,} of {plays:,}",
            ),
            Verdict(
                "nothing is there twice", len(found) == len(set(found)), f"{len(found):,} records"
            ),
        ),
        lines=("after a crash the ids that were seen are read from the log, not remembered",),
        next_commands=("kit break spotify double-reports", "kit start log/torn-tail"),
        replay=f"kit break spotify torn-log --plays {plays} --crashes {crashes} --seed {seed}",
    )
