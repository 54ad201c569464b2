"""One playlist, several devices, most of them offline.

Page: docs/spotify/breaking.md
"""

from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Verdict
from spotify.playlists.generated import schedule


def concurrent_edits(
    *, seed: int = 7, schedules: int = 500, devices: int = 3, edits: int = 12
) -> Outcome:
    """Run random schedules of edits over a network that loses and repeats messages."""
    at_least(1, schedules=schedules, devices=devices, edits=edits)
    chance = Chance(seed)
    met = [schedule(chance.stream(f"schedule {n}"), devices, edits) for n in range(schedules)]
    converged = sum(each.has_converged for each in met)
    kept = sum(each.has_kept_all for each in met)
    knobs = f"--schedules {schedules} --devices {devices} --edits {edits}"
    return Outcome(
        title=f"{schedules:,} schedules of {edits} edits by {devices} devices",
        verdicts=(
            Verdict(
                "all devices show the same in the end",
                converged == schedules,
                f"{converged:,} of {schedules:,}",
            ),
            Verdict(
                "what was added is there, unless somebody removed it",
                kept == schedules,
                f"{kept:,} of {schedules:,}",
            ),
        ),
        lines=(
            f"{sum(each.edits for each in met):,} edits; a fifth of the messages lost, a fifth sent twice",
        ),
        next_commands=(
            "kit start spotify/rebase",
            "kit break spotify concurrent-edits --devices 6",
        ),
        replay=f"kit break spotify concurrent-edits {knobs} --seed {seed}",
    )
