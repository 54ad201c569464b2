"""Two workers and one counter: a pause at the wrong moment, and a change of hands by will.

Each trouble happens twice, with the same seed: to a store that believes whoever writes, and to one behind a
fence. Page: docs/chapters/lease.md
"""

from chapters.errors import UsageError
from chapters.lease.world import World
from chapters.sim.clock import MS, S
from chapters.sim.errors import at_least

TITLE = "Leases and fences"
COLUMN_NS = 100 * MS
TROUBLE_S = 1.5
SECONDS_MAX = 60
LEGEND = (
    "  1 2 …  may write, under that epoch      z  is stopped       ✔  a write\n"
    "  ✘  a write accepted after its time      -  a write refused"
)


def drama(seed: int, *, is_fenced: bool, ttl_s: float, pause_s: float) -> World:
    """Return a world in which the holder was stopped in a write, or lost its lease to the other.

    Without a pause the other worker takes over.
    """
    world = World(seed, is_fenced=is_fenced, ttl_s=ttl_s)
    world.run(TROUBLE_S)
    holder = world.holder()
    if holder is None:
        raise UsageError(f"nobody holds the lease after {TROUBLE_S:g} s: give it a longer ttl")
    if pause_s:
        world.pause_in_a_write(holder, round(pause_s * S))
    else:
        (other,) = set(world.workers) - {holder}
        world.simulation.record(f"⚡ {other} takes over")
        world.take_over(other)
    return world


def timeline(world: World, seconds: float) -> list[str]:
    """Let the world run to the end; return a line for each worker and one for the store."""
    rows: dict[str, list[str]] = {name: [] for name in (*world.workers, "store")}
    start_ns = world.simulation.clock.now_ns()
    for at_ns in range(start_ns, round(seconds * S), COLUMN_NS):
        world.store.marks.clear()
        world.simulation.run(at_ns + COLUMN_NS)
        for name, worker in world.workers.items():
            is_paused = world.simulation.processes.process(name).paused
            epoch = worker.holder.epoch % 10
            rows[name].append("z" if is_paused else f"{epoch}" if worker.holder.may_act else "·")
        marks = world.store.marks
        rows["store"].append(next((each for each in "✘-✔" if each in marks), " "))
    return [f"    {name:6} {''.join(row)}" for name, row in rows.items()]


def verdict(world: World) -> str:
    """Return what was accepted, what was refused, and what is missing."""
    store = world.store
    return (
        f"    writes accepted: {store.accepted}, after their time: {store.stale}, refused: "
        f"{store.refused}. The counter says {store.value}; additions lost: {store.lost}"
    )


def demo(*, seed: int = 7, ttl: float = 1.0, pause: float = 2.5, seconds: float = 7.0) -> None:
    """Show both troubles, without a fence and with one."""
    at_least(0.2, ttl=ttl, pause=pause)
    at_least(TROUBLE_S + 1, seconds=seconds)
    if seconds > SECONDS_MAX:
        raise UsageError(f"seconds is {seconds:g}; it must be at most {SECONDS_MAX}")
    print(f"A lease of {ttl:g} s says who of two may add to a counter.\n\n{LEGEND}\n")
    for title, pause_s in (
        (f"The holder is stopped for {pause:g} s, between its decision and its write.", pause),
        ("The other takes over, while the holder is well and works.", 0),
    ):
        print(title)
        for is_fenced in (False, True):
            world = drama(seed, is_fenced=is_fenced, ttl_s=ttl, pause_s=pause_s)
            print("\n  behind a fence" if is_fenced else "\n  without a fence")
            print("\n".join(timeline(world, seconds)))
            print(verdict(world))
        print()


if __name__ == "__main__":
    demo()
