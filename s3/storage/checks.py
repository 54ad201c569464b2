"""What the exercises on storage check: tails after a crash, scrubs, reads and places.

Page: docs/s3/storage.md
"""

from contextlib import suppress
from random import Random

from chapters.checking import JSON, Stage
from chapters.consistent_hashing.rendezvous import Disk
from chapters.erasure.reed_solomon import ReedSolomon
from chapters.sim.clock import MS, VirtualClock
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed
from chapters.sim.latency import Constant
from s3.storage import check_cases as cases
from s3.storage.check_cases import EXTENT, LOOKALIKE, extent_bytes
from s3.storage.errors import DamagedShard, LostQuorum
from s3.storage.placement import Placement, assign
from s3.storage.quorum import fetch, further_reads
from s3.storage.race import SimRaces
from s3.storage.record import tail_end, walk
from s3.storage.repair import triage
from s3.storage.scrub import scrub
from s3.storage.simulated import SimCluster, open_store

STEPS_MAX = 30  # a loop that a mistake makes endless ends here


def damaged_extent(sizes: list[int], damage: str, at: int) -> bytes:
    """Return the extent of these records, damaged as the words say."""
    data = extent_bytes(sizes, nested=at if damage == LOOKALIKE else -1)
    match damage:
        case "flipped bit in byte":
            return data[:at] + bytes([data[at] ^ 16]) + data[at + 1 :]
        case "ends at byte":
            return data[:at]
        case "zeros from byte":
            return data[:at] + bytes(len(data) - at)
    return data


def walks(sizes: list[int], damage: str, at: int) -> JSON:
    """Drive `walk` and `tail_end` over one extent."""
    data = damaged_extent(sizes, damage, at)
    found = []
    for each in walk(lambda offset, size: data[offset : offset + size], EXTENT, 0, len(data)):
        found.append(each)
        if len(found) == STEPS_MAX:
            break
    return {
        "found": [[each.shard, "whole" if each.is_whole else "damaged"] for each in found],
        "tail begins at byte": tail_end(found, 0),
    }


def survives(seed: str, crash_at_write: int) -> JSON:
    """Put shards until the power fails, open the store again, and compare with what was promised."""
    rng = Random(seed)
    disk = SimDisk(rng=rng)
    disk.crash_after(crash_at_write)
    promised = 0
    with suppress(Crashed):
        store = open_store(disk, extent_bytes_max=300)
        for number in range(12):
            for part in range(1 + number % 3):
                store.stage(f"s{number:02}.{part}", rng.randbytes(40))
            store.commit()
            promised = number + 1
    disk.crash()
    return _after_crash(disk, promised)


def _after_crash(disk: SimDisk, promised: int) -> JSON:
    store = open_store(disk, extent_bytes_max=300)
    names = [listed.shard for listed in store.shards()]
    lost = [number for number in range(promised) if f"s{number:02}.0" not in names]
    if lost:
        return f"puts {lost} were acknowledged and are lost"
    damaged = [name for name in names if not _reads(store.get, name)]
    return f"{damaged} cannot be read" if damaged else "every acknowledged shard is there"


def _reads(get: object, name: str) -> bool:
    assert callable(get)
    with suppress(DamagedShard):
        get(name)
        return True
    return False


def scrubs(sizes: list[int], damaged: list[int], limit_bytes: int) -> JSON:
    """Drive `scrub` step by step through a store, some of whose shards are damaged."""
    disk = SimDisk(rng=Random(1))
    store = open_store(disk)
    for number, size in enumerate(sizes):
        store.put(f"s{number:02}", bytes([number]) * size)
    for number in damaged:
        name = f"s{number:02}"
        disk.flip_bit(*store.extents.address(name, store.find(name), 1))
    steps: list[JSON] = []
    cursor = ""
    while len(steps) < STEPS_MAX:
        step = scrub(store, cursor, limit_bytes)
        cursor = step.cursor
        steps.append([step.shards, step.size_bytes, list(step.damaged), cursor])
        if not cursor:
            break
    return steps


def orders(stripes: list[list[JSON]]) -> JSON:
    """Drive `triage`: stripes are [name, data, total, the sound shards]."""
    codes, sound = {}, {}
    for key, data, total, have in stripes:
        assert isinstance(data, int) and isinstance(total, int) and isinstance(have, list)
        codes[str(key)] = (data, total)
        if have:
            sound[str(key)] = have
    return [[each.key, each.spare, list(each.lost)] for each in triage(codes, sound)]


