"""What the origin sends on an ordinary day: edges without a plan, with placement, and with a fill at night.

Page: docs/netflix/fill.md
"""

from chapters.errors import UsageError
from chapters.measure.plot import sparkline
from chapters.sim.errors import at_least
from netflix.cdn.day import WAYS, last_day

TITLE = "Edges: what is where, before anybody asks"
PLAYS_MAX = 100_000  # a day of more takes minutes
GB = 1e9


def demo(
    *,
    seed: int = 7,
    days: int = 3,
    edges: int = 6,
    titles: int = 300,
    plays: int = 6_000,
    premieres: int = 4,
    room: float = 1.0,
) -> None:
    """Play the same days three ways, and show what the origin sent on the last."""
    at_least(1, days=days, edges=edges, titles=titles, plays=plays)
    at_least(0, premieres=premieres)
    at_least(0.01, room=room)
    if plays > PLAYS_MAX:
        raise UsageError(f"plays is {plays}; it must be at most {PLAYS_MAX}")
    knobs = {"edges": edges, "titles": titles, "plays": plays, "premieres": premieres, "room": room}
    print(f"{plays:,} plays a day of {titles} titles, {premieres} new each day from 9 o'clock on;")
    print(f"{edges} edges with room for {room:.0%} of all titles together\n")
    print("             the origin, by the hour    in the busiest   at night   busiest edge")
    for way in WAYS:
        seen = last_day(way, days, seed=seed, **knobs)
        print(
            f"  {way:9}  {sparkline(seen.by_hour)}   {seen.peak_bytes / GB:7.1f} GB"
            f"   {seen.night_bytes / GB:7.1f} GB   {seen.busiest_edge:5.2f} × mean"
        )
    print(f"\n  viewers got {seen.asked_bytes / GB:,.0f} GB in the busiest hour")
