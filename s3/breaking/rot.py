"""Bits that flip while nobody looks: in shards, where others make up for it, and in the metadata.

Invariant: no byte is given out that was not proved, neither an object's nor a record's. Rot in a shard
is mended from the others; rot in a replica of the metadata makes that replica refuse.
Page: docs/s3/breaking.md
"""

from copy import deepcopy
from random import Random

from chapters.errors import KitError
from chapters.sim.disk import SimDisk
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Verdict
from s3.scene.one_disk import OneDisk
from s3.scene.store import BUCKET, Store

PARITY = 2
OBJECTS = 30
LAST_RECORD_BYTES = 1_200  # more than the last transaction takes in the log


def bit_flip(*, flips: int = 60, seed: int = 7) -> Outcome:
    """Flip bits in shards, then in the metadata; nothing wrong may come out, and shards are mended."""
    at_least(1, flips=flips)
    with Store(seed).with_bucket() as store:
        client, rng = store.client(), store.simulation.chance.stream("bodies")
        bodies = {f"/{BUCKET}/{number}": rng.randbytes(20_000) for number in range(OBJECTS)}
        for path, body in bodies.items():
            client.put(path, body)
        struck = _flip_shards(store, flips, rng)
        read = sum(client.get(path).body == body for path, body in bodies.items())
        repairer = store.repairer()
        damaged = set(repairer.scrub())
        repairer.run(store.known(), damaged)
        left = repairer.scrub()
    tried, wrong, refused = _flip_metadata(seed, flips)
    return Outcome(
        title=f"one flipped bit in each of {len(struck)} shards, and {tried} in the metadata",
        verdicts=(
            Verdict(
                "every object is read as it was", read == len(bodies), f"{read} of {len(bodies)}"
            ),
            Verdict("scrubbing finds each of them", damaged == struck, f"{len(damaged)} found"),
            Verdict("and repair makes them anew", not left, f"{len(left)} left"),
            Verdict(
                "damaged metadata never gives a wrong answer",
                not wrong,
                f"{wrong} wrong; {refused} of {tried} refused to open or to answer",
            ),
        ),
        lines=(
            "metadata is not erasure-coded: one replica refuses, and the two others are the cure",
            "its last log record is left alone: there, damage looks like a write cut short",
        ),
        next_commands=("kit run s3/storage/repair",),
        replay=f"kit break s3 bit-flip --flips {flips} --seed {seed}",
    )


def _flip_shards(store: Store, flips: int, rng: Random) -> set[tuple[str, str]]:
    """Damage at most `PARITY` shards of any stripe; return which."""
    every = [(node, each.shard) for node in store.nodes for each in node.shards()]
    struck: dict[str, set[tuple[str, str]]] = {}
    for node, shard in rng.sample(every, min(flips, len(every))):
        of_stripe = struck.setdefault(shard.rpartition(".")[0], set())
        if len(of_stripe) < PARITY:
            node.damage(shard, rng.randrange(1 << 20))
            of_stripe.add((node.name, shard))
    return set().union(*struck.values())


def _flip_metadata(seed: int, flips: int) -> tuple[int, int, int]:
    """Flip single bits in the files of a store at rest; return tries, wrong answers, refusals."""
    store = OneDisk(seed)
    store.client.put(f"/{BUCKET}", b"")
    bodies = {f"/{BUCKET}/{number}": store.rng.randbytes(300) for number in range(12)}
    for path, body in bodies.items():
        store.client.put(path, body)
    store.client.put(f"/{BUCKET}/last", b"the log's last record is this one's")
    files = [name for name in store.disk.names() if name.startswith(("raft/", "metadata/"))]
    rng, wrong, refused = Random(f"{seed}/flips"), 0, 0
    for _ in range(flips):
        disk, name = deepcopy(store.disk), rng.choice(files)
        size = disk.size(name) - (LAST_RECORD_BYTES if name.startswith("raft/") else 0)
        if size <= 0:
            continue
        disk.flip_bit(name, rng.randrange(size), rng.randrange(8))
        outcome = _asked_after(disk, seed, bodies)
        wrong += outcome == "wrong"
        refused += outcome == "refused"
    return flips, wrong, refused


def _asked_after(disk: SimDisk, seed: int, bodies: dict[str, bytes]) -> str:
    """Open a store whose disk was damaged and ask for all objects; say how that ended."""
    try:
        client = OneDisk(f"{seed}/after", disk=disk).client
        answers = [(client.get(path), body) for path, body in bodies.items()]
    except KitError:
        return "refused"
    if any(answered.status < 500 and answered.body != body for answered, body in answers):
        return "wrong"
    return "right" if all(answered.is_ok for answered, _ in answers) else "refused"