def asks(wanted: list[int], asked: list[int], lost: list[int], late: list[int]) -> JSON:
    """Drive `further_reads` for a code of 4+2."""
    return further_reads(4, 6, wanted, asked, lost, late)


def reads(wanted: list[int], fates: list[str]) -> JSON:
    """Drive `fetch`: each of six shards is "2 ms", "900 ms", or "damaged"; patience is 10 ms."""
    code = ReedSolomon(4, 2)
    blocks = [bytes([65 + number]) * 3 for number in range(4)]
    shards = [*blocks, *code.encode(blocks)]
    clock = VirtualClock()
    latency = {
        f"n{number}": Constant((900 if fate == "900 ms" else 2) * MS)
        for number, fate in enumerate(fates)
    }
    races = SimRaces(clock=clock, rng=Random(1), latency=latency)

    def ask(shard: int) -> object:
        def call() -> bytes:
            if fates[shard] == "damaged":
                raise DamagedShard(f"shard {shard}")
            return shards[shard]

        return f"n{shard}", call

    try:
        got = fetch(code, wanted, ask, pool=races, patience_ns=10 * MS)  # type: ignore[arg-type]
    except LostQuorum:
        return f"LostQuorum after {races.started} reads"
    right = got == [shards[shard] for shard in wanted]
    what = "right bytes" if right else "WRONG bytes"
    return f"{what} after {clock.now_ns() // MS} ms and {races.started} reads"


def assigns(zones: str, count: int, each_max: int, kept: list[list[JSON]]) -> JSON:
    """Drive `assign` for disks n0, n1, … in the zones whose letters are given, best first."""
    disks = [Disk(f"n{number}", zone) for number, zone in enumerate(zones)]
    there = {int(str(shard)): str(name) for shard, name in kept}
    try:
        return assign(disks, count, each_max, there)
    except LostQuorum:
        return "LostQuorum"


def hands_off(key: str, down: list[int], stored: list[list[JSON]]) -> JSON:
    """Drive `Placement.with_handoff` for 4+2 on six nodes in three zones."""
    placement = Placement([Disk(f"n{number}", "abc"[number % 3]) for number in range(6)])
    up = [f"n{number}" for number in range(6) if number not in down]
    there = {int(str(shard)): str(name) for shard, name in stored}
    try:
        return placement.with_handoff(key, 4, 2, up, there)
    except LostQuorum:
        return "LostQuorum"


def outlives(seed: str, down: list[int], dies: int) -> JSON:
    """Write beside nodes that are down, lose one more, and read."""
    cluster = SimCluster(seed)
    for number in down:
        cluster.nodes[number].kill()
    data = cluster.rng.randbytes(9000)
    try:
        blob = cluster.blobs.write([data])
        cluster.nodes[dies].kill()
        return b"".join(cluster.blobs.read(blob, 0, len(data))) == data
    except LostQuorum:
        return "LostQuorum"


STAGES: dict[str, list[Stage]] = {
    "torn-extent": [
        Stage("An extent without damage is walked to its end", cases.whole_extents, walks),
        Stage("What is behind the last whole record is the tail", cases.torn_extents, walks),
        Stage("A damaged payload in front of whole records is kept", cases.damaged_payloads, walks),
        Stage("Behind a damaged header the next record is found", cases.damaged_headers, walks),
        Stage("After a power failure nothing acknowledged is lost", cases.crashes, survives),
    ],
    "scrub": [
        Stage("One step names what is damaged", cases.one_step_scrubs, scrubs),
        Stage(
            "A step ends at its limit, and the next goes on there", cases.stepwise_scrubs, scrubs
        ),
        Stage(
            "The stripe that can lose the least comes first",
            cases.wounded_stripes,
            orders,
            needs=(),
        ),
    ],
    "quorum-read": [
        Stage("What is wanted is asked, and nothing else", cases.first_questions, asks),
        Stage(
            "For what is lost or late, as many as rebuilding needs", cases.second_questions, asks
        ),
        Stage("Sound shards are read once", cases.sound_reads, reads),
        Stage("Around lost and slow shards, the right bytes or an error", cases.hurt_reads, reads),
    ],
    "placement": [
        Stage("Nodes and zones take turns", cases.fresh_places, assigns),
        Stage("None holds too much, and what is there stays", cases.crowded_places, assigns),
        Stage("Stand-ins are found for those that are down", cases.handoffs, hands_off),
        Stage("What was written beside dead nodes outlives one more", cases.deaths, outlives),
    ],
}
