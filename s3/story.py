"""The store in a few minutes: an object followed in and out, nodes lost and repaired, and what it costs.

    python -m s3          the story              kit trace s3     one PUT and one GET, span by span
    kit break s3          what can go wrong      kit scale s3     how many disks, bytes and coins

Page: docs/s3/index.md
"""

from chapters.sim.trace import Report, Trace
from s3.breaking import FAULTS
from s3.followed import for_real, in_simulation
from s3.scene.store import BUCKET, Store
from s3.sizing import capacity

__all__ = ["FAULTS", "OPENING", "TITLE", "capacity", "demo", "tour", "trace"]

TITLE = "How Amazon S3 works"
OPENING = (
    "Disks die every hour, and no object is ever lost. Follow one in, lose two machines, read it."
)

TOUR_OBJECTS, TOUR_OBJECT_BYTES = 150, 200_000
LOST_NODES = 2


def trace(*, seed: int = 7, real: bool = False) -> Trace:
    """Return the trace of one PUT and one GET, during which a disk begins to stall.

    Simulated: six nodes, three replicas of the metadata and a network, in seeded, virtual time. `real`:
    the wall clock and a real disk, in one process, so the time of every step is the machine's own.
    """
    return for_real() if real else in_simulation(seed)


def tour(report: Report) -> None:
    """The article's opening: store objects, lose two of six machines, read all of it, repair."""
    report.trace(trace(seed=7))
    report()
    with Store(7).with_bucket() as store:
        _store_lose_repair(store, report)


def _store_lose_repair(store: Store, report: Report) -> None:
    client, rng = store.client(), store.simulation.chance.stream("tour")
    bodies = {
        f"/{BUCKET}/{number:04}.jpg": rng.randbytes(TOUR_OBJECT_BYTES)
        for number in range(TOUR_OBJECTS)
    }
    stored = sum(client.put(path, body).is_ok for path, body in bodies.items())
    total = TOUR_OBJECTS * TOUR_OBJECT_BYTES
    kept = sum(node.store.extents.used_bytes for node in store.nodes)
    report(f"{stored} objects of {TOUR_OBJECT_BYTES // 1000} kB stored on six nodes, 4+2:")
    report(f"  {total / 1e6:.0f} MB of objects take {kept / 1e6:.0f} MB: {kept / total:.2f} times")
    for node in store.nodes[:LOST_NODES]:
        node.kill()
    report(f"{LOST_NODES} of the six lose power, disks and all.")
    whole = sum(client.get(path).body == body for path, body in bodies.items())
    report(f"  {whole} of {TOUR_OBJECTS} objects are read back, equal to the last bit")
    for node in store.nodes[:LOST_NODES]:
        node.restart(is_empty=True)
    store.clock.advance(2_000_000_000)
    _repair(store, report)
    whole = sum(client.get(path).body == body for path, body in bodies.items())
    report(f"  {whole} of {TOUR_OBJECTS} objects are whole; any two nodes may be lost again")


def _repair(store: Store, report: Report) -> None:
    begun_ns = store.clock.now_ns()
    done = store.repairer().run(store.known())
    took_s = (store.clock.now_ns() - begun_ns) / 1e9
    report(f"Two empty machines take their places; repair, at 64 MiB/s, takes {took_s:.1f} s:")
    report(
        f"  {done.mended} stripes mended, {done.shards} shards made anew, {done.size_bytes / 1e6:.0f} MB"
    )


def demo(*, seed: int = 7) -> None:
    """One object's way in and out, in the order of time."""
    from chapters.sim.waterfall import to_text

    print(OPENING, end="\n\n")
    for line in to_text(trace(seed=seed)):
        print(line)
